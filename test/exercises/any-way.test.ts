/** Design rule: any legal behaviour is accepted, and no legal play locks up. */
import { expect, test } from 'vitest'
import { loadExercises } from '../../exercises/load.ts'
import { conversation } from '../../protocol/world/conversation.ts'
import { drawScript } from '../../protocol/world/draw.ts'
import { seeded } from '../../protocol/world/seeded.ts'
import { anyWay } from '../support/any-way.ts'

const SEEDS = 40

test.each(loadExercises('exercises').every())('$id: whatever legal acts come in between, both seats reach the goal', (exercise) => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const script = drawScript(exercise, 'guided', seeded(seed))
    const { world, entries } = anyWay(script, seeded(seed * 7919))
    expect(world.over, `seed ${seed}: ${conversation(entries, 'en').join('\n')}`).toBe('goal')
  }
})
