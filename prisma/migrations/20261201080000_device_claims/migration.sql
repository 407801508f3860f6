-- Somebody who has joined again, on another device, says whose seat is theirs, and the teacher confirms it.

ALTER TABLE "Participant" ADD COLUMN "claimedId" TEXT;
