-- A teacher can remove anybody: who has had a pair keeps the row, because a transcript needs both names. Whoever shares a replay can revoke
-- the own links, and nobody else's.

ALTER TABLE "Participant" ADD COLUMN "removedAt" TIMESTAMPTZ(3);
ALTER TABLE "Round"
    ADD COLUMN "revokedByClient" INTEGER NOT NULL DEFAULT 0,
    ADD COLUMN "revokedByServer" INTEGER NOT NULL DEFAULT 0,
    ADD COLUMN "revokedByNetwork" INTEGER NOT NULL DEFAULT 0;
