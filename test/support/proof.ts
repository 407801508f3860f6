/** Two built-in partners play every exercise to its goal. The tests are split into files that run in parallel. */
import { expect, test } from 'vitest'
import { loadExercises } from '../../exercises/load.ts'
import { SEEDS_PER_PAIR, findUnreachable } from '../../exercises/prove-reachable.ts'
import { seeds } from './volume.ts'

const FILES = 4
const played = [...SEEDS_PER_PAIR, ...seeds('proofs')]

/** @param file number of the file, from 0; each takes every fourth exercise */
export function proves(file: number): void {
  test.each(
    loadExercises('exercises')
      .all()
      .filter((_, i) => i % FILES === file),
  )(
    `$id: every pair of styles reaches the goal with full marks, from each of ${played.length} seeds`,
    { timeout: 300_000 },
    (exercise) => expect(findUnreachable(exercise, played)).toBeNull(),
  )
}
