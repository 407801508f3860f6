-- From now on an entry is one text. Rows that are there stay as they are, and are read as they are: nothing here touches them, so that a table of
-- any size is locked for a moment only. The second unique key is gone: see server/rounds/log.ts for why the first does its work.

ALTER TABLE "Entry"
    ADD COLUMN "packed" TEXT,
    ALTER COLUMN "actionId" DROP NOT NULL,
    ALTER COLUMN "actor" DROP NOT NULL,
    ALTER COLUMN "action" DROP NOT NULL,
    ALTER COLUMN "verdict" DROP NOT NULL,
    ALTER COLUMN "effects" DROP NOT NULL,
    ALTER COLUMN "engine" DROP NOT NULL,
    ALTER COLUMN "exercise" DROP NOT NULL,
    ALTER COLUMN "at" DROP NOT NULL;
DROP INDEX "Entry_roundId_actor_actionId_key";
