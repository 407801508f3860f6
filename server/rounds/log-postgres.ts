/** The log in PostgreSQL. Appends that are waiting are written together; the table's key decides conflicts. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Entry } from '../../protocol/round/model/entry.ts'
import { readStoredEntry } from '../../protocol/round/model/stored-entry.ts'
import pg from 'pg'
import type { Metrics } from '../base/metrics.ts'
import type { DatabaseClients } from '../database/open.ts'
import type { Entry as EntryRow } from '../generated/prisma/client.ts'
import { createBatchWriter } from './batch-writer.ts'
import type { RoundLog } from './log.ts'
import { packEntry, unpackEntry } from './packed-entry.ts'

export type { EntryRow }

/**
 * Maximum number of rows of one statement, about half a megabyte. Only one statement runs at a time: with two, batches are half
 * as large, and each row costs a third more processor time.
 */
const MAX_BATCH_ROWS = 1000
/**
 * Real ms before each statement, for rows to gather. A statement costs as much as many rows: without the delay, the first of several acts that
 * arrive together would go alone.
 */
const GATHER_MS = 2

/** Creates a log in PostgreSQL. `close` resolves when all pending appends have been written or rejected. */
export function createPostgresLog(
  { pool }: Pick<DatabaseClients, 'pool'>,
  metrics?: Pick<Metrics, 'observeBatch'>,
): RoundLog & { close(): Promise<void> } {
  const writeEntries = async (entries: readonly Entry[]) => {
    metrics?.observeBatch(entries.length)
    return insertEntries(pool, entries)
  }
  const batches = createBatchWriter(writeEntries, {
    maxItems: MAX_BATCH_ROWS,
    gather: () => delay(GATHER_MS),
    isItemError: isDataError,
  })
  return {
    append: (entry) => batches.add(entry),
    async read(roundId, from = 0) {
      const { rows } = await pool.query<EntryRow>({ ...SELECT, values: [roundId, from] })
      return rows.map(readRow)
    },
    close: () => batches.close(),
  }
}

/**
 * Inserts the entries in one statement, with a result for each. A row whose `(roundId, index)` exists already is not inserted and
 * not returned. Of several entries with the same key, only the first is sent to the database.
 */
async function insertEntries(pool: pg.Pool, entries: readonly Entry[]): Promise<('written' | 'taken')[]> {
  const firstOf = new Map<string, number>()
  for (const [i, entry] of entries.entries()) if (!firstOf.has(keyOf(entry))) firstOf.set(keyOf(entry), i)
  // All nodes insert in the same order: otherwise two nodes that write the same rows could deadlock.
  const rows = [...firstOf].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, i]) => entries[i]!)
  const ends = rows.filter(isEnd)
  const values = [...keyColumns(rows), joinLines(rows, packEntry)]
  const query =
    ends.length === 0
      ? { ...INSERT, values }
      : { ...INSERT_WITH_ROUND_ENDS, values: [...values, ...keyColumns(ends), joinLines(ends, ({ at }) => at)] }
  const { rows: written } = await pool.query<[roundId: string, index: number]>({ ...query, rowMode: 'array' })
  const keys = new Set(written.map(([roundId, index]) => keyOf({ roundId, index })))
  return entries.map((entry, i) => (firstOf.get(keyOf(entry)) === i && keys.has(keyOf(entry)) ? 'written' : 'taken'))
}

const keyOf = ({ roundId, index }: Pick<Entry, 'roundId' | 'index'>) => `${roundId} ${index}`
const isEnd = ({ effects }: Entry) => effects.some(({ kind }) => kind === 'over')

const keyColumns = (entries: readonly Entry[]) => [
  joinLines(entries, ({ roundId }) => roundId),
  joinLines(entries, ({ index }) => `${index}`),
]

/**
 * A column as one text, because arrays cost the client more. JSON and ids contain no line feeds; columns of unequal length are
 * rejected.
 */
const joinLines = (entries: readonly Entry[], column: (entry: Entry) => string) => entries.map(column).join('\n')

/**
 * A named statement is prepared once per connection. The columns are named because PostgreSQL refuses a prepared `SELECT *` once a newer
 * version has added one.
 */
const SELECT = {
  name: 'read',
  text: `
    SELECT "roundId", "index", "packed", "actionId", "actor", "action", "seen", "verdict", "effects", "engine", "exercise", "at"
    FROM "Entry" WHERE "roundId" = $1 AND "index" >= $2 ORDER BY "index"`,
}

const INSERT = {
  name: 'append',
  text: `
    INSERT INTO "Entry" ("roundId", "index", "packed")
    SELECT * FROM unnest(string_to_array($1, E'\n'), string_to_array($2, E'\n')::int[], string_to_array($3, E'\n'))
    ON CONFLICT DO NOTHING
    RETURNING "roundId", "index"`,
}

/**
 * As `INSERT`; it also sets `endedAt` of the rounds that the inserted entries end. The column is an index of the log: with it,
 * lessons find out which of hundreds of rounds are over without reading their entries. Nothing else writes the column, so it
 * cannot disagree with the log.
 */
const INSERT_WITH_ROUND_ENDS = {
  name: 'append-ends',
  text: `
    WITH written AS (${INSERT.text}), ended AS (
      UPDATE "Round" SET "endedAt" = "end"."at"
      FROM written
      JOIN unnest(string_to_array($4, E'\n'), string_to_array($5, E'\n')::int[], string_to_array($6, E'\n')::timestamptz[])
        AS "end"("roundId", "index", "at") USING ("roundId", "index")
      WHERE "Round"."id" = written."roundId"
    )
    SELECT * FROM written`,
}

/**
 * Whether PostgreSQL has rejected a value (SQLSTATE classes 22 and 23, such as a number that is too large), so that nothing was
 * written. Any other error, such as a lost connection, is not caused by a row and may have occurred after the rows were written.
 */
const isDataError = (error: unknown): boolean => error instanceof pg.DatabaseError && /^2[23]/.test(error.code ?? '')

/** The entry that a row of the table holds, whichever version has written it. */
export function readRow({ roundId, index, packed, ...columns }: EntryRow): Entry {
  if (packed !== null) return unpackEntry(roundId, index, packed)
  const { exercise: _, at, ...old } = columns
  return readStoredEntry({ roundId, index, ...old, at: at?.toISOString() } as unknown as Entry)
}
