/** World time. It advances only when both seats have asked to wait, and then to the next event. */
import { peerOf, SEATS, type Seat } from '../../seat.ts'
import { nextSegment } from '../../tcp/due-segment.ts'
import type { Timer } from '../../tcp/tcb.ts'
import { nextEngineAction } from './next-action.ts'
import type { EffectRecorder } from './effect-recorder.ts'
import { deliverSegment, fireTimer } from './host.ts'
import type { InFlightSegment, World } from '../model/world.ts'

/** Records a seat's wait; once both wait, the next event happens. */
export function requestWait(recorder: EffectRecorder, seat: Seat): void {
  recorder.record({ kind: 'lodged', seat })
  if (areBothWaiting(recorder.world)) advanceClock(recorder)
}

/**
 * Both seats' waits stand where there was nothing to wait for, as long as a segment is stopped on the wire. Once there is, or never will be, the
 * clock advances, unless a seat has something to do first. True: something has been recorded.
 */
export function resumeClock(recorder: EffectRecorder): boolean {
  const { world } = recorder
  if (world.over || world.paused || !areBothWaiting(world)) return false
  if (SEATS.some((seat) => nextEngineAction(world, seat).kind !== 'wait')) return false
  if (!nextClockEvent(world) && !isStuck(world)) return false
  advanceClock(recorder)
  return true
}

const areBothWaiting = (world: World): boolean => SEATS.every((seat) => world.seats[seat].waitRequested)

function advanceClock(recorder: EffectRecorder): void {
  const next = nextClockEvent(recorder.world)
  if (!next) return isStuck(recorder.world) ? recorder.record({ kind: 'over', why: 'broken' }) : undefined
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

/** Nothing is on the wire and neither seat can act: the goal is out of reach, for example after a fatal alert. */
const isStuck = (world: World): boolean =>
  world.wire.length === 0 && SEATS.every((seat) => nextEngineAction(world, seat).kind === 'wait')

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

/** The seat that keeps the clock from advancing: the other one waits, this one has no reply due and has not waited; null for none. */
export const seatHoldingClock = (world: World): Seat | null =>
  world.over || world.paused
    ? null
    : (SEATS.find(
        (s) => world.seats[peerOf(s)].waitRequested && !world.seats[s].waitRequested && !nextSegment(world.hosts[s].tcb),
      ) ?? null)
