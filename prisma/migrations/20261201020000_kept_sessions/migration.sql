-- A teacher can put a session away, or take it from the list. Its rows stay, so that either can be undone and replays stay readable.
ALTER TABLE "Session"
    ADD COLUMN "archivedAt" TIMESTAMPTZ(3),
    ADD COLUMN "deletedAt" TIMESTAMPTZ(3);
