/** Every exercise played to its goal by two built-in partners: a file of tests for each topic or half of one, so that they run side by side. */
import { expect, test } from 'vitest'
import { loadExercises } from '../../exercises/load.ts'
import { findUnreachable } from '../../exercises/prove-reachable.ts'
import type { Topic } from '../../protocol/round/model/exercise.ts'

/** Of each pair of styles. */
const SEEDS = 200

/**
 * @param topic undefined: those without one
 * @param half every second one, from this on; all where absent
 */
export function proves(topic: Topic | undefined, half?: 0 | 1): void {
  const exercises = loadExercises('exercises')
    .all()
    .filter((exercise) => exercise.topic === topic)
    .filter((_, i) => half === undefined || i % 2 === half)
  test.each(exercises)(
    `$id: every pair of styles reaches the goal with full marks, from each of ${SEEDS} seeds`,
    { timeout: 300_000 },
    (exercise) => expect(findUnreachable(exercise, SEEDS)).toBeNull(),
  )
}
