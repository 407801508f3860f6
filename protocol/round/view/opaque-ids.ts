/**
 * What a seat is told in place of the ids that an exercise's file has: such an id may say what is to be found (`ack-short`), and where a
 * choice stands in the file is no secret. A seat knows a scene and a scored step by their places in its round, and a question's choices in
 * the order drawn for it. The log has the file's own.
 */
import type { Seat } from '../../seat.ts'
import type { SeatAction } from '../model/action.ts'
import type { Script, ScriptQuestion } from '../model/script.ts'

export const toOpaqueSceneId = (index: number): string => `${index}`

const stepsOf = ({ scenes }: Script, seat: Seat) => scenes.flatMap(({ milestones }) => milestones[seat])
const findQuestion = ({ scenes }: Script, seat: Seat, id: string): ScriptQuestion | undefined =>
  scenes.flatMap(({ questions }) => questions[seat]).find((question) => question.id === id)

/** Of a milestone or a question. */
export const toOpaqueStepId = (script: Script, seat: Seat, id: string): string =>
  `${stepsOf(script, seat).findIndex((step) => step.id === id)}`

/** The place of a choice among those that the seat is shown. */
export const toShownChoice = (script: Script, seat: Seat, question: string, choice: number): number =>
  findQuestion(script, seat, question)?.order.indexOf(choice) ?? choice

/** An action of the log as its seat knows it. */
export const toShownAction = (script: Script, seat: Seat, action: SeatAction): SeatAction =>
  action.kind === 'answer'
    ? {
        ...action,
        question: toOpaqueStepId(script, seat, action.question),
        choice: toShownChoice(script, seat, action.question, action.choice),
      }
    : action

/** An action as a seat sends it, for the log. A question that goes by its own id stays as it is, and so does its choice. */
export function readShownAction(script: Script, seat: Seat, action: SeatAction): SeatAction {
  if (action.kind !== 'answer' || !/^\d+$/.test(action.question)) return action
  const id = stepsOf(script, seat)[Number(action.question)]?.id
  const question = id === undefined ? undefined : findQuestion(script, seat, id)
  const choice = question?.order[action.choice]
  return question && choice !== undefined ? { ...action, question: question.id, choice } : action
}
