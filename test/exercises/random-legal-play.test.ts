/** Design rule: any legal behaviour is accepted, and no legal behaviour leads to a deadlock. */
import { expect, test } from 'vitest'
import { loadExercises } from '../../exercises/load.ts'
import { describeRound } from '../../cli/describe-round.ts'
import { instantiateExercise } from '../../protocol/round/setup/instantiate.ts'
import { seededRandom } from '../../protocol/round/setup/random.ts'
import { playAtRandom } from '../support/random-legal-play.ts'
import { seeds } from '../support/volume.ts'

const exercises = loadExercises('exercises').all()
/** Each exercise, and once more by hand where TCP may be on autopilot. */
const plays = exercises.flatMap((exercise) => [
  { id: exercise.id, exercise, wishes: {} },
  ...(exercise.tcp ? [{ id: `${exercise.id} by hand`, exercise, wishes: { tcp: 'by-hand' } as const }] : []),
])
type Play = (typeof plays)[number]
const scriptOf = ({ exercise, wishes }: Play, seed: number) => instantiateExercise(exercise, 'guided', seededRandom(seed), wishes)

test.each(plays)('$id: whatever legal acts come in between, both seats reach the goal', (play) => {
  for (const seed of seeds('randomLegalRounds')) {
    const { world, entries } = playAtRandom(scriptOf(play, seed), seededRandom(seed * 7919))
    expect(world.over, `seed ${seed}: ${describeRound(entries, 'en').join('\n')}`).toBe('goal')
  }
})

test.each(plays)('$id: whatever a teacher does with the wire in hand, the round comes to its end', (play) => {
  for (const seed of seeds('roundsByHand')) {
    const { world, entries } = playAtRandom(scriptOf(play, seed), seededRandom(seed * 7919), { wireInHand: true })
    expect(world.over, `seed ${seed}: ${describeRound(entries, 'en').join('\n')}`).toMatch(/^(goal|broken)$/)
  }
})
