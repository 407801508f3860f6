/**
 * A lesson of two on a real HTTP server with real Socket.IO clients: Ann is the client, Bob the server, and a teacher watches.
 * The lesson service is a stand-in that knows one round. The rest of the node is real, and there is no database.
 */
import { peerOf, type Seat } from '../../protocol/seat.ts'
import { io, type Socket } from 'socket.io-client'
import type { Act, SocketAuth, ClientToServer, ServerToClient } from '../../contract/events.ts'
import { WIRE_VERSION } from '../../contract/wire-version.ts'
import type { Place } from '../../contract/places.ts'
import type { SessionInfo } from '../../contract/answers.ts'
import type { SeatAction } from '../../protocol/round/model/action.ts'
import { takeUpdates } from './views.ts'
import type { ViewUpdate } from '../../protocol/round/view/view-update.ts'
import type { PlayerView } from '../../protocol/round/view/seat-view.ts'
import { ACCESS, type Access } from '../../server/identity/access.ts'
import { createAuth, type Principal } from '../../server/identity/auth.ts'
import type { LiveLimits } from '../../server/base/limits.ts'
import { buildTileRound, type RoundInfo } from '../../server/lessons/tiles.ts'
import { createMetrics } from '../../server/base/metrics.ts'
import { createLocalCluster, type Cluster } from '../../server/nodes/cluster.ts'
import { ApiError, toFailure } from '../../server/base/api-error.ts'
import { createMemoryLog } from '../../server/rounds/log-memory.ts'
import type { RoundLog } from '../../server/rounds/log.ts'
import { createPresence } from '../../server/nodes/presence.ts'
import type { Rounds } from '../../server/rounds/rounds.ts'
import { buildApp, type App } from '../../server/app.ts'
import { readConfig } from '../../server/base/config.ts'
import type { PrismaClient } from '../../server/generated/prisma/client.ts'
import type { LessonStore } from '../../server/lessons/lesson-store.ts'
import type { Activities } from '../../server/activities/activities.ts'
import type { Lessons } from '../../server/lessons/lessons.ts'
import { after as realAfter, type After } from '../../server/base/timer.ts'
import { exercises } from './exercises.ts'
import { handshakeScript } from './handshake.ts'
import { standIn } from './stand-in.ts'

export type Client = Socket<ServerToClient, ClientToServer>

export const SESSION = 'session-of-two'
export const ROUND = 'round-of-two'
const PAIR = 'pair-of-two'
const TEACHER = 'teacher-of-two'
const SEATED = { client: 'ann-the-client', server: 'bob-the-server' } as const
/** A student of the session without a partner, or the network seat of the round. */
const ALONE = 'cat-without-pair'
/** A student who has joined the lesson and has no part in the round. */
const OUTSIDER = 'dan-who-looks-in'
const STUDENTS = { ...SEATED, alone: ALONE, outsider: OUTSIDER } as const

const SECRET = new TextEncoder().encode('a secret for tests, long enough for HS256')

const info: RoundInfo = {
  id: ROUND,
  session: SESSION,
  pair: {
    pair: PAIR,
    number: 1,
    message: '',
    members: [
      { id: SEATED.client, name: 'Ann' },
      { id: SEATED.server, name: 'Bob' },
    ],
  },
  leg: 1,
  legs: 1,
  client: SEATED.client,
  server: SEATED.server,
  network: ALONE,
}

export interface TestNode {
  readonly url: string
  /** A Cookie header that signs in the teacher and all students. */
  readonly cookie: string
  readonly rounds: Rounds
  /** The ids of rounds that the node has looked up in order to advance their pairs. */
  readonly advanced: readonly string[]
  /** Changes the lesson's answers from now on. It stands in for what the lesson service would read from the database. */
  lesson: { waiting: boolean; fails: boolean; network: boolean }
  readonly cluster: Cluster
  /** Errors that the node has reported. */
  readonly reported: readonly unknown[]
  connect(as: keyof typeof STUDENTS | 'teacher', more?: { origin?: string }): Client
  close(): Promise<void>
}

export interface TestNodeOptions {
  readonly log?: RoundLog
  readonly cluster?: Cluster
  readonly limits?: Partial<LiveLimits>
  readonly baseUrl?: string
  readonly now?: () => Date
  readonly after?: After
  /** METRICS_TOKEN. Without it, there are no metrics. */
  readonly metricsToken?: string
}

/** Starts a node on a port that the system chooses. */
export async function startNode(options: TestNodeOptions = {}): Promise<TestNode> {
  const {
    log = createMemoryLog(),
    cluster = createLocalCluster(),
    now = () => new Date(),
    after = realAfter,
    baseUrl = null,
    metricsToken = null,
    limits,
  } = options
  const presence = createPresence({ cluster, now, after })
  const lesson = { waiting: false, fails: false, network: false }
  const advanced: string[] = []
  const reported: unknown[] = []
  const auth = createAuth({
    secret: SECRET,
    secure: false,
    now,
    signIns: { begin: async () => 'here', isOpen: async () => true },
    tokens: { verify: async () => null },
  })

  const sessionInfo = (): SessionInfo => ({
    id: SESSION,
    code: 'ABCDEF',
    title: 'Two',
    level: 'guided',
    playlist: ['handshake'],
    swap: false,
    next: { level: 'guided', swap: false },
    position: 0,
    ended: false,
    released: false,
    course: null,
    kind: 'open',
    rehearsal: false,
    automatics: { pace: 'together', latecomers: 'wait', claims: 'ask' },
    pausedAt: null,
    deadlineAt: null,
    announcement: '',
    archived: false,
    locked: false,
    partner: {},
    tcpByHand: false,
    discussion: false,
    createdAt: now().toISOString(),
  })
  /** Nobody has a pair while the lesson is `waiting`; Cat never has one. */
  const countWaiting = () => [ALONE, ...(lesson.waiting ? Object.values(SEATED) : [])].filter((id) => presence.isPresent(id)).length
  const placeOf = (id: string): Place => {
    const seat: Seat | null = id === SEATED.client ? 'client' : id === SEATED.server ? 'server' : null
    const script = handshakeScript()
    const plays = seat && !lesson.waiting
    return {
      me: { id, name: id, hand: false, member: false },
      session: { ...sessionInfo(), practice: false, exercises: 1, waiting: countWaiting() },
      message: '',
      waiting: plays ? null : 'for-partner',
      partner: seat && { name: SEATED[peerOf(seat)], present: presence.isPresent(SEATED[peerOf(seat)]) },
      replay: null,
      wire:
        id === ALONE && lesson.network
          ? { id: ROUND, leg: 1, exercise: { title: TEXT, scenes: [] }, names: { client: 'Ann', server: 'Bob' } }
          : null,
      round: plays
        ? {
            id: ROUND,
            seat,
            leg: 1,
            legs: 1,
            level: 'guided',
            notation: script.notation,
            exercise: { id: 'handshake', title: TEXT, point: TEXT, scenes: [SCENE] },
          }
        : null,
    }
  }
  const participants = () =>
    [SEATED.client, SEATED.server, ALONE].map((id) => ({
      id,
      name: id,
      present: presence.isPresent(id),
      hand: false,
      claims: null,
      pair: id === ALONE ? null : PAIR,
    }))
  const tiles = async () => {
    const world = await node.rounds.readWorld(ROUND)
    return [{ ...info.pair, round: world && buildTileRound(info, world, await node.rounds.readEntries(ROUND)) }]
  }

  const lessons = standIn<Lessons>({
    async readPlaces(ids) {
      if (lesson.fails) throw new Error('the database is gone')
      return ids.map(placeOf)
    },
    countWaiting: async () => countWaiting(),
    readSession: async () => sessionInfo(),
    readTiles: tiles,
    readParticipants: async () => participants(),
    readMissing: async () => [],
    readRound: async (id) => (id === ROUND ? info : null),
    readPartnerId: async (id) => (id === SEATED.client ? SEATED.server : id === SEATED.server ? SEATED.client : null),
    readBoard: async () => ({
      session: sessionInfo(),
      tiles: await tiles(),
      participants: participants(),
      missing: [],
      now: now().toISOString(),
    }),
  })
  const access: Access = {
    async authorize(principal: Principal | null, key, { session, round }) {
      if (ACCESS[key] === 'anyone') return { ok: true, seat: null }
      const seat = principal?.id === SEATED.client ? 'client' : principal?.id === SEATED.server ? 'server' : null
      const known = session === SESSION || round === ROUND
      if (!known) return toFailure(new ApiError('not-found', 'There is nothing by that name.'))
      const student = key === 'act' || key === 'resume'
      const wire = key === 'wire' || key === 'resumeWire'
      if (wire && lesson.network && principal?.id === ALONE) return { ok: true, seat: 'network' }
      return (student || wire) === (principal?.kind === 'participant') && !wire && (!student || seat)
        ? { ok: true, seat }
        : toFailure(new ApiError('forbidden', 'This is not for you.'))
    },
  }

  const metrics = metricsToken === null ? undefined : createMetrics()
  const node: App = await buildApp(
    { config: { ...readConfig({}), baseUrl, metricsToken }, prisma: standIn<PrismaClient>({}), log, exercises, metrics },
    {
      now,
      after,
      cluster,
      presence,
      lessons,
      store: standIn<LessonStore>({
        async findRound(id) {
          advanced.push(id)
          return null
        },
        findStudents: async () => [],
      }),
      activities: standIn<Activities>({ onChange: () => {}, readPhones: async () => null }),
      auth,
      access,
      report: (error) => reported.push(error),
      ...(limits ? { limits } : {}),
    },
  )
  const url = await node.http.listen({ host: '127.0.0.1', port: 0 })

  const cookies = await Promise.all([
    auth.createTeacherCookie(TEACHER),
    ...Object.values(STUDENTS).map(async (id) => (await auth.createParticipantCookies({ id, session: SESSION }, {}))[0]!),
  ])
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
  const clients: Client[] = []

  return {
    url,
    cookie,
    rounds: node.rounds,
    advanced,
    lesson,
    cluster,
    reported,
    connect(as, { origin } = {}) {
      const said: SocketAuth = { ...(as === 'teacher' ? { teacher: true } : { participant: STUDENTS[as] }), wire: WIRE_VERSION }
      const client: Client = io(url, {
        auth: said,
        transports: ['websocket'],
        forceNew: true,
        reconnection: false,
        extraHeaders: { cookie, ...(origin === undefined ? {} : { origin }) },
      })
      clients.push(client)
      return client
    },
    async close() {
      await node.http.close()
      for (const client of clients) client.disconnect()
    },
  }
}

const TEXT = { en: 'x', zh: 'x' }
const SCENE = { id: '0', brief: TEXT, milestones: [], questions: [], windows: false, names: {} }

/** Socket.IO's types cannot follow an event name that is itself a parameter. The two functions below accept any event. */
type AnyEvent = Socket<Record<string, (body: never) => void>>

/** Resolves with the next event of that name. */
export const next = <E extends keyof ServerToClient>(client: Client, event: E): Promise<Parameters<ServerToClient[E]>[0]> =>
  new Promise((resolve) => (client as AnyEvent).once<string>(event, resolve))

/** Collects the events of that name as they arrive; `until` resolves once there are at least that many. */
export function collect<E extends keyof ServerToClient>(client: Client, event: E) {
  type Body = Parameters<ServerToClient[E]>[0]
  const bodies: Body[] = []
  const waiting: { count: number; resolve: () => void }[] = []
  ;(client as AnyEvent).on<string>(event, (body: Body) => {
    bodies.push(body)
    for (const { count, resolve } of waiting) if (bodies.length >= count) resolve()
  })
  return {
    bodies,
    until: (count: number) =>
      new Promise<Body[]>((resolve) => {
        if (bodies.length >= count) resolve(bodies)
        else waiting.push({ count, resolve: () => resolve(bodies) })
      }),
  }
}

/** A seat as a page plays it: it keeps its views, in order and each once, and acts on the last of them. */
export interface Player {
  readonly client: Client
  readonly views: readonly PlayerView[]
  /** How many views arrived as separate events rather than in a reply. */
  readonly told: number
  /** Performs an action and returns the view of it. Throws if the reply is not `ok`. */
  act(action: SeatAction, id?: string): Promise<PlayerView>
  /** Resolves with the first view that matches, among those received already or later. */
  until(like: (view: PlayerView) => boolean): Promise<PlayerView>
}

/** Whether a segment has arrived in a view. */
export const arrived = (view: PlayerView): boolean => view.event.arrived !== undefined

let acts = 0

/** Connects a player to a seat. `meet` receives the socket before anything has arrived on it. */
export async function sit(node: TestNode, seat: Seat, meet: (client: Client) => void = () => {}): Promise<Player> {
  const client = node.connect(seat)
  meet(client)
  const views: PlayerView[] = []
  const waiting = new Set<() => void>()
  let told = 0
  const hold = (news: readonly ViewUpdate<PlayerView>[], asked?: Pick<Act, 'id' | 'action'>) => {
    takeUpdates(views, news, asked)
    for (const look of waiting) look()
  }
  client.on('view', ({ view }) => {
    told++
    hold([view])
  })
  await next(client, 'place')
  for (let more: true | undefined = true; more;) {
    const page = await client.emitWithAck('resume', { round: ROUND, from: views.length })
    if (page.ok) hold(page.views)
    more = page.ok ? page.more : undefined
  }

  return {
    client,
    views,
    get told() {
      return told
    },
    async act(action, id = `action-${++acts}`) {
      const reply = await client.emitWithAck('act', { round: ROUND, id, seen: views.length, action })
      if (!reply.ok) throw new Error(`${reply.error}: ${reply.detail}`)
      hold(reply.views, { id, action })
      const own = views.find(({ event }) => event.act?.id === id)
      if (!own) throw new Error('the reply does not carry the view of the act')
      return own
    },
    until: (like) =>
      new Promise((resolve) => {
        const look = () => {
          const view = views.find(like)
          if (!view) return
          waiting.delete(look)
          resolve(view)
        }
        waiting.add(look)
        look()
      }),
  }
}
