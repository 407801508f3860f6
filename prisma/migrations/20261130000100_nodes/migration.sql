-- What the nodes of one database say of themselves every few seconds. Lost in a crash it is written again at once, so no WAL is spent on it.

CREATE UNLOGGED TABLE "Node" (
  "id" TEXT NOT NULL,
  "version" INTEGER NOT NULL,
  "sentCount" DOUBLE PRECISION NOT NULL,
  "participants" JSON NOT NULL,
  "seenAt" TIMESTAMPTZ(3) NOT NULL,
  CONSTRAINT "Node_pkey" PRIMARY KEY ("id")
);
