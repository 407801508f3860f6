/**
 * Handles socket events: authenticates each connection, validates and authorizes each event, then passes it to the round or the
 * lesson. Every event is answered exactly once. An event that is refused changes nothing, and the connection stays open unless
 * the client exceeds its limits.
 */
import type { Seat } from '../../protocol/seat.ts'
import type { Failure, Reply } from '../../contract/answers.ts'
import { CLIENT_EVENTS, type ClientEventName, type EventAnswer, type EventPayload } from '../../contract/events.ts'
import { WIRE_VERSION } from '../../contract/wire-version.ts'
import { Compile, type Validator } from 'typebox/compile'
import { redactSecrets } from '../../protocol/round/view/redact-secrets.ts'
import type { Access, Grant } from '../identity/access.ts'
import type { Activities } from '../activities/activities.ts'
import type { ActivityFeed } from './activity-feed.ts'
import { channelNames, type Channels } from './channels.ts'
import { endPresence, type Delivery } from './delivery.ts'
import { FEW_ITEMS, pageOf, type Page } from './page-of.ts'
import type { Auth } from '../identity/auth.ts'
import type { LiveLimits } from '../base/limits.ts'
import { createPeople } from './people.ts'
import type { Socket } from './typed-socket.ts'
import { ApiError, toFailure } from '../base/api-error.ts'
import { createTurns } from '../base/slices.ts'
import type { Presence } from '../nodes/presence.ts'
import type { Lessons } from '../lessons/lessons.ts'
import type { Rounds } from '../rounds/rounds.ts'
import type { After } from '../base/timer.ts'

export interface SocketsDeps {
  readonly channels: Channels
  readonly delivery: Delivery
  readonly presence: Pick<Presence, 'connect' | 'close'>
  readonly rounds: Pick<Rounds, 'act' | 'readViews' | 'readEntries' | 'control'>
  readonly lessons: Pick<Lessons, 'readBoard' | 'setHand'>
  readonly activities: Pick<Activities, 'act' | 'steer' | 'readScreen'>
  readonly activityFeed: ActivityFeed
  readonly auth: Pick<Auth, 'authenticate'>
  readonly access: Access
  readonly now: () => Date
  /** Receives unexpected errors. */
  readonly report: (error: unknown) => void
  readonly limits: LiveLimits
  readonly after: After
  /** Resolves when the work requested of this node, and the work that results from it, is done. */
  readonly finish: () => Promise<void>
}

/** The socket event handlers of this node. */
export interface Sockets {
  /** Notifies all clients that the server stops, finishes pending writes, and closes all connections. */
  close(): Promise<void>
}

/** Real ms. */
const DRAIN_TIMEOUT_MS = 5_000

type Handlers = {
  readonly [E in ClientEventName]: (socket: Socket, body: EventPayload<E>, granted: Grant) => Promise<EventAnswer<E>>
}

const validators = new Map<unknown, Validator>(Object.entries(CLIENT_EVENTS).map(([name, { payload }]) => [name, Compile(payload)]))

/** What a device that is asleep may still ask for. */
const READING_EVENTS: ReadonlySet<ClientEventName> = new Set(['resume', 'resumeWire'])

const requireHostSeat = ({ seat }: Grant): Seat => {
  if (!seat || seat === 'network') throw new ApiError('forbidden', 'You have no seat in this round.')
  return seat
}

const isEventName = (name: unknown): name is ClientEventName => validators.has(name)

export function createSockets(deps: SocketsDeps): Sockets {
  const { channels, delivery, presence, rounds, lessons, activities, auth, access, now, report, limits, after, finish } = deps
  const { io, guard } = channels
  const people = createPeople({ limits, now, after })
  let closing = false

  const takeTurn = createTurns()
  /** The first page of a list. Making a long one takes a while. */
  const readPage = async <T>(items: readonly T[]): Promise<Page<T>> => {
    if (items.length > FEW_ITEMS) await takeTurn()
    return pageOf(items)
  }
  const readViewsPage = async <U>(updates: readonly U[]) => {
    const { page: views, ...more } = await readPage(updates)
    return { views, ...more }
  }

  const handlers: Handlers = {
    async resume(_socket, { round, from }, granted) {
      return readViewsPage(await rounds.readViews(round, requireHostSeat(granted), from))
    },
    async act(socket, { round, id, seen, action }, granted) {
      return readViewsPage(await rounds.act(round, requireHostSeat(granted), { id, seen, action, connectionId: socket.id }))
    },
    async resumeWire(_socket, { round, from }) {
      return readViewsPage(await rounds.readViews(round, 'network', from))
    },
    async wire(socket, { round, id, seen, action }) {
      return readViewsPage(await rounds.act(round, 'network', { id, seen, action, connectionId: socket.id }))
    },
    async hand({ data: { principal } }, { raised }) {
      await lessons.setHand(principal.id, raised)
      return {}
    },
    async actInClass({ data: { principal } }, act) {
      if (principal.kind !== 'participant') throw new ApiError('forbidden', 'This is for participants.')
      return activities.act(principal, act)
    },
    async watchClass(socket, { session }) {
      await socket.join(channelNames.classWatchers(session)) // join first, so that no change is missed
      return { activity: await activities.readScreen(session) }
    },
    async steerClass(_socket, act) {
      return { verdict: await activities.steer(act) }
    },
    async watch(socket, { session }) {
      await socket.join(channelNames.boardWatchers(session)) // join first, so that no change is missed
      return { board: await lessons.readBoard(session) }
    },
    async follow(socket, { round, from }) {
      await socket.join(channelNames.roundFollowers(round))
      const { page, ...more } = await readPage((await rounds.readEntries(round)).slice(from))
      return { entries: page.map(redactSecrets), ...more }
    },
    async unfollow(socket, { round }) {
      await socket.leave(channelNames.roundFollowers(round))
      return {}
    },
    async steer(_socket, { round, action }) {
      await rounds.control(round, action, 'teacher')
      return {}
    },
  }

  const handle = async <E extends ClientEventName>(socket: Socket, event: E, payload: unknown): Promise<Reply<object>> => {
    const validator = validators.get(event)
    if (!validator?.Check(payload)) {
      const [error] = validator?.Errors(payload) ?? []
      throw new ApiError('malformed', `${event}${error?.instancePath ?? ''} ${error?.message ?? 'does not fit its schema'}`)
    }
    const body = payload as EventPayload<E>
    if (socket.data.place?.me.asleep && !READING_EVENTS.has(event))
      throw new ApiError('asleep', 'This member goes on on another device.')
    const granted = await access.authorize(socket.data.principal, event, body)
    if (!granted.ok) return granted
    return { ok: true, ...(await handlers[event](socket, body, granted)) }
  }

  const answer = async (socket: Socket, event: unknown, args: readonly unknown[], waitSeconds: number): Promise<Reply<object>> => {
    try {
      if (closing) throw new ApiError('unavailable', 'The server is stopping.')
      if (waitSeconds > 0) throw new ApiError('too-many', 'Too many at once.', { retryAfter: Math.ceil(waitSeconds) })
      if (!isEventName(event)) throw new ApiError('malformed', 'There is no such event.')
      if (args.length !== 1) throw new ApiError('malformed', `${event} has one payload and an acknowledgement.`)
      return await handle(socket, event, args[0])
    } catch (error) {
      if (!(error instanceof ApiError)) report(error)
      return toFailure(error)
    }
  }

  io.use((socket, next) => {
    const admit = async () => {
      const { wire, token } = socket.handshake.auth as { wire?: unknown; token?: unknown }
      if (wire !== WIRE_VERSION && !(wire === undefined && token !== undefined))
        throw new ApiError('outdated', `This page is not of this version of the server (${WIRE_VERSION}): reload it.`)
      const principal = await auth.authenticate(socket.handshake.headers.cookie, socket.handshake.auth)
      if (!principal || delivery.isRemoved(principal))
        throw new ApiError('unauthenticated', 'The cookies of this browser do not prove who this is.')
      const admitted = people.admit(principal)
      if (!admitted) throw new ApiError('too-many', 'Too many connections: close a tab.')
      const { person, release } = admitted
      socket.conn.once('close', release)
      guard.assign(socket.conn, person.key)
      socket.data = { principal, person, place: null, placeVersion: 0, leave: null }
    }
    admit().then(
      () => next(),
      (error: unknown) => {
        if (!(error instanceof ApiError)) report(error)
        const data: Failure = toFailure(error)
        next(Object.assign(new Error(data.error), { data }))
      },
    )
  })

  io.on('connection', (socket) => {
    const { principal, person } = socket.data
    socket.onAny((event: unknown, ...args: unknown[]) => {
      const ownWaitSeconds = person.events.take()
      // A client that continues after several refusals is not one of our pages.
      if (ownWaitSeconds > 0 && person.refusals.take() > 0) return guard.end(socket.conn)
      const waitSeconds = ownWaitSeconds || guard.takeEvent(socket.conn)
      const last = args.pop()
      if (typeof last === 'function') void answer(socket, event, args, waitSeconds).then(last as (reply: Reply<object>) => void)
      else
        socket.emit('failure', { ...toFailure(new ApiError('malformed', 'This needs an acknowledgement.')), event: String(event) })
    })

    if (principal.kind !== 'participant') return
    socket.data.leave = presence.connect(principal.id, principal.session)
    socket.once('disconnect', () => endPresence(socket))
    delivery.onParticipantConnected(socket, principal)
    deps.activityFeed.onParticipantConnected(socket, principal)
  })

  return {
    async close() {
      closing = true
      channels.refuseNew()
      presence.close()
      io.emit('bye')
      await Promise.race([finish(), new Promise<void>((resolve) => after(DRAIN_TIMEOUT_MS, resolve))])
      await new Promise((resolve) => setImmediate(resolve)) // let acknowledgements be sent
      await channels.close()
    },
  }
}
