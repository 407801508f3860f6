-- The device on which a member of a course is in a session: one at a time.
ALTER TABLE "Participant" ADD COLUMN "device" TEXT;
