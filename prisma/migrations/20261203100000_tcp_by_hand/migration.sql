-- Whether students play TCP themselves also in exercises that have it on autopilot.
ALTER TABLE "Session" ADD COLUMN "tcpByHand" BOOLEAN NOT NULL DEFAULT false;
