-- Pairs that go on by themselves, and what happens by itself to those who come late or come back.
ALTER TABLE "Session" ADD COLUMN "pace" TEXT NOT NULL DEFAULT 'together',
ADD COLUMN "latecomers" TEXT NOT NULL DEFAULT 'wait',
ADD COLUMN "claims" TEXT NOT NULL DEFAULT 'ask';
ALTER TABLE "Pair" ADD COLUMN "position" INTEGER;
