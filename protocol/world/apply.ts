/**
 * The reducer: folds an entry into the world. It consults no rule, so that an old log folds to the same world under any
 * later engine, on the server and in a browser alike.
 */
import type { Effect, Entry } from './action.ts'
import { concerns } from './concerns.ts'
import { type Sort, sortsOf } from '../segment.ts'
import { endpoint } from '../tls/endpoint.ts'
import { peerOf, SEATS, type Seat } from './exercise.ts'
import { written } from './pieces.ts'
import type { Utterance } from './utterances.ts'
import type { Script } from './script.ts'
import {
  type Counts,
  type Flight,
  type Host,
  type MilestoneRecord,
  networkPart,
  type SeatRecord,
  type SecureEnd,
  type World,
} from './world.ts'
import type { Tcb } from '../tcp/tcb.ts'

/** Folds one entry. `world` is null before the first entry, which must begin the round. Throws on a log that has a gap. */
export function apply(world: World | null, entry: Pick<Entry, 'index' | 'actor' | 'action' | 'effects'>): World {
  if ((world?.index ?? 0) !== entry.index) throw new Error(`entry ${entry.index} does not follow ${(world?.index ?? 0) - 1}`)
  let next = world
  for (const effect of entry.effects) next = applyEffect(next, effect)
  if (!next) throw new Error('the first entry does not begin the round')
  const count = (seat: Seat) => next.seats[seat].views + (concerns(entry, seat) ? 1 : 0)
  return {
    ...next,
    index: entry.index + 1,
    seats: {
      client: { ...next.seats.client, views: count('client') },
      server: { ...next.seats.server, views: count('server') },
    },
  }
}

/** One effect. The judge uses it too, to see what one effect does before it computes the next. */
export function applyEffect(world: World | null, effect: Effect): World {
  if (effect.is === 'begun') return begin(effect.script, effect.tcbs)
  if (!world) throw new Error(`${effect.is} before the round has begun`)
  switch (effect.is) {
    case 'scene':
      return SEATS.reduce((next, s) => seat(next, s, entering(effect.tcbs[s])), {
        ...world,
        ...scenery(world.script, effect.scene, effect.tcbs),
        stops: world.script.network ? networkPart({ script: world.script, scene: effect.scene }) !== null : world.stops,
      })
    case 'tcb': {
      const before = world.hosts[effect.seat]
      const tcb = { ...before.tcb, ...effect.set }
      const been = before.been.includes(tcb.state) ? before.been : [...before.been, tcb.state]
      const moved = host(world, effect.seat, { tcb, been })
      return effect.by === 'user' ? moved : seat(moved, effect.seat, { shown: before.tcb })
    }
    case 'left': {
      const { id, from, segment, stranger } = effect
      const sent = stranger === undefined ? count(world.hosts[from].sent, sortsOf(segment)) : world.hosts[from].sent
      return host(onWire(world, { id, from, segment, ...(stranger === undefined ? {} : { stranger }), due: null }), from, { sent })
    }
    case 'injected': {
      const { id, to, segment, as, stranger } = effect
      const from = peerOf(to)
      const strayed = as === 'planted' ? host(world, from, { planted: total(world.hosts[from].sent) }) : world
      return onWire(strayed, { id, from, segment, as, ...(stranger === undefined ? {} : { stranger }), due: null })
    }
    case 'copied': {
      const original = world.wire.find(({ id }) => id === effect.of)
      return original ? onWire(world, { ...original, id: effect.id }) : world
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
      const arrived = counts ? count(world.hosts[effect.to].arrived, sortsOf(flight.segment)) : world.hosts[effect.to].arrived
      return host(offWire(world, effect.id), effect.to, { arrived })
    }
    case 'lost':
      return offWire(world, effect.id)
    case 'matched':
      return { ...world, matched: world.matched.map((n, fault) => (fault === effect.fault ? n + 1 : n)) }
    case 'set-out':
      return { ...world, setOut: [...world.setOut, effect.injection] }
    case 'strangers':
      return host(world, effect.seat, { strangers: effect.strangers })
    case 'clock':
      return { ...world, clock: effect.now }
    case 'timers':
      return host(world, effect.seat, { due: effect.due })
    case 'called': {
      const { called, steps } = world.hosts[effect.seat]
      return host(world, effect.seat, { called: [...called, effect.call], steps: steps + 1 })
    }
    case 'wrote': {
      const before = world.hosts[effect.seat]
      const stream = before.stream + effect.octets
      const wrote = [...before.wrote, written(effect, stream.length / 2)]
      return host(world, effect.seat, { stream, wrote, steps: before.steps + (isStep(effect.name) ? 1 : 0) })
    }
    case 'tls':
      return host(world, effect.seat, { tls: secured(world.hosts[effect.seat].tls, effect) })
    case 'read':
      return host(world, effect.seat, { read: [...world.hosts[effect.seat].read, effect.name] })
    case 'received':
      return host(world, effect.seat, { received: [...world.hosts[effect.seat].received, effect.what] })
    case 'event': {
      const record = world.seats[effect.seat]
      const { is: _is, seat: _seat, ...what } = effect
      const event = { ...what, view: record.views + 1 }
      return seat(world, effect.seat, { events: [...record.events, event] })
    }
    case 'settled':
      return seat(world, effect.seat, {
        events: world.seats[effect.seat].events.filter((e) => e.view !== effect.event),
      })
    case 'said':
      return seat(world, effect.seat, { said: effect.state, shown: world.hosts[effect.seat].tcb })
    case 'milestone':
      return milestone(world, effect.seat, effect.milestone, () => ({ status: effect.status }))
    case 'charged':
      return milestone(world, effect.seat, effect.milestone, (m) => ({ charged: m.charged + effect.eighths }))
    case 'hinted':
      return milestone(world, effect.seat, effect.milestone, () => ({ hints: effect.rung }))
    case 'due':
      return seat(world, effect.seat, { due: effect.calls })
    case 'tried':
      return seat(world, effect.seat, { tries: [...world.seats[effect.seat].tries, effect.field] })
    case 'excused':
      return seat(world, effect.seat, { excused: [...world.seats[effect.seat].excused, effect.misconception] })
    case 'done':
      return seat(world, effect.seat, { tries: [], useless: effect.useless ? world.seats[effect.seat].useless + 1 : 0 })
    case 'lodged':
    case 'withdrawn':
      return seat(world, effect.seat, { lodged: effect.is === 'lodged' })
    case 'seated':
      return seat(world, effect.seat, { player: effect.player, left: effect.forGood ?? false })
    case 'wire':
      return { ...world, stops: effect.stops }
    case 'fired': {
      const { fired } = world.hosts[effect.seat]
      return host(world, effect.seat, { fired: { ...fired, [effect.timer]: (fired[effect.timer] ?? 0) + 1 } })
    }
    case 'paused':
    case 'resumed':
      return { ...world, paused: effect.is === 'paused' }
    case 'over':
      return { ...world, over: effect.why }
    case 'overheard':
      return { ...world, overheard: true }
    // What only the views tell of.
    case 'asked':
    case 'answered':
    case 'invigilated':
      return world
  }
}

function begin(script: Script, tcbs: { readonly [S in Seat]: Tcb }): World {
  const seatOf = (s: Seat): SeatRecord => ({
    player: script.players[s],
    left: script.players[s] === 'partner',
    views: 0,
    milestones: script.scenes.flatMap(({ milestones }) =>
      milestones[s].map(({ id }) => ({ id, status: 'shut' as const, charged: 0, hints: 0 })),
    ),
    excused: [],
    ...entering(tcbs[s]),
  })
  return {
    index: 0,
    script,
    clock: 0,
    seats: { client: seatOf('client'), server: seatOf('server') },
    ...scenery(script, 0, tcbs),
    stops: networkPart({ script, scene: 0 }) !== null,
    segments: 0,
    paused: false,
    over: null,
  }
}

function scenery(
  script: Script,
  scene: number,
  tcbs: { readonly [S in Seat]: Tcb },
): Pick<World, 'scene' | 'hosts' | 'wire' | 'matched' | 'setOut' | 'overheard'> {
  const hostOf = (tcb: Tcb, seat: Seat): Host => ({
    tcb,
    due: {},
    been: [tcb.state],
    received: [],
    sent: {},
    arrived: {},
    planted: null,
    fired: {},
    called: [],
    steps: 0,
    stream: '',
    wrote: [],
    read: [],
    tls: script.scenes[scene]?.tls ? { endpoint: endpoint(seat), taken: 0, said: '', heard: '' } : null,
    strangers: [],
  })
  const matched = (script.scenes[scene]?.wire ?? []).map(() => 0)
  return {
    scene,
    hosts: { client: hostOf(tcbs.client, 'client'), server: hostOf(tcbs.server, 'server') },
    wire: [],
    matched,
    setOut: [],
    overheard: false,
  }
}

/** A seat as it comes into a scene. */
const entering = (tcb: Tcb): Pick<SeatRecord, 'said' | 'shown' | 'events' | 'due' | 'tries' | 'useless' | 'lodged'> => ({
  said: tcb.state,
  shown: tcb,
  events: [],
  due: 0,
  tries: [],
  useless: 0,
  lodged: false,
})

/** A message of the applications is a step of their script; TLS says its own by itself. */
const isStep = (name: Utterance): boolean => name === 'request' || name === 'response'

function secured(before: SecureEnd | null, effect: Extract<Effect, { is: 'tls' }>): SecureEnd | null {
  if (!before) return null
  const { set, transcript = [], taken = 0, said = '', heard = '' } = effect
  const after = { ...before.endpoint, ...set }
  return {
    endpoint: { ...after, transcript: [...after.transcript, ...transcript] },
    taken: before.taken + taken,
    said: before.said + said,
    heard: before.heard + heard,
  }
}

const onWire = (world: World, flight: Flight): World => ({ ...world, segments: flight.id, wire: [...world.wire, flight] })

const offWire = (world: World, id: number): World => ({ ...world, wire: world.wire.filter((flight) => flight.id !== id) })

const count = (counts: Counts, seen: readonly Sort[]): Counts =>
  seen.reduce<Counts>((sum, sort) => ({ ...sum, [sort]: (sum[sort] ?? 0) + 1 }), counts)

export const total = (counts: Counts): number => Object.values(counts).reduce((sum, n) => sum + n, 0)

const host = (world: World, of: Seat, change: Partial<Host>): World => ({
  ...world,
  hosts: { ...world.hosts, [of]: { ...world.hosts[of], ...change } },
})

const seat = (world: World, of: Seat, change: Partial<SeatRecord>): World => ({
  ...world,
  seats: { ...world.seats, [of]: { ...world.seats[of], ...change } },
})

function milestone(world: World, of: Seat, id: string, change: (m: MilestoneRecord) => Partial<MilestoneRecord>): World {
  return seat(world, of, {
    milestones: world.seats[of].milestones.map((m) => (m.id === id ? { ...m, ...change(m) } : m)),
  })
}

/** The world after these entries; null for none. Entries may begin where `world` ends. */
export const fold = (entries: readonly Entry[], world: World | null = null): World | null =>
  entries.reduce<World | null>(apply, world)
