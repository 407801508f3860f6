/**
 * Dumps a database as lines of JSON, and loads such a dump. Unlike pg_dump it needs no other program, works across versions of
 * PostgreSQL, and moves data between the embedded database and the operator's, in both directions.
 *
 * The lines: a `BackupHead`; one `[table, row]` per row, each table after the tables that it refers to; and a `BackupEnd`, without which
 * a dump is incomplete.
 */
import pg from 'pg'
import { DatabaseError } from './error.ts'
import { migrate, readMigrations } from './migrate.ts'

const FORMAT = 'handshake-classroom-backup/1'
/** Rows per query. */
const BATCH_ROWS = 500

/** The first line of a dump. */
interface BackupHead {
  readonly format: typeof FORMAT
  readonly createdAt: string
  /** The migrations that had been applied, in order: the rows match the tables that these create. */
  readonly migrations: readonly string[]
}
/** The last line of a dump: the number of rows before it. */
interface BackupEnd {
  readonly rows: number
}

/** Yields the lines of a dump: a consistent snapshot of all rows. Throws `DatabaseError` if the database cannot be reached. */
export async function* dumpDatabase(url: string): AsyncGenerator<string, void> {
  const client = await connectOrThrow(url)
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
    const { rows: applied } = await client.query<{ name: string }>(
      `SELECT "migration_name" AS "name" FROM "_prisma_migrations" WHERE "finished_at" IS NOT NULL AND "rolled_back_at" IS NULL ORDER BY 1`,
    )
    const head: BackupHead = { format: FORMAT, createdAt: new Date().toISOString(), migrations: applied.map(({ name }) => name) }
    yield JSON.stringify(head)
    let count = 0
    for (const table of await listTables(client)) {
      await client.query(`DECLARE backup CURSOR FOR SELECT to_json(r)::text AS row FROM ${client.escapeIdentifier(table)} r`)
      for (let rows = BATCH_ROWS; rows === BATCH_ROWS; count += rows) {
        const fetched = await client.query<{ row: string }>(`FETCH ${BATCH_ROWS} FROM backup`)
        for (const { row } of fetched.rows) yield `[${JSON.stringify(table)},${row}]`
        rows = fetched.rows.length
      }
      await client.query('CLOSE backup')
    }
    const end: BackupEnd = { rows: count }
    yield JSON.stringify(end)
  } finally {
    await client.end()
  }
}

/**
 * Loads the lines of a dump into an empty database and resolves with the number of rows. If it throws a `DatabaseError`, no row has been
 * stored.
 */
export async function loadDatabase(url: string, lines: AsyncIterable<string>): Promise<number> {
  const unread = lines[Symbol.asyncIterator]()
  const next = async () => ((await unread.next()) as IteratorResult<string, undefined>).value
  const { migrations } = parseHead((await next()) ?? '')
  const known = await readMigrations()
  const unknown = migrations.find((name) => !known.some((each) => each.name === name))
  if (unknown !== undefined)
    throw new DatabaseError(
      `The backup was made by a newer version (it has the migration ${unknown}). Restore it with that version.`,
    )

  await requireEmpty(url)
  await migrate(
    url,
    known.filter(({ name }) => migrations.includes(name)),
  )
  const client = await connectOrThrow(url)
  try {
    await client.query('BEGIN')
    const tables = new Set(await listTables(client))
    let count = 0
    let batch: Row[] = []
    for (;;) {
      const line = await next()
      if (line === undefined) throw new DatabaseError('The backup is cut off: its end is missing. Nothing was restored.')
      const row = parseRow(line, tables)
      if (batch.length === BATCH_ROWS || batch[0]?.table !== row?.table) {
        await insert(client, batch)
        batch = []
      }
      if (!row) {
        const { rows } = parseEnd(line)
        if (rows !== count) throw new DatabaseError(`The backup should hold ${rows} rows and holds ${count}. Nothing was restored.`)
        break
      }
      batch.push(row)
      count++
    }
    await client.query('COMMIT')
    return count
  } finally {
    await client.end() // Rolls back an open transaction.
  }
}

interface Row {
  readonly table: string
  /** The row as JSON, as PostgreSQL wrote it. */
  readonly json: string
}

async function insert(client: pg.Client, rows: readonly Row[]): Promise<void> {
  if (!rows[0]) return
  const table = client.escapeIdentifier(rows[0].table)
  const json = `[${rows.map((row) => row.json).join(',')}]`
  await client.query(`INSERT INTO ${table} SELECT * FROM json_populate_recordset(NULL::${table}, $1::json)`, [json]).catch(() => {
    throw createDamageError()
  })
}

const createDamageError = () => new DatabaseError('The backup is damaged: a line of it cannot be read. Nothing was restored.')

function parseHead(line: string): BackupHead {
  const head = parseJson(line) as Partial<BackupHead> | null
  if (head?.format === FORMAT && Array.isArray(head.migrations)) return head as BackupHead
  throw new DatabaseError('This is no backup of a Handshake Classroom.')
}

/** Parses a row; null if the line is the `BackupEnd`. Throws `DatabaseError` if it is neither. */
function parseRow(line: string, tables: ReadonlySet<string>): Row | null {
  if (!line.startsWith('[')) return null
  const comma = line.indexOf(',')
  const table = parseJson(line.slice(1, comma))
  if (typeof table !== 'string' || !tables.has(table) || !line.endsWith(']')) throw createDamageError()
  return { table, json: line.slice(comma + 1, -1) }
}

function parseEnd(line: string): BackupEnd {
  const end = parseJson(line) as Partial<BackupEnd> | null
  if (typeof end?.rows !== 'number') throw createDamageError()
  return { rows: end.rows }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/**
 * The names of all logged tables, each after the tables that it refers to. Unlogged tables are left out: they only record which
 * nodes are alive now.
 */
async function listTables(client: pg.Client): Promise<string[]> {
  const { rows: tables } = await client.query<{ name: string; refers: string[] }>(
    `SELECT c.relname AS name, array_remove(array_agg(f.relname::text), NULL) AS refers
     FROM pg_class c
     LEFT JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'f'
     LEFT JOIN pg_class f ON f.oid = k.confrelid
     WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND c.relnamespace = current_schema()::regnamespace AND c.relname <> '_prisma_migrations'
     GROUP BY c.relname ORDER BY c.relname`,
  )
  const ordered: string[] = []
  const append = (name: string): void => {
    if (ordered.includes(name)) return
    for (const other of tables.find((table) => table.name === name)?.refers ?? []) if (other !== name) append(other)
    ordered.push(name)
  }
  for (const { name } of tables) append(name)
  return ordered
}

async function requireEmpty(url: string): Promise<void> {
  const client = await connectOrThrow(url)
  try {
    for (const table of await listTables(client)) {
      const { rowCount } = await client.query(`SELECT FROM ${client.escapeIdentifier(table)} LIMIT 1`)
      if (rowCount)
        throw new DatabaseError(`The database is not empty (${table} has rows). A backup is restored into an empty one.`)
    }
  } finally {
    await client.end()
  }
}

/** Connects to the database. Throws `DatabaseError`. The caller must end the connection. */
export async function connectOrThrow(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {}) // A pending query rejects with the same error.
  try {
    await client.connect()
    return client
  } catch (error) {
    throw new DatabaseError(`The database at ${new URL(url).host} cannot be reached (${(error as Error).message}).`)
  }
}
