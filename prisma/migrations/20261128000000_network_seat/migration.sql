-- Pairs of three, of whom one plays the wire; replays whose links can be revoked; what a session's built-in partner is like.

ALTER TABLE "Session" ADD COLUMN "partner" JSONB NOT NULL DEFAULT '{}';
ALTER TABLE "Pair" ADD COLUMN "thirdId" TEXT;
ALTER TABLE "Round" ADD COLUMN "networkId" TEXT;
ALTER TABLE "Round" ADD COLUMN "revoked" INTEGER NOT NULL DEFAULT 0;

CREATE INDEX "Pair_thirdId_idx" ON "Pair"("thirdId");
CREATE INDEX "Round_networkId_idx" ON "Round"("networkId");
ALTER TABLE "Pair" ADD CONSTRAINT "Pair_thirdId_fkey" FOREIGN KEY ("thirdId") REFERENCES "Participant"("id") ON DELETE NO ACTION ON UPDATE CASCADE;
ALTER TABLE "Round" ADD CONSTRAINT "Round_networkId_fkey" FOREIGN KEY ("networkId") REFERENCES "Participant"("id") ON DELETE NO ACTION ON UPDATE CASCADE;
