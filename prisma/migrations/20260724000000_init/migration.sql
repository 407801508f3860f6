-- The first tables. schema.prisma says what each is for. PostgreSQL 15 and later.

CREATE TABLE "Setting" (
    "key"   TEXT NOT NULL,
    "value" TEXT NOT NULL,
    CONSTRAINT "Setting_pkey" PRIMARY KEY ("key")
);

CREATE TABLE "Teacher" (
    "id"           TEXT NOT NULL,
    "passwordHash" TEXT,
    CONSTRAINT "Teacher_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "TeacherLink" (
    "hash"      TEXT NOT NULL,
    "teacherId" TEXT NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "usedAt"    TIMESTAMPTZ(3),
    CONSTRAINT "TeacherLink_pkey" PRIMARY KEY ("hash"),
    CONSTRAINT "TeacherLink_teacherId_fkey" FOREIGN KEY ("teacherId") REFERENCES "Teacher" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE TABLE "Session" (
    "id"        TEXT NOT NULL,
    "teacherId" TEXT NOT NULL,
    "code"      TEXT NOT NULL,
    "title"     TEXT NOT NULL,
    "level"     TEXT NOT NULL,
    "playlist"  JSONB NOT NULL,
    "swap"      BOOLEAN NOT NULL,
    "position"  INTEGER,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "endedAt"   TIMESTAMPTZ(3),
    CONSTRAINT "Session_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "Session_teacherId_fkey" FOREIGN KEY ("teacherId") REFERENCES "Teacher" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE UNIQUE INDEX "Session_code_key" ON "Session" ("code");
CREATE INDEX "Session_teacherId_idx" ON "Session" ("teacherId");

CREATE TABLE "Participant" (
    "id"        TEXT NOT NULL,
    "sessionId" TEXT NOT NULL,
    "name"      TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    CONSTRAINT "Participant_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "Participant_sessionId_fkey" FOREIGN KEY ("sessionId") REFERENCES "Session" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE UNIQUE INDEX "Participant_sessionId_name_key" ON "Participant" ("sessionId", "name");

CREATE TABLE "Pair" (
    "id"          TEXT NOT NULL,
    "sessionId"   TEXT NOT NULL,
    "number"      INTEGER NOT NULL,
    "firstId"     TEXT NOT NULL,
    "secondId"    TEXT NOT NULL,
    "createdAt"   TIMESTAMPTZ(3) NOT NULL,
    "dissolvedAt" TIMESTAMPTZ(3),
    CONSTRAINT "Pair_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "Pair_sessionId_fkey" FOREIGN KEY ("sessionId") REFERENCES "Session" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "Pair_firstId_fkey" FOREIGN KEY ("firstId") REFERENCES "Participant" ("id") ON DELETE NO ACTION ON UPDATE CASCADE,
    CONSTRAINT "Pair_secondId_fkey" FOREIGN KEY ("secondId") REFERENCES "Participant" ("id") ON DELETE NO ACTION ON UPDATE CASCADE
);
CREATE UNIQUE INDEX "Pair_sessionId_number_key" ON "Pair" ("sessionId", "number");
CREATE INDEX "Pair_firstId_idx" ON "Pair" ("firstId");
CREATE INDEX "Pair_secondId_idx" ON "Pair" ("secondId");

CREATE TABLE "Round" (
    "id"        TEXT NOT NULL,
    "sessionId" TEXT NOT NULL,
    "pairId"    TEXT NOT NULL,
    "position"  INTEGER NOT NULL,
    "leg"       INTEGER NOT NULL,
    "exercise"  TEXT NOT NULL,
    "clientId"  TEXT NOT NULL,
    "serverId"  TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "endedAt"   TIMESTAMPTZ(3),
    CONSTRAINT "Round_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "Round_sessionId_fkey" FOREIGN KEY ("sessionId") REFERENCES "Session" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "Round_pairId_fkey" FOREIGN KEY ("pairId") REFERENCES "Pair" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "Round_clientId_fkey" FOREIGN KEY ("clientId") REFERENCES "Participant" ("id") ON DELETE NO ACTION ON UPDATE CASCADE,
    CONSTRAINT "Round_serverId_fkey" FOREIGN KEY ("serverId") REFERENCES "Participant" ("id") ON DELETE NO ACTION ON UPDATE CASCADE
);
CREATE UNIQUE INDEX "Round_pairId_position_leg_key" ON "Round" ("pairId", "position", "leg");
CREATE INDEX "Round_sessionId_idx" ON "Round" ("sessionId");
CREATE INDEX "Round_clientId_idx" ON "Round" ("clientId");
CREATE INDEX "Round_serverId_idx" ON "Round" ("serverId");

CREATE TABLE "Entry" (
    "roundId"  TEXT NOT NULL,
    "index"    INTEGER NOT NULL,
    "actionId" TEXT NOT NULL,
    "actor"    TEXT NOT NULL,
    "action"   JSON NOT NULL,
    "seen"     INTEGER,
    "verdict"  JSON NOT NULL,
    "effects"  JSON NOT NULL,
    "engine"   TEXT NOT NULL,
    "exercise" TEXT NOT NULL,
    "at"       TIMESTAMPTZ(3) NOT NULL,
    CONSTRAINT "Entry_pkey" PRIMARY KEY ("roundId", "index")
);
CREATE UNIQUE INDEX "Entry_roundId_actor_actionId_key" ON "Entry" ("roundId", "actor", "actionId");
