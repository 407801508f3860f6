/** The exercises of this repository, for tests of other things. */
import type { Seat } from '../../protocol/seat.ts'
import { loadExercises, type ExerciseLibrary } from '../../exercises/load.ts'
import { scoredStepsOf, type Exercise, type Scene, type LocalizedText } from '../../protocol/round/model/exercise.ts'

const files = loadExercises('exercises')

const unasked = ({ pool: _, ...exercise }: Exercise): Exercise => ({
  ...exercise,
  scenes: exercise.scenes.map(({ questions: _, ...scene }): Scene => scene),
})

/** The exercises without their questions, so that a round ends when its goal is reached. */
export const exercises: ExerciseLibrary = {
  get: (id) => {
    const exercise = files.get(id)
    return exercise && unasked(exercise)
  },
  published: () => files.published().map(unasked),
  all: () => files.all().map(unasked),
}

/** What a question is about, with its correct choice: the text, and its index in the file. */
interface Answer {
  readonly ask: LocalizedText
  readonly choice: number
  readonly text: LocalizedText
}

/** The questions that a seat may be asked at the end of an exercise, by id: a round asks one of them. */
export function closing(id: string, seat: Seat): ReadonlyMap<string, Answer> {
  const answers = (files.get(id)?.pool?.[seat] ?? []).map(({ id: question, ask, choices }): [string, Answer] => {
    const choice = choices.findIndex(({ right }) => right)
    return [question, { ask, choice, text: choices[choice]!.text }]
  })
  return new Map(answers)
}

/** The largest number of points that a seat can earn in an exercise. */
export const most = (id: string, seat: Seat): number =>
  (files.get(id)?.scenes ?? []).reduce((sum, scene) => sum + scoredStepsOf(scene, seat).length, 0) +
  (closing(id, seat).size > 0 ? 1 : 0)
