/**
 * Wrong segments that the built-in partner plants, where the teacher or the learner wants them: what a person would be refused comes out of the
 * wire all the same, and whoever receives it has to see that it is wrong. Only such as the receiver has to drop, or to answer with an ACK or a
 * reset (RFC 9293 3.10.7); they change nothing at either host.
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

/** A wrong segment in place of the one that the seat is to send; null where none is harmless. */
export function chooseWrongSegment(world: World, seat: Seat): Segment | null {
  // In scenes with faults, injections or an earlier connection one more segment would interfere.
  const { wire = [], injections, opening } = sceneOf(world)
  if (wire.length > 0 || injections.length > 0 || opening.client.with || opening.server.with) return null
  const task = nextHostTask(world, seat)
  if (task.kind !== 'send' || world.hosts[peerOf(seat)].tcb.owes.length > 0) return null
  const wrong = plausibleMistakes(task.segment).filter(
    (segment) => isRefused(world, seat, segment) && isHarmless(world, seat, segment),
  )
  return wrong[Math.floor(seededRandom(world.script.seed ^ world.segmentCount)() * wrong.length)] ?? null
}

/** Puts it on the wire. */
export function plantSegment(recorder: EffectRecorder, seat: Seat, segment: Segment): void {
  const { clock, segmentCount, wireStopped } = recorder.world
  const flight: InFlightSegment = { id: segmentCount + 1, from: seat, segment, as: 'planted', departedAt: clock, due: null }
  recorder.record({ kind: 'injected', to: peerOf(seat), id: flight.id, at: clock, segment, as: 'planted' })
  if (wireStopped) return recorder.record({ kind: 'held', id: flight.id, due: null })
  recorder.record({ kind: 'clock', now: clock + sceneOf(recorder.world).times.transit })
  deliverSegment(recorder, flight)
}

/** As people get it wrong: a number one off, the two mixed up, the ACK bit forgotten. */
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

/** It moves nothing where it arrives, nor does the answer to it; and what it is answered with is no milestone of the exercise. */
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

/** A TCB without pending segments and last received segment, for comparison. */
const serializeWithoutReplies = (tcb: Tcb): string => JSON.stringify({ ...tcb, owes: null, heard: null })
