/**
 * Opaque ids, which views use in place of the ids in the exercise's file. The file's ids and the order of its choices could reveal answers:
 * an id may name what is to be found (`ack-short`), and the file is public. In views a scene or scored step is identified by its index in
 * the round, and a choice by its index in the order drawn for the round. The log has the ids and indices of the file.
 */
import type { Seat } from '../../seat.ts'
import type { SeatAction } from '../model/action.ts'
import type { Script, ScriptQuestion } from '../model/script.ts'

/** The opaque id of a scene. `index`: of the scene in the script. */
export const toOpaqueSceneId = (index: number): string => `${index}`

const stepsOf = ({ scenes }: Script, seat: Seat) => scenes.flatMap(({ milestones }) => milestones[seat])
const findQuestion = ({ scenes }: Script, seat: Seat, id: string): ScriptQuestion | undefined =>
  scenes.flatMap(({ questions }) => questions[seat]).find((question) => question.id === id)

/** The opaque id of a seat's milestone or question. */
export const toOpaqueStepId = (script: Script, seat: Seat, id: string): string =>
  `${stepsOf(script, seat).findIndex((step) => step.id === id)}`

/** The index of a choice in the order that the seat is shown. `choice`: its index in the exercise's file. */
export const toShownChoice = (script: Script, seat: Seat, question: string, choice: number): number =>
  findQuestion(script, seat, question)?.order.indexOf(choice) ?? choice

/** Converts an action from the log to the ids that its seat knows. */
export const toShownAction = (script: Script, seat: Seat, action: SeatAction): SeatAction =>
  action.kind === 'answer'
    ? {
        ...action,
        question: toOpaqueStepId(script, seat, action.question),
        choice: toShownChoice(script, seat, action.question, action.choice),
      }
    : action

/** The question of an answer that names no question of its seat, or no choice of it. No question has this id. */
const NO_QUESTION = ''

/** Converts an action sent by a seat to the ids of the log. */
export function readShownAction(script: Script, seat: Seat, action: SeatAction): SeatAction {
  if (action.kind !== 'answer') return action
  const id = stepsOf(script, seat)[Number(action.question)]?.id
  const question = id === undefined ? undefined : findQuestion(script, seat, id)
  const choice = question?.order[action.choice]
  return question && choice !== undefined ? { ...action, question: question.id, choice } : { ...action, question: NO_QUESTION }
}
