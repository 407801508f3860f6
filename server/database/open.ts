/** The database, ready for use: the embedded one or the operator's, with the tables of this version. */
import { PrismaPg } from '@prisma/adapter-pg'
import type { Config } from '../base/config.ts'
import { PrismaClient } from '../generated/prisma/client.ts'
import { startEmbedded } from './embedded.ts'
import { migrate, readMigrations } from './migrate.ts'
import type { DatabaseError } from './error.ts'

export interface Database {
  readonly prisma: PrismaClient
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
  const prisma = connectPrisma(url)
  return {
    prisma,
    lost: embedded?.lost ?? new Promise(() => {}),
    async close() {
      await prisma.$disconnect()
      await embedded?.stop()
    },
  }
}

/** Statements that a connection keeps prepared, at most: lists of every length give statements without end. */
const MAX_PREPARED_STATEMENTS = 200

/** Each statement is prepared once a connection: PostgreSQL then plans it once, not with every row of the log. */
export const connectPrisma = (url: string): PrismaClient => {
  const names = new Map<string, string>()
  const statementNameGenerator = ({ sql }: { sql: string }): string => {
    if (!names.has(sql) && names.size < MAX_PREPARED_STATEMENTS) names.set(sql, `p${names.size}`)
    return names.get(sql) ?? ''
  }
  // Minimal: the message of an error does not repeat the values of its query, which may be names.
  return new PrismaClient({ errorFormat: 'minimal', adapter: new PrismaPg({ connectionString: url }, { statementNameGenerator }) })
}
