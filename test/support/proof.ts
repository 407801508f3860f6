/** Every exercise played to its goal by two built-in partners: a file of tests for each topic, so that they run side by side. */
import { expect, test } from 'vitest'
import { loadExercises } from '../../exercises/load.ts'
import { unreachable } from '../../exercises/proof.ts'
import type { Exercise, Topic } from '../../protocol/world/exercise.ts'

/** Of each pair of styles; fewer where each round computes the keys and signatures of TLS. */
const seedsOf = ({ scenes }: Exercise): number => (scenes.some(({ tls }) => tls) ? 23 : 200)

/** @param topic undefined: those without one */
export function proves(topic: Topic | undefined): void {
  const exercises = loadExercises('exercises').every()
  test.each(exercises.filter((exercise) => exercise.topic === topic))(
    '$id: every pair of styles reaches the goal with full marks',
    { timeout: 180_000 },
    (exercise) => expect(unreachable(exercise, seedsOf(exercise))).toBeNull(),
  )
}
