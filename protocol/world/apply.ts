/**
 * The reducer: folds an entry into the world. It consults no rule, so that an old log folds to the same world under any
 * later engine, on the server and in a browser alike.
 */
import type { Effect, Entry } from './action.ts'
import { concerns } from './concerns.ts'
import type { Script, Seat } from './exercise.ts'
import type { Host, MilestoneRecord, SeatRecord, World } from './world.ts'
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
    case 'tcb': {
      const before = world.hosts[effect.seat]
      const tcb = { ...before.tcb, ...effect.set }
      const been = before.been.includes(tcb.state) ? before.been : [...before.been, tcb.state]
      const moved = host(world, effect.seat, { tcb, been })
      return effect.by === 'user' ? moved : seat(moved, effect.seat, { shown: before.tcb })
    }
    case 'left':
      return {
        ...world,
        segments: effect.id,
        wire: [...world.wire, { id: effect.id, from: effect.from, segment: effect.segment }],
      }
    case 'arrived':
      return { ...world, wire: world.wire.filter((flight) => flight.id !== effect.id) }
    case 'clock':
      return { ...world, clock: effect.now }
    case 'timers':
      return host(world, effect.seat, { due: effect.due })
    case 'called':
      return host(world, effect.seat, { called: [...world.hosts[effect.seat].called, effect.call] })
    case 'received':
      return host(world, effect.seat, { received: [...world.hosts[effect.seat].received, effect.what] })
    case 'event': {
      const record = world.seats[effect.seat]
      const event = { view: record.views + 1, state: effect.state, asks: effect.asks, discard: effect.discard, settled: false }
      return seat(world, effect.seat, { events: [...record.events, event] })
    }
    case 'settled':
      return seat(world, effect.seat, {
        events: world.seats[effect.seat].events.map((e) => (e.view === effect.event ? { ...e, settled: true } : e)),
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
    case 'paused':
    case 'resumed':
      return { ...world, paused: effect.is === 'paused' }
    case 'over':
      return { ...world, over: effect.why }
    // What only the views tell of.
    case 'fired':
    case 'invigilated':
      return world
  }
}

function begin(script: Script, tcbs: { readonly [S in Seat]: Tcb }): World {
  const hostOf = (s: Seat): Host => ({ tcb: tcbs[s], due: {}, been: [tcbs[s].state], received: [], called: [] })
  const seatOf = (s: Seat): SeatRecord => ({
    views: 0,
    said: tcbs[s].state,
    shown: tcbs[s],
    events: [],
    milestones: script.milestones[s].map(({ id }) => ({ id, status: 'shut', charged: 0, hints: 0 })),
    due: 0,
    tries: [],
    useless: 0,
    excused: [],
    lodged: false,
  })
  return {
    index: 0,
    script,
    clock: 0,
    hosts: { client: hostOf('client'), server: hostOf('server') },
    seats: { client: seatOf('client'), server: seatOf('server') },
    wire: [],
    segments: 0,
    paused: false,
    over: null,
  }
}

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
