-- What has been decided about the grades of a course.
CREATE TABLE "GradeRecord" (
    "courseId" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "memberId" TEXT,
    "sessionId" TEXT,
    "position" INTEGER,
    "roundId" TEXT,
    "entry" INTEGER,
    "before" JSONB,
    "after" JSONB,
    "reason" TEXT NOT NULL,
    "teacherId" TEXT,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "GradeRecord_pkey" PRIMARY KEY ("courseId", "number")
);
CREATE INDEX "GradeRecord_memberId_idx" ON "GradeRecord"("memberId");
ALTER TABLE "GradeRecord" ADD CONSTRAINT "GradeRecord_courseId_fkey" FOREIGN KEY ("courseId") REFERENCES "Course"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "GradeRecord" ADD CONSTRAINT "GradeRecord_memberId_fkey" FOREIGN KEY ("memberId") REFERENCES "Member"("id") ON DELETE CASCADE ON UPDATE CASCADE;
