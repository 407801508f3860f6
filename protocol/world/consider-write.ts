/** A message that a seat has composed: what carries it is asked first, then its own protocol, then whether anybody wants to say it. */
import { ALERT } from '../tls/messages.ts'
import type { Composed } from './action.ts'
import { nextStep } from './conditions.ts'
import { Course } from './course.ts'
import { SEATS, type Seat } from './exercise.ts'
import { writes } from './host.ts'
import { isWanted, judgeMessage, kindOf } from './http.ts'
import type { DrawnWeb } from './script.ts'
import { allowed, type Thought } from './thought.ts'
import { dueChoice, type TlsTools } from './tls.ts'
import { utter } from './utter.ts'
import { sceneOf, type World } from './world.ts'

export function considerWrite(world: World, seat: Seat, message: Composed, tools: TlsTools | undefined): Thought {
  const { http, tls } = sceneOf(world)
  if (!(message.layer === 'http' ? http : tls)) return { is: 'barred', reason: 'not-yours' }
  const uttered = utter(world, seat, 'seat', message, tools)
  if (!uttered.ok) return { is: 'wrong', findings: uttered.findings }
  const thought = message.layer === 'http' && http ? considerText(http, world, seat, message.text) : null
  if (thought) return thought
  if (!writes(new Course(world, tools), seat, uttered)) return { is: 'barred', reason: 'call-refused' }
  return allowed((course) => void writes(course, seat, uttered), message.layer === 'tls' ? weight(world, seat, message) : {})
}

/** What RFC 9112 and the application say against it; null where nothing does. */
function considerText(http: DrawnWeb, world: World, seat: Seat, text: string): Thought | null {
  const judged = judgeMessage(http, world, seat, text)
  if (!judged.ok) return { is: 'wrong', findings: [judged.finding] }
  const next = nextStep(world, seat)
  if (next?.step.by !== 'seat' || next.step.write !== kindOf(seat)) return { is: 'barred', reason: 'not-wanted' }
  if (!next.ready) return { is: 'barred', reason: 'not-yet' }
  return isWanted(http, judged.message) ? null : { is: 'barred', reason: 'not-wanted' }
}

/** Legal, and perhaps of no use, or the end: nobody can say anything after a fatal alert, nor the writer after a close_notify. */
function weight(world: World, seat: Seat, { choice }: Extract<Composed, { layer: 'tls' }>): { useless: boolean; ends: boolean } {
  const due = dueChoice(world, seat)?.say
  const useless = due !== choice.say && (choice.say === 'HelloRequest' || choice.say === 'KeyUpdate')
  const unsaid = SEATS.some((s) =>
    sceneOf(world)
      .application[s].slice(world.hosts[s].steps)
      .some(({ write }) => write),
  )
  const silent = choice.say === 'Alert' && (ALERT[choice.alert] !== ALERT.close_notify || unsaid)
  return { useless, ends: silent && due !== 'Alert' }
}
