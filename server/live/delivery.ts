/**
 * What sockets are told without having asked. Each node tells its own: of rounds what their rooms publish, of everything else what
 * the nodes tell each other has changed.
 */
import { type SeatOrNetwork, SEATS } from '../../protocol/seat.ts'
import type { Server, Socket as RawSocket } from 'socket.io'
import type { ClientToServer, ParticipantInfo, Place, ServerToClient, SessionInfo, Tile } from '../../contract/events.ts'
import { redactSecrets } from '../../protocol/round/view/redact-secrets.ts'
import type { ParticipantPrincipal, Principal } from '../identity/auth.ts'
import { createTileFeed, type RoundInfo } from '../lessons/tiles.ts'
import type { TokenBucket } from '../base/token-bucket.ts'
import type { Cluster } from '../nodes/cluster.ts'
import type { Presence } from '../nodes/presence.ts'
import type { RoundEvent } from '../rounds/live-round.ts'
import { throttle, type After } from '../base/timer.ts'

export interface SocketData {
  principal: Principal
  bucket: TokenBucket
  /** Where the student was told to be, and by which telling. */
  place: Place | null
  placeVersion: number
}
type NoEvents = Record<never, never>
export type Io = Server<ClientToServer, ServerToClient, NoEvents, SocketData>
export type Socket = RawSocket<ClientToServer, ServerToClient, NoEvents, SocketData>

/** Socket.IO's rooms, by whom they gather. */
export const channelNames = {
  participant: (id: string) => `participant:${id}`,
  session: (id: string) => `session:${id}`,
  seat: (round: string, seat: SeatOrNetwork) => `seat:${round}:${seat}`,
  roundFollowers: (round: string) => `round:${round}`,
  boardWatchers: (session: string) => `board:${session}`,
}

/** The gathering of the seat that a student has. */
function seatChannel(place: Place | null): string | null {
  if (place?.round) return channelNames.seat(place.round.id, place.round.seat)
  return place?.wire ? channelNames.seat(place.wire.id, 'network') : null
}

/** What the audience asks of the classroom. */
export interface LessonQueries {
  readPlaces(participantIds: readonly string[]): Promise<Place[]>
  readSession(sessionId: string): Promise<SessionInfo>
  /** Of all pairs, unless some are named. */
  readTiles(sessionId: string, pairIds?: readonly string[]): Promise<readonly Tile[]>
  readParticipants(sessionId: string): Promise<readonly ParticipantInfo[]>
  /** Null where there is no such round. */
  readRound(roundId: string): Promise<RoundInfo | null>
  readPartnerId(participantId: string): Promise<string | null>
  advance(roundId: string): Promise<void>
}

export interface Delivery {
  /** Tells of an entry. */
  deliver(news: RoundEvent): void
  /** Whether anybody here hears of a round. */
  hasListeners(roundId: string): boolean
  /** A student has connected: is told where they are, and the round goes on if a node has died before it could see to that. */
  onParticipantConnected(socket: Socket, who: ParticipantPrincipal): void
}

export interface DeliveryDeps {
  readonly io: Io
  readonly cluster: Cluster
  readonly presence: Presence
  readonly lessons: LessonQueries
  readonly after: After
  /** Does it again, a few times and a little later, where it fails. */
  readonly retry: (work: () => Promise<void>) => void
}

/** Real ms. */
const PARTICIPANTS_INTERVAL_MS = 500
/** Rounds whose place in a lesson is remembered. */
const MAX_CACHED_ROUNDS = 10_000

export function createDelivery({ io, cluster, presence, lessons, after, retry }: DeliveryDeps): Delivery {
  const { adapter, sockets } = io.of('/')

  /** Cheaper than `io.to`, which encodes a message once but takes a longer way: here there are one or two sockets. */
  const forEachSocket = (gathering: string, tell: (socket: Socket) => void): void => {
    const ids = adapter.rooms.get(gathering)
    if (!ids) return
    for (const id of ids) {
      const socket = sockets.get(id)
      if (socket) tell(socket)
    }
  }
  const hasSockets = (gathering: string) => adapter.rooms.has(gathering)

  const roundInfoCache = new Map<string, RoundInfo>()
  const readRoundInfo = async (roundId: string) => {
    const known = roundInfoCache.get(roundId)
    if (known) return known
    const info = await lessons.readRound(roundId)
    if (roundInfoCache.size >= MAX_CACHED_ROUNDS) roundInfoCache.clear()
    if (info) roundInfoCache.set(roundId, info)
    return info
  }

  const sendTiles = (session: string, tiles: readonly Tile[]) => {
    if (tiles.length > 0) io.to(channelNames.boardWatchers(session)).emit('tiles', { session, tiles })
  }
  const tileFeed = createTileFeed({
    readRound: readRoundInfo,
    isWatched: (session) => cluster.distributed || hasSockets(channelNames.boardWatchers(session)),
    send(session, tiles) {
      sendTiles(session, tiles)
      cluster.sendToOthers('tiles', { session, tiles })
    },
    after,
  })

  let latestPlaceVersion = 0
  const sendPlaces = async (ids: readonly string[]): Promise<readonly Place[]> => {
    const version = ++latestPlaceVersion
    const here = ids.filter((id) => hasSockets(channelNames.participant(id)))
    const places = here.length > 0 ? await lessons.readPlaces(here) : []
    for (const place of places) {
      forEachSocket(channelNames.participant(place.me.id), (socket) => {
        if (socket.data.placeVersion > version) return // by one that asked later
        socket.data.placeVersion = version
        applyPlace(socket, place)
      })
    }
    return places
  }

  const applyPlace = (socket: Socket, place: Place) => {
    const [before, now] = [seatChannel(socket.data.place), seatChannel(place)]
    if (before && before !== now) void socket.leave(before)
    if (now) void socket.join(now)
    socket.data.place = place
    socket.emit('place', place)
  }

  /** The sessions in which people have come, gone, or found a pair since they were last told. */
  const dirtySessions = new Set<string>()
  const flushDirtySessions = throttle(
    PARTICIPANTS_INTERVAL_MS,
    () => {
      for (const session of dirtySessions) {
        if (hasSockets(channelNames.boardWatchers(session))) {
          retry(async () => {
            const participants = await lessons.readParticipants(session)
            io.to(channelNames.boardWatchers(session)).emit('participants', { session, participants })
          })
        }
        sendPresentCount(session)
      }
      dirtySessions.clear()
    },
    after,
  )
  /** Those who have nothing to play see how many are here. */
  const sendPresentCount = (session: string) => {
    const present = presence.countPresent(session)
    forEachSocket(channelNames.session(session), (socket) => {
      const { place } = socket.data
      if (!place || place.round || place.wire || place.session.present === present) return
      socket.data.place = { ...place, session: { ...place.session, present } }
      socket.emit('place', socket.data.place)
    })
  }
  const markDirty = (session: string) => {
    dirtySessions.add(session)
    flushDirtySessions()
  }

  presence.onChange((participant, session) => {
    markDirty(session)
    retry(async () => {
      const partner = await lessons.readPartnerId(participant)
      if (partner) io.to(channelNames.participant(partner)).emit('partner', { present: presence.isPresent(participant) })
    })
  })

  cluster.on('places', (ids) => retry(async () => void (await sendPlaces(ids))))
  cluster.on('participants', markDirty)
  cluster.on('tiles', ({ session, tiles }) => sendTiles(session, tiles))
  const refreshTiles = (session: string, pairs?: readonly string[]) => {
    if (hasSockets(channelNames.boardWatchers(session)))
      retry(async () => sendTiles(session, await lessons.readTiles(session, pairs)))
  }
  const refreshSession = (session: string) => {
    if (!hasSockets(channelNames.boardWatchers(session))) return
    retry(async () => void io.to(channelNames.boardWatchers(session)).emit('session', await lessons.readSession(session)))
  }
  cluster.on('pairs', ({ session, pairs }) => refreshTiles(session, pairs))
  cluster.on('session', refreshSession)
  cluster.onMessageLoss(() => {
    const here = [...sockets.values()].flatMap(({ data }) => (data.principal.kind === 'participant' ? [data.principal.id] : []))
    retry(async () => void (await sendPlaces(here)))
    const watchers = channelNames.boardWatchers('')
    for (const name of adapter.rooms.keys()) {
      if (!name.startsWith(watchers)) continue
      const session = name.slice(watchers.length)
      refreshSession(session)
      refreshTiles(session)
      markDirty(session)
    }
  })

  return {
    deliver(news) {
      const { entry, views, source, connectionId } = news
      const round = entry.roundId
      for (const seat of SEATS) {
        const view = views[seat]
        if (!view) continue
        forEachSocket(channelNames.seat(round, seat), (socket) => {
          if (socket.id !== connectionId) socket.emit('view', { round, view })
        })
      }
      const wire = views.network
      if (wire)
        forEachSocket(channelNames.seat(round, 'network'), (socket) => {
          if (socket.id !== connectionId) socket.emit('wire', { round, view: wire })
        })
      const publicEntry = redactSecrets(entry)
      forEachSocket(channelNames.roundFollowers(round), (socket) => socket.emit('entry', publicEntry))
      if (source === 'heard') return // its writer sees to the rest
      tileFeed.update(news)
      if (entry.effects.some((effect) => effect.kind === 'over')) retry(() => lessons.advance(round))
    },
    hasListeners: (round) =>
      ([...SEATS, 'network'] as const).some((seat) => hasSockets(channelNames.seat(round, seat))) ||
      hasSockets(channelNames.roundFollowers(round)),
    onParticipantConnected(socket, { id, session }) {
      void socket.join([channelNames.participant(id), channelNames.session(session)])
      retry(async () => {
        const [place] = await sendPlaces([id])
        if (place?.round) await lessons.advance(place.round.id)
      })
    },
  }
}
