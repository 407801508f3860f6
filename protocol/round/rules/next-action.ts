/** What the engine would do in a seat's place now: the hint's last rung, and what the invigilator plays. */
import type { Seat } from '../../seat.ts'
import { maySend } from '../../tcp/may-send.ts'
import { nextSegment } from '../../tcp/due-segment.ts'
import type { EngineAction, HostTask } from '../model/action.ts'
import { nextApplicationStep, openQuestion } from '../fold/progress.ts'
import { wantedMessageOf } from './http-application.ts'
import { dueTlsChoice, isTlsSilent, closeNotifyMissing } from './tls-end.ts'
import { canCarryData } from './message-encoding.ts'
import type { World } from '../model/world.ts'
import { rulesOf, sceneOf } from '../fold/current-scene.ts'

/** A question first, then what the host is to do. */
export function nextEngineAction(world: World, seat: Seat): EngineAction {
  const question = openQuestion(world, seat)
  return question ? { kind: 'answer', question: question.id, choice: question.right } : nextHostTask(world, seat)
}

/**
 * Pending segments first, the oldest first; then an unclaimed state; then the application's next step; else wait. Data is not sent while a
 * message is still to be written, so that all messages of a flight travel in one segment.
 */
export function nextHostTask(world: World, seat: Seat): HostTask {
  const { tcb } = world.hosts[seat]
  const step = nextApplicationTask(world, seat)
  if (step?.kind === 'write' && tcb.owes.length > 0 && tcb.owes.every(({ kind }) => kind === 'data')) return step
  const segment = nextSegment(tcb)
  if (segment) {
    const permission = maySend(tcb, segment, { rules: rulesOf(world), calls: 'given' })
    if (permission.ok) return { kind: 'send', segment, state: permission.tcb.state }
  }
  const { openEvents, claimedState } = world.seats[seat]
  const unclaimed = openEvents.find((e) => e.state !== claimedState)
  if (unclaimed) return { kind: 'claim', event: unclaimed.view, state: unclaimed.state }
  if (step) return step
  const idle = openEvents.find((e) => e.discard === null)
  return idle ? { kind: 'discard', event: idle.view } : { kind: 'wait' }
}

/** What the seat has to do now above TCP: what TLS has to send, or else the next step of its application's script. */
export function nextApplicationTask(world: World, seat: Seat): Extract<HostTask, { kind: 'call' | 'write' }> | null {
  const choice = canCarryData(world.hosts[seat].tcb.state) ? dueTlsChoice(world, seat) : null
  if (choice) return { kind: 'write', message: { kind: 'tls', choice } }
  const next = nextApplicationStep(world, seat)
  if (!next?.ready || next.step.by !== 'seat') return null
  const { call, write } = next.step
  const { http } = sceneOf(world)
  if (call?.call === 'CLOSE' && closeNotifyMissing(world, seat))
    return { kind: 'write', message: { kind: 'tls', choice: { say: 'Alert', alert: 'close_notify' } } }
  if (call) return { kind: 'call', call }
  return write && http && !isTlsSilent(world, seat) ? { kind: 'write', message: wantedMessageOf(http, seat) } : null
}
