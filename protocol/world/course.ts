/** The course that events take once an act has been allowed: segments leave and arrive, timers go off, applications call, milestones are met. */
import { judgeDiscard } from '../tcp/claims.ts'
import { RFC_9293 } from '../tcp/rules.ts'
import { segmentArrives } from '../tcp/segment-arrives.ts'
import type { Debt, State, Tcb, Timer } from '../tcp/tcb.ts'
import { timeout } from '../tcp/timeouts.ts'
import { userCall } from '../tcp/user-calls.ts'
import type { Segment } from '../segment.ts'
import type { Effect } from './action.ts'
import { applyEffect } from './apply.ts'
import { peerOf, SEATS, type ApplicationStep, type Call, type Condition, type Deed, type Seat } from './exercise.ts'
import type { World } from './world.ts'

/** Records effects and shows what the world is after each, so that one effect can be computed from those before it. */
export class Course {
  readonly effects: Effect[] = []
  #world: World | null
  /** What the milestones that are reached from here on become: the invigilator's deeds score nothing. */
  credit: 'met' | 'forfeited' = 'met'

  constructor(world: World | null) {
    this.#world = world
  }

  get world(): World {
    if (!this.#world) throw new Error('the round has not begun')
    return this.#world
  }

  do(effect: Effect): void {
    this.#world = applyEffect(this.#world, effect)
    this.effects.push(effect)
  }
}

/** The next call of a seat's application, and whether its time has come. */
export function nextCall(world: World, seat: Seat): { step: ApplicationStep; ready: boolean } | null {
  const step = world.script.application[seat][world.hosts[seat].called.length]
  return step ? { step, ready: holds(world, step.when, seat) } : null
}

function holds(world: World, condition: Condition | undefined, own: Seat): boolean {
  if (!condition) return true
  const host = world.hosts[condition.seat ?? own]
  return (
    (condition.been === undefined || host.been.includes(condition.been)) &&
    (condition.received === undefined || host.received.includes(condition.received))
  )
}

/** A segment that may be sent leaves, and the wire delivers it. `after` and `paid` are the engine's. */
export function sends(
  course: Course,
  seat: Seat,
  segment: Segment,
  after: { tcb: Tcb; paid: readonly Debt[] },
  useless: boolean,
): void {
  withdraw(course, seat)
  const id = course.world.segments + 1
  course.do({ is: 'left', from: seat, id, at: course.world.clock, segment })
  setTcb(course, seat, after.tcb, 'user')
  for (const debt of after.paid) for (const deed of deedsOf(debt)) earn(course, seat, deed)
  says(course, seat, after.tcb.state, 'send')
  course.do({ is: 'done', seat, useless })
  course.do({ is: 'clock', now: course.world.clock + course.world.script.times.transit })
  arrives(course, peerOf(seat), id, segment)
}

function arrives(course: Course, to: Seat, id: number, segment: Segment): void {
  const before = course.world.hosts[to]
  const arrival = segmentArrives(before.tcb, segment, RFC_9293)
  const { took } = arrival
  course.do({ is: 'arrived', to, id, at: course.world.clock })
  setTcb(course, to, arrival.tcb, 'arrival', arrival.restarted)
  for (const [what, came] of [
    ['SYN', took.syn],
    ['data', took.octets > 0],
    ['FIN', took.fin],
  ] as const)
    if (came && !before.received.includes(what)) course.do({ is: 'received', seat: to, what })
  const state = course.world.hosts[to].tcb.state
  const moved = took.syn || took.octets > 0 || took.fin || took.acked || took.reset || state !== before.tcb.state
  course.do({
    is: 'event',
    seat: to,
    state,
    asks: arrival.owed.length > 0,
    discard: judgeDiscard(arrival.owed, moved, arrival.tcb, RFC_9293),
  })
  withdraw(course, to)
  // A passive TCP whose SYN-RECEIVED is reset listens again: that round goes on.
  if (took.reset && state === 'CLOSED') course.do({ is: 'over', why: 'broken' })
}

/** A call that the application's script has next. False: the TCP answers it with an error. */
export function calls(course: Course, seat: Seat, call: Call, by: 'seat' | 'exercise'): boolean {
  const before = course.world.hosts[seat].tcb
  const result = userCall(before, call, RFC_9293)
  if (!result.ok) return false
  if (by === 'seat') withdraw(course, seat)
  course.do({ is: 'called', seat, call, by })
  setTcb(course, seat, result.tcb, 'user')
  if (call.call === 'OPEN' || call.call === 'CLOSE') earn(course, seat, { calls: call.call })
  // A call that changes the state by itself tells so; one that waits for its segment leaves the state to be asked.
  if (result.tcb.state !== before.state) says(course, seat, result.tcb.state, 'claim')
  if (by === 'seat') course.do({ is: 'done', seat, useless: false })
  return true
}

/**
 * A seat rightly says its state: events that this statement covers need no other answer. A segment answers what asked for one, too; a
 * change of state that asked for nothing may still be claimed after it.
 */
export function says(course: Course, seat: Seat, state: State, by: 'send' | 'claim'): void {
  const { said, events } = course.world.seats[seat]
  for (const event of events) {
    const covered = event.state === state || event.state === said || (by === 'send' && event.asks)
    if (!event.settled && covered) course.do({ is: 'settled', seat, event: event.view })
  }
  course.do({ is: 'said', seat, state })
  earn(course, seat, { says: state })
}

/** A wait is lodged; once both are, the earliest timer of either side goes off, the client's first on a tie. */
export function lodges(course: Course, seat: Seat): void {
  course.do({ is: 'lodged', seat })
  if (!SEATS.every((s) => course.world.seats[s].lodged)) return
  const running = SEATS.flatMap((s) =>
    Object.entries(course.world.hosts[s].due).map(([timer, at]) => ({ seat: s, timer: timer as Timer, at })),
  )
  const first = running.reduce<(typeof running)[number] | null>((best, t) => (best && best.at <= t.at ? best : t), null)
  if (!first) return
  for (const s of SEATS) course.do({ is: 'withdrawn', seat: s })
  course.do({ is: 'clock', now: first.at })
  course.do({ is: 'fired', seat: first.seat, timer: first.timer })
  const { [first.timer]: _, ...due } = course.world.hosts[first.seat].due
  course.do({ is: 'timers', seat: first.seat, due })
  setTcb(course, first.seat, timeout(course.world.hosts[first.seat].tcb, first.timer, RFC_9293), 'timer')
  const { tcb } = course.world.hosts[first.seat]
  course.do({ is: 'event', seat: first.seat, state: tcb.state, asks: false, discard: judgeDiscard([], true, tcb, RFC_9293) })
  if (first.timer === 'user') course.do({ is: 'over', why: 'broken' })
}

/** What follows by itself: the exercise's calls whose time has come, milestones that open, the goal. */
export function settle(course: Course): void {
  for (const seat of SEATS) {
    for (let next = nextCall(course.world, seat); next?.ready && next.step.by === 'exercise'; next = nextCall(course.world, seat))
      if (!calls(course, seat, next.step.call, 'exercise')) break
  }
  for (const seat of SEATS) {
    const calls = course.world.hosts[seat].called.length + (nextCall(course.world, seat)?.ready ? 1 : 0)
    if (calls !== course.world.seats[seat].due) course.do({ is: 'due', seat, calls })
  }
  for (const seat of SEATS)
    for (const { id, deed, opens } of course.world.script.milestones[seat]) {
      const status = course.world.seats[seat].milestones.find((m) => m.id === id)?.status
      const due = holds(course.world, opens, seat) && !('says' in deed && gone(course.world, seat, deed.says))
      if (due !== (status === 'open') && (status === 'open' || status === 'shut'))
        course.do({ is: 'milestone', seat, milestone: id, status: due ? 'open' : 'shut' })
    }
  const { over, hosts, seats, script } = course.world
  const reached = SEATS.every((s) => hosts[s].tcb.state === script.goal[s] && seats[s].milestones.every((m) => m.status !== 'open'))
  if (!over && reached) course.do({ is: 'over', why: 'goal' })
}

/** The host has left a state, and no event is left on which it could be said: an ACK with the FIN on it passes CLOSE-WAIT by. */
function gone(world: World, seat: Seat, state: State): boolean {
  const { been, tcb } = world.hosts[seat]
  return been.includes(state) && tcb.state !== state && !world.seats[seat].events.some((e) => !e.settled && e.state === state)
}

function withdraw(course: Course, seat: Seat): void {
  if (course.world.seats[seat].lodged) course.do({ is: 'withdrawn', seat })
}

function setTcb(course: Course, seat: Seat, tcb: Tcb, by: 'arrival' | 'timer' | 'user', restarted: readonly Timer[] = []): void {
  const { tcb: before, due: running } = course.world.hosts[seat]
  const set = changes(before, tcb)
  if (Object.keys(set).length > 0) course.do({ is: 'tcb', seat, set, by })
  const due = deadlines(course.world, before, tcb, running, restarted)
  if (TIMERS.some((t) => due[t] !== running[t])) course.do({ is: 'timers', seat, due })
}

/** The fields that `after` has otherwise. By value: a world that has been read from its log shares nothing, and gives the same effects. */
function changes(before: Tcb, after: Tcb): Partial<Tcb> {
  return Object.fromEntries(Object.entries(after).filter(([field, value]) => !equal(before[field as keyof Tcb], value)))
}

function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || !a || !b) return false
  const [fields, others] = [Object.entries(a), Object.keys(b)]
  return fields.length === others.length && fields.every(([field, value]) => equal(value, (b as Record<string, unknown>)[field]))
}

const TIMERS: readonly Timer[] = ['user', 'retransmission', 'persist', 'time-wait']
type Due = { [T in Timer]?: number }
/** World ms: a retransmission timer waits no longer. */
const MOST_BACKED_OFF = 60_000

/** World times for the timers that run in `after`: kept where they ran before, set anew where they start or restart. */
function deadlines(world: World, before: Tcb, after: Tcb, running: Due, restarted: readonly Timer[]): Due {
  const { rto, msl, userTimeout } = world.script.times
  // RFC 6298 5.5, RFC 9293 3.8.6.1: each timeout in a row doubles the time to the next.
  const backedOff = Math.min(rto * 2 ** after.backoff, MOST_BACKED_OFF)
  const spans: { readonly [T in Timer]: number } = {
    user: userTimeout,
    retransmission: backedOff,
    persist: backedOff,
    'time-wait': 2 * msl,
  }
  // RFC 6298 5.3: an acknowledgment of new data restarts the retransmission timer.
  const anew = after.snd.una === before.snd.una ? restarted : [...restarted, 'retransmission']
  const due: Due = {}
  for (const timer of after.timers) due[timer] = (anew.includes(timer) ? undefined : running[timer]) ?? world.clock + spans[timer]
  return due
}

/** What paying a debt amounts to, in the words of milestones. */
function deedsOf(debt: Debt): Deed[] {
  switch (debt.kind) {
    case 'SYN':
    case 'FIN':
    case 'data':
      return [{ sends: debt.kind }]
    case 'SYN,ACK':
      return [{ sends: 'SYN' }, { acknowledges: 'SYN' }]
    case 'ACK':
      return debt.why === 'SYN' || debt.why === 'data' || debt.why === 'FIN' ? [{ acknowledges: debt.why }] : []
    case 'RST':
    case 'retransmission':
    case 'probe':
      return []
  }
}

function earn(course: Course, seat: Seat, deed: Deed): void {
  const same = (other: Deed) => Object.entries(deed).every(([k, v]) => (other as Record<string, unknown>)[k] === v)
  for (const { id, deed: wanted } of course.world.script.milestones[seat]) {
    const record = course.world.seats[seat].milestones.find((m) => m.id === id)
    const closed = record?.status === 'met' || record?.status === 'forfeited'
    if (!closed && same(wanted)) course.do({ is: 'milestone', seat, milestone: id, status: course.credit })
  }
}
