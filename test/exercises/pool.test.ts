/** Closing questions: a round draws one from its seat's pool. */
import { describe, expect, it } from 'vitest'
import { findContradictions } from '../../exercises/contradictions.ts'
import { loadExercises } from '../../exercises/load.ts'
import type { Exercise } from '../../protocol/round/model/exercise.ts'
import { instantiateExercise } from '../../protocol/round/setup/instantiate.ts'
import { seededRandom } from '../../protocol/round/setup/random.ts'
import { SEATS, type Seat } from '../../protocol/seat.ts'

const exercises = loadExercises('exercises')
const handshake = exercises.get('handshake')!
const poolIds = (exercise: Exercise, seat: Seat) => (exercise.pool?.[seat] ?? []).map(({ id }) => id)

/** The closing question that a round draws for each seat. */
const draw = (exercise: Exercise, seed: number, asked: { readonly [S in Seat]?: readonly string[] } = {}) => {
  const { scenes } = instantiateExercise(exercise, 'guided', seededRandom(seed), { asked })
  const last = scenes.at(-1)!
  const drawn = (seat: Seat) => last.questions[seat].map(({ id }) => id).filter((id) => poolIds(exercise, seat).includes(id))
  return { client: drawn('client'), server: drawn('server'), scenes }
}

describe('closing questions', () => {
  it('are one for each seat, in the last scene, as a scored step that opens at the goal', () => {
    for (const exercise of exercises.published()) {
      const { scenes, ...drawn } = draw(exercise, 1)
      for (const seat of SEATS) {
        expect(drawn[seat], `${exercise.id} ${seat}`).toHaveLength(1)
        expect(scenes.at(-1)!.milestones[seat]).toContainEqual({
          id: drawn[seat][0],
          deed: { chooses: drawn[seat][0] },
          opens: 'goal',
        })
      }
    }
  })

  it('are the same for the same seed, and all of the pool comes up', () => {
    const seeds = Array.from({ length: 40 }, (_, seed) => seed)
    expect(seeds.map((seed) => draw(handshake, seed))).toEqual(seeds.map((seed) => draw(handshake, seed)))
    expect(new Set(seeds.flatMap((seed) => draw(handshake, seed).client))).toEqual(new Set(poolIds(handshake, 'client')))
  })

  it('are not asked twice while others are left', () => {
    for (const exercise of exercises.published())
      for (const seat of SEATS) {
        const asked: string[] = []
        const fitting = draw(exercise, 7).scenes.map(({ id }) => id)
        const pool = exercise.pool![seat]!.filter(({ scenes }) => scenes?.some((id) => fitting.includes(id)) ?? true)
        // The same seed plays the same scenes, whatever has been asked.
        for (let round = 0; round < 2 * pool.length; round++) asked.push(...draw(exercise, 7, { [seat]: asked })[seat])
        const ids = pool.map(({ id }) => id).sort()
        expect(asked.slice(0, pool.length).sort(), `${exercise.id} ${seat}`).toEqual(ids)
        expect(asked.slice(pool.length).sort(), `${exercise.id} ${seat}`).toEqual(ids)
      }
  })

  it('fit the scenes that the round plays', () => {
    const exercise = exercises.get('spot-the-fault')!
    for (let seed = 0; seed < 60; seed++) {
      const { scenes, ...drawn } = draw(exercise, seed)
      for (const seat of SEATS) {
        const question = exercise.pool![seat]!.find(({ id }) => id === drawn[seat][0])
        expect(question?.scenes ?? [scenes[0]!.id]).toContain(scenes[0]!.id)
      }
    }
  })

  it('have ids of their own, scenes that exist, and one right choice', () => {
    const [first, second] = handshake.pool!.client!
    const withPool = (...client: NonNullable<NonNullable<Exercise['pool']>['client']>): Exercise => ({
      ...handshake,
      pool: { client },
    })
    expect(findContradictions(withPool(first!, second!))).toEqual([])
    expect(findContradictions(withPool(first!, first!))).toMatchObject([{ path: ['pool', 'client', 1, 'id'] }])
    expect(findContradictions(withPool({ ...first!, id: handshake.scenes[0]!.milestones.client[0]!.id }))).toMatchObject([
      { path: ['pool', 'client', 0, 'id'] },
    ])
    expect(findContradictions(withPool({ ...first!, scenes: ['nowhere'] }))).toMatchObject([
      { path: ['pool', 'client', 0, 'scenes'] },
    ])
    const choices = first!.choices.map((choice) => ({ ...choice, right: true }))
    expect(findContradictions(withPool({ ...first!, choices }))).toMatchObject([{ path: ['pool', 'client', 0, 'choices'] }])
  })
})

it('the built-in partner is slow only for those who have asked for that', () => {
  const handshake = loadExercises('exercises').get('handshake')!
  const styleOf = (seed: number, wishes = {}) => instantiateExercise(handshake, 'guided', seededRandom(seed), wishes).partner.style
  const drawn = new Set(Array.from({ length: 50 }, (_, seed) => styleOf(seed)))
  expect([...drawn].sort()).toEqual(['exact', 'piggybacking'])
  expect(styleOf(1, { partner: { style: 'slow', pace: 'human' } })).toBe('slow')
})
