/**
 * The reducer: folds an entry into the world. It consults no rule, so that an old log folds to the same world under any
 * later engine, on the server and in a browser alike.
 */
import { peerOf, SEATS, type Seat } from '../../seat.ts'
import type { Effect } from '../model/effect.ts'
import type { Entry } from '../model/entry.ts'
import { isVisibleTo } from './visibility.ts'
import { type SegmentKind, segmentKindsOf } from '../../segment.ts'
import { createEndpoint } from '../../tls/endpoint/endpoint.ts'
import { locateMessage } from './payload-layout.ts'
import type { UpperLayerMessage } from '../model/upper-layer-messages.ts'
import type { Script } from '../model/script.ts'
import type { SegmentCounts, InFlightSegment, Host, MilestoneRecord, SeatRecord, TlsEndState, World } from '../model/world.ts'
import { networkPart } from './current-scene.ts'
import type { Tcb } from '../../tcp/tcb.ts'

/** What the reducer needs of an entry. */
export type FoldableEntry = Pick<Entry, 'index' | 'actor' | 'action' | 'effects'>

/**
 * Folds one entry. `world` is null before the first entry, which must begin the round. `onEffect` is told of each effect, with the world before
 * and after it. Throws on a log that has a gap.
 */
export function applyEntry(
  world: World | null,
  entry: FoldableEntry,
  onEffect?: (effect: Effect, before: World | null, after: World) => void,
): World {
  if ((world?.entryCount ?? 0) !== entry.index)
    throw new Error(`entry ${entry.index} does not follow ${(world?.entryCount ?? 0) - 1}`)
  let next = world
  for (const effect of entry.effects) {
    const before: World | null = next
    next = applyEffect(before, effect)
    onEffect?.(effect, before, next)
  }
  if (!next) throw new Error('the first entry does not begin the round')
  return completeEntry(next, entry)
}

/** The last step of folding an entry, once its effects are in `world`: it is counted, and so are the views that the seats have of it. */
export function completeEntry(world: World, entry: Pick<Entry, 'actor' | 'action' | 'effects'>): World {
  const withViewCounted = (seat: Seat): SeatRecord => {
    const record = world.seats[seat]
    return isVisibleTo(entry, seat) ? { ...record, viewCount: record.viewCount + 1 } : record
  }
  return {
    ...world,
    entryCount: world.entryCount + 1,
    seats: { client: withViewCounted('client'), server: withViewCounted('server') },
  }
}

/** Folds one effect. The judge uses it too, to see what one effect does before it computes the next. */
export function applyEffect(world: World | null, effect: Effect): World {
  if (effect.kind === 'begun') return beginRound(effect.script, effect.tcbs)
  if (!world) throw new Error(`${effect.kind} before the round has begun`)
  switch (effect.kind) {
    case 'scene':
      return SEATS.reduce((next, s) => updateSeat(next, s, initialSeatState(effect.tcbs[s])), {
        ...world,
        ...initialSceneState(world.script, effect.scene, effect.tcbs),
        wireStopped: world.script.network
          ? networkPart({ script: world.script, sceneIndex: effect.scene }) !== null
          : world.wireStopped,
      })
    case 'tcb': {
      const before = world.hosts[effect.seat]
      const tcb = { ...before.tcb, ...effect.set }
      const { visitedStates: states } = before
      const visitedStates = states.includes(tcb.state) ? states : [...states, tcb.state]
      const moved = updateHost(world, effect.seat, { tcb, visitedStates })
      return effect.by === 'user' ? moved : updateSeat(moved, effect.seat, { shownTcb: before.tcb })
    }
    case 'left': {
      const { id, from, segment, stranger, at: departedAt } = effect
      const sent = stranger === undefined ? addToCounts(world.hosts[from].sent, segmentKindsOf(segment)) : world.hosts[from].sent
      const flight = { id, from, segment, departedAt, ...(stranger === undefined ? {} : { stranger }), due: null }
      return updateHost(putOnWire(world, flight), from, { sent })
    }
    case 'injected': {
      const { id, to, segment, as, stranger, at: departedAt } = effect
      const from = peerOf(to)
      const strayed = as === 'planted' ? updateHost(world, from, { sentWhenPlanted: totalOf(world.hosts[from].sent) }) : world
      return putOnWire(strayed, { id, from, segment, as, departedAt, ...(stranger === undefined ? {} : { stranger }), due: null })
    }
    case 'copied': {
      const original = world.wire.find(({ id }) => id === effect.of)
      return original ? putOnWire(world, { ...original, id: effect.id, copyOf: effect.of, departedAt: effect.at }) : world
    }
    case 'held':
      return {
        ...world,
        wire: world.wire.map((flight) => {
          if (flight.id !== effect.id) return flight
          return { ...flight, due: effect.due, ...(effect.until ? { until: effect.until } : {}) }
        }),
      }
    case 'arrived': {
      const flight = world.wire.find(({ id }) => id === effect.id)
      // A planted mistake is nothing that an exercise waits for.
      const counts = flight && flight.as !== 'planted'
      const arrived = counts
        ? addToCounts(world.hosts[effect.to].arrived, segmentKindsOf(flight.segment))
        : world.hosts[effect.to].arrived
      return updateHost(takeOffWire(world, effect.id), effect.to, { arrived })
    }
    case 'lost':
      return takeOffWire(world, effect.id)
    case 'matched':
      return { ...world, faultMatches: world.faultMatches.map((n, fault) => (fault === effect.fault ? n + 1 : n)) }
    case 'set-out':
      return { ...world, injectionsSent: [...world.injectionsSent, effect.injection] }
    case 'strangers':
      return updateHost(world, effect.seat, { strangers: effect.strangers })
    case 'clock':
      return { ...world, clock: effect.now }
    case 'timers':
      return updateHost(world, effect.seat, { timerDeadlines: effect.due })
    case 'called': {
      const { called, stepsMade } = world.hosts[effect.seat]
      return updateHost(world, effect.seat, { called: [...called, effect.call], stepsMade: stepsMade + 1 })
    }
    case 'wrote': {
      const before = world.hosts[effect.seat]
      const stream = before.stream + effect.octets
      const writtenMessages = [...before.writtenMessages, locateMessage(effect, stream.length / 2)]
      return updateHost(world, effect.seat, {
        stream,
        writtenMessages,
        stepsMade: before.stepsMade + (isApplicationStep(effect.name) ? 1 : 0),
      })
    }
    case 'tls':
      return updateHost(world, effect.seat, { tls: applyTlsChange(world.hosts[effect.seat].tls, effect) })
    case 'read':
      return updateHost(world, effect.seat, { readMessages: [...world.hosts[effect.seat].readMessages, effect.name] })
    case 'received':
      return updateHost(world, effect.seat, { received: [...world.hosts[effect.seat].received, effect.what] })
    case 'event': {
      const record = world.seats[effect.seat]
      const { kind: _kind, seat: _seat, ...what } = effect
      const event = { ...what, view: record.viewCount + 1 }
      return updateSeat(world, effect.seat, { openEvents: [...record.openEvents, event] })
    }
    case 'settled':
      return updateSeat(world, effect.seat, {
        openEvents: world.seats[effect.seat].openEvents.filter((e) => e.view !== effect.event),
      })
    case 'said':
      return updateSeat(world, effect.seat, { claimedState: effect.state, shownTcb: world.hosts[effect.seat].tcb })
    case 'milestone':
      return updateMilestone(world, effect.seat, effect.milestone, () => ({ status: effect.status }))
    case 'charged':
      return updateMilestone(world, effect.seat, effect.milestone, (m) => ({ charged: m.charged + effect.eighths }))
    case 'hinted':
      return updateMilestone(world, effect.seat, effect.milestone, () => ({ hints: effect.rung }))
    case 'due':
      return updateSeat(world, effect.seat, { stepsDue: effect.calls })
    case 'tried':
      return updateSeat(world, effect.seat, { triedFields: [...world.seats[effect.seat].triedFields, effect.field] })
    case 'excused':
      return updateSeat(world, effect.seat, {
        excusedMisconceptions: [...world.seats[effect.seat].excusedMisconceptions, effect.misconception],
      })
    case 'done':
      return updateSeat(world, effect.seat, {
        triedFields: [],
        uselessActsInRow: effect.useless ? world.seats[effect.seat].uselessActsInRow + 1 : 0,
      })
    case 'lodged':
    case 'withdrawn':
      return updateSeat(world, effect.seat, { waitRequested: effect.kind === 'lodged' })
    case 'seated':
      return updateSeat(world, effect.seat, { player: effect.player, abandoned: effect.forGood ?? false })
    case 'wire':
      return { ...world, wireStopped: effect.stops }
    case 'fired': {
      const { fired } = world.hosts[effect.seat]
      return updateHost(world, effect.seat, { fired: { ...fired, [effect.timer]: (fired[effect.timer] ?? 0) + 1 } })
    }
    case 'paused':
    case 'resumed':
      return { ...world, paused: effect.kind === 'paused' }
    case 'over':
      return { ...world, over: effect.why }
    case 'overheard':
      return { ...world, eavesdropped: true }
    // What only the views tell of.
    case 'asked':
    case 'answered':
    case 'invigilated':
      return world
  }
}

function beginRound(script: Script, tcbs: { readonly [S in Seat]: Tcb }): World {
  const seatOf = (s: Seat): SeatRecord => ({
    player: script.players[s],
    abandoned: script.players[s] === 'partner',
    viewCount: 0,
    milestones: script.scenes.flatMap(({ milestones }) =>
      milestones[s].map(({ id }) => ({ id, status: 'shut' as const, charged: 0, hints: 0 })),
    ),
    excusedMisconceptions: [],
    ...initialSeatState(tcbs[s]),
  })
  return {
    entryCount: 0,
    script,
    clock: 0,
    seats: { client: seatOf('client'), server: seatOf('server') },
    ...initialSceneState(script, 0, tcbs),
    wireStopped: networkPart({ script, sceneIndex: 0 }) !== null,
    segmentCount: 0,
    paused: false,
    over: null,
  }
}

function initialSceneState(
  script: Script,
  scene: number,
  tcbs: { readonly [S in Seat]: Tcb },
): Pick<World, 'sceneIndex' | 'hosts' | 'wire' | 'faultMatches' | 'injectionsSent' | 'eavesdropped'> {
  const hostOf = (tcb: Tcb, seat: Seat): Host => ({
    tcb,
    timerDeadlines: {},
    visitedStates: [tcb.state],
    received: [],
    sent: {},
    arrived: {},
    sentWhenPlanted: null,
    fired: {},
    called: [],
    stepsMade: 0,
    stream: '',
    writtenMessages: [],
    readMessages: [],
    tls: script.scenes[scene]?.tls
      ? { endpoint: createEndpoint(seat), octetsConsumed: 0, plaintextSent: '', plaintextReceived: '' }
      : null,
    strangers: [],
  })
  const faultMatches = (script.scenes[scene]?.wire ?? []).map(() => 0)
  return {
    sceneIndex: scene,
    hosts: { client: hostOf(tcbs.client, 'client'), server: hostOf(tcbs.server, 'server') },
    wire: [],
    faultMatches,
    injectionsSent: [],
    eavesdropped: false,
  }
}

/** A seat as it comes into a scene. */
const initialSeatState = (
  tcb: Tcb,
): Pick<
  SeatRecord,
  'claimedState' | 'shownTcb' | 'openEvents' | 'stepsDue' | 'triedFields' | 'uselessActsInRow' | 'waitRequested'
> => ({
  claimedState: tcb.state,
  shownTcb: tcb,
  openEvents: [],
  stepsDue: 0,
  triedFields: [],
  uselessActsInRow: 0,
  waitRequested: false,
})

/** A message of the applications is a step of their script; TLS says its own by itself. */
const isApplicationStep = (name: UpperLayerMessage): boolean => name === 'request' || name === 'response'

function applyTlsChange(before: TlsEndState | null, effect: Extract<Effect, { kind: 'tls' }>): TlsEndState | null {
  if (!before) return null
  const { set, transcript = [], taken = 0, said = '', heard = '' } = effect
  const after = { ...before.endpoint, ...set }
  return {
    endpoint: { ...after, transcript: [...after.transcript, ...transcript] },
    octetsConsumed: before.octetsConsumed + taken,
    plaintextSent: before.plaintextSent + said,
    plaintextReceived: before.plaintextReceived + heard,
  }
}

const putOnWire = (world: World, flight: InFlightSegment): World => ({
  ...world,
  segmentCount: flight.id,
  wire: [...world.wire, flight],
})

const takeOffWire = (world: World, id: number): World => ({ ...world, wire: world.wire.filter((flight) => flight.id !== id) })

const addToCounts = (counts: SegmentCounts, seen: readonly SegmentKind[]): SegmentCounts =>
  seen.reduce<SegmentCounts>((sum, sort) => ({ ...sum, [sort]: (sum[sort] ?? 0) + 1 }), counts)

export const totalOf = (counts: SegmentCounts): number => Object.values(counts).reduce((sum, n) => sum + n, 0)

const updateHost = (world: World, of: Seat, change: Partial<Host>): World => ({
  ...world,
  hosts: { ...world.hosts, [of]: { ...world.hosts[of], ...change } },
})

const updateSeat = (world: World, of: Seat, change: Partial<SeatRecord>): World => ({
  ...world,
  seats: { ...world.seats, [of]: { ...world.seats[of], ...change } },
})

function updateMilestone(world: World, of: Seat, id: string, change: (m: MilestoneRecord) => Partial<MilestoneRecord>): World {
  return updateSeat(world, of, {
    milestones: world.seats[of].milestones.map((m) => (m.id === id ? { ...m, ...change(m) } : m)),
  })
}

/** The world after these entries; null for none. Entries may begin where `world` ends. */
export const foldEntries = (entries: readonly Entry[], world: World | null = null): World | null =>
  entries.reduce<World | null>((before, entry) => applyEntry(before, entry), world)
