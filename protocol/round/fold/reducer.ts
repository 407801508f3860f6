/**
 * The reducer: folds entries into the world. It consults no rules, so that an old log gives the same world under any later version of the
 * engine, both on the server and in the browser.
 */
import { peerOf, SEATS, type Seat } from '../../seat.ts'
import type { Action, SeatAction } from '../model/action.ts'
import type { Effect, EndpointChange } from '../model/effect.ts'
import type { Entry } from '../model/entry.ts'
import { isVisibleTo } from './visibility.ts'
import { type Segment, type SegmentKind, segmentKindsOf, segmentLength } from '../../segment.ts'
import { add, gt, le, sub } from '../../seq.ts'
import { createEndpoint, type TlsEndpoint } from '../../tls/endpoint/endpoint.ts'
import { createInterceptor } from '../../tls/endpoint/interceptor.ts'
import { locateMessage } from './payload-layout.ts'
import type { UpperLayerMessage } from '../model/upper-layer-messages.ts'
import type { Script } from '../model/script.ts'
import {
  copyHost,
  copySeat,
  copyWorld,
  type SegmentCounts,
  type InFlightSegment,
  type Host,
  type HostDraft,
  type MilestoneRecord,
  type SeatDraft,
  type SeatRecord,
  type TlsEndState,
  type World,
  type WorldDraft,
} from '../model/world.ts'
import { networkPart } from './current-scene.ts'
import { setTcb, type Tcb } from '../../tcp/tcb.ts'

/** The fields of an entry that the reducer uses. */
export type FoldableEntry = Pick<Entry, 'index' | 'actor' | 'action' | 'effects'>

/**
 * Folds one entry. `world` is null before the first entry, which must begin the round. `onEffect` is called for each effect, with the world
 * before and after it. Throws if the entry is not the next one of the log, or if the first one does not begin the round.
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

/** The last step of folding an entry, after its effects: counts the entry, and the views of it that the seats receive. */
export function completeEntry(world: World, entry: Pick<Entry, 'actor' | 'action' | 'effects'>): World {
  const withViewCounted = (seat: Seat): SeatRecord => {
    const record = copySeat(world.seats[seat])
    if (isVisibleTo(entry, seat)) record.viewCount++
    const { actor, action, effects } = entry
    if (actor === seat && isSeatAction(action) && isRefusedAttempt(effects))
      record.refusedActions = [...record.refusedActions, action]
    return record
  }
  const next = copyWorld(world)
  next.entryCount++
  next.seats = { client: withViewCounted('client'), server: withViewCounted('server') }
  return next
}

/** Whether these effects are those of a refused attempt after which the step is still to be done. */
const isRefusedAttempt = (effects: readonly Effect[]): boolean =>
  effects.some(({ kind }) => kind === 'tried' || kind === 'excused') && !effects.some(({ kind }) => kind === 'done')

const isSeatAction = (action: Action): action is SeatAction => action.kind !== 'control' && action.kind !== 'wire'

/** Folds one effect. The judge uses this too, since it computes each effect from the world after the one before. */
export function applyEffect(world: World | null, effect: Effect): World {
  if (effect.kind === 'begun') return beginRound(effect.script, effect.tcbs)
  if (!world) throw new Error(`${effect.kind} before the round has begun`)
  switch (effect.kind) {
    case 'scene':
      return SEATS.reduce(
        (next, s) => updateSeat(next, s, (record) => void Object.assign(record, initialSeatState(effect.tcbs[s]))),
        {
          ...world,
          ...initialSceneState(world.script, effect.scene, effect.tcbs),
          wireStopped: world.script.network
            ? networkPart({ script: world.script, sceneIndex: effect.scene }) !== null
            : world.wireStopped,
        },
      )
    case 'tcb': {
      const before = world.hosts[effect.seat]
      const tcb = setTcb(before.tcb, effect.set)
      const moved = updateHost(world, effect.seat, (host) => {
        host.tcb = tcb
        if (effect.set.snd) host.unackedEnds = host.unackedEnds.filter((end) => gt(end, tcb.snd.una) && le(end, tcb.snd.nxt))
        if (!before.visitedStates.includes(tcb.state)) host.visitedStates = [...before.visitedStates, tcb.state]
      })
      if (effect.by === 'user') return moved
      return updateSeat(moved, effect.seat, (record) => {
        record.shownTcb = before.tcb
      })
    }
    case 'left': {
      const { id, from, segment, stranger, at: departedAt } = effect
      const flight = { id, from, segment, departedAt, ...(stranger === undefined ? {} : { stranger }), due: null }
      const departed = putOnWire(world, flight)
      if (stranger !== undefined) return departed
      return updateHost(departed, from, (host) => {
        host.sent = addToCounts(host.sent, segmentKindsOf(segment))
        host.unackedEnds = addUnacked(host, segment)
      })
    }
    case 'injected': {
      const { id, to, segment, as, stranger, at: departedAt } = effect
      const from = peerOf(to)
      const flight = { id, from, segment, as, departedAt, ...(stranger === undefined ? {} : { stranger }), due: null }
      const departed = putOnWire(world, flight)
      if (as !== 'planted') return departed
      return updateHost(departed, from, (host) => {
        host.sentWhenPlanted = totalOf(host.sent)
      })
    }
    case 'copied': {
      const original = world.wire.find(({ id }) => id === effect.of)
      return original ? putOnWire(world, { ...original, id: effect.id, copyOf: effect.of, departedAt: effect.at }) : world
    }
    case 'held':
      return updateWorld(world, (next) => {
        next.wire = world.wire.map((flight) => {
          if (flight.id !== effect.id) return flight
          return { ...flight, due: effect.due, ...(effect.until ? { until: effect.until } : {}) }
        })
      })
    case 'arrived': {
      const flight = world.wire.find(({ id }) => id === effect.id)
      const taken = takeOffWire(world, effect.id)
      const arrived = world.seats[effect.to].prediction
        ? updateSeat(taken, effect.to, (record) => {
            record.prediction = null
          })
        : taken
      // Planted mistakes are not counted, because they must not satisfy the exercise's conditions.
      if (!flight || flight.as === 'planted') return arrived
      return updateHost(arrived, effect.to, (host) => {
        host.arrived = addToCounts(host.arrived, segmentKindsOf(flight.segment))
      })
    }
    case 'lost':
      return takeOffWire(world, effect.id)
    case 'matched':
      return updateWorld(world, (next) => {
        next.faultMatches = world.faultMatches.map((n, fault) => (fault === effect.fault ? n + 1 : n))
      })
    case 'set-out':
      return updateWorld(world, (next) => {
        next.injectionsSent = [...world.injectionsSent, effect.injection]
      })
    case 'strangers':
      return updateHost(world, effect.seat, (host) => {
        host.strangers = effect.strangers
      })
    case 'clock':
      return updateWorld(world, (next) => {
        next.clock = effect.now
      })
    case 'timers':
      return updateHost(world, effect.seat, (host) => {
        host.timerDeadlines = effect.due
      })
    case 'called':
      return updateHost(world, effect.seat, (host) => {
        host.called = [...host.called, effect.call]
        host.stepsMade++
      })
    case 'wrote':
      return updateHost(world, effect.seat, (host) => {
        host.stream += effect.octets
        host.writtenMessages = [...host.writtenMessages, locateMessage(effect, host.stream.length / 2)]
        if (isApplicationStep(effect.name)) host.stepsMade++
      })
    case 'tls':
      return updateHost(world, effect.seat, (host) => {
        host.tls = applyTlsChange(host.tls, effect)
      })
    case 'relayed':
      return updateHost(applyInterception(world, effect), effect.from, (host) => {
        host.relayed += effect.octets
      })
    case 'read':
      return updateHost(world, effect.seat, (host) => {
        host.readMessages = [...host.readMessages, effect.name]
      })
    case 'received':
      return updateHost(world, effect.seat, (host) => {
        host.received = [...host.received, effect.what]
      })
    case 'event':
      return updateSeat(world, effect.seat, (record) => {
        const { kind: _kind, seat: _seat, ...what } = effect
        record.openEvents = [...record.openEvents, { ...what, view: record.viewCount + 1 }]
      })
    case 'settled':
      return updateSeat(world, effect.seat, (record) => {
        record.openEvents = record.openEvents.filter((e) => e.view !== effect.event)
      })
    case 'said':
      return updateSeat(world, effect.seat, (record) => {
        record.claimedState = effect.state
        record.shownTcb = world.hosts[effect.seat].tcb
      })
    case 'milestone':
      return updateMilestone(world, effect.seat, effect.milestone, (m) => ({ ...m, status: effect.status }))
    case 'charged':
      return updateMilestone(
        updateSeat(world, effect.seat, (record) => {
          record.chargedInStep += effect.eighths
        }),
        effect.seat,
        effect.milestone,
        (m) => ({ ...m, charged: m.charged + effect.eighths }),
      )
    case 'hinted':
      return updateMilestone(world, effect.seat, effect.milestone, (m) => ({
        ...m,
        hints: Math.max(m.hints, effect.rung),
      }))
    case 'due':
      return updateSeat(world, effect.seat, (record) => {
        record.stepsDue = effect.calls
      })
    case 'tried':
      return updateSeat(world, effect.seat, (record) => {
        record.triedFields = [...record.triedFields, effect.field]
      })
    case 'excused':
      return updateSeat(world, effect.seat, (record) => {
        record.excusedMisconceptions = [...record.excusedMisconceptions, effect.misconception]
      })
    case 'done':
      return updateSeat(world, effect.seat, (record) => {
        record.triedFields = []
        record.refusedActions = []
        record.chargedInStep = 0
        record.uselessActsInRow = effect.useless ? record.uselessActsInRow + 1 : 0
      })
    case 'predicted':
      return updateSeat(world, effect.seat, (record) => {
        const { bits, seq, ack, length } = effect
        record.prediction = { bits, seq, ack, length }
      })
    case 'voted':
      return updateSeat(world, effect.seat, (record) => {
        record.votes = [...record.votes, effect.choice]
      })
    case 'lodged':
    case 'withdrawn':
      return updateSeat(world, effect.seat, (record) => {
        record.waitRequested = effect.kind === 'lodged'
      })
    case 'seated':
      return updateSeat(world, effect.seat, (record) => {
        record.player = effect.player
        const left = effect.player === 'partner' && !record.abandoned
        record.openWhenLeft = left ? record.milestones.flatMap(({ id, status }) => (status === 'open' ? [id] : [])) : []
        record.abandoned = effect.forGood ?? false
      })
    case 'wire':
      return updateWorld(world, (next) => {
        next.wireStopped = effect.stops
      })
    case 'fired':
      return updateHost(world, effect.seat, (host) => {
        host.fired = { ...host.fired, [effect.timer]: (host.fired[effect.timer] ?? 0) + 1 }
      })
    case 'paused':
    case 'resumed':
      return updateWorld(world, (next) => {
        next.paused = effect.kind === 'paused'
      })
    case 'over':
      return updateWorld(world, (next) => {
        next.over = effect.why
      })
    case 'overheard':
      return updateWorld(world, (next) => {
        next.eavesdropped = true
      })
    // These effects only matter to views.
    case 'asked':
    case 'answered':
    case 'discussed':
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
    openWhenLeft: [],
    votes: [],
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
): Pick<World, 'sceneIndex' | 'hosts' | 'wire' | 'faultMatches' | 'injectionsSent' | 'interceptor' | 'eavesdropped'> {
  const hostOf = (tcb: Tcb, seat: Seat): Host => ({
    tcb,
    timerDeadlines: {},
    visitedStates: [tcb.state],
    received: [],
    unackedEnds: [],
    sent: {},
    arrived: {},
    sentWhenPlanted: null,
    fired: {},
    called: [],
    stepsMade: 0,
    stream: '',
    relayed: '',
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
    interceptor: script.scenes[scene]?.tls?.interceptor ? { endpoints: createInterceptor(), data: [] } : null,
    eavesdropped: false,
  }
}

/** The part of a seat's record that is reset when a scene opens. */
const initialSeatState = (
  tcb: Tcb,
): Pick<
  SeatRecord,
  | 'claimedState'
  | 'shownTcb'
  | 'openEvents'
  | 'stepsDue'
  | 'triedFields'
  | 'refusedActions'
  | 'chargedInStep'
  | 'uselessActsInRow'
  | 'waitRequested'
  | 'prediction'
> => ({
  claimedState: tcb.state,
  shownTcb: tcb,
  openEvents: [],
  stepsDue: 0,
  triedFields: [],
  refusedActions: [],
  chargedInStep: 0,
  uselessActsInRow: 0,
  waitRequested: false,
  prediction: null,
})

/** Whether a message is a step of an application's script. Messages of TLS itself are not. */
const isApplicationStep = (name: UpperLayerMessage): boolean => name === 'request' || name === 'response'

function applyTlsChange(before: TlsEndState | null, effect: Extract<Effect, { kind: 'tls' }>): TlsEndState | null {
  if (!before) return null
  const { taken = 0, said = '', heard = '' } = effect
  return {
    endpoint: applyEndpointChange(before.endpoint, effect),
    octetsConsumed: before.octetsConsumed + taken,
    plaintextSent: before.plaintextSent + said,
    plaintextReceived: before.plaintextReceived + heard,
  }
}

function applyEndpointChange(before: TlsEndpoint, { set, transcript = [] }: EndpointChange): TlsEndpoint {
  const after = { ...before, ...set }
  return { ...after, transcript: [...after.transcript, ...transcript] }
}

function applyInterception(world: World, { facing, data = [] }: Extract<Effect, { kind: 'relayed' }>): World {
  return updateWorld(world, (next) => {
    const { interceptor: before } = world
    next.interceptor = before &&
      facing && {
        endpoints: {
          client: applyEndpointChange(before.endpoints.client, facing.client),
          server: applyEndpointChange(before.endpoints.server, facing.server),
        },
        data: [...before.data, ...data],
      }
  })
}

/** The ends of a host's unacknowledged segments, with those of one that it sends now; a repeated one that was cut in two counts as two. */
function addUnacked({ tcb, unackedEnds }: HostDraft, segment: Segment): readonly number[] {
  const length = segmentLength(segment)
  const end = add(segment.seq, length)
  if (length === 0 || unackedEnds.includes(end)) return unackedEnds
  return [...unackedEnds, end].sort((a, b) => sub(a, tcb.snd.una) - sub(b, tcb.snd.una))
}

const putOnWire = (world: World, flight: InFlightSegment): World =>
  updateWorld(world, (next) => {
    next.segmentCount = flight.id
    next.wire = [...world.wire, flight]
  })

const takeOffWire = (world: World, id: number): World =>
  updateWorld(world, (next) => {
    next.wire = world.wire.filter((flight) => flight.id !== id)
  })

function addToCounts(counts: SegmentCounts, seen: readonly SegmentKind[]): SegmentCounts {
  const sum: { [S in SegmentKind]?: number } = { ...counts }
  for (const kind of seen) sum[kind] = (sum[kind] ?? 0) + 1
  return sum
}

export const totalOf = (counts: SegmentCounts): number => Object.values(counts).reduce((sum, n) => sum + n, 0)

function updateWorld(world: World, change: (next: WorldDraft) => void): World {
  const next = copyWorld(world)
  change(next)
  return next
}

function updateHost(world: World, of: Seat, change: (host: HostDraft) => void): World {
  const { client, server } = world.hosts
  const host = copyHost(world.hosts[of])
  change(host)
  const next = copyWorld(world)
  next.hosts = of === 'client' ? { client: host, server } : { client, server: host }
  return next
}

function updateSeat(world: World, of: Seat, change: (record: SeatDraft) => void): World {
  const { client, server } = world.seats
  const record = copySeat(world.seats[of])
  change(record)
  const next = copyWorld(world)
  next.seats = of === 'client' ? { client: record, server } : { client, server: record }
  return next
}

const updateMilestone = (world: World, of: Seat, id: string, change: (m: MilestoneRecord) => MilestoneRecord): World =>
  updateSeat(world, of, (record) => {
    record.milestones = record.milestones.map((m) => (m.id === id ? change(m) : m))
  })

/** Folds entries, which must follow those already folded into `world`, if it is given. Returns null if there is neither. */
export const foldEntries = (entries: readonly Entry[], world: World | null = null): World | null =>
  entries.reduce<World | null>((before, entry) => applyEntry(before, entry), world)
