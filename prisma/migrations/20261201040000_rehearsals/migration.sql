-- A rehearsal: a copy of a session in which a program plays the students.

ALTER TABLE "Session" ADD COLUMN "rehearsal" JSONB;
ALTER TABLE "Participant" ADD COLUMN "simulated" BOOLEAN NOT NULL DEFAULT false;
