/**
 * The services of docker-compose.yml as processes: PostgreSQL, Redis, two nodes, and a proxy that distributes connections to them
 * in turn.
 */
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
  /** A proxy in front of both nodes, as for browsers. */
  readonly proxy: Proxy
  /** Proxies in front of one node each, unless a test changes their targets. */
  readonly toOne: Proxy
  readonly toTwo: Proxy
}

/** Starts all of them. They are stopped and removed after the test. */
export async function startTwoNodes(): Promise<TwoNodes> {
  const database = await testDatabase()
  onTestFinished(() => database.stop())
  const redis = await startRedis()
  onTestFinished(() => redis.stop())
  const env = { DATABASE_URL: database.url, REDIS_URL: redis.url }
  // Started at once, so that both nodes find the database without what the first start writes.
  const [one, two] = await Promise.all([startServer(env), startServer(env)])
  const [proxy, toOne, toTwo] = [await startProxy([one.port, two.port]), await startProxy([one.port]), await startProxy([two.port])]
  return { databaseUrl: database.url, redis, one, two, proxy, toOne, toTwo }
}
