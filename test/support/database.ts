/** A database of its own for a test. */
import { randomBytes } from 'node:crypto'
import { inject } from 'vitest'
import { connectPrisma } from '../../server/database/open.ts'
import type { PrismaClient } from '../../server/generated/prisma/client.ts'
import { createDatabase, databaseUrl, dropDatabase, TEMPLATE } from './postgres.ts'

export interface TestDatabase {
  /** `postgresql://…`, for a `DATABASE_URL`. */
  readonly url: string
  readonly prisma: PrismaClient
  /** Closes the client and drops the database. */
  stop(): Promise<void>
}

/** A fresh database in the run's PostgreSQL, migrated unless told otherwise. */
export async function testDatabase({ migrated = true } = {}): Promise<TestDatabase> {
  const server = inject('postgres')
  const name = `test_${randomBytes(8).toString('hex')}`
  await createDatabase(server, name, migrated ? TEMPLATE : 'template1')
  const url = databaseUrl(server, name)
  const prisma = connectPrisma(url)
  return {
    url,
    prisma,
    async stop() {
      await prisma.$disconnect()
      await dropDatabase(server, name)
    },
  }
}
