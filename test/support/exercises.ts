/** The exercises of this repository, for tests of other things. */
import type { Seat } from '../../protocol/seat.ts'
import { loadExercises, type ExerciseLibrary } from '../../exercises/load.ts'
import { scoredStepsOf, type Exercise, type Scene, type LocalizedText } from '../../protocol/round/model/exercise.ts'

const files = loadExercises('exercises')

const unasked = (exercise: Exercise): Exercise => ({
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

/**
 * The questions that an exercise asks a seat at the end, with their correct choices. Scenes of a family ask the same questions.
 */
export const closing = (
  id: string,
  seat: Seat,
): { readonly question: string; readonly choice: number; readonly text: LocalizedText }[] =>
  (files.get(id)?.scenes ?? [])
    .flatMap(({ questions }) => questions?.[seat] ?? [])
    .filter((question, i, all) => all.findIndex((other) => other.id === question.id) === i)
    .flatMap(({ id: question, when, choices }) => {
      const choice = choices.findIndex(({ right }) => right)
      const text = choices[choice]?.text
      return !when && text ? [{ question, choice, text }] : []
    })

/** The largest number of points that a seat can earn in an exercise. */
export const most = (id: string, seat: Seat): number =>
  (files.get(id)?.scenes ?? []).reduce((sum, scene) => sum + scoredStepsOf(scene, seat).length, 0)
