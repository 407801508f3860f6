/** Progress of a round: which conditions hold, and each seat's next step, question and milestone. */
import { peerOf, type Seat } from '../../seat.ts'
import { type ApplicationStep, type Condition, DEFAULT_ATTEMPTS } from '../model/exercise.ts'
import type { Script, ScriptQuestion } from '../model/script.ts'
import type { MilestoneRecord, SeatRecord, World } from '../model/world.ts'
import { sceneOf } from './current-scene.ts'

/** Whether a condition holds, true if it is undefined. `own`: the seat that it is about, unless the condition names one. */
export function isConditionMet(world: World, condition: Condition | undefined, own: Seat): boolean {
  if (!condition) return true
  const host = world.hosts[condition.seat ?? own]
  const { been, received, sent, arrived, fired, wrote, read, window, times = 1 } = condition
  return (
    (been === undefined || host.visitedStates.includes(been)) &&
    (received === undefined || host.received.includes(received)) &&
    (sent === undefined || (host.sent[sent] ?? 0) >= times) &&
    (arrived === undefined || (host.arrived[arrived] ?? 0) >= times) &&
    (fired === undefined || (host.fired[fired] ?? 0) >= times) &&
    (wrote === undefined || host.writtenMessages.filter(({ name }) => name === wrote).length >= times) &&
    (read === undefined || host.readMessages.filter((name) => name === read).length >= times) &&
    (window === undefined || (host.visitedStates.includes('ESTABLISHED') && host.tcb.snd.wnd === 0))
  )
}

/** The next step of a seat's application, and whether its condition holds. Null if no step is left. */
export function nextApplicationStep(world: World, seat: Seat): { step: ApplicationStep; ready: boolean } | null {
  const step = sceneOf(world).application[seat][world.hosts[seat].stepsMade]
  return step ? { step, ready: isConditionMet(world, step.when, seat) } : null
}

/** The question that a seat is being asked: the first one that is open. None while its peer has still to vote on theirs. */
export function openQuestion(world: World, seat: Seat): ScriptQuestion | undefined {
  const question = firstOpenQuestion(world, seat)
  return question?.discussed && world.seats[seat].votes.length > 0 && !hasVotedAlone(world, peerOf(seat)) ? undefined : question
}

/** Whether nothing keeps the peer from the discussion: the seat has voted on its question, or has none to vote on. */
export const hasVotedAlone = (world: World, seat: Seat): boolean =>
  world.seats[seat].votes.length > 0 || !firstOpenQuestion(world, seat)?.discussed

function firstOpenQuestion(world: World, seat: Seat): ScriptQuestion | undefined {
  const { milestones } = world.seats[seat]
  return sceneOf(world).questions[seat].find(({ id }) => milestones.some((m) => m.id === id && m.status === 'open'))
}

/** How many attempts each step allows. All kinds of refused actions, such as segments and claims, count alike. */
export const attemptsOf = (script: Script): number => script.attempts ?? DEFAULT_ATTEMPTS[script.level]

/** A seat's oldest open milestone. */
export const openMilestone = (record: SeatRecord): MilestoneRecord | undefined => record.milestones.find((m) => m.status === 'open')
