-- When a round ended is what its log says: the statement that writes the end sets it, and nothing else. Earlier versions wrote it
-- beside the log, before or after the end, and kept the kind of an effect under "is".

UPDATE "Round" SET "endedAt" = (
  SELECT min("Entry"."at") FROM "Entry"
  WHERE "Entry"."roundId" = "Round"."id"
    AND EXISTS (
      SELECT 1 FROM json_array_elements("Entry"."effects") AS effect
      WHERE COALESCE(effect ->> 'kind', effect ->> 'is') = 'over'
    )
);
