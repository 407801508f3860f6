/** Opens the database: the operator's (DATABASE_URL) or the embedded one, migrated to the schema of this version. */
import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import type { Config } from '../base/config.ts'
import { PrismaClient } from '../generated/prisma/client.ts'
import { startEmbedded } from './embedded.ts'
import { migrate, readMigrations } from './migrate.ts'
import type { DatabaseError } from './error.ts'

/** Open connections to a database. */
export interface DatabaseClients {
  readonly prisma: PrismaClient
  /** The connection pool of `prisma`, for appending to the log, where Prisma's own overhead is too large. */
  readonly pool: pg.Pool
  /** Closes the connections. */
  close(): Promise<void>
}

/** An open database. */
export interface Database extends DatabaseClients {
  /** Resolves if the embedded database stops unexpectedly. Never for an operator's database: the pool reconnects to it. */
  readonly lost: Promise<DatabaseError>
  /** Closes the connections and stops the embedded database. */
  close(): Promise<void>
}

/** Opens the database. Throws `DatabaseError`; the embedded database is stopped then. */
export async function openDatabase(config: Pick<Config, 'dataDir' | 'databaseUrl'>): Promise<Database> {
  const embedded = config.databaseUrl ? null : await startEmbedded(config.dataDir)
  const url = config.databaseUrl ?? embedded!.url
  try {
    await migrate(url, await readMigrations())
  } catch (error) {
    await embedded?.stop()
    throw error
  }
  const clients = connectDatabase(url)
  return {
    ...clients,
    lost: embedded?.lost ?? new Promise(() => {}),
    async close() {
      await clients.close()
      await embedded?.stop()
    },
  }
}

/** Prisma's prepared statements per connection, at most: a list parameter gives a different statement for each length. */
const MAX_PREPARED_STATEMENTS = 200

/** Creates the clients. The pool connects at the first query, and again after the connection is lost. */
export function connectDatabase(url: string): DatabaseClients {
  const pool = new pg.Pool({ connectionString: url })
  // The pool replaces an idle connection that fails; without a listener the error would end the process.
  pool.on('error', () => {})
  // Each statement is prepared once per connection, so that PostgreSQL does not parse and plan it each time.
  const names = new Map<string, string>()
  const statementNameGenerator = ({ sql }: { sql: string }): string => {
    if (!names.has(sql) && names.size < MAX_PREPARED_STATEMENTS) names.set(sql, `p${names.size}`)
    return names.get(sql) ?? ''
  }
  // minimal: error messages do not contain the values of a query, which may be students' names.
  const prisma = new PrismaClient({ errorFormat: 'minimal', adapter: new PrismaPg(pool, { statementNameGenerator }) })
  return {
    prisma,
    pool,
    async close() {
      await prisma.$disconnect()
      await pool.end()
    },
  }
}
