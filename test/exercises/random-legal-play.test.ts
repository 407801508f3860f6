/** Design rule: any legal behaviour is accepted, and no legal behaviour leads to a deadlock. */
import { expect, test } from 'vitest'
import { loadExercises } from '../../exercises/load.ts'
import { describeRound } from '../../cli/describe-round.ts'
import type { Exercise } from '../../protocol/round/model/exercise.ts'
import { instantiateExercise } from '../../protocol/round/setup/instantiate.ts'
import { seededRandom } from '../../protocol/round/setup/random.ts'
import { playAtRandom } from '../support/random-legal-play.ts'
import { seeds } from '../support/volume.ts'

const exercises = loadExercises('exercises').all()
const scriptOf = (exercise: Exercise, seed: number) => instantiateExercise(exercise, 'guided', seededRandom(seed))

test.each(exercises)('$id: whatever legal acts come in between, both seats reach the goal', (exercise) => {
  for (const seed of seeds('randomLegalRounds')) {
    const { world, entries } = playAtRandom(scriptOf(exercise, seed), seededRandom(seed * 7919))
    expect(world.over, `seed ${seed}: ${describeRound(entries, 'en').join('\n')}`).toBe('goal')
  }
})

test.each(exercises)('$id: whatever a teacher does with the wire in hand, the round comes to its end', (exercise) => {
  for (const seed of seeds('roundsByHand')) {
    const { world, entries } = playAtRandom(scriptOf(exercise, seed), seededRandom(seed * 7919), { wireInHand: true })
    expect(world.over, `seed ${seed}: ${describeRound(entries, 'en').join('\n')}`).toMatch(/^(goal|broken)$/)
  }
})
