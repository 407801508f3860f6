/** Whether the scene's goal is reached, and whether a seat then has to answer a question. */
import { SEATS, type Seat } from '../../seat.ts'
import type { Tcb } from '../../tcp/tcb.ts'
import { sceneOf } from '../fold/current-scene.ts'
import { isConditionMet, openQuestion } from '../fold/progress.ts'
import type { World } from '../model/world.ts'

/** Whether both hosts are in the goal's states with nothing pending, no segment is on the wire, and the goal's conditions hold. */
export function areHostsAtGoal(world: World): boolean {
  const { goal } = sceneOf(world)
  return (
    world.wire.length === 0 &&
    (goal.when ?? []).every((condition) => isConditionMet(world, condition, condition.seat)) &&
    SEATS.every((seat) => world.hosts[seat].tcb.state === goal[seat] && isQuiet(world.hosts[seat].tcb))
  )
}

/** Whether the hosts are at the goal, and no milestone is open except those that open only at the goal. */
export function isGoalReached(world: World): boolean {
  const { milestones } = sceneOf(world)
  return (
    areHostsAtGoal(world) &&
    SEATS.every((seat) => milestones[seat].every(({ id, opens }) => opens === 'goal' || statusOf(world, seat, id) !== 'open'))
  )
}

/** Why a seat must answer a question before it acts; null if it need not. At the goal, only questions are left. */
export function reasonToAnswerFirst(world: World, seat: Seat): 'answer-first' | 'question-first' | null {
  if (isGoalReached(world)) return 'answer-first'
  return openQuestion(world, seat) ? 'question-first' : null
}

const isQuiet = ({ owes, queued, snd }: Tcb): boolean => owes.length === 0 && queued === 0 && snd.una === snd.nxt

/** The status of a seat's milestone; undefined if the seat has none with this id. */
export const statusOf = (world: World, seat: Seat, id: string) => world.seats[seat].milestones.find((m) => m.id === id)?.status
