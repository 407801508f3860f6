/** The services of docker-compose.yml as processes: PostgreSQL, Redis, and two nodes, which all tests of a file share. */
import { afterAll, beforeAll } from 'vitest'
import { createTeachers } from '../../server/identity/teachers.ts'
import { testDatabase, type TestDatabase } from './database.ts'
import { LOCAL, serving, spawnHandshake, type ServerProcess } from './spawn.ts'
import { startRedis, type TestRedis } from './redis.ts'

/** Nodes on one database and one Redis. A test may replace some; the next test uses those that run then. */
export class Nodes {
  readonly redis: TestRedis
  readonly #database: TestDatabase
  /** The two that serve. */
  running: readonly ServerProcess[] = []
  readonly #started: ServerProcess[] = []

  constructor(database: TestDatabase, redis: TestRedis) {
    this.#database = database
    this.redis = redis
  }

  get databaseUrl(): string {
    return this.#database.url
  }

  /** Starts another node. */
  async start(): Promise<ServerProcess> {
    const node = await serving(spawnHandshake({ ...LOCAL, DATABASE_URL: this.databaseUrl, REDIS_URL: this.redis.url }))
    this.#started.push(node)
    return node
  }

  /** From now on `fresh` is one of the two, in the place of `old`. */
  replace(old: ServerProcess, fresh: ServerProcess): void {
    this.running = this.running.map((node) => (node === old ? fresh : node))
  }

  /** Creates a one-time link for the teacher. */
  link(): Promise<string> {
    return createTeachers({ prisma: this.#database.prisma, now: () => new Date() }).createLink()
  }

  async stop(): Promise<void> {
    await Promise.all(this.#started.map((node) => node.kill('SIGKILL')))
    await this.redis.stop()
    await this.#database.stop()
  }
}

/** Starts two nodes before the tests of this `describe`, and stops everything after them. */
export function startTwoNodes(): () => Nodes {
  let nodes: Nodes
  beforeAll(async () => {
    nodes = new Nodes(await testDatabase(), await startRedis())
    // Started at once, so that both find the database without what the first start writes.
    nodes.running = await Promise.all([nodes.start(), nodes.start()])
  })
  afterAll(() => nodes.stop())
  return () => nodes
}
