-- Level and swapped seats can be changed while a session runs; the change holds from the next exercise on.

ALTER TABLE "Session"
    ADD COLUMN "nextLevel" TEXT,
    ADD COLUMN "nextSwap" BOOLEAN;
