/** The database, ready for use: the embedded one or the operator's, with the tables of this version. */
import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import type { Config } from '../base/config.ts'
import { PrismaClient } from '../generated/prisma/client.ts'
import { startEmbedded } from './embedded.ts'
import { migrate, readMigrations } from './migrate.ts'
import type { DatabaseError } from './error.ts'

/** Connections to a database. */
export interface DatabaseClients {
  readonly prisma: PrismaClient
  /** The connections that `prisma` uses, for the one statement that is too hot for its client: the log's. */
  readonly pool: pg.Pool
  /** Closes the connections. */
  close(): Promise<void>
}

export interface Database extends DatabaseClients {
  /** Resolves if the embedded database goes away by itself; an operator's database may come back, so there it never does. */
  readonly lost: Promise<DatabaseError>
  /** Closes the connections and stops the embedded database. */
  close(): Promise<void>
}

/** Throws `DatabaseError`, with nothing left running. */
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

/** Statements of Prisma's that a connection keeps prepared, at most: lists of every length give statements without end. */
const MAX_PREPARED_STATEMENTS = 200

/** Connects when it is first asked something, and again after the database has been away. */
export function connectDatabase(url: string): DatabaseClients {
  const pool = new pg.Pool({ connectionString: url })
  // A connection that breaks while nobody uses it is replaced by the pool; without a listener it would end the process.
  pool.on('error', () => {})
  // Each statement is prepared once a connection, so that PostgreSQL plans it once.
  const names = new Map<string, string>()
  const statementNameGenerator = ({ sql }: { sql: string }): string => {
    if (!names.has(sql) && names.size < MAX_PREPARED_STATEMENTS) names.set(sql, `p${names.size}`)
    return names.get(sql) ?? ''
  }
  // Minimal: the message of an error does not repeat the values of its query, which may be names.
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
