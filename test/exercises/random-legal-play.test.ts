/** Design rule: any legal behaviour is accepted, and no legal play locks up. */
import { expect, test } from 'vitest'
import { loadExercises } from '../../exercises/load.ts'
import { describeRound } from '../../cli/describe-round.ts'
import { instantiateExercise } from '../../protocol/round/setup/instantiate.ts'
import { seededRandom } from '../../protocol/round/setup/random.ts'
import { playAtRandom } from '../support/random-legal-play.ts'
import { seeds } from '../support/volume.ts'

test.each(loadExercises('exercises').all())('$id: whatever legal acts come in between, both seats reach the goal', (exercise) => {
  for (const seed of seeds('randomLegalRounds')) {
    const script = instantiateExercise(exercise, 'guided', seededRandom(seed))
    const { world, entries } = playAtRandom(script, seededRandom(seed * 7919))
    expect(world.over, `seed ${seed}: ${describeRound(entries, 'en').join('\n')}`).toBe('goal')
  }
})
