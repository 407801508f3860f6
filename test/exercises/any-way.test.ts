/** Design rule: any legal behaviour is accepted, and no legal play locks up. */
import { expect, test } from 'vitest'
import { loadExercises } from '../../exercises/load.ts'
import { describeRound } from '../../cli/describe-round.ts'
import { instantiateExercise } from '../../protocol/round/setup/instantiate.ts'
import { seededRandom } from '../../protocol/round/setup/random.ts'
import { anyWay } from '../support/any-way.ts'

const SEEDS = 40

test.each(loadExercises('exercises').all())('$id: whatever legal acts come in between, both seats reach the goal', (exercise) => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const script = instantiateExercise(exercise, 'guided', seededRandom(seed))
    const { world, entries } = anyWay(script, seededRandom(seed * 7919))
    expect(world.over, `seed ${seed}: ${describeRound(entries, 'en').join('\n')}`).toBe('goal')
  }
})
