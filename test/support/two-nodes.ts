/** The parts of docker-compose.yml as processes: PostgreSQL, Redis, two nodes, and a proxy that hands connections to them in turn. */
import { onTestFinished } from 'vitest'
import { testDatabase } from './database.ts'
import { startServer } from './process.ts'
import { type ServerProcess } from './spawn.ts'
import { startProxy, type Proxy } from './proxy.ts'
import { startRedis, type TestRedis } from './redis.ts'

export interface TwoNodes {
  readonly databaseUrl: string
  readonly redis: TestRedis
  readonly one: ServerProcess
  readonly two: ServerProcess
  /** In front of both, as browsers come. */
  readonly proxy: Proxy
  /** In front of one node each, until a test says otherwise. */
  readonly toOne: Proxy
  readonly toTwo: Proxy
}

/** Everything is gone after the test. */
export async function startTwoNodes(): Promise<TwoNodes> {
  const database = await testDatabase()
  onTestFinished(() => database.stop())
  const redis = await startRedis()
  onTestFinished(() => redis.stop())
  const env = { DATABASE_URL: database.url, REDIS_URL: redis.url }
  // At once: both find the database empty of what the first start writes.
  const [one, two] = await Promise.all([startServer(env), startServer(env)])
  const [proxy, toOne, toTwo] = [await startProxy([one.port, two.port]), await startProxy([one.port]), await startProxy([two.port])]
  return { databaseUrl: database.url, redis, one, two, proxy, toOne, toTwo }
}
