/** What the engine would do in a seat's place now: the hint's last rung, and what the invigilator plays. */
import { maySend } from '../tcp/may-send.ts'
import { pay } from '../tcp/pay.ts'
import type { Answer, Task } from './action.ts'
import { nextStep, openQuestion } from './conditions.ts'
import type { Seat } from './exercise.ts'
import { wantedBy } from './http.ts'
import { dueChoice, isSilent, unclosed } from './tls.ts'
import { stands } from './utter.ts'
import { rulesOf, sceneOf, type World } from './world.ts'

/** A question first, then what the host is to do. */
export function answer(world: World, seat: Seat): Answer {
  const question = openQuestion(world, seat)
  return question ? { act: 'answer', question: question.id, choice: question.right } : nextTask(world, seat)
}

/**
 * Debts, the oldest first; then a state that has not been said; then the application's next step; else there is nothing to do. Data that waits
 * to be sent waits for whatever is to be written now, so that a flight of messages travels in one segment.
 */
export function nextTask(world: World, seat: Seat): Task {
  const { tcb } = world.hosts[seat]
  const step = nextAct(world, seat)
  if (step?.act === 'write' && tcb.owes.length > 0 && tcb.owes.every(({ kind }) => kind === 'data')) return step
  const segment = pay(tcb)
  if (segment) {
    const permission = maySend(tcb, segment, { rules: rulesOf(world), calls: 'given' })
    if (permission.ok) return { act: 'send', segment, state: permission.tcb.state }
  }
  const { events, said } = world.seats[seat]
  const unsaid = events.find((e) => e.state !== said)
  if (unsaid) return { act: 'claim', event: unsaid.view, state: unsaid.state }
  if (step) return step
  const idle = events.find((e) => e.discard === null)
  return idle ? { act: 'discard', event: idle.view } : { act: 'wait' }
}

/** What is the seat's to do now above TCP: what TLS has to say, or else the next step of its application's script. */
export function nextAct(world: World, seat: Seat): Extract<Task, { act: 'call' | 'write' }> | null {
  const choice = stands(world.hosts[seat].tcb.state) ? dueChoice(world, seat) : null
  if (choice) return { act: 'write', message: { layer: 'tls', choice } }
  const next = nextStep(world, seat)
  if (!next?.ready || next.step.by !== 'seat') return null
  const { call, write } = next.step
  const { http } = sceneOf(world)
  if (call?.call === 'CLOSE' && unclosed(world, seat))
    return { act: 'write', message: { layer: 'tls', choice: { say: 'Alert', alert: 'close_notify' } } }
  if (call) return { act: 'call', call }
  return write && http && !isSilent(world, seat) ? { act: 'write', message: wantedBy(http, seat) } : null
}
