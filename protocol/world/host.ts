/** What happens at a host: segments leave and arrive, timers go off, its application calls, its seat says what it believes. */
import { equal } from '../equal.ts'
import { judgeDiscard } from '../tcp/claims.ts'
import { maySend } from '../tcp/may-send.ts'
import { pay } from '../tcp/pay.ts'
import { segmentArrives } from '../tcp/segment-arrives.ts'
import { closed, type Debt, listening, type State, type Tcb, type Timer } from '../tcp/tcb.ts'
import { timeout } from '../tcp/timeouts.ts'
import { userCall } from '../tcp/user-calls.ts'
import { type Segment, sortsOf } from '../segment.ts'
import type { Course } from './course.ts'
import { deadlines } from './deadlines.ts'
import type { Effect } from './action.ts'
import { type Call, type Deed, peerOf, type Seat } from './exercise.ts'
import { givenMessages, kindOf } from './http.ts'
import { sentOf } from './stream.ts'
import { taken } from './tls.ts'
import type { Uttered } from './utter.ts'
import { travels } from './wire.ts'
import { type Flight, rulesOf, sceneOf, type World } from './world.ts'

/** A segment that may be sent leaves. `after` and `paid` are the engine's. */
export function sends(
  course: Course,
  seat: Seat,
  segment: Segment,
  after: { tcb: Tcb; paid: readonly Debt[] },
  useless: boolean,
): void {
  withdraw(course, seat)
  const { clock, segments } = course.world
  const deeds = [
    ...after.paid.flatMap((debt) => deedsOf(debt, segment)),
    ...completedBy(course.world, seat, after.tcb).map((name): Deed => ({ sends: name })),
  ]
  const flight: Flight = { id: segments + 1, from: seat, segment, due: null }
  course.do({ is: 'left', from: seat, id: flight.id, at: clock, segment })
  setTcb(course, seat, after.tcb, 'user')
  for (const deed of deeds) earn(course, seat, deed)
  says(course, seat, after.tcb.state, 'send')
  course.do({ is: 'done', seat, useless })
  if (!travels(course, flight)) return
  course.do({ is: 'clock', now: clock + sceneOf(course.world).times.transit })
  arrives(course, flight)
}

/** A segment comes out of the wire at the other end. */
export function arrives(course: Course, flight: Flight): void {
  const to = peerOf(flight.from)
  if (flight.stranger !== undefined) return arrivesFromStranger(course, to, flight, flight.stranger)
  const { id, segment } = flight
  const before = course.world.hosts[to]
  if (before.tcb.state === 'LISTEN' && full(course.world, to))
    return course.do({ is: 'lost', id, at: course.world.clock, why: 'backlog' })
  const arrival = segmentArrives(before.tcb, segment, rulesOf(course.world))
  const { took } = arrival
  course.do({ is: 'arrived', to, id, at: course.world.clock })
  setTcb(course, to, arrival.tcb, 'arrival', arrival.restarted)
  for (const [what, came] of [
    ['SYN', took.syn],
    ['data', took.octets > 0],
    ['FIN', took.fin],
  ] as const)
    if (came && !before.received.includes(what)) course.do({ is: 'received', seat: to, what })
  reads(course, to)
  const { state } = course.world.hosts[to].tcb
  const moved = took.syn || took.octets > 0 || took.fin || took.acked || took.reset || state !== before.tcb.state
  const asks = arrival.owed.length > 0
  course.do({
    is: 'event',
    seat: to,
    state,
    asks,
    discard: judgeDiscard(arrival.owed, moved, arrival.tcb, rulesOf(course.world)),
    of: sortsOf(segment),
  })
  withdraw(course, to)
  // A passive TCP whose SYN-RECEIVED is reset listens again: that round goes on.
  if (took.reset && state === 'CLOSED') breaks(course, to)
}

/** The application has been given more, of which messages may have become whole. */
function reads(course: Course, seat: Seat): void {
  const { http, tls } = sceneOf(course.world)
  if (tls) for (const effect of taken(course.world, seat, course.tls)) course.do(effect)
  if (!http) return
  const name = kindOf(peerOf(seat))
  const known = course.world.hosts[seat].read.filter((each) => each === name).length
  for (const text of givenMessages(course.world, seat).slice(known))
    course.do({ is: 'read', seat, name, text, ...(tls ? { encrypted: true } : {}) })
}

/** The messages whose last octet leaves a host for the first time as its TCB becomes `after`. */
function completedBy(world: World, seat: Seat, after: Tcb) {
  const { tcb, wrote } = world.hosts[seat]
  const before = sentOf(sceneOf(world), seat, tcb)
  const now = sentOf(sceneOf(world), seat, after)
  return wrote.filter(({ end }) => end > before && end <= now).map(({ name }) => name)
}

/** The listener has no room for another half-open connection. One that is established has left the backlog. */
const full = (world: World, seat: Seat): boolean =>
  world.hosts[seat].strangers.filter(({ state }) => state === 'SYN-RECEIVED').length >= (sceneOf(world).backlog ?? Infinity)

/** The connection of a host is gone: the round is over, unless that is what the exercise is about or its application opens another. */
function breaks(course: Course, seat: Seat): void {
  const { goal, application } = sceneOf(course.world)
  const left = application[seat].slice(course.world.hosts[seat].steps)
  if (goal[seat] !== 'CLOSED' && !left.some(({ call }) => call?.call === 'OPEN')) course.do({ is: 'over', why: 'broken' })
}

/**
 * A listener's TCP answers strangers by itself, as far as its backlog goes; they have vanished and answer nothing. What the seat sees is
 * the table of its connections filling.
 */
function arrivesFromStranger(course: Course, to: Seat, { id, segment }: Flight, name: string): void {
  const { clock, hosts } = course.world
  const { tcb, strangers } = hosts[to]
  const { times, iss } = sceneOf(course.world)
  const rules = rulesOf(course.world)
  if (tcb.opened !== 'passive' || full(course.world, to)) return course.do({ is: 'lost', id, at: clock, why: 'backlog' })
  course.do({ is: 'arrived', to, id, at: clock })
  const { tcb: child } = segmentArrives(listening(closed(iss[to], tcb.rcv.buff)), segment, rules)
  const reply = pay(child)
  if (!reply) return
  const permission = maySend(child, reply, { rules, calls: 'given' })
  if (!permission.ok) return
  const { state } = permission.tcb
  // What is only half open is given up after a while; what has been committed stays.
  const expires = state === 'SYN-RECEIVED' ? clock + times.halfOpen : null
  course.do({ is: 'strangers', seat: to, strangers: [...strangers, { name, state, expires }] })
  const answer = course.world.segments + 1
  course.do({ is: 'left', from: to, id: answer, at: clock, segment: reply, stranger: name })
  course.do({ is: 'lost', id: answer, at: clock + times.transit, why: 'vanished' })
}

/** A timer of a host goes off. */
export function fires(course: Course, seat: Seat, timer: Timer): void {
  course.do({ is: 'fired', seat, timer })
  const { [timer]: _, ...due } = course.world.hosts[seat].due
  course.do({ is: 'timers', seat, due })
  setTcb(course, seat, timeout(course.world.hosts[seat].tcb, timer, rulesOf(course.world)), 'timer')
  const { tcb } = course.world.hosts[seat]
  course.do({ is: 'event', seat, state: tcb.state, asks: false, discard: judgeDiscard([], true, tcb, rulesOf(course.world)) })
  if (timer === 'user') breaks(course, seat)
}

/** A call that the application's script has next. False: the TCP answers it with an error. */
export function calls(course: Course, seat: Seat, call: Call, by: 'seat' | 'exercise'): boolean {
  return uses(course, seat, call, { is: 'called', seat, call, by }, { calls: call.call })
}

/** A message for the other side: SEND, with its octets. False: the TCP answers that with an error. */
export function writes(course: Course, seat: Seat, { wrote, more }: Extract<Uttered, { ok: true }>): boolean {
  const call: Call = { call: 'SEND', octets: wrote.octets.length / 2 }
  return uses(course, seat, call, wrote, { writes: wrote.name }, more)
}

/** An application uses its TCP. */
function uses(
  course: Course,
  seat: Seat,
  call: Call,
  told: Extract<Effect, { is: 'called' | 'wrote' }>,
  deed: Deed,
  more: readonly Effect[] = [],
): boolean {
  const { by } = told
  const before = course.world.hosts[seat].tcb
  const result = userCall(before, call, rulesOf(course.world))
  if (!result.ok) return false
  if (by === 'seat') withdraw(course, seat)
  course.do(told)
  for (const effect of more) course.do(effect)
  setTcb(course, seat, result.tcb, 'user')
  earn(course, seat, deed)
  reads(course, seat)
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
    if (covered) course.do({ is: 'settled', seat, event: event.view })
  }
  course.do({ is: 'said', seat, state })
  earn(course, seat, { says: state })
}

/** A seat rightly drops what arrived. */
export function discards(course: Course, seat: Seat, view: number): void {
  const event = course.world.seats[seat].events.find((e) => e.view === view)
  course.do({ is: 'settled', seat, event: view })
  for (const sort of event?.of ?? []) earn(course, seat, { discards: sort })
}

function withdraw(course: Course, seat: Seat): void {
  if (course.world.seats[seat].lodged) course.do({ is: 'withdrawn', seat })
}

/** Meets the milestones of this scene that such a deed earns. */
export function earn(course: Course, seat: Seat, deed: Deed): void {
  const same = (other: Deed) => Object.entries(deed).every(([k, v]) => (other as Record<string, unknown>)[k] === v)
  for (const { id, deed: wanted } of sceneOf(course.world).milestones[seat]) {
    const record = course.world.seats[seat].milestones.find((m) => m.id === id)
    const closed = record?.status === 'met' || record?.status === 'forfeited'
    if (!closed && same(wanted)) course.do({ is: 'milestone', seat, milestone: id, status: course.credit })
  }
}

/** What paying a debt with this segment amounts to, in the words of milestones. */
function deedsOf(debt: Debt, segment: Segment): Deed[] {
  switch (debt.kind) {
    case 'SYN':
    case 'FIN':
    case 'data':
    case 'RST':
    case 'probe':
      return [{ sends: debt.kind }]
    case 'SYN,ACK':
      return [{ sends: 'SYN' }, { acknowledges: 'SYN' }]
    case 'ACK':
      return 'of' in debt ? debt.of.map((sort) => ({ answers: sort })) : [{ acknowledges: debt.why }]
    case 'retransmission':
      return sortsOf(segment).flatMap((sort) => (sort === 'SYN' || sort === 'data' || sort === 'FIN' ? [{ resends: sort }] : []))
  }
}

function setTcb(course: Course, seat: Seat, tcb: Tcb, by: 'arrival' | 'timer' | 'user', restarted: readonly Timer[] = []): void {
  const { tcb: before, due: running } = course.world.hosts[seat]
  const set = changes(before, tcb)
  if (Object.keys(set).length > 0) course.do({ is: 'tcb', seat, set, by })
  const due = deadlines(course.world, before, tcb, running, restarted)
  if (due !== running) course.do({ is: 'timers', seat, due })
}

/** The fields that `after` has otherwise. By value: a world that has been read from its log shares nothing, and gives the same effects. */
function changes(before: Tcb, after: Tcb): Partial<Tcb> {
  return Object.fromEntries(Object.entries(after).filter(([field, value]) => !equal(before[field as keyof Tcb], value)))
}
