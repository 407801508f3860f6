-- Accounts of several teachers. The one of before owns the installation.
ALTER TABLE "Teacher" ADD COLUMN "name" TEXT NOT NULL DEFAULT '',
ADD COLUMN "email" TEXT,
ADD COLUMN "owner" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
ADD COLUMN "blockedAt" TIMESTAMPTZ(3);
UPDATE "Teacher" SET "owner" = true;
CREATE UNIQUE INDEX "Teacher_email_key" ON "Teacher"("email");

-- Courses: their staff, their members, and which lessons are theirs.
CREATE TABLE "Course" (
    "id" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "language" TEXT NOT NULL DEFAULT 'en',
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "archivedAt" TIMESTAMPTZ(3),

    CONSTRAINT "Course_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "CourseStaff" (
    "courseId" TEXT NOT NULL,
    "teacherId" TEXT NOT NULL,
    "role" TEXT NOT NULL,

    CONSTRAINT "CourseStaff_pkey" PRIMARY KEY ("courseId", "teacherId")
);
CREATE INDEX "CourseStaff_teacherId_idx" ON "CourseStaff"("teacherId");
ALTER TABLE "CourseStaff" ADD CONSTRAINT "CourseStaff_courseId_fkey" FOREIGN KEY ("courseId") REFERENCES "Course"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "CourseStaff" ADD CONSTRAINT "CourseStaff_teacherId_fkey" FOREIGN KEY ("teacherId") REFERENCES "Teacher"("id") ON DELETE CASCADE ON UPDATE CASCADE;

CREATE TABLE "Member" (
    "id" TEXT NOT NULL,
    "courseId" TEXT NOT NULL,
    "number" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "email" TEXT,
    "group" TEXT,
    "timeFactor" DOUBLE PRECISION NOT NULL DEFAULT 1,
    "remarks" TEXT NOT NULL DEFAULT '',
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "removedAt" TIMESTAMPTZ(3),
    "revoked" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "Member_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "Member_courseId_number_key" ON "Member"("courseId", "number");
ALTER TABLE "Member" ADD CONSTRAINT "Member_courseId_fkey" FOREIGN KEY ("courseId") REFERENCES "Course"("id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "Session" ADD COLUMN "courseId" TEXT,
ADD COLUMN "kind" TEXT NOT NULL DEFAULT 'open';
CREATE INDEX "Session_courseId_idx" ON "Session"("courseId");
ALTER TABLE "Session" ADD CONSTRAINT "Session_courseId_fkey" FOREIGN KEY ("courseId") REFERENCES "Course"("id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "Participant" ADD COLUMN "memberId" TEXT;
CREATE UNIQUE INDEX "Participant_sessionId_memberId_key" ON "Participant"("sessionId", "memberId");
ALTER TABLE "Participant" ADD CONSTRAINT "Participant_memberId_fkey" FOREIGN KEY ("memberId") REFERENCES "Member"("id") ON DELETE NO ACTION ON UPDATE CASCADE;
