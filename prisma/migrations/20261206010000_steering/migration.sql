-- What a teacher says to the class or to a pair, pausing everybody, and a time that is shown.
ALTER TABLE "Session" ADD COLUMN "pausedAt" TIMESTAMPTZ(3),
ADD COLUMN "deadlineAt" TIMESTAMPTZ(3),
ADD COLUMN "announcement" TEXT NOT NULL DEFAULT '';
ALTER TABLE "Pair" ADD COLUMN "message" TEXT NOT NULL DEFAULT '';
