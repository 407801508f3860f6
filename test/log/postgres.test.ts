import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createPostgresLog } from '../../server/rounds/log-postgres.ts'
import { testDatabase, type TestDatabase } from '../support/database.ts'
import { query } from '../support/postgres.ts'
import { entry, logContract, newRound } from '../support/log-contract.ts'

logContract('PostgreSQL', async () => {
  const database = await testDatabase()
  const log = createPostgresLog(database)
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

  /** Counts the statements that reading and appending make. */
  function counting({ prisma, pool }: TestDatabase) {
    const counted = { statements: 0 }
    const countingPool = new Proxy(pool, {
      get(target, name) {
        if (name === 'query') counted.statements++
        return Reflect.get(target, name) as unknown
      },
    })
    return { clients: { prisma, pool: countingPool }, counted }
  }

  it('writes what waits in one statement: 200 rounds at once need far fewer statements than rows', async () => {
    const { clients, counted } = counting(database)
    const log = createPostgresLog(clients)
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
    const log = createPostgresLog(database)
    const results = await Promise.allSettled([
      log.append(entry(newRound(), 0)),
      log.append(entry(newRound(), 0)),
      log.append(entry('a\u0000b', 0)),
      log.append(entry(newRound(), 2 ** 31)),
      log.append(entry(newRound(), 0)),
    ])
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected', 'fulfilled'])
    expect(await database.prisma.entry.count()).toBe(3)
    expect(await log.append(entry(newRound(), 0))).toBe('written')
  })

  it('writes again after the database has cut its connections, as a restart does: what was under way rejects, the next does not', async () => {
    const log = createPostgresLog(database)
    const others = `FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND query NOT LIKE 'LOCK%'`
    const cut = () => query(database.url, `SELECT pg_terminate_backend(pid) ${others}`)
    await log.append(entry(newRound(), 0))
    await cut()
    await expect.poll(() => database.pool.idleCount, { timeout: 10_000 }).toBe(0) // it has been told
    expect(await log.append(entry(newRound(), 0)), 'idle connections').toBe('written')

    const blocker = await database.pool.connect()
    try {
      await blocker.query('BEGIN')
      await blocker.query('LOCK TABLE "Entry"')
      const appended = Promise.allSettled([log.append(entry(newRound(), 0))])
      const blocked = () => query(database.url, `SELECT ${others} AND wait_event_type = 'Lock'`)
      await expect.poll(blocked, { timeout: 10_000 }).toHaveLength(1)
      await cut()
      expect((await appended).map(({ status }) => status)).toEqual(['rejected'])
    } finally {
      blocker.release(true)
    }
    expect(await log.append(entry(newRound(), 0)), 'afterwards').toBe('written')
  })

  it('is durable and shared: another log on the same database sees what was acknowledged, and is refused its index', async () => {
    const [one, other] = [createPostgresLog(database), createPostgresLog(database)]
    const roundId = newRound()
    expect(await one.append(entry(roundId, 0))).toBe('written')
    expect(await other.read(roundId)).toEqual([entry(roundId, 0)])
    expect(await other.append(entry(roundId, 0, { actionId: 'from-the-other' }))).toBe('taken')
  })

  it('finishes on close what was handed over, and takes nothing more', async () => {
    const log = createPostgresLog(database)
    const pending = Array.from({ length: 50 }, () => log.append(entry(newRound(), 0)))
    await log.close()
    expect(await database.prisma.entry.count()).toBe(50)
    expect(await Promise.all(pending)).toEqual(Array<string>(50).fill('written'))
    await expect(log.append(entry(newRound(), 0))).rejects.toThrow('closed')
  })
})
