/** What the engine would do in a seat's place now. Hints show it on rung 3, and the invigilator and the built-in partner play it. */
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

/** The engine's next action for a seat: answering an open question comes before the host's task. */
export function nextEngineAction(world: World, seat: Seat): EngineAction {
  const question = openQuestion(world, seat)
  return question ? { kind: 'answer', question: question.id, choice: question.right } : nextHostTask(world, seat)
}

/**
 * The engine's next task for a host, in this order: the oldest pending segment, claiming an unclaimed state, the application's next task,
 * discarding an event, waiting. Data is not sent while another message is still to be written, so that all messages of a flight travel in
 * one segment.
 */
export function nextHostTask(world: World, seat: Seat): HostTask {
  const { tcb, unackedEnds } = world.hosts[seat]
  const step = nextApplicationTask(world, seat)
  if (step?.kind === 'write' && tcb.owes.length > 0 && tcb.owes.every(({ kind }) => kind === 'data')) return step
  const segment = nextSegment(tcb, unackedEnds[0])
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

/** The seat's next task above TCP: a message that TLS has to send, or else the application's next step. Null if there is none. */
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
