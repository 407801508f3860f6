/** How far a round has come: which conditions hold, and each seat's next step, hint, question and milestone. */
import type { Seat } from '../../seat.ts'
import { type ApplicationStep, type Condition, DEFAULT_ATTEMPTS } from '../model/exercise.ts'
import type { Script } from '../model/script.ts'
import type { MilestoneRecord, SeatRecord, World } from '../model/world.ts'
import { sceneOf } from './current-scene.ts'

/** Whether a condition that belongs to `own` holds; none always does. */
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

/** The next step of a seat's application, and whether its time has come. */
export function nextApplicationStep(world: World, seat: Seat): { step: ApplicationStep; ready: boolean } | null {
  const step = sceneOf(world).application[seat][world.hosts[seat].stepsMade]
  return step ? { step, ready: isConditionMet(world, step.when, seat) } : null
}

/** The next hint level for the current step. A question has no hints: they would give its answer away. */
export function nextHintRung(world: World, seat: Seat): { milestone: MilestoneRecord; rung: 1 | 2 | 3 } | null {
  const milestone = openMilestone(world.seats[seat])
  const rung = milestone && ([1, 2, 3] as const)[milestone.hints]
  return rung && world.script.level !== 'exam' && !openQuestion(world, seat) ? { milestone, rung } : null
}

/** The question that a seat is asked now: the oldest that is open. */
export function openQuestion(world: World, seat: Seat) {
  const { milestones } = world.seats[seat]
  return sceneOf(world).questions[seat].find(({ id }) => milestones.some((m) => m.id === id && m.status === 'open'))
}

/** Tries that a step has: a refused segment and a refused claim count alike. */
export const attemptsOf = (script: Script): number => script.attempts ?? DEFAULT_ATTEMPTS[script.level]

/** The milestone that refusals and hints are charged to: the oldest that is open. A wrong answer is charged to its own question. */
export const openMilestone = (record: SeatRecord): MilestoneRecord | undefined => record.milestones.find((m) => m.status === 'open')
