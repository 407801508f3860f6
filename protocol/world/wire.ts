/** The wire: what becomes of a segment between its host and the other one. */
import { sortsOf } from '../segment.ts'
import { gt, sub } from '../seq.ts'
import { holds } from './conditions.ts'
import type { Course } from './course.ts'
import { type Fault, peerOf } from './exercise.ts'
import type { DrawnInjection } from './script.ts'
import { type Flight, sceneOf, type World } from './world.ts'

/** World ms: a segment that is held for an event travels on at the latest then, so that no legal play locks up. */
const LONGEST_HOLD = 30_000

/** A seat's segment sets out. True: the wire brings it over now; otherwise it is lost, or stays there for a while. */
export function travels(course: Course, flight: Flight): boolean {
  const { clock, stops } = course.world
  const { id } = flight
  if (stops) {
    course.do({ is: 'held', id, due: null })
    return false
  }
  const fault = faultOn(course, flight)
  if (!fault || fault.do === 'pass') return true
  const after = fault.after ?? sceneOf(course.world).times.transit
  switch (fault.do) {
    case 'drop':
      course.do({ is: 'lost', id, at: clock + after, why: 'dropped' })
      return false
    case 'corrupt':
      course.do({ is: 'lost', id, at: clock + after, why: 'corrupted' })
      return false
    case 'duplicate':
      doubles(course, id, clock + after)
      return true
    case 'delay':
      course.do({ is: 'held', id, due: clock + after })
      return false
    case 'hold': {
      const due = clock + (fault.after ?? LONGEST_HOLD)
      course.do(fault.until ? { is: 'held', id, due, until: fault.until } : { is: 'held', id, due })
      return false
    }
  }
}

/** Keeps a segment on the wire until somebody lets it pass, or for so long. */
export function holdsBack(course: Course, id: number): void {
  course.do({ is: 'held', id, due: course.world.clock + LONGEST_HOLD })
}

/** Puts a second one of a segment on the wire; it arrives at `due`, or where that is null once it is let pass. */
export function doubles(course: Course, id: number, due: number | null): void {
  const copy = course.world.segments + 1
  course.do({ is: 'copied', id: copy, of: id, at: course.world.clock })
  course.do({ is: 'held', id: copy, due })
}

/** A segment that no seat sends sets out. */
export function injects(course: Course, { as, to, from, after, segment }: DrawnInjection): void {
  const { clock, segments } = course.world
  const id = segments + 1
  const whose = from === undefined ? {} : { stranger: from }
  course.do({ is: 'injected', to, id, at: clock, segment, as, ...whose })
  course.do({ is: 'held', id, due: clock + (after ?? 0) })
}

/** The fault that befalls a segment; each that its meaning matches counts it. */
function faultOn(course: Course, flight: Flight): Fault | undefined {
  let befalls: Fault | undefined
  for (const [index, fault] of (sceneOf(course.world).wire ?? []).entries()) {
    if (!means(course.world, flight, fault.on)) continue
    course.do({ is: 'matched', fault: index })
    const { nth = 1, until } = fault
    const now = nth === 'every' ? !(until && holds(course.world, until, fault.on.from)) : course.world.matched[index] === nth
    if (now) befalls ??= fault
  }
  return befalls
}

/**
 * Whether a segment is of this meaning: by what it carries, whether it would leave a gap at the peer, and what its acknowledgment will tell
 * the peer that it does not know yet.
 */
function means(world: World, { from, segment }: Flight, { from: wanted, sends, acknowledges, gap }: Fault['on']): boolean {
  const { snd, rcv, iss, finSent, state } = world.hosts[peerOf(from)].tcb
  if (from !== wanted) return false
  if (sends !== undefined && !sortsOf(segment).includes(sends)) return false
  if (gap !== undefined && gap !== gt(segment.seq, rcv.nxt)) return false
  if (acknowledges === undefined) return true
  const news = segment.ack === null ? 0 : sub(segment.ack, snd.una)
  if (state === 'CLOSED' || news > sub(snd.nxt, snd.una)) return false
  if (acknowledges === 'window') return segment.ack !== null && news === 0 && snd.wnd === 0 && segment.window > 0
  if (news === 0) return false
  const syn = snd.una === iss
  const fin = finSent !== null && segment.ack === snd.nxt
  switch (acknowledges) {
    case 'SYN':
      return syn
    case 'FIN':
      return fin
    case 'data':
      return news > (syn ? 1 : 0) + (fin ? 1 : 0)
  }
}
