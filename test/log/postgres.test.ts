import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { PrismaClient } from '../../server/generated/prisma/client.ts'
import { createPostgresLog } from '../../server/rounds/log-postgres.ts'
import { testDatabase, type TestDatabase } from '../support/database.ts'
import { entry, logContract, newRound } from '../support/log-contract.ts'

logContract('PostgreSQL', async () => {
  const database = await testDatabase()
  const log = createPostgresLog(database.prisma)
  return {
    log,
    async close() {
      await log.close()
      await database.stop()
    },
  }
})

describe('log in PostgreSQL', () => {
  let database: TestDatabase
  beforeEach(async () => void (database = await testDatabase()))
  afterEach(() => database.stop())

  /** Counts the statements of the hot path. */
  function counting(prisma: PrismaClient) {
    const counted = { statements: 0 }
    const client = new Proxy(prisma, {
      get(target, name) {
        if (name === '$queryRaw') counted.statements++
        return Reflect.get(target, name) as unknown
      },
    })
    return { client, counted }
  }

  it('writes what waits in one statement: 200 rounds at once need far fewer statements than rows', async () => {
    const { client, counted } = counting(database.prisma)
    const log = createPostgresLog(client)
    await Promise.all(
      Array.from({ length: 200 }, async () => {
        const roundId = newRound()
        for (let index = 0; index < 5; index++) await log.append(entry(roundId, index))
      }),
    )
    expect(await database.prisma.entry.count()).toBe(1000)
    expect(counted.statements).toBeLessThan(100)
  })

  it('rejects exactly the entry that PostgreSQL cannot hold, and writes its neighbours', async () => {
    const log = createPostgresLog(database.prisma)
    const poison = { engine: 'a\u0000b' }
    const nested = { action: { kind: 'send', segment: { bits: 2, seq: '\u0000', ack: '', length: 0 }, state: 'SYN-SENT' } as const }
    const results = await Promise.allSettled([
      log.append(entry(newRound(), 0)),
      log.append(entry(newRound(), 0)),
      log.append(entry(newRound(), 0, poison)),
      log.append(entry(newRound(), 0, nested)),
      log.append(entry(newRound(), 0)),
    ])
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected', 'fulfilled'])
    expect(await database.prisma.entry.count()).toBe(3)
    expect(await log.append(entry(newRound(), 0))).toBe('written')
  })

  it('is durable and shared: another log on the same database sees what was acknowledged, and is refused its index', async () => {
    const [one, other] = [createPostgresLog(database.prisma), createPostgresLog(database.prisma)]
    const roundId = newRound()
    expect(await one.append(entry(roundId, 0))).toBe('written')
    expect(await other.read(roundId)).toEqual([entry(roundId, 0)])
    expect(await other.append(entry(roundId, 0, { actionId: 'from-the-other' }))).toBe('taken')
  })

  it('finishes on close what was handed over, and takes nothing more', async () => {
    const log = createPostgresLog(database.prisma)
    const pending = Array.from({ length: 50 }, () => log.append(entry(newRound(), 0)))
    await log.close()
    expect(await database.prisma.entry.count()).toBe(50)
    expect(await Promise.all(pending)).toEqual(Array<string>(50).fill('written'))
    await expect(log.append(entry(newRound(), 0))).rejects.toThrow('closed')
  })
})
