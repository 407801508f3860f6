-- What a name looks like (`skeletonOf` of server/lessons/names.ts): no two in a session look the same. Names of before stand for themselves.
ALTER TABLE "Participant" ADD COLUMN "skeleton" TEXT;
UPDATE "Participant" SET "skeleton" = "name";
ALTER TABLE "Participant" ALTER COLUMN "skeleton" SET NOT NULL;
CREATE UNIQUE INDEX "Participant_sessionId_skeleton_key" ON "Participant"("sessionId", "skeleton");
DROP INDEX "Participant_sessionId_name_key";

-- Where a teacher is signed in: a cookie is good as long as its row is there.
CREATE TABLE "SignIn" (
    "id" TEXT NOT NULL,
    "teacherId" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "SignIn_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "SignIn_teacherId_idx" ON "SignIn"("teacherId");
ALTER TABLE "SignIn" ADD CONSTRAINT "SignIn_teacherId_fkey" FOREIGN KEY ("teacherId") REFERENCES "Teacher"("id") ON DELETE CASCADE ON UPDATE CASCADE;
