/**
 * The way in for everything that happens in a round: who are you, is it well formed, may you? Then rooms judge it. Every event is
 * answered exactly once, and whatever is wrong with it moves nothing and leaves the connection as it is.
 */
import type { Server as HttpServer } from 'node:http'
import type { Duplex } from 'node:stream'
import { Server } from 'socket.io'
import { Compile } from 'typebox/compile'
import type { Static } from 'typebox'
import type { Board, Failure, Reply } from '../contract/events.ts'
import { Payloads } from '../contract/schemas.ts'
import type { Seat } from '../protocol/world/exercise.ts'
import { withoutSecrets } from '../protocol/world/secrets.ts'
import type { Access, Granted } from './access.ts'
import { createAudience, gathered, type Audience, type Io, type Lessons, type Socket } from './audience.ts'
import type { Auth, Principal } from './auth.ts'
import { createBucket, type Bucket, type Rate } from './bucket.ts'
import type { Cluster } from './cluster.ts'
import { Failed, failure } from './failed.ts'
import { sameOrigin } from './plugins/security.ts'
import type { Presence } from './presence.ts'
import type { Rooms } from './rooms.ts'
import { watchSeats } from './takeover.ts'
import { after as realAfter, type After } from './timer.ts'

export interface SocketsDeps {
  readonly server: HttpServer
  /** BASE_URL; null where people come by the machine's own addresses. */
  readonly baseUrl: string | null
  readonly cluster: Cluster
  readonly presence: Presence
  readonly rooms: Pick<Rooms, 'act' | 'views' | 'entries' | 'control' | 'close'>
  readonly lessons: Lessons & { board(sessionId: string): Promise<Board> }
  readonly auth: Pick<Auth, 'authenticate'>
  readonly access: Access
  readonly now: () => Date
  /** Hears of what went wrong inside. */
  readonly report: (error: unknown) => void
  /** How often one person may ask, over all their connections. */
  readonly rate?: Rate
  readonly after?: After
}

export interface Sockets extends Pick<Audience, 'publish' | 'hears'> {
  /** Tells everybody that the server stops, finishes what is being written, and closes all connections. */
  close(): Promise<void>
}

const RATE: Rate = { burst: 40, perSecond: 20 }
/** Connections that one person may have: tabs and devices. */
const MOST_CONNECTIONS = 20
/** Octets. A longer message is refused by closing its connection. */
const LONGEST_MESSAGE = 16_384
/** Real ms. */
const TIME_TO_SAY_WHO = 5_000
const TIME_TO_WRITE = 5_000
const TIME_TO_CLOSE = 500
const RETRY_AFTER = 2_000
const TRIES = 5

type Event = keyof typeof Payloads
type Body<E extends Event> = Static<(typeof Payloads)[E]>
type Handlers = { [E in Event]: (socket: Socket, body: Body<E>, granted: Granted) => Promise<object> }

const CHECKS = {
  resume: Compile(Payloads.resume),
  act: Compile(Payloads.act),
  resumeWire: Compile(Payloads.resumeWire),
  wire: Compile(Payloads.wire),
  watch: Compile(Payloads.watch),
  follow: Compile(Payloads.follow),
  unfollow: Compile(Payloads.unfollow),
  steer: Compile(Payloads.steer),
} satisfies Record<Event, unknown>

const keyOf = ({ kind, id }: Principal): string => `${kind} ${id}`

const seatOf = ({ seat }: Granted): Seat => {
  if (!seat || seat === 'network') throw new Failed('forbidden', 'You have no seat in this round.')
  return seat
}

const isEvent = (name: unknown): name is Event => typeof name === 'string' && Object.hasOwn(CHECKS, name)

export function createSockets(deps: SocketsDeps): Sockets {
  const { server, baseUrl, cluster, presence, rooms, lessons, auth, access, now, report, rate = RATE, after = realAfter } = deps
  let closing = false

  const delay = (ms: number) => new Promise<void>((resolve) => after(ms, resolve))
  const insist = (work: () => Promise<void>, tries = TRIES): void => {
    work().catch((error: unknown) => {
      report(error)
      if (tries > 1) after(RETRY_AFTER, () => closing || insist(work, tries - 1))
    })
  }

  const io: Io = new Server(server, {
    serveClient: false,
    transports: ['websocket'], // so that no load balancer has to keep a client at its node
    perMessageDeflate: false,
    httpCompression: false,
    maxHttpBufferSize: LONGEST_MESSAGE,
    connectTimeout: TIME_TO_SAY_WHO,
    allowRequest(request, done) {
      // Cookies carry authority, so no page of another site may use it. What is no browser sends no Origin.
      const { origin, host } = request.headers
      done(null, !closing && (origin === undefined || sameOrigin(origin, host, baseUrl)))
    },
  })
  const audience = createAudience({ io, cluster, presence, lessons, after, insist })
  watchSeats({ presence, cluster, rooms, lessons, after, insist })
  const people = new Map<string, { readonly bucket: Bucket; connections: number }>()

  const connections = new Set<Duplex>()
  server.on('upgrade', (_request, connection) => {
    connections.add(connection)
    connection.once('close', () => connections.delete(connection))
  })

  const handlers: Handlers = {
    async resume(_socket, { round, from }, granted) {
      return { views: await rooms.views(round, seatOf(granted), from) }
    },
    async act(socket, { round, id, seen, action }, granted) {
      return { views: await rooms.act(round, seatOf(granted), { id, seen, action, via: socket.id }) }
    },
    async resumeWire(_socket, { round, from }) {
      return { views: await rooms.views(round, 'network', from) }
    },
    async wire(socket, { round, id, seen, action }) {
      return { views: await rooms.act(round, 'network', { id, seen, action, via: socket.id }) }
    },
    async watch(socket, { session }) {
      await socket.join(gathered.watchers(session)) // first, so that no change falls between
      return { board: await lessons.board(session) }
    },
    async follow(socket, { round }) {
      await socket.join(gathered.followers(round))
      return { entries: (await rooms.entries(round)).map(withoutSecrets) }
    },
    async unfollow(socket, { round }) {
      await socket.leave(gathered.followers(round))
      return {}
    },
    async steer(_socket, { round, action }) {
      await rooms.control(round, action, 'teacher')
      return {}
    },
  }

  const handle = async <E extends Event>(socket: Socket, event: E, payload: unknown): Promise<Reply<object>> => {
    const check = CHECKS[event]
    if (!check.Check(payload)) {
      const [error] = check.Errors(payload)
      throw new Failed('malformed', `${event}${error?.instancePath ?? ''} ${error?.message ?? 'does not fit its schema'}`)
    }
    const body = payload as Body<E>
    const granted = await access.may(socket.data.principal, event, body)
    if (!granted.ok) return granted
    return { ok: true, ...(await handlers[event](socket, body, granted)) }
  }

  const answer = async (socket: Socket, event: unknown, args: readonly unknown[]): Promise<Reply<object>> => {
    try {
      if (closing) throw new Failed('unavailable', 'The server is stopping.')
      const wait = socket.data.bucket.take()
      if (wait > 0) throw new Failed('too-many', 'Too many at once.', { retryAfter: Math.ceil(wait) })
      if (!isEvent(event)) throw new Failed('malformed', 'There is no such event.')
      if (args.length !== 1) throw new Failed('malformed', `${event} has one payload and an acknowledgement.`)
      return await handle(socket, event, args[0])
    } catch (error) {
      if (!(error instanceof Failed)) report(error)
      return failure(error)
    }
  }

  io.use((socket, next) => {
    const admit = async () => {
      const principal = await auth.authenticate(socket.handshake.headers.cookie, socket.handshake.auth)
      if (!principal) throw new Failed('unauthenticated', 'The cookies of this browser do not prove who this is.')
      const person = people.get(keyOf(principal))
      if (person && person.connections >= MOST_CONNECTIONS) throw new Failed('too-many', 'Too many connections: close a tab.')
      socket.data = { principal, bucket: person?.bucket ?? createBucket(rate, () => now().getTime()), place: null, told: 0 }
    }
    admit().then(
      () => next(),
      (error: unknown) => {
        if (!(error instanceof Failed)) report(error)
        const data: Failure = failure(error)
        next(Object.assign(new Error(data.error), { data }))
      },
    )
  })

  io.on('connection', (socket) => {
    socket.onAny((event: unknown, ...args: unknown[]) => {
      const last = args.pop()
      if (typeof last === 'function') void answer(socket, event, args).then(last as (reply: Reply<object>) => void)
      else socket.emit('failure', { ...failure(new Failed('malformed', 'This needs an acknowledgement.')), event: String(event) })
    })

    const { principal, bucket } = socket.data
    const key = keyOf(principal)
    const person = people.get(key) ?? { bucket, connections: 0 }
    people.set(key, person)
    person.connections++
    socket.once('disconnect', () => {
      if (--person.connections === 0) people.delete(key)
    })

    if (principal.kind !== 'participant') return
    socket.once('disconnect', presence.join(principal.id, principal.session))
    audience.welcome(socket, principal)
  })

  return {
    publish: audience.publish,
    hears: audience.hears,
    async close() {
      closing = true
      presence.close()
      io.emit('bye')
      await Promise.race([rooms.close(), delay(TIME_TO_WRITE)])
      await new Promise((resolve) => setImmediate(resolve)) // what was written has been answered
      const closed = [...connections].map((connection) => new Promise<void>((resolve) => connection.once('close', resolve)))
      io.disconnectSockets(true)
      await Promise.race([Promise.all(closed), delay(TIME_TO_CLOSE)])
      for (const connection of connections) connection.destroy() // whoever has gone without a word
      io.engine.close()
    },
  }
}
