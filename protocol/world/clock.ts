/** The clock: it moves when every seat has lodged a wait, to whatever comes next. */
import type { Timer } from '../tcp/tcb.ts'
import { answer } from './answer.ts'
import type { Course } from './course.ts'
import { SEATS, type Seat } from './exercise.ts'
import { arrives, fires } from './host.ts'
import type { Flight, World } from './world.ts'

/** A wait is lodged; once both are, what comes next happens. */
export function lodges(course: Course, seat: Seat): void {
  course.do({ is: 'lodged', seat })
  if (!SEATS.every((s) => course.world.seats[s].lodged)) return
  const next = comesNext(course.world)
  if (!next) return stuck(course.world) ? course.do({ is: 'over', why: 'broken' }) : undefined
  for (const s of SEATS) course.do({ is: 'withdrawn', seat: s })
  course.do({ is: 'clock', now: Math.max(course.world.clock, next.at) })
  switch (next.is) {
    case 'arrival':
      return arrives(course, next.flight)
    case 'timer':
      return fires(course, next.seat, next.timer)
    case 'expiry': {
      const { strangers } = course.world.hosts[next.seat]
      return course.do({ is: 'strangers', seat: next.seat, strangers: strangers.filter(({ expires }) => expires !== next.at) })
    }
  }
}

/** Nothing is on its way, and nobody has anything to do: the goal is out of reach, after a fatal alert for one. */
const stuck = (world: World): boolean => world.wire.length === 0 && SEATS.every((seat) => answer(world, seat).act === 'wait')

type Next =
  | { readonly is: 'arrival'; readonly at: number; readonly flight: Flight }
  | { readonly is: 'timer'; readonly at: number; readonly seat: Seat; readonly timer: Timer }
  | { readonly is: 'expiry'; readonly at: number; readonly seat: Seat }

/** The earliest; on a tie an arrival before a timer, and the client's timer first. */
function comesNext(world: World): Next | null {
  const arrivals = world.wire.flatMap((flight): Next[] => (flight.due === null ? [] : [{ is: 'arrival', at: flight.due, flight }]))
  const timers = SEATS.flatMap((seat) =>
    Object.entries(world.hosts[seat].due).map(([timer, at]): Next => ({ is: 'timer', at, seat, timer: timer as Timer })),
  )
  const expiries = SEATS.flatMap((seat) =>
    world.hosts[seat].strangers.flatMap(({ expires: at }): Next[] => (at === null ? [] : [{ is: 'expiry', at, seat }])),
  )
  const all = [...arrivals, ...timers, ...expiries]
  return all.reduce<Next | null>((first, next) => (first && first.at <= next.at ? first : next), null)
}
