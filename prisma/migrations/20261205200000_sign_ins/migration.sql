-- Sign-ins can be told apart: the browser, and when it was last seen.
ALTER TABLE "SignIn" ADD COLUMN "browser" TEXT NOT NULL DEFAULT '',
ADD COLUMN "seenAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP;
UPDATE "SignIn" SET "seenAt" = "createdAt";
