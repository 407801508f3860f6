/** A separate database for each test. */
import { randomBytes } from 'node:crypto'
import { inject } from 'vitest'
import type { Entry } from '../../protocol/round/model/entry.ts'
import { readRow } from '../../server/rounds/log-postgres.ts'
import { connectDatabase, type DatabaseClients } from '../../server/database/open.ts'
import { createDatabase, databaseUrl, dropDatabase, TEMPLATE } from './postgres.ts'

export interface TestDatabase extends Pick<DatabaseClients, 'prisma' | 'pool'> {
  /** `postgresql://…`, for a `DATABASE_URL`. */
  readonly url: string
  /** Closes the connections and drops the database. */
  stop(): Promise<void>
}

/** All entries in a database, or all of one session, ordered by round and index. */
export async function readLog(url: string, session?: string): Promise<Entry[]> {
  const { prisma, close } = connectDatabase(url)
  try {
    const rounds =
      session === undefined ? null : await prisma.round.findMany({ where: { sessionId: session }, select: { id: true } })
    const where = rounds ? { roundId: { in: rounds.map(({ id }) => id) } } : {}
    return (await prisma.entry.findMany({ where, orderBy: [{ roundId: 'asc' }, { index: 'asc' }] })).map(readRow)
  } finally {
    await close()
  }
}

/** Creates a database in the run's PostgreSQL. It is migrated by default. */
export async function testDatabase({ migrated = true } = {}): Promise<TestDatabase> {
  const server = inject('postgres')
  const name = `test_${randomBytes(8).toString('hex')}`
  await createDatabase(server, name, migrated ? TEMPLATE : 'template1')
  const url = databaseUrl(server, name)
  const { close, ...clients } = connectDatabase(url)
  return {
    url,
    ...clients,
    async stop() {
      await close()
      await dropDatabase(server, name)
    },
  }
}
