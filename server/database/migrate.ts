/**
 * Migrates a database to the schema of this version: applies the files of prisma/migrations in order, each once.
 *
 * It follows the conventions of Prisma's `migrate deploy` (the table `_prisma_migrations`, SHA-256 checksums, the advisory lock), so
 * that the two can be used in turn. Each migration and the row that records it are one transaction.
 */
import { createHash, randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { ROOT } from '../base/root.ts'
import { DatabaseError } from './error.ts'

/** A file of prisma/migrations. */
export interface Migration {
  /** The directory's name. Migrations are applied in the order of their names. */
  readonly name: string
  readonly sql: string
}

/** The key of the advisory lock that Prisma's `migrate deploy` takes. */
const MIGRATION_LOCK_ID = 72707369

const CREATE_MIGRATIONS_TABLE = `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
  "id" VARCHAR(36) PRIMARY KEY NOT NULL,
  "checksum" VARCHAR(64) NOT NULL,
  "finished_at" TIMESTAMPTZ,
  "migration_name" VARCHAR(255) NOT NULL,
  "logs" TEXT,
  "rolled_back_at" TIMESTAMPTZ,
  "started_at" TIMESTAMPTZ NOT NULL DEFAULT now(),
  "applied_steps_count" INTEGER NOT NULL DEFAULT 0
)`

/** Reads the migrations of a directory, sorted by name. */
export async function readMigrations(directory = join(ROOT, 'prisma/migrations')): Promise<Migration[]> {
  const entries = await readdir(directory, { withFileTypes: true })
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  return Promise.all(
    names.sort().map(async (name) => ({ name, sql: await readFile(join(directory, name, 'migration.sql'), 'utf8') })),
  )
}

/**
 * Applies the missing migrations and returns their names. Throws `DatabaseError` without changing anything if the database has migrations
 * that are unknown, unfinished or different here.
 */
export async function migrate(url: string, migrations: readonly Migration[]): Promise<string[]> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  try {
    await client.connect()
  } catch (error) {
    throw new DatabaseError(
      `The database at ${new URL(url).host} cannot be reached (${describeError(error)}). Start it, or correct DATABASE_URL.`,
    )
  }
  try {
    // Another node may be migrating. The lock is released when the connection ends.
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK_ID])
    await client.query("SET client_min_messages = 'warning'")
    await client.query(CREATE_MIGRATIONS_TABLE)
    const missing = findMissingMigrations(migrations, await readAppliedMigrations(client))
    for (const migration of missing) await applyMigration(client, migration)
    return missing.map(({ name }) => name)
  } finally {
    await client.end()
  }
}

interface AppliedMigration {
  readonly name: string
  readonly checksum: string
  readonly finished: boolean
}

async function readAppliedMigrations(client: pg.Client): Promise<AppliedMigration[]> {
  const { rows } = await client.query<AppliedMigration>(
    `SELECT "migration_name" AS "name", "checksum", "finished_at" IS NOT NULL AS "finished"
     FROM "_prisma_migrations" WHERE "rolled_back_at" IS NULL ORDER BY "started_at"`,
  )
  return rows
}

/** The migrations that have not been applied yet. Throws `DatabaseError` if the histories differ. */
function findMissingMigrations(migrations: readonly Migration[], applied: readonly AppliedMigration[]): readonly Migration[] {
  const known = new Map(migrations.map((migration) => [migration.name, migration]))
  for (const { name, checksum, finished } of applied) {
    const migration = known.get(name)
    if (!migration) {
      throw new DatabaseError(
        `The database has the migration ${name}, which this version does not know. Run the newer version, or restore a backup.`,
      )
    }
    if (!finished) {
      throw new DatabaseError(
        `The migration ${name} was begun by another tool and did not finish. Restore a backup from before it, or complete what its file says by hand and set finished_at of its row in _prisma_migrations.`,
      )
    }
    if (checksum !== checksumOf(migration.sql)) {
      throw new DatabaseError(
        `The migration ${name} has been changed since it was applied. Put its file back as it was; a change of the tables is a migration of its own.`,
      )
    }
  }
  const done = new Set(applied.map(({ name }) => name))
  return migrations.filter(({ name }) => !done.has(name))
}

async function applyMigration(client: pg.Client, { name, sql }: Migration): Promise<void> {
  try {
    await client.query('BEGIN')
    await client.query(sql)
    await client.query(
      `INSERT INTO "_prisma_migrations" ("id", "checksum", "migration_name", "finished_at", "applied_steps_count")
       VALUES ($1, $2, $3, clock_timestamp(), 1)`,
      [randomUUID(), checksumOf(sql), name],
    )
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK')
    throw new DatabaseError(`The migration ${name} could not be applied, and nothing of it was: ${describeError(error)}`)
  }
}

/** Prisma's checksum, of the file with LF line ends: a checkout on Windows may have CRLF. */
const checksumOf = (sql: string) => createHash('sha256').update(sql.replaceAll('\r\n', '\n')).digest('hex')

/** The message in one line. If every address of a host refuses, the error is an AggregateError without a message of its own. */
const describeError = (error: unknown) =>
  (error instanceof AggregateError ? error.errors : [error]).map((e: Error) => e.message).join(', ')
