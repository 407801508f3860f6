/** Every choice of every question, in a round that plays to it. */
import { describe, expect, test } from 'vitest'
import { loadExercises } from '../../exercises/load.ts'
import { TLS_TOOLS } from '../../exercises/tls-tools.ts'
import { openQuestion } from '../../protocol/round/fold/progress.ts'
import { findQuestion, groupByFamily, type Exercise } from '../../protocol/round/model/exercise.ts'
import { judgeAction } from '../../protocol/round/rules/judge.ts'
import { seededRandom } from '../../protocol/round/setup/random.ts'
import { SEATS } from '../../protocol/seat.ts'
import { RoundFixture } from '../support/round-fixture.ts'

const POINT_EIGHTHS = 8

/** The exercise with one scene of each family, and with its whole pool as questions of the last scene. */
function* variantsOf(exercise: Exercise): Generator<Exercise> {
  const families = groupByFamily(exercise)
  for (let i = 0; i < Math.max(...families.map(({ length }) => length)); i++) {
    const scenes = families.map((family) => family[i % family.length]!)
    const last = scenes.at(-1)!
    const { pool = {} } = exercise
    const questions = Object.fromEntries(SEATS.map((seat) => [seat, [...(last.questions?.[seat] ?? []), ...(pool[seat] ?? [])]]))
    yield { ...exercise, scenes: [...scenes.slice(0, -1), { ...last, questions }], pool: {} }
  }
}

describe.each(loadExercises('exercises').published())('$id', (exercise) => {
  test('a wrong choice shows its misconception and costs half of the point, the right one nothing', () => {
    const asked = new Set<string>()
    for (const variant of variantsOf(exercise)) {
      const fixture = new RoundFixture(variant, 'guided', seededRandom(1)).play((world) => {
        for (const seat of SEATS) {
          const open = openQuestion(world, seat)
          const { id: scene, free } = world.script.scenes[world.sceneIndex]!
          if (!open || asked.has(`${scene} ${seat} ${open.id}`)) continue
          asked.add(`${scene} ${seat} ${open.id}`)
          const { choices } = findQuestion(variant, scene, seat, open.id)!
          choices.forEach(({ right, misconception = null }, choice) => {
            const action = { kind: 'answer', question: open.id, choice } as const
            const { verdict, moments } = judgeAction(
              world,
              { actor: seat, action, seen: null },
              { worldAsSeen: () => world, tls: TLS_TOOLS },
            )
            const charged = moments.flatMap(({ effect }) => (effect.kind === 'charged' ? [effect.eighths] : []))
            expect(verdict, `${seat} ${open.id} ${choice}`).toMatchObject(
              right ? { outcome: 'accepted', findings: [] } : { outcome: 'refused', findings: [{ misconception }] },
            )
            expect(charged).toEqual(right || free ? [] : [POINT_EIGHTHS / 2])
          })
        }
        return false
      })
      expect(fixture.world.over).toBe('goal')
    }
    const all = exercise.scenes.flatMap(({ questions }) => SEATS.flatMap((seat) => questions?.[seat] ?? []))
    const pool = SEATS.flatMap((seat) => exercise.pool?.[seat] ?? [])
    expect(asked.size).toBeGreaterThanOrEqual(all.length + pool.length)
  })
})
