/** The world clock. It advances to the next event once both seats have requested a wait. */
import { peerOf, SEATS, type Seat } from '../../seat.ts'
import { nextSegment } from '../../tcp/due-segment.ts'
import type { Timer } from '../../tcp/tcb.ts'
import { isOnAutopilot, sceneOf } from '../fold/current-scene.ts'
import type { Reason } from '../model/verdict.ts'
import type { InFlightSegment, World } from '../model/world.ts'
import type { EffectRecorder } from './effect-recorder.ts'
import { areHostsAtGoal, reasonToAnswerFirst, statusOf } from './goal.ts'
import { deliverSegment, fireTimer } from './host.ts'
import { nextEngineAction } from './next-action.ts'

/** Records that a seat requests a wait. Once both seats have, the next event happens. */
export function requestWait(recorder: EffectRecorder, seat: Seat): void {
  recorder.record({ kind: 'lodged', seat })
  advanceClock(recorder)
}

/**
 * Runs the next event if both seats have requested a wait and neither has to act first. If nothing can happen any more, the round is over.
 * Must also be called after acts that do not end the waits, since they may have removed what held up the clock, such as a pending segment
 * or a segment stopped on the wire. Returns whether anything was recorded.
 */
export function advanceClock(recorder: EffectRecorder): boolean {
  const { world } = recorder
  const bothWait = SEATS.every((seat) => letsTimePass(world, seat))
  if (!bothWait || world.over || world.paused || SEATS.some((seat) => reasonToHoldClock(world, seat))) return false
  // On autopilot a segment that somebody has stopped on the wire is waited for.
  if (isOnAutopilot(world) && world.wire.some(({ due }) => due === null)) return false
  const next = nextClockEvent(world)
  if (!next && !isStuck(world)) return false
  if (next) runClockEvent(recorder, next)
  else recorder.record({ kind: 'over', why: 'broken' })
  return true
}

/** Whether a seat lets time pass: it has asked for that, or, on autopilot, where it cannot ask, it has nothing to do. */
export const letsTimePass = (world: World, seat: Seat): boolean =>
  world.seats[seat].waitRequested || (isOnAutopilot(world) && !canGoOn(world, seat))

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

/** Why a seat may not wait: it has to do something before time may pass. Null if it may wait. */
export const reasonNotToWait = (world: World, seat: Seat): Reason | null =>
  reasonToHoldClock(world, seat) ?? (isClaimDue(world, seat) ? 'pay-first' : null)

/** Whether the host is in a state that the seat still has to claim. States that the host has left again may be claimed, but need not be. */
function isClaimDue(world: World, seat: Seat): boolean {
  const { openEvents, claimedState } = world.seats[seat]
  const { state } = world.hosts[seat].tcb
  return state !== claimedState && openEvents.some((event) => event.state === state)
}

/**
 * Why the clock may not advance until this seat has acted, however long that takes; null if it may. An outstanding claim does not hold up
 * the clock by itself, since it may be made later. But while the hosts are at the goal, a timer may not take them away from it as long as
 * this seat still has something to do there.
 */
function reasonToHoldClock(world: World, seat: Seat): Reason | null {
  const first = reasonToAnswerFirst(world, seat)
  if (first) return first
  if (nextSegment(world.hosts[seat].tcb)) return 'pay-first'
  // At the goal everything has been acknowledged, so that the only timer that can be running is that of TIME-WAIT.
  const leavesGoal = areHostsAtGoal(world) && nextClockEvent(world)?.kind === 'timer'
  return leavesGoal && canGoOn(world, seat) ? 'pay-first' : null
}

/** Whether it is the seat's turn: it can do something that advances the round. Discarding a segment does so only if an open milestone asks for it. */
export function canGoOn(world: World, seat: Seat): boolean {
  const { kind } = nextEngineAction(world, seat)
  return kind === 'discard' ? isDiscardAsked(world, seat) : kind !== 'wait'
}

const isDiscardAsked = (world: World, seat: Seat): boolean =>
  sceneOf(world).milestones[seat].some(({ id, deed }) => 'discards' in deed && statusOf(world, seat, id) === 'open')

/** Whether nothing is on the wire and neither seat can act. The goal is then out of reach, for example after a fatal alert. */
const isStuck = (world: World): boolean => world.wire.length === 0 && !SEATS.some((seat) => canGoOn(world, seat))

type ClockEvent =
  | { readonly kind: 'arrival'; readonly at: number; readonly flight: InFlightSegment }
  | { readonly kind: 'timer'; readonly at: number; readonly seat: Seat; readonly timer: Timer }
  | { readonly kind: 'expiry'; readonly at: number; readonly seat: Seat }

/** The earliest event; null if there is none. On a tie, arrivals come before timers, and the client's timer before the server's. */
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

/** The seat that holds up the clock by being idle: its peer has requested a wait, and it could do the same. Null if there is none. */
export const seatHoldingClock = (world: World): Seat | null =>
  SEATS.find((seat) => world.seats[peerOf(seat)].waitRequested && reasonAgainstIdleWait(world, seat) === null) ?? null

/**
 * Whether a seat that waits is offered to skip the real time after which the wait of an idle peer is requested. Only while all that it has
 * sent is acknowledged: otherwise the answer would tell at once whether a segment was lost or the peer is still thinking. What the peer
 * does has no part in it.
 */
export function isSkipOffered(world: World, seat: Seat): boolean {
  const { snd } = world.hosts[seat].tcb
  return world.seats[seat].waitRequested && snd.una === snd.nxt
}

/** Whether the skip makes the clock advance now. If not, nothing happens, as when the peer is not idle. */
export const maySkip = (world: World, seat: Seat): boolean =>
  isSkipOffered(world, seat) && reasonAgainstIdleWait(world, peerOf(seat)) === null && nextClockEvent(world) !== null

/** Why no wait may be requested on behalf of an idle seat; null if it may. */
export function reasonAgainstIdleWait(world: World, seat: Seat): Reason | null {
  if (world.over) return 'over'
  if (world.paused) return 'paused'
  if (world.seats[seat].waitRequested) return 'already-waiting'
  return reasonToHoldClock(world, seat)
}
