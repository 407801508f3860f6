-- Since when a participant has had a hand up, for the teacher to see.
ALTER TABLE "Participant" ADD COLUMN "handRaisedAt" TIMESTAMPTZ(3);
