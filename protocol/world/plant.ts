/**
 * Wrong segments that the built-in partner plants, where the teacher or the learner wants them: what a person would be refused comes out of the
 * wire all the same, and whoever receives it has to see that it is wrong. Only such as the receiver has to drop, or to answer with an ACK or a
 * reset (RFC 9293 3.10.7); they change nothing at either host.
 */
import { maySend } from '../tcp/may-send.ts'
import { pay } from '../tcp/pay.ts'
import { segmentArrives } from '../tcp/segment-arrives.ts'
import type { Tcb } from '../tcp/tcb.ts'
import { ACK, type Segment, sortsOf } from '../segment.ts'
import { add } from '../seq.ts'
import type { ControlAction } from './action.ts'
import { nextTask } from './answer.ts'
import { total } from './apply.ts'
import type { Course } from './course.ts'
import { peerOf, type Seat } from './exercise.ts'
import { arrives } from './host.ts'
import { seeded } from './seeded.ts'
import { type Flight, rulesOf, sceneOf, type World } from './world.ts'

/** How often it happens, of the segments that the partner has to send. */
const CHANCE = 0.4
/** Real ms. */
const AFTER = 3_000

/**
 * What comes of the partner's mistakes now: one to be planted, or `reaction` while the other side owes an answer to the last one. Null: it
 * plays as ever.
 */
export function mistakeNext(
  world: World,
  seat: Seat,
): { readonly action: ControlAction; readonly after: number } | 'reaction' | null {
  const { script, hosts, over, paused } = world
  if (!script.partner.mistakes || over || paused) return null
  if (hosts[seat].planted === total(hosts[seat].sent)) return pay(hosts[peerOf(seat)].tcb) ? 'reaction' : null
  if (seeded(script.seed ^ Math.imul(world.segments + 1, 0x9e3779b1))() >= CHANCE || !wrongSegment(world, seat)) return null
  return { action: { type: 'control', control: 'plant', seat }, after: script.partner.pace === 'human' ? AFTER : 0 }
}

/** In place of the segment that the seat is to send: null where none does no harm. */
export function wrongSegment(world: World, seat: Seat): Segment | null {
  // Where the wire or a past has its own part, one more segment would be in its way.
  const { wire = [], injections, opening } = sceneOf(world)
  if (wire.length > 0 || injections.length > 0 || opening.client.with || opening.server.with) return null
  const task = nextTask(world, seat)
  if (task.act !== 'send' || world.hosts[peerOf(seat)].tcb.owes.length > 0) return null
  const wrong = slips(task.segment).filter((segment) => isRefused(world, seat, segment) && isHarmless(world, seat, segment))
  return wrong[Math.floor(seeded(world.script.seed ^ world.segments)() * wrong.length)] ?? null
}

/** Puts it on the wire. */
export function plants(course: Course, seat: Seat, segment: Segment): void {
  const { clock, segments, stops } = course.world
  const flight: Flight = { id: segments + 1, from: seat, segment, as: 'planted', due: null }
  course.do({ is: 'injected', to: peerOf(seat), id: flight.id, at: clock, segment, as: 'planted' })
  if (stops) return course.do({ is: 'held', id: flight.id, due: null })
  course.do({ is: 'clock', now: clock + sceneOf(course.world).times.transit })
  arrives(course, flight)
}

/** As people get it wrong: a number one off, the two mixed up, the ACK bit forgotten. */
function slips(right: Segment): Segment[] {
  const { bits, seq, ack } = right
  const byOne = [1, -1].map((off) => ({ ...right, seq: add(seq, off) }))
  if (ack === null) return byOne
  return [
    ...byOne,
    ...[1, -1].map((off) => ({ ...right, ack: add(ack, off) })),
    { ...right, seq: ack, ack: seq },
    { ...right, bits: bits & ~ACK, ack: null },
  ]
}

const isRefused = (world: World, seat: Seat, segment: Segment): boolean =>
  !maySend(world.hosts[seat].tcb, segment, { rules: rulesOf(world), calls: 'given' }).ok

/** It moves nothing where it arrives, nor does the answer to it; and what it is answered with is no milestone of the exercise. */
function isHarmless(world: World, seat: Seat, segment: Segment): boolean {
  const rules = rulesOf(world)
  const peer = peerOf(seat)
  const arrival = segmentArrives(world.hosts[peer].tcb, segment, rules)
  if (lasting(arrival.tcb) !== lasting(world.hosts[peer].tcb)) return false
  const sorts = sortsOf(segment)
  const counts = sceneOf(world).milestones[peer].some(
    ({ deed }) => ('answers' in deed && sorts.includes(deed.answers)) || ('discards' in deed && sorts.includes(deed.discards)),
  )
  if (counts) return false
  const reply = pay(arrival.tcb)
  if (!reply) return true
  const { tcb } = world.hosts[seat]
  return lasting(segmentArrives(tcb, reply, rules).tcb) === lasting(tcb)
}

/** A TCB without what it owes and what it owes it for. */
const lasting = (tcb: Tcb): string => JSON.stringify({ ...tcb, owes: null, heard: null })
