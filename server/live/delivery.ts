/**
 * Pushes updates to sockets. Each node serves its own sockets: rounds from its own round events, everything else from cluster
 * messages.
 */
import { isDeepStrictEqual } from 'node:util'
import type { Tile } from '../../contract/answers.ts'
import type { Place } from '../../contract/places.ts'
import { SEATS } from '../../protocol/seat.ts'
import { redactSecrets } from '../../protocol/round/view/redact-secrets.ts'
import type { ParticipantPrincipal, Principal } from '../identity/auth.ts'
import type { Lessons } from '../lessons/lessons.ts'
import type { Retry } from '../base/retry.ts'
import type { Cluster } from '../nodes/cluster.ts'
import type { Presence } from '../nodes/presence.ts'
import type { Rounds } from '../rounds/rounds.ts'
import { throttle, type After } from '../base/timer.ts'
import { channelNames, type Channels } from './channels.ts'
import { startTileFeed } from './tile-feed.ts'
import type { Socket } from './typed-socket.ts'

/** Identifies a participant on a device: a member who was removed may enter again. */
const keyOf = (principal: Principal): string => {
  const { id, device = '' } = principal.kind === 'participant' ? principal : { id: principal.id }
  return `${id} ${device}`
}

/** The place as this device shows it: all devices of a member but one are asleep. */
const toDevicePlace = (place: Place, principal: Principal): Place => {
  const { device } = place.me
  const isAsleep = device !== undefined && principal.kind === 'participant' && principal.device !== device
  return isAsleep ? { ...place, me: { ...place.me, asleep: true } } : place
}

/** Ends the presence that a connection gives to its participant, once. */
export function endPresence({ data }: Socket): void {
  data.leave?.()
  data.leave = null
}

/** The channel of the student's seat; null if the student has none, or this device is asleep. */
function seatChannel(place: Place | null): string | null {
  if (place?.me.asleep) return null
  if (place?.round) return channelNames.seat(place.round.id, place.round.seat)
  return place?.wire ? channelNames.seat(place.wire.id, 'network') : null
}

/** Whether this is the place of a student without a pair. */
const isWaiting = (place: Place | null): place is Place => place?.waiting === 'for-partner'

/** Pushes updates to the sockets of this node. */
export interface Delivery {
  /** Must be called for each connection of a student. Sends their place. */
  onParticipantConnected(socket: Socket, who: ParticipantPrincipal): void
  /** Whether a teacher has removed this participant, so that their cookie no longer identifies anybody. */
  isRemoved(principal: Principal): boolean
}

export interface DeliveryDeps {
  readonly channels: Channels
  readonly cluster: Cluster
  readonly presence: Presence
  readonly rounds: Pick<Rounds, 'subscribe'>
  readonly lessons: Pick<
    Lessons,
    'readPlaces' | 'countWaiting' | 'readRound' | 'readSession' | 'readTiles' | 'readParticipants' | 'readMissing' | 'readPartnerId'
  >
  readonly retry: Retry
  readonly after: After
  /** Called when a student who has just connected has been sent their place. */
  readonly onPlaceSent: (place: Place) => Promise<void>
}

/** Real ms. */
const PARTICIPANTS_INTERVAL_MS = 500

export function createDelivery(deps: DeliveryDeps): Delivery {
  const { channels, cluster, presence, rounds, lessons, retry, after, onPlaceSent } = deps
  const { io, forEachSocket, hasSockets } = channels

  const sendTiles = (session: string, tiles: readonly Tile[]) => {
    if (tiles.length > 0) io.to(channelNames.boardWatchers(session)).emit('tiles', { session, tiles })
  }
  startTileFeed({
    rounds,
    lessons,
    isAnythingWatched: () => cluster.distributed || channels.watchedSessions().size > 0,
    isWatched: (session) => cluster.distributed || hasSockets(channelNames.boardWatchers(session)),
    onPairsChanged: (listener) => cluster.on('pairs', ({ pairs }) => listener(pairs)),
    send(session, tiles) {
      sendTiles(session, tiles)
      cluster.sendToOthers('tiles', { session, tiles })
    },
    after,
  })

  /** Removed participants who have tried to connect, by `keyOf`. They are refused when they try again. */
  const removed = new Set<string>()

  let latestPlaceVersion = 0
  const sendPlaces = async (ids: readonly string[], { onlyNews = false } = {}): Promise<readonly Place[]> => {
    const version = ++latestPlaceVersion
    const here = ids.filter((id) => hasSockets(channelNames.participant(id)))
    const places = here.length > 0 ? await lessons.readPlaces(here) : []
    const known = new Set(places.map(({ me }) => me.id))
    for (const id of here.filter((each) => !known.has(each))) {
      forEachSocket(channelNames.participant(id), (socket) => {
        removed.add(keyOf(socket.data.principal))
        socket.disconnect(true)
      })
    }
    for (const place of places) {
      forEachSocket(channelNames.participant(place.me.id), (socket) => {
        if (socket.data.placeVersion > version) return // a newer query was faster
        socket.data.placeVersion = version
        const own = toDevicePlace(place, socket.data.principal)
        if (!onlyNews || !isDeepStrictEqual(own, socket.data.place)) applyPlace(socket, own)
      })
    }
    return places
  }

  const applyPlace = (socket: Socket, place: Place) => {
    const [before, now] = [seatChannel(socket.data.place), seatChannel(place)]
    if (before && before !== now) void socket.leave(before)
    if (now) void socket.join(now)
    socket.data.place = place
    if (place.me.asleep) endPresence(socket)
    socket.emit('place', place)
  }

  /** Sessions whose participants changed since the last update. */
  const dirtySessions = new Set<string>()
  const flushDirtySessions = throttle(
    PARTICIPANTS_INTERVAL_MS,
    () => {
      for (const session of dirtySessions) {
        if (hasSockets(channelNames.boardWatchers(session))) {
          retry(async () => {
            const [participants, missing] = await Promise.all([lessons.readParticipants(session), lessons.readMissing(session)])
            io.to(channelNames.boardWatchers(session)).emit('participants', { session, participants, missing })
          })
        }
        sendWaitingCount(session)
      }
      dirtySessions.clear()
    },
    after,
  )
  /** Updates the number of people who wait on the pages of those who do. */
  const sendWaitingCount = (session: string) => {
    const waitingSockets: Socket[] = []
    forEachSocket(channelNames.session(session), (socket) => {
      if (isWaiting(socket.data.place)) waitingSockets.push(socket)
    })
    if (waitingSockets.length === 0) return
    retry(async () => {
      const waiting = await lessons.countWaiting(session)
      for (const socket of waitingSockets) {
        const { place } = socket.data
        if (!isWaiting(place) || place.session.waiting === waiting) continue
        socket.data.place = { ...place, session: { ...place.session, waiting } }
        socket.emit('place', socket.data.place)
      }
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

  cluster.on('signedOut', (teacher) => {
    for (const socket of io.sockets.sockets.values()) {
      const { principal } = socket.data
      if (principal.kind !== 'participant' && principal.id === teacher) socket.disconnect(true)
    }
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
    const here = [...io.sockets.sockets.values()].flatMap(({ data }) =>
      data.principal.kind === 'participant' ? [data.principal.id] : [],
    )
    retry(async () => void (await sendPlaces(here, { onlyNews: true })))
    for (const session of channels.watchedSessions()) {
      refreshSession(session)
      refreshTiles(session)
      markDirty(session)
    }
  })

  rounds.subscribe(({ entry, views, connectionId }) => {
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
    const followers = channelNames.roundFollowers(round)
    if (hasSockets(followers)) io.to(followers).emit('entry', redactSecrets(entry))
  })

  return {
    isRemoved: (principal) => removed.has(keyOf(principal)),
    onParticipantConnected(socket, { id, session }) {
      void socket.join([channelNames.participant(id), channelNames.session(session)])
      retry(async () => {
        const [place] = await sendPlaces([id])
        if (place) await onPlaceSent(place)
      })
    },
  }
}
