/** Every exercise played to its goal by two built-in partners: a file of tests for each topic, so that they run side by side. */
import { expect, test } from 'vitest'
import { loadExercises } from '../../exercises/load.ts'
import { unreachable } from '../../exercises/proof.ts'
import type { Topic } from '../../protocol/world/exercise.ts'

/** Of each pair of styles. */
const SEEDS = 200

/** @param topic undefined: those without one */
export function proves(topic: Topic | undefined): void {
  const exercises = loadExercises('exercises').every()
  test.each(exercises.filter((exercise) => exercise.topic === topic))(
    `$id: every pair of styles reaches the goal with full marks, ${SEEDS} seeds each`,
    { timeout: 180_000 },
    (exercise) => expect(unreachable(exercise, SEEDS)).toBeNull(),
  )
}
