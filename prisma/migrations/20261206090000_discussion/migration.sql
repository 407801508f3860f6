-- Pairs talk about closing questions between a first answer, which counts, and a second one.
ALTER TABLE "Session" ADD COLUMN "discussion" BOOLEAN NOT NULL DEFAULT false;
