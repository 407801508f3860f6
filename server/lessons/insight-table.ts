/** The insights as rows of a table for a spreadsheet: one for each mistake, milestone, choice of a question, and the rest. Pure. */
import type { Insights, QuestionInsight, Share } from '../../contract/insights.ts'
import { SEATS, type Seat } from '../../protocol/seat.ts'
import { percent } from './csv.ts'

type Row = readonly (string | number | null)[]

const HEADER: Row = [
  'exercise',
  'what',
  'seat',
  'item',
  'times',
  'count',
  'of',
  '%',
  'first round count',
  'first round of',
  'last round count',
  'last round of',
  'mark',
]

/**
 * The table with its header. `count` and `of`: students for mistakes and hints; times that somebody came to it for milestones (met at the
 * first try) and choices (chosen first, or after the discussion). Texts are in English, as the file's header is.
 */
export const tabulateInsights = ({ exercises, students }: Pick<Insights, 'exercises' | 'students'>): readonly Row[] => [
  HEADER,
  ...exercises.flatMap(({ position, id, mistakes, milestones, questions, firstSegmentMs, predictions, hints }): Row[] => {
    const exercise = `${position + 1} ${id}`
    return [
      ...mistakes.map(({ mistake, count, students: some, first, last, mark }): Row => {
        return [exercise, 'mistake', null, mistake, count, ...cellsOf(some), ...countsOf(first), ...countsOf(last), mark]
      }),
      ...milestones.map(({ seat, id: milestone, text, firstTry, first, last, mark }): Row => {
        const item = text?.en ?? milestone
        return [exercise, 'milestone', seat, item, null, ...cellsOf(firstTry), ...countsOf(first), ...countsOf(last), mark]
      }),
      ...questions.flatMap(({ seat, id: question, ask, right, discussed, choices, first, last, mark }): Row[] => [
        [exercise, 'question', seat, ask?.en ?? question, null, ...cellsOf(right), ...countsOf(first), ...countsOf(last), mark],
        ...choices.map(({ text, right: isRight, count }, i): Row => {
          const item = text?.en ?? `${i + 1}`
          return [
            exercise,
            isRight ? 'right choice' : 'wrong choice',
            seat,
            item,
            null,
            ...cellsOf({ count, of: right.of }),
            ...NO_ROUNDS,
          ]
        }),
        ...(discussed ? tabulateDiscussion([exercise, seat, ask?.en ?? question], discussed, choices) : []),
      ]),
      ...SEATS.flatMap((seat): Row[] => {
        const ms = firstSegmentMs[seat]
        return ms === null ? [] : [[exercise, 'median seconds to first segment', seat, null, Math.round(ms / 1000), ...NOTHING]]
      }),
      ...(predictions.right.of > 0
        ? [
            [exercise, 'predictions', null, null, predictions.students, ...cellsOf(predictions.right), ...NO_ROUNDS],
            ...predictions.wrong.map(({ field, count }): Row => {
              const share = cellsOf({ count, of: predictions.right.of })
              return [exercise, 'field predicted wrong', null, field, null, ...share, ...NO_ROUNDS]
            }),
          ]
        : []),
      [exercise, 'hints', null, null, hints.rungs, ...cellsOf(hints.students), ...NO_ROUNDS],
    ]
  }),
  ...students.map(({ name, ownSteps, idled, carried }): Row => {
    return [null, 'own steps', null, name, idled, ...cellsOf(ownSteps), ...NO_ROUNDS.slice(1), carried ? 'carried' : null]
  }),
]

/** The answers after the discussion. */
function tabulateDiscussion(
  [exercise, seat, question]: readonly [string, Seat, string],
  discussed: Share,
  choices: QuestionInsight['choices'],
): Row[] {
  const choiceRows = choices.map(({ text, right, again }, i): Row => {
    const what = `${right ? 'right' : 'wrong'} choice after discussion`
    return [exercise, what, seat, text?.en ?? `${i + 1}`, null, ...cellsOf({ count: again, of: discussed.of }), ...NO_ROUNDS]
  })
  return [[exercise, 'question after discussion', seat, question, null, ...cellsOf(discussed), ...NO_ROUNDS], ...choiceRows]
}

const countsOf = ({ count, of }: Share): Row => [count, of]
const cellsOf = ({ count, of }: Share): Row => [count, of, percent(of === 0 ? null : count / of)]

/** Empty cells for the first and last round and the mark, and for the share before them too. */
const NO_ROUNDS: Row = [null, null, null, null, null]
const NOTHING: Row = [null, null, null, ...NO_ROUNDS]
