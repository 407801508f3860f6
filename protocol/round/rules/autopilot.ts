/**
 * TCP on autopilot: in such a round both hosts send whatever segment is due, and take note of what arrives, as part of the act that brought
 * it about. It is no act of a seat, and earns and costs nothing. So the seats play only what is above TCP.
 */
import { SEATS, type Seat } from '../../seat.ts'
import { nextSegment } from '../../tcp/due-segment.ts'
import { maySend } from '../../tcp/may-send.ts'
import { isOnAutopilot, rulesOf, sceneOf } from '../fold/current-scene.ts'
import type { EffectRecorder } from './effect-recorder.ts'
import { claimState, sendSegment, writeMessage } from './host.ts'
import { encodeMessage } from './message-encoding.ts'
import { nextApplicationTask } from './next-action.ts'

/** One step of either host, a message of TLS before a segment, so that both leave together. False if nothing is due. */
export const flyOnAutopilot = (recorder: EffectRecorder): boolean =>
  isOnAutopilot(recorder.world) &&
  SEATS.some((seat) => writeRoutineMessage(recorder, seat) || sendDueSegment(recorder, seat) || noteEvent(recorder, seat))

/** Writes the message that TLS has to send now, if the exercise leaves it to TLS. */
function writeRoutineMessage(recorder: EffectRecorder, seat: Seat): boolean {
  const { world } = recorder
  const { autopilot = [] } = sceneOf(world).tls ?? {}
  const task = nextApplicationTask(world, seat)
  if (task?.kind !== 'write' || task.message.kind !== 'tls') return false
  const { say } = task.message.choice
  if (!autopilot.some((name) => name === say)) return false
  const encoded = encodeMessage(world, seat, 'exercise', task.message, recorder.tlsTools)
  return encoded.ok && writeMessage(recorder, seat, encoded)
}

function sendDueSegment(recorder: EffectRecorder, seat: Seat): boolean {
  const { world } = recorder
  const { tcb, unackedEnds } = world.hosts[seat]
  const segment = nextSegment(tcb, unackedEnds[0])
  const permission = segment && maySend(tcb, segment, { rules: rulesOf(world), calls: 'given' })
  if (!segment || !permission?.ok) return false
  sendSegment(recorder, seat, segment, permission, null)
  return true
}

/** Says the state that the oldest event has led to, which settles the event. */
function noteEvent(recorder: EffectRecorder, seat: Seat): boolean {
  const [event] = recorder.world.seats[seat].openEvents
  if (!event) return false
  claimState(recorder, seat, event.state, 'claim')
  return true
}
