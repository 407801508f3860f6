/** What the engine would do in a seat's place now: the hint's last rung, and what the invigilator plays. */
import { maySend } from '../tcp/may-send.ts'
import { pay } from '../tcp/pay.ts'
import type { Answer, Task } from './action.ts'
import { nextStep, openQuestion } from './conditions.ts'
import type { Seat } from './exercise.ts'
import { wantedBy } from './http.ts'
import { rulesOf, sceneOf, type World } from './world.ts'

/** A question first, then what the host is to do. */
export function answer(world: World, seat: Seat): Answer {
  const question = openQuestion(world, seat)
  return question ? { act: 'answer', question: question.id, choice: question.right } : nextTask(world, seat)
}

/** Debts, the oldest first; then a state that has not been said; then the application's next call; else there is nothing to do. */
export function nextTask(world: World, seat: Seat): Task {
  const { tcb } = world.hosts[seat]
  const segment = pay(tcb)
  if (segment) {
    const permission = maySend(tcb, segment, { rules: rulesOf(world), calls: 'given' })
    if (permission.ok) return { act: 'send', segment, state: permission.tcb.state }
  }
  const { events, said } = world.seats[seat]
  const unsaid = events.find((e) => e.state !== said)
  if (unsaid) return { act: 'claim', event: unsaid.view, state: unsaid.state }
  const step = nextAct(world, seat)
  if (step) return step
  const idle = events.find((e) => e.discard === null)
  return idle ? { act: 'discard', event: idle.view } : { act: 'wait' }
}

/** The step of its application's script that is the seat's to make now. */
export function nextAct(world: World, seat: Seat): Extract<Task, { act: 'call' | 'write' }> | null {
  const next = nextStep(world, seat)
  if (!next?.ready || next.step.by !== 'seat') return null
  const { call, write } = next.step
  const { http } = sceneOf(world)
  if (call) return { act: 'call', call }
  return write && http ? { act: 'write', message: wantedBy(http, seat) } : null
}
