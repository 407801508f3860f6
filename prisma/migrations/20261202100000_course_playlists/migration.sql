-- Playlists that a course keeps for its next sessions.
CREATE TABLE "CoursePlaylist" (
    "id" TEXT NOT NULL,
    "courseId" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "playlist" JSONB NOT NULL,
    "level" TEXT NOT NULL,
    "swap" BOOLEAN NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "CoursePlaylist_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "CoursePlaylist_courseId_idx" ON "CoursePlaylist"("courseId");
ALTER TABLE "CoursePlaylist" ADD CONSTRAINT "CoursePlaylist_courseId_fkey" FOREIGN KEY ("courseId") REFERENCES "Course"("id") ON DELETE CASCADE ON UPDATE CASCADE;
