-- The built-in partner has a row like everybody who plays, and a learner alone plays in a lesson that is nobody's.

ALTER TABLE "Participant" ADD COLUMN "builtIn" BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE "Session" ALTER COLUMN "teacherId" DROP NOT NULL;
ALTER TABLE "Session" ADD COLUMN "releasedAt" TIMESTAMPTZ(3);
