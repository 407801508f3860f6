-- What all participants of a session do together, and its log.
CREATE TABLE "Activity" (
    "id" TEXT NOT NULL,
    "sessionId" TEXT NOT NULL,
    "setup" JSONB NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "endedAt" TIMESTAMPTZ(3),

    CONSTRAINT "Activity_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "Activity_sessionId_idx" ON "Activity"("sessionId");
ALTER TABLE "Activity" ADD CONSTRAINT "Activity_sessionId_fkey" FOREIGN KEY ("sessionId") REFERENCES "Session"("id") ON DELETE CASCADE ON UPDATE CASCADE;

CREATE TABLE "ActivityEntry" (
    "activityId" TEXT NOT NULL,
    "index" INTEGER NOT NULL,
    "entry" JSON NOT NULL,

    CONSTRAINT "ActivityEntry_pkey" PRIMARY KEY ("activityId", "index")
);
ALTER TABLE "ActivityEntry" ADD CONSTRAINT "ActivityEntry_activityId_fkey" FOREIGN KEY ("activityId") REFERENCES "Activity"("id") ON DELETE CASCADE ON UPDATE CASCADE;
