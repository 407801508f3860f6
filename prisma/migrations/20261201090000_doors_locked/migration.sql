-- Since when nobody new can join a session.
ALTER TABLE "Session" ADD COLUMN "lockedAt" TIMESTAMPTZ(3);
