/**
 * The HTTP application on its own test database. Rounds, presence and time are controlled by the test; browsers are cookie jars.
 */
import type { Seat } from '../../protocol/seat.ts'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import type { Auth } from '../../server/identity/auth.ts'
import { buildApp } from '../../server/app.ts'
import { readConfig } from '../../server/base/config.ts'
import type { Lti } from '../../server/lti/lti.ts'
import type { Lessons } from '../../server/lessons/lessons.ts'
import type { PrismaClient } from '../../server/generated/prisma/client.ts'
import { newId } from '../../server/base/ids.ts'
import { ROOT } from '../../server/base/root.ts'
import type { ControlAction } from '../../protocol/round/model/action.ts'
import type { Entry } from '../../protocol/round/model/entry.ts'
import type { Script } from '../../protocol/round/model/script.ts'
import { Round } from '../../protocol/round/round.ts'
import type { World } from '../../protocol/round/model/world.ts'
import { exercises } from './exercises.ts'
import { testDatabase } from './database.ts'
import { numbers } from './random.ts'
import { standIn } from './stand-in.ts'
import { createPostgresLog } from '../../server/rounds/log-postgres.ts'
import type { RoundLog } from '../../server/rounds/log.ts'
import { entry } from './log-contract.ts'
import type { Progress } from '../../server/lessons/progress.ts'
import type { Presence } from '../../server/nodes/presence.ts'
import type { Rounds } from '../../server/rounds/rounds.ts'

const unasked = () => Promise.reject(new Error('nobody acts in a round by decree'))

/** Rounds whose worlds the test sets directly. Only the end of a round is written to the log. */
export class FakeRounds implements Rounds {
  readonly act: Rounds['act'] = unasked
  readonly readViews: Rounds['readViews'] = unasked
  readonly worlds = new Map<string, World>()
  readonly #log: RoundLog
  /** The calls received, in order: `start ID`, `pause ID`, `end ID moved-on`. */
  readonly asked: string[] = []

  constructor(log: RoundLog) {
    this.#log = log
  }

  start(roundId: string, script: Script): Promise<void> {
    this.asked.push(`start ${roundId}`)
    if (!this.worlds.has(roundId)) this.worlds.set(roundId, begun(script))
    return Promise.resolve()
  }

  control(roundId: string, action: ControlAction): Promise<void> {
    if (action.control === 'pause' || action.control === 'resume') {
      this.asked.push(`${action.control} ${roundId}`)
      return Promise.resolve()
    }
    if (action.control !== 'end') throw new Error(`nobody should ask for ${action.control}`)
    this.asked.push(`end ${roundId} ${action.why}`)
    return this.finish(roundId, action.why)
  }

  readWorld(roundId: string): Promise<World | null> {
    return Promise.resolve(this.worlds.get(roundId) ?? null)
  }

  /** Always empty: these rounds have no log of their own. */
  readEntries(_roundId: string): Promise<readonly Entry[]> {
    return Promise.resolve([])
  }

  count(): number {
    return this.worlds.size
  }

  /** Does nothing: these rounds publish no events. */
  subscribe(): void {}

  settle(): Promise<void> {
    return Promise.resolve()
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  /** Ends a round. A round that is over or has not started stays as it is. */
  async finish(roundId: string, over: NonNullable<World['over']> = 'goal'): Promise<void> {
    const world = this.worlds.get(roundId)
    if (!world || world.over) return
    this.worlds.set(roundId, { ...world, over })
    await this.#log.append(entry(roundId, 0, { effects: [{ kind: 'over', why: over }] }))
  }

  /** Sets the seat's milestones, in order: a number means met, with that many eighths charged; `shut` means never opened. */
  score(roundId: string, seat: Seat, milestones: readonly (number | 'shut')[]): void {
    this.#change(roundId, (world) => {
      const records = milestones.map((cost, i) => {
        return {
          id: `m${i}`,
          status: cost === 'shut' ? ('shut' as const) : ('met' as const),
          charged: cost === 'shut' ? 0 : cost,
          hints: 0,
        }
      })
      return { ...world, seats: { ...world.seats, [seat]: { ...world.seats[seat], milestones: records } } }
    })
  }

  #change(roundId: string, change: (world: World) => World): void {
    const world = this.worlds.get(roundId)
    if (world) this.worlds.set(roundId, change(world))
  }
}

const begun = (script: Script): World => {
  const round = new Round({ id: 'begun' })
  const action = { kind: 'control', control: 'start', script } as const
  round.enter({ actor: 'system', actionId: 'start', action, seen: null, at: '2026-01-01T00:00:00.000Z' })
  return round.world!
}

/** A browser: it keeps cookies and sends an Origin header. */
export class Browser {
  readonly cookies = new Map<string, string>()
  readonly #app: FastifyInstance
  #address: string

  constructor(app: FastifyInstance, address = '192.0.2.10') {
    this.#app = app
    this.#address = address
  }

  get cookieHeader(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  get(url: string, headers: Record<string, string> = {}): Promise<LightMyRequestResponse> {
    return this.ask('GET', url, { headers })
  }
  post(url: string, body?: object): Promise<LightMyRequestResponse> {
    return this.ask('POST', url, body ? { payload: body } : {})
  }
  delete(url: string): Promise<LightMyRequestResponse> {
    return this.ask('DELETE', url, {})
  }

  async ask(
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE' | 'HEAD',
    url: string,
    rest: { headers?: Record<string, string>; payload?: object | string },
  ) {
    const answer = await this.#app.inject({
      method,
      url,
      remoteAddress: this.#address,
      ...rest,
      headers: { host: 'classroom.test', origin: 'http://classroom.test', cookie: this.cookieHeader, ...rest.headers },
    })
    for (const { name, value, maxAge } of answer.cookies) {
      if (maxAge === 0) this.cookies.delete(name)
      else this.cookies.set(name, value)
    }
    return answer
  }
}

/** Every notification that the classroom has sent, by kind. */
export interface Told {
  readonly places: string[][]
  readonly sessions: string[]
  readonly participants: string[]
  readonly tiles: string[][]
}

/** The HTTP application under test, and the parts that a test controls. */
export interface TestApp {
  readonly app: FastifyInstance
  readonly prisma: PrismaClient
  readonly auth: Auth
  readonly classroom: Lessons
  readonly progress: Progress
  readonly lti: Lti
  readonly rounds: FakeRounds
  readonly log: RoundLog
  /** Ids of the participants who are present. */
  readonly present: Set<string>
  readonly told: Told
  /** The application's clock, which the test moves. */
  readonly clock: { now: Date }
  browser(address?: string): Browser
  /** A browser signed in by a one-time link. Each call creates another teacher. */
  teacher(): Promise<Browser>
  /** Creates a one-time link and returns its token. */
  link(options?: { expiresAt?: Date }): Promise<string>
  stop(): Promise<void>
}

/** Creates a teacher with a one-time link and returns its token, which is valid for a minute by default. */
export async function teacherLink(prisma: PrismaClient, now: Date, expiresAt = new Date(now.getTime() + 60_000)): Promise<string> {
  const token = `${newId()}${newId()}`
  const hash = createHash('sha256').update(token).digest('hex')
  await prisma.teacher.create({ data: { id: newId(), links: { create: { hash, expiresAt } } } })
  return token
}

/** Starts the application without listening on a port. `baseUrl` and `trustedProxies` are those of the configuration. */
export async function testApp({
  baseUrl = null as string | null,
  trustedProxies = [] as readonly string[],
  pagesDirectory = join(ROOT, 'test/support/pages'),
} = {}): Promise<TestApp> {
  const database = await testDatabase()
  const { prisma } = database
  const log = createPostgresLog(database)
  const rounds = new FakeRounds(log)
  const present = new Set<string>()
  const told: Told = { places: [], sessions: [], participants: [], tiles: [] }
  const clock = { now: new Date('2026-03-02T09:00:00Z') }
  let teachers = 0
  const { http, auth, lessons, progress, lti } = await buildApp(
    { config: { ...readConfig({}), baseUrl, trustedProxies }, prisma, log, exercises },
    {
      now: () => clock.now,
      random: numbers(1),
      rounds,
      presence: standIn<Presence>({
        isPresent: (id) => present.has(id),
        refresh: () => Promise.resolve(),
        onChange: () => {},
        onNodeDeath: () => {},
        close: () => {},
      }),
      notifier: {
        placesChanged: (ids) => void told.places.push([...ids]),
        sessionChanged: (id) => void told.sessions.push(id),
        participantsChanged: (id) => void told.participants.push(id),
        tilesChanged: (_session, ids) => void told.tiles.push([...ids]),
      },
      urls: () => [baseUrl ?? 'http://192.0.2.1:8080'],
      pagesDirectory,
    },
  )

  const link: TestApp['link'] = ({ expiresAt } = {}) => teacherLink(prisma, clock.now, expiresAt)

  return {
    app: http,
    prisma,
    auth,
    classroom: lessons,
    progress,
    lti,
    rounds,
    log,
    present,
    told,
    clock,
    link,
    browser: (address) => new Browser(http, address),
    async teacher() {
      const browser = new Browser(http, `198.51.100.${++teachers}`)
      const answer = await browser.post('/api/teacher/link', { token: await link() })
      if (answer.statusCode !== 200) throw new Error(`signing in: ${answer.body}`)
      return browser
    },
    async stop() {
      await http.close()
      await log.close()
      await database.stop()
    },
  }
}
