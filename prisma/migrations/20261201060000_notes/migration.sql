-- The teacher's own notes on a session.

ALTER TABLE "Session" ADD COLUMN "notes" TEXT NOT NULL DEFAULT '';
