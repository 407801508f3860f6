/**
 * What sockets are told without having asked. Each node tells its own: of rounds what their rooms publish, of everything else what
 * the nodes tell each other has changed.
 */
import type { Server, Socket as RawSocket } from 'socket.io'
import type { ClientToServer, ParticipantInfo, Place, ServerToClient, SessionInfo, Tile } from '../contract/events.ts'
import { type AnySeat, SEATS } from '../protocol/world/exercise.ts'
import { withoutSecrets } from '../protocol/world/secrets.ts'
import type { ParticipantPrincipal, Principal } from './auth.ts'
import { createBoard, type RoundInfo } from './board.ts'
import type { Bucket } from './bucket.ts'
import type { Cluster } from './cluster.ts'
import type { Presence } from './presence.ts'
import type { News } from './room.ts'
import { throttled, type After } from './timer.ts'

export interface SocketData {
  principal: Principal
  bucket: Bucket
  /** Where the student was told to be, and by which telling. */
  place: Place | null
  told: number
}
type NoEvents = Record<never, never>
export type Io = Server<ClientToServer, ServerToClient, NoEvents, SocketData>
export type Socket = RawSocket<ClientToServer, ServerToClient, NoEvents, SocketData>

/** Socket.IO's rooms, by whom they gather. */
export const gathered = {
  participant: (id: string) => `participant:${id}`,
  session: (id: string) => `session:${id}`,
  seat: (round: string, seat: AnySeat) => `seat:${round}:${seat}`,
  followers: (round: string) => `round:${round}`,
  watchers: (session: string) => `board:${session}`,
}

/** The gathering of the seat that a student has. */
function seatIn(place: Place | null): string | null {
  if (place?.round) return gathered.seat(place.round.id, place.round.seat)
  return place?.wire ? gathered.seat(place.wire.id, 'network') : null
}

/** What the audience asks of the classroom. */
export interface Lessons {
  places(participantIds: readonly string[]): Promise<Place[]>
  session(sessionId: string): Promise<SessionInfo>
  /** Of all pairs, unless some are named. */
  tiles(sessionId: string, pairIds?: readonly string[]): Promise<readonly Tile[]>
  participants(sessionId: string): Promise<readonly ParticipantInfo[]>
  /** Null where there is no such round. */
  round(roundId: string): Promise<RoundInfo | null>
  partner(participantId: string): Promise<string | null>
  advance(roundId: string): Promise<void>
}

export interface Audience {
  /** Tells of an entry. */
  publish(news: News): void
  /** Whether anybody here hears of a round. */
  hears(roundId: string): boolean
  /** A student has connected: is told where they are, and the round goes on if a node has died before it could see to that. */
  welcome(socket: Socket, who: ParticipantPrincipal): void
}

export interface AudienceDeps {
  readonly io: Io
  readonly cluster: Cluster
  readonly presence: Presence
  readonly lessons: Lessons
  readonly after: After
  /** Does it again, a few times and a little later, where it fails. */
  readonly insist: (work: () => Promise<void>) => void
}

/** Real ms. */
const PARTICIPANTS_EVERY = 500
/** Rounds whose place in a lesson is remembered. */
const REMEMBERED = 10_000

export function createAudience({ io, cluster, presence, lessons, after, insist }: AudienceDeps): Audience {
  const { adapter, sockets } = io.of('/')

  /** Cheaper than `io.to`, which encodes a message once but takes a longer way: here there are one or two sockets. */
  const toEach = (gathering: string, tell: (socket: Socket) => void): void => {
    const ids = adapter.rooms.get(gathering)
    if (!ids) return
    for (const id of ids) {
      const socket = sockets.get(id)
      if (socket) tell(socket)
    }
  }
  const anyIn = (gathering: string) => adapter.rooms.has(gathering)

  const rounds = new Map<string, RoundInfo>()
  const roundInfo = async (roundId: string) => {
    const known = rounds.get(roundId)
    if (known) return known
    const info = await lessons.round(roundId)
    if (rounds.size >= REMEMBERED) rounds.clear()
    if (info) rounds.set(roundId, info)
    return info
  }

  const sendTiles = (session: string, tiles: readonly Tile[]) => {
    if (tiles.length > 0) io.to(gathered.watchers(session)).emit('tiles', { session, tiles })
  }
  const board = createBoard({
    info: roundInfo,
    watched: (session) => cluster.shared || anyIn(gathered.watchers(session)),
    send(session, tiles) {
      sendTiles(session, tiles)
      cluster.tell('tiles', { session, tiles })
    },
    after,
  })

  let tellings = 0
  const tellPlaces = async (ids: readonly string[]): Promise<readonly Place[]> => {
    const telling = ++tellings
    const here = ids.filter((id) => anyIn(gathered.participant(id)))
    const places = here.length > 0 ? await lessons.places(here) : []
    for (const place of places) {
      toEach(gathered.participant(place.me.id), (socket) => {
        if (socket.data.told > telling) return // by one that asked later
        socket.data.told = telling
        settle(socket, place)
      })
    }
    return places
  }

  const settle = (socket: Socket, place: Place) => {
    const [before, now] = [seatIn(socket.data.place), seatIn(place)]
    if (before && before !== now) void socket.leave(before)
    if (now) void socket.join(now)
    socket.data.place = place
    socket.emit('place', place)
  }

  /** The sessions in which people have come, gone, or found a pair since they were last told. */
  const restless = new Set<string>()
  const tellParticipants = throttled(
    PARTICIPANTS_EVERY,
    () => {
      for (const session of restless) {
        if (anyIn(gathered.watchers(session))) {
          insist(async () => {
            const participants = await lessons.participants(session)
            io.to(gathered.watchers(session)).emit('participants', { session, participants })
          })
        }
        tellWaiting(session)
      }
      restless.clear()
    },
    after,
  )
  /** Those who have nothing to play see how many are here. */
  const tellWaiting = (session: string) => {
    const present = presence.count(session)
    toEach(gathered.session(session), (socket) => {
      const { place } = socket.data
      if (!place || place.round || place.wire || place.session.present === present) return
      socket.data.place = { ...place, session: { ...place.session, present } }
      socket.emit('place', socket.data.place)
    })
  }
  const stir = (session: string) => {
    restless.add(session)
    tellParticipants()
  }

  presence.onChange((participant, session) => {
    stir(session)
    insist(async () => {
      const partner = await lessons.partner(participant)
      if (partner) io.to(gathered.participant(partner)).emit('partner', { present: presence.present(participant) })
    })
  })

  cluster.on('places', (ids) => insist(async () => void (await tellPlaces(ids))))
  cluster.on('participants', stir)
  cluster.on('tiles', ({ session, tiles }) => sendTiles(session, tiles))
  const refreshTiles = (session: string, pairs?: readonly string[]) => {
    if (anyIn(gathered.watchers(session))) insist(async () => sendTiles(session, await lessons.tiles(session, pairs)))
  }
  const refreshSession = (session: string) => {
    if (!anyIn(gathered.watchers(session))) return
    insist(async () => void io.to(gathered.watchers(session)).emit('session', await lessons.session(session)))
  }
  cluster.on('pairs', ({ session, pairs }) => refreshTiles(session, pairs))
  cluster.on('session', refreshSession)
  cluster.onGap(() => {
    const here = [...sockets.values()].flatMap(({ data }) => (data.principal.kind === 'participant' ? [data.principal.id] : []))
    insist(async () => void (await tellPlaces(here)))
    const watchers = gathered.watchers('')
    for (const name of adapter.rooms.keys()) {
      if (!name.startsWith(watchers)) continue
      const session = name.slice(watchers.length)
      refreshSession(session)
      refreshTiles(session)
      stir(session)
    }
  })

  return {
    publish(news) {
      const { entry, views, source, via } = news
      const round = entry.roundId
      for (const seat of SEATS) {
        const view = views[seat]
        if (!view) continue
        toEach(gathered.seat(round, seat), (socket) => {
          if (socket.id !== via) socket.emit('view', { round, view })
        })
      }
      const wire = views.network
      if (wire)
        toEach(gathered.seat(round, 'network'), (socket) => {
          if (socket.id !== via) socket.emit('wire', { round, view: wire })
        })
      const told = withoutSecrets(entry)
      toEach(gathered.followers(round), (socket) => socket.emit('entry', told))
      if (source === 'heard') return // its writer sees to the rest
      board.moved(news)
      if (entry.effects.some((effect) => effect.is === 'over')) insist(() => lessons.advance(round))
    },
    hears: (round) =>
      ([...SEATS, 'network'] as const).some((seat) => anyIn(gathered.seat(round, seat))) || anyIn(gathered.followers(round)),
    welcome(socket, { id, session }) {
      void socket.join([gathered.participant(id), gathered.session(session)])
      insist(async () => {
        const [place] = await tellPlaces([id])
        if (place?.round) await lessons.advance(place.round.id)
      })
    },
  }
}
