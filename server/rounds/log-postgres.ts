/** The log in PostgreSQL. Appends that wait are written together; the table's two unique keys decide conflicts. */
import type { Entry } from '../../protocol/round/model/entry.ts'
import { readStoredEntry } from '../../protocol/round/model/stored-entry.ts'
import pg from 'pg'
import type { Metrics } from '../base/metrics.ts'
import type { DatabaseClients } from '../database/open.ts'
import { createBatchWriter } from './batch-writer.ts'
import type { RoundLog } from './log.ts'

/** Rows of one statement at most: some megabytes, and still far below what one round trip costs per row. */
const MAX_BATCH_ROWS = 1000
/** Statements under way: while one waits for the disk the next is already read. A round has one unwritten row, so order is kept. */
const MAX_CONCURRENT_STATEMENTS = 2

export function createPostgresLog(
  { prisma, pool }: Pick<DatabaseClients, 'prisma' | 'pool'>,
  metrics?: Pick<Metrics, 'observeBatch'>,
): RoundLog & { close(): Promise<void> } {
  const writeEntries = async (entries: readonly Entry[]) => {
    metrics?.observeBatch(entries.length)
    return insertEntries(pool, entries)
  }
  const batches = createBatchWriter(writeEntries, {
    maxItems: MAX_BATCH_ROWS,
    maxConcurrent: MAX_CONCURRENT_STATEMENTS,
    isItemError: isDataError,
  })
  return {
    append: (entry) => batches.add(entry),
    async read(roundId, from = 0) {
      const rows = await prisma.entry.findMany({ where: { roundId, index: { gte: from } }, orderBy: { index: 'asc' } })
      return rows.map(({ at, ...row }) => readStoredEntry({ ...row, at: at.toISOString() } as unknown as Entry))
    },
    close: () => batches.close(),
  }
}

/** One statement for all of them. A row that meets one that stands, or an earlier one of this batch, is not written and does not come back. */
async function insertEntries(pool: pg.Pool, entries: readonly Entry[]): Promise<('written' | 'taken')[]> {
  const ends = entries.filter(isEnd)
  const { rows } = await pool.query<EntryKey>(
    ends.length > 0
      ? { ...INSERT_WITH_ROUND_ENDS, values: [JSON.stringify(entries), JSON.stringify(ends)] }
      : { ...INSERT, values: [JSON.stringify(entries)] },
  )
  const keys = new Set(rows.map(encodeKey))
  // Of two equal rows in one batch the first is written: `delete` finds the key once.
  return entries.map((entry) => (keys.delete(encodeKey(entry)) ? 'written' : 'taken'))
}

const isEnd = ({ effects }: Entry) => effects.some(({ kind }) => kind === 'over')

/** Statements with a name are prepared once a connection. */
const INSERT = {
  name: 'append',
  text: `
    INSERT INTO "Entry" ("roundId", "index", "actionId", "actor", "action", "seen", "verdict", "effects", "engine", "exercise", "at")
    SELECT "roundId", "index", "actionId", "actor", "action", "seen", "verdict", "effects", "engine", "exercise", "at"
    FROM json_to_recordset($1::json) AS row(
      "roundId" text, "index" int, "actionId" text, "actor" text, "action" json, "seen" int, "verdict" json, "effects" json,
      "engine" text, "exercise" text, "at" timestamptz
    )
    ORDER BY "roundId", "index" -- two nodes that write the same rows take them in one order, or they would wait for each other
    ON CONFLICT DO NOTHING
    RETURNING "roundId", "index", "actionId", "actor"`,
}

/**
 * The same statement also sets `endedAt` of the rounds that these entries end, for those of them that it writes. The column is an index
 * of the log: lessons ask it which of hundreds of rounds are over without reading their entries. Nothing else writes it, so that it
 * cannot disagree with the log.
 */
const INSERT_WITH_ROUND_ENDS = {
  name: 'append-ends',
  text: `
    WITH written AS (${INSERT.text}), ended AS (
      UPDATE "Round" SET "endedAt" = "end"."at"
      FROM written JOIN json_to_recordset($2::json)
        AS "end"("roundId" text, "index" int, "actionId" text, "actor" text, "at" timestamptz)
        USING ("roundId", "index", "actionId", "actor")
      WHERE "Round"."id" = written."roundId"
    )
    SELECT * FROM written`,
}

type EntryKey = Pick<Entry, 'roundId' | 'index' | 'actionId' | 'actor'>
const encodeKey = ({ roundId, index, actionId, actor }: EntryKey) => JSON.stringify([roundId, index, actionId, actor])

/**
 * Has PostgreSQL refused a value (SQLSTATE classes 22 and 23, such as U+0000 in JSON), and so written nothing?
 * Anything else, a lost connection say, is no row's fault, and may have come after the rows were written.
 */
const isDataError = (error: unknown): boolean => error instanceof pg.DatabaseError && /^2[23]/.test(error.code ?? '')
