-- Exercises that teachers bring along. Versions stay: rounds that played one, and their replays, still need its texts.

CREATE TABLE "OwnExercise" (
    "id"        TEXT NOT NULL,
    "teacherId" TEXT NOT NULL,
    "name"      TEXT NOT NULL,
    "removedAt" TIMESTAMPTZ(3),
    CONSTRAINT "OwnExercise_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "OwnExercise_teacherId_fkey" FOREIGN KEY ("teacherId") REFERENCES "Teacher" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE UNIQUE INDEX "OwnExercise_teacherId_name_key" ON "OwnExercise" ("teacherId", "name");

CREATE TABLE "OwnExerciseVersion" (
    "exerciseId" TEXT NOT NULL,
    "version"    INTEGER NOT NULL,
    "source"     TEXT NOT NULL,
    "createdAt"  TIMESTAMPTZ(3) NOT NULL,
    CONSTRAINT "OwnExerciseVersion_pkey" PRIMARY KEY ("exerciseId", "version"),
    CONSTRAINT "OwnExerciseVersion_exerciseId_fkey" FOREIGN KEY ("exerciseId") REFERENCES "OwnExercise" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);
