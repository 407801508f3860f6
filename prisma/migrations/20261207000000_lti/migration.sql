-- LTI 1.3: platforms, their launches, who is who, and the outbox of scores.
CREATE TABLE "LtiPlatform" (
    "id" TEXT NOT NULL,
    "teacherId" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "issuer" TEXT NOT NULL,
    "clientId" TEXT NOT NULL,
    "authenticationUrl" TEXT NOT NULL,
    "tokenUrl" TEXT NOT NULL,
    "keySetUrl" TEXT NOT NULL,
    "tokenAudience" TEXT,
    "origins" JSONB NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "LtiPlatform_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "LtiDeployment" (
    "platformId" TEXT NOT NULL,
    "deploymentId" TEXT NOT NULL,
    "acceptedAt" TIMESTAMPTZ(3),

    CONSTRAINT "LtiDeployment_pkey" PRIMARY KEY ("platformId", "deploymentId")
);

CREATE TABLE "LtiInvitation" (
    "hash" TEXT NOT NULL,
    "teacherId" TEXT NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "usedAt" TIMESTAMPTZ(3),
    "lastError" TEXT,

    CONSTRAINT "LtiInvitation_pkey" PRIMARY KEY ("hash")
);

CREATE TABLE "LtiState" (
    "hash" TEXT NOT NULL,
    "nonce" TEXT NOT NULL,
    "platformId" TEXT NOT NULL,
    "targetLinkUri" TEXT NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "LtiState_pkey" PRIMARY KEY ("hash")
);

CREATE TABLE "LtiLaunch" (
    "hash" TEXT NOT NULL,
    "platformId" TEXT NOT NULL,
    "launch" JSON NOT NULL,
    "bound" BOOLEAN NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "usedAt" TIMESTAMPTZ(3),

    CONSTRAINT "LtiLaunch_pkey" PRIMARY KEY ("hash")
);

CREATE TABLE "LtiAccount" (
    "platformId" TEXT NOT NULL,
    "sub" TEXT NOT NULL,
    "teacherId" TEXT NOT NULL,

    CONSTRAINT "LtiAccount_pkey" PRIMARY KEY ("platformId", "sub")
);

CREATE TABLE "LtiContext" (
    "id" TEXT NOT NULL,
    "platformId" TEXT NOT NULL,
    "deploymentId" TEXT NOT NULL,
    "contextId" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "courseId" TEXT NOT NULL,
    "membershipsUrl" TEXT,
    "lineItemsUrl" TEXT,
    "gradeScopes" JSONB NOT NULL,
    "fetchedAt" TIMESTAMPTZ(3),

    CONSTRAINT "LtiContext_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "LtiUser" (
    "contextId" TEXT NOT NULL,
    "sub" TEXT NOT NULL,
    "memberId" TEXT NOT NULL,
    "made" BOOLEAN NOT NULL,
    "proposedId" TEXT,

    CONSTRAINT "LtiUser_pkey" PRIMARY KEY ("contextId", "sub")
);

CREATE TABLE "LtiLink" (
    "id" TEXT NOT NULL,
    "contextId" TEXT NOT NULL,
    "resourceLinkId" TEXT NOT NULL,
    "sessionId" TEXT NOT NULL,
    "lineItemUrl" TEXT,
    "comparedAt" TIMESTAMPTZ(3),

    CONSTRAINT "LtiLink_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "LtiScore" (
    "linkId" TEXT NOT NULL,
    "memberId" TEXT NOT NULL,
    "score" JSON NOT NULL,
    "changedAt" TIMESTAMPTZ(3) NOT NULL,
    "dueAt" TIMESTAMPTZ(3),
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "lastError" TEXT,
    "sentAt" TIMESTAMPTZ(3),

    CONSTRAINT "LtiScore_pkey" PRIMARY KEY ("linkId", "memberId")
);

CREATE TABLE "LtiKey" (
    "number" INTEGER NOT NULL,
    "privateKey" JSON NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "LtiKey_pkey" PRIMARY KEY ("number")
);

CREATE UNIQUE INDEX "LtiPlatform_issuer_clientId_key" ON "LtiPlatform"("issuer", "clientId");
CREATE INDEX "LtiPlatform_teacherId_idx" ON "LtiPlatform"("teacherId");
CREATE INDEX "LtiInvitation_teacherId_idx" ON "LtiInvitation"("teacherId");
CREATE INDEX "LtiAccount_teacherId_idx" ON "LtiAccount"("teacherId");
CREATE UNIQUE INDEX "LtiContext_platformId_deploymentId_contextId_key" ON "LtiContext"("platformId", "deploymentId", "contextId");
CREATE INDEX "LtiContext_courseId_idx" ON "LtiContext"("courseId");
CREATE INDEX "LtiUser_memberId_idx" ON "LtiUser"("memberId");
CREATE INDEX "LtiUser_proposedId_idx" ON "LtiUser"("proposedId");
CREATE UNIQUE INDEX "LtiLink_contextId_resourceLinkId_key" ON "LtiLink"("contextId", "resourceLinkId");
CREATE INDEX "LtiLink_sessionId_idx" ON "LtiLink"("sessionId");
CREATE INDEX "LtiScore_memberId_idx" ON "LtiScore"("memberId");
CREATE INDEX "LtiScore_dueAt_idx" ON "LtiScore"("dueAt");

ALTER TABLE "LtiPlatform" ADD CONSTRAINT "LtiPlatform_teacherId_fkey" FOREIGN KEY ("teacherId") REFERENCES "Teacher"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "LtiDeployment" ADD CONSTRAINT "LtiDeployment_platformId_fkey" FOREIGN KEY ("platformId") REFERENCES "LtiPlatform"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "LtiInvitation" ADD CONSTRAINT "LtiInvitation_teacherId_fkey" FOREIGN KEY ("teacherId") REFERENCES "Teacher"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "LtiState" ADD CONSTRAINT "LtiState_platformId_fkey" FOREIGN KEY ("platformId") REFERENCES "LtiPlatform"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "LtiLaunch" ADD CONSTRAINT "LtiLaunch_platformId_fkey" FOREIGN KEY ("platformId") REFERENCES "LtiPlatform"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "LtiAccount" ADD CONSTRAINT "LtiAccount_platformId_fkey" FOREIGN KEY ("platformId") REFERENCES "LtiPlatform"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "LtiAccount" ADD CONSTRAINT "LtiAccount_teacherId_fkey" FOREIGN KEY ("teacherId") REFERENCES "Teacher"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "LtiContext" ADD CONSTRAINT "LtiContext_platformId_fkey" FOREIGN KEY ("platformId") REFERENCES "LtiPlatform"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "LtiContext" ADD CONSTRAINT "LtiContext_courseId_fkey" FOREIGN KEY ("courseId") REFERENCES "Course"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "LtiUser" ADD CONSTRAINT "LtiUser_contextId_fkey" FOREIGN KEY ("contextId") REFERENCES "LtiContext"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "LtiUser" ADD CONSTRAINT "LtiUser_memberId_fkey" FOREIGN KEY ("memberId") REFERENCES "Member"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "LtiUser" ADD CONSTRAINT "LtiUser_proposedId_fkey" FOREIGN KEY ("proposedId") REFERENCES "Member"("id") ON DELETE SET NULL ON UPDATE CASCADE;
ALTER TABLE "LtiLink" ADD CONSTRAINT "LtiLink_contextId_fkey" FOREIGN KEY ("contextId") REFERENCES "LtiContext"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "LtiLink" ADD CONSTRAINT "LtiLink_sessionId_fkey" FOREIGN KEY ("sessionId") REFERENCES "Session"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "LtiScore" ADD CONSTRAINT "LtiScore_linkId_fkey" FOREIGN KEY ("linkId") REFERENCES "LtiLink"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "LtiScore" ADD CONSTRAINT "LtiScore_memberId_fkey" FOREIGN KEY ("memberId") REFERENCES "Member"("id") ON DELETE CASCADE ON UPDATE CASCADE;
