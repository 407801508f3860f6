-- How long a course keeps its students' data, and what has been erased.
ALTER TABLE "Course" ADD COLUMN "keepDays" INTEGER;

CREATE TABLE "ErasureRecord" (
    "id" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "teacherId" TEXT,
    "counts" JSONB NOT NULL,

    CONSTRAINT "ErasureRecord_pkey" PRIMARY KEY ("id")
);
