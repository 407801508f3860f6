/** World time. It advances only when both seats have asked to wait, and then to the next event. */
import { peerOf, SEATS, type Seat } from '../../seat.ts'
import { nextSegment } from '../../tcp/due-segment.ts'
import type { Timer } from '../../tcp/tcb.ts'
import { sceneOf } from '../fold/current-scene.ts'
import type { Reason } from '../model/verdict.ts'
import type { InFlightSegment, World } from '../model/world.ts'
import type { EffectRecorder } from './effect-recorder.ts'
import { areHostsAtGoal, reasonToAnswerFirst, statusOf } from './goal.ts'
import { deliverSegment, fireTimer } from './host.ts'
import { nextEngineAction } from './next-action.ts'

/** Records a seat's wait; once both wait, the next event happens. */
export function requestWait(recorder: EffectRecorder, seat: Seat): void {
  recorder.record({ kind: 'lodged', seat })
  advanceClock(recorder)
}

/**
 * The next event happens where both seats' waits stand and neither seat has to act first; where nothing can happen any more, the round is over.
 * Also after an act that leaves both waits standing: what was stopped on the wire, or owed, may be no longer. True: something has been recorded.
 */
export function advanceClock(recorder: EffectRecorder): boolean {
  const { world } = recorder
  const bothWait = SEATS.every((seat) => world.seats[seat].waitRequested)
  if (!bothWait || world.over || world.paused || SEATS.some((seat) => reasonToHoldClock(world, seat))) return false
  const next = nextClockEvent(world)
  if (!next && !isStuck(world)) return false
  if (next) runClockEvent(recorder, next)
  else recorder.record({ kind: 'over', why: 'broken' })
  return true
}

function runClockEvent(recorder: EffectRecorder, next: ClockEvent): void {
  for (const s of SEATS) recorder.record({ kind: 'withdrawn', seat: s })
  recorder.record({ kind: 'clock', now: Math.max(recorder.world.clock, next.at) })
  switch (next.kind) {
    case 'arrival':
      return deliverSegment(recorder, next.flight)
    case 'timer':
      return fireTimer(recorder, next.seat, next.timer)
    case 'expiry': {
      const { strangers } = recorder.world.hosts[next.seat]
      return recorder.record({
        kind: 'strangers',
        seat: next.seat,
        strangers: strangers.filter(({ expires }) => expires !== next.at),
      })
    }
  }
}

/** Why a seat's wait is not taken: it has something to do before time may pass. Null: nothing. */
export const reasonNotToWait = (world: World, seat: Seat): Reason | null =>
  reasonToHoldClock(world, seat) ?? (isClaimDue(world, seat) ? 'pay-first' : null)

/** The host is in a state that the seat has not claimed. One that it has passed since may be claimed, and need not be. */
function isClaimDue(world: World, seat: Seat): boolean {
  const { openEvents, claimedState } = world.seats[seat]
  const { state } = world.hosts[seat].tcb
  return state !== claimedState && openEvents.some((event) => event.state === state)
}

/**
 * Why the clock stands until this seat has acted, however long that takes. A claim may come late and so is no such reason by itself; but the
 * clock does not take a host from where the scene wants it while this seat still has to do there what the scene asks for.
 */
function reasonToHoldClock(world: World, seat: Seat): Reason | null {
  const first = reasonToAnswerFirst(world, seat)
  if (first) return first
  if (nextSegment(world.hosts[seat].tcb)) return 'pay-first'
  // Of hosts that have nothing unacknowledged only TIME-WAIT's timer runs.
  const leavesGoal = areHostsAtGoal(world) && nextClockEvent(world)?.kind === 'timer'
  return leavesGoal && canGoOn(world, seat) ? 'pay-first' : null
}

/** The seat can do something that leads on. Dropping a segment does so only where the exercise asks for it. */
function canGoOn(world: World, seat: Seat): boolean {
  const { kind } = nextEngineAction(world, seat)
  return kind === 'discard' ? isDiscardAsked(world, seat) : kind !== 'wait'
}

const isDiscardAsked = (world: World, seat: Seat): boolean =>
  sceneOf(world).milestones[seat].some(({ id, deed }) => 'discards' in deed && statusOf(world, seat, id) === 'open')

/** Nothing is on the wire and neither seat can act: the goal is out of reach, for example after a fatal alert. */
const isStuck = (world: World): boolean => world.wire.length === 0 && !SEATS.some((seat) => canGoOn(world, seat))

type ClockEvent =
  | { readonly kind: 'arrival'; readonly at: number; readonly flight: InFlightSegment }
  | { readonly kind: 'timer'; readonly at: number; readonly seat: Seat; readonly timer: Timer }
  | { readonly kind: 'expiry'; readonly at: number; readonly seat: Seat }

/** The earliest; on a tie an arrival before a timer, and the client's timer first. */
function nextClockEvent(world: World): ClockEvent | null {
  const arrivals = world.wire.flatMap((flight): ClockEvent[] =>
    flight.due === null ? [] : [{ kind: 'arrival', at: flight.due, flight }],
  )
  const timers = SEATS.flatMap((seat) =>
    Object.entries(world.hosts[seat].timerDeadlines).map(([timer, at]): ClockEvent => ({
      kind: 'timer',
      at,
      seat,
      timer: timer as Timer,
    })),
  )
  const expiries = SEATS.flatMap((seat) =>
    world.hosts[seat].strangers.flatMap(({ expires: at }): ClockEvent[] => (at === null ? [] : [{ kind: 'expiry', at, seat }])),
  )
  const all = [...arrivals, ...timers, ...expiries]
  return all.reduce<ClockEvent | null>((first, next) => (first && first.at <= next.at ? first : next), null)
}

/** The seat that keeps the clock from advancing by doing nothing: the other one waits, this one could; null for none. */
export const seatHoldingClock = (world: World): Seat | null =>
  SEATS.find((seat) => world.seats[peerOf(seat)].waitRequested && reasonAgainstIdleWait(world, seat) === null) ?? null

/** Why no wait is requested on behalf of a seat that does nothing. Null: it is. */
export function reasonAgainstIdleWait(world: World, seat: Seat): Reason | null {
  if (world.over) return 'over'
  if (world.paused) return 'paused'
  if (world.seats[seat].waitRequested) return 'already-waiting'
  return reasonToHoldClock(world, seat)
}
