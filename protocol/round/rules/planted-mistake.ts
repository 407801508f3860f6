/**
 * Wrong segments that the built-in partner plants if the teacher or the learner has enabled this. A person's attempt to send such a segment
 * would be refused. A planted one arrives, and the receiving student has to recognise that it is wrong. The receiver must have to drop it,
 * or to answer it with an ACK or a reset (RFC 9293 3.10.7), and it must change nothing else at either host.
 */
import { peerOf, type Seat } from '../../seat.ts'
import { maySend } from '../../tcp/may-send.ts'
import { nextSegment } from '../../tcp/due-segment.ts'
import { processArrival } from '../../tcp/segment-arrives.ts'
import type { Tcb } from '../../tcp/tcb.ts'
import { ACK, type Segment, segmentKindsOf } from '../../segment.ts'
import { add } from '../../seq.ts'
import { nextHostTask } from './next-action.ts'
import type { EffectRecorder } from './effect-recorder.ts'
import { deliverSegment } from './host.ts'
import { seededRandom } from '../setup/random.ts'
import type { InFlightSegment, World } from '../model/world.ts'
import { rulesOf, sceneOf } from '../fold/current-scene.ts'

/** A wrong variant of the segment that the seat is to send now; null if there is no harmless one. */
export function chooseWrongSegment(world: World, seat: Seat): Segment | null {
  // In scenes with faults, injections or an earlier connection an additional segment would interfere with the exercise.
  const { wire = [], injections, opening } = sceneOf(world)
  if (wire.length > 0 || injections.length > 0 || opening.client.with || opening.server.with) return null
  const task = nextHostTask(world, seat)
  if (task.kind !== 'send' || world.hosts[peerOf(seat)].tcb.owes.length > 0) return null
  const wrong = plausibleMistakes(task.segment).filter(
    (segment) => isRefused(world, seat, segment) && isHarmless(world, seat, segment),
  )
  return wrong[Math.floor(seededRandom(world.script.seed ^ world.segmentCount)() * wrong.length)] ?? null
}

/** Puts a wrong segment of the seat on the wire and, unless segments stop there, delivers it. */
export function plantSegment(recorder: EffectRecorder, seat: Seat, segment: Segment): void {
  const { clock, segmentCount, wireStopped } = recorder.world
  const flight: InFlightSegment = { id: segmentCount + 1, from: seat, segment, as: 'planted', departedAt: clock, due: null }
  recorder.record({ kind: 'injected', to: peerOf(seat), id: flight.id, at: clock, segment, as: 'planted' })
  if (wireStopped) return recorder.record({ kind: 'held', id: flight.id, due: null })
  recorder.record({ kind: 'clock', now: clock + sceneOf(recorder.world).times.transit })
  deliverSegment(recorder, flight)
}

/** Typical human mistakes: a number off by one, seq and ack swapped, the ACK bit forgotten. */
function plausibleMistakes(right: Segment): Segment[] {
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

/** Whether neither the segment nor the reply to it changes a host's state, and reacting to it meets no milestone of the exercise. */
function isHarmless(world: World, seat: Seat, segment: Segment): boolean {
  const rules = rulesOf(world)
  const peer = peerOf(seat)
  const arrival = processArrival(world.hosts[peer].tcb, segment, rules)
  if (serializeWithoutReplies(arrival.tcb) !== serializeWithoutReplies(world.hosts[peer].tcb)) return false
  const kinds = segmentKindsOf(segment)
  const counts = sceneOf(world).milestones[peer].some(
    ({ deed }) => ('answers' in deed && kinds.includes(deed.answers)) || ('discards' in deed && kinds.includes(deed.discards)),
  )
  if (counts) return false
  const reply = nextSegment(arrival.tcb)
  if (!reply) return true
  const { tcb } = world.hosts[seat]
  return serializeWithoutReplies(processArrival(tcb, reply, rules).tcb) === serializeWithoutReplies(tcb)
}

/** Serialises a TCB for comparison, without its pending segments and the last received segment. */
const serializeWithoutReplies = (tcb: Tcb): string => JSON.stringify({ ...tcb, owes: null, heard: null })
