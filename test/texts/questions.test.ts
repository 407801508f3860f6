/** The questions of the built-in exercises cannot be answered by how they look, only by what one knows. */
import { describe, expect, test } from 'vitest'
import { loadExercises } from '../../exercises/load.ts'
import { LANGS, type Exercise, type PoolQuestion, type Question } from '../../protocol/round/model/exercise.ts'
import { SEATS } from '../../protocol/seat.ts'

const exercises = loadExercises('exercises').published()
const questionsOf = ({ scenes, pool }: Exercise): readonly (Question | PoolQuestion)[] =>
  SEATS.flatMap((seat) => [...scenes.flatMap(({ questions }) => questions?.[seat] ?? []), ...(pool?.[seat] ?? [])])
const all = exercises.flatMap((exercise) => questionsOf(exercise).map((question) => ({ exercise: exercise.id, question })))

/** The texts of an exercise, without what its pages contain. */
const textsOf = ({ scenes, ...exercise }: Exercise) => ({ ...exercise, scenes: scenes.map(({ http: _, ...scene }) => scene) })

type Lang = (typeof LANGS)[number]
const lengthsOf = ({ choices }: Question | PoolQuestion, lang: Lang) => choices.map(({ text }) => [...text[lang]].length)

/** The points, in percent, of a student who always takes the choice for which `pick` gives the length; among several, any. */
function percentOf(pick: (lengths: readonly number[]) => number, lang: Lang): number {
  const chances = all.map(({ question }) => {
    const lengths = lengthsOf(question, lang)
    const picked = question.choices.filter((_, i) => lengths[i] === pick(lengths))
    return picked.filter(({ right }) => right).length / picked.length
  })
  return (100 * chances.reduce((sum, chance) => sum + chance, 0)) / all.length
}

describe('questions', () => {
  test.each(exercises.map((exercise) => [exercise.id, exercise] as const))(
    '%s: a round draws from three closing questions or more for each seat, with four choices each',
    (_, exercise) => {
      const rounds = exercise.scenes.filter(({ family }) => family !== undefined)
      for (const seat of SEATS) {
        const pool = exercise.pool?.[seat] ?? []
        const fitting = (scene: string) => pool.filter(({ scenes }) => scenes?.includes(scene) ?? true).length
        expect(Math.min(pool.length, ...rounds.map(({ id }) => fitting(id)))).toBeGreaterThanOrEqual(3)
        for (const { id, choices } of pool) expect(choices, id).toHaveLength(4)
      }
    },
  )

  describe.each(LANGS)('in %s', (lang) => {
    const chance = (100 * all.reduce((sum, { question }) => sum + 1 / question.choices.length, 0)) / all.length

    test.each([
      ['longest', Math.max],
      ['shortest', Math.min],
    ] as const)('always taking the %s choice earns what chance does, within 5 points', (_, pick) => {
      expect(Math.abs(percentOf((lengths) => pick(...lengths), lang) - chance)).toBeLessThanOrEqual(5)
    })

    test('the choices of a question are of like length', () => {
      const spare = lang === 'en' ? 14 : 7
      const uneven = all.filter(({ question }) => {
        const lengths = lengthsOf(question, lang)
        const shortest = Math.min(...lengths)
        return Math.max(...lengths) > Math.max(1.4 * shortest, shortest + spare)
      })
      expect(uneven.map(({ exercise, question }) => `${exercise} ${question.id}: ${lengthsOf(question, lang).join(' ')}`)).toEqual(
        [],
      )
    })

    test('no two choices of a question are the same, and a pool asks nothing twice', () => {
      const twice = all.filter(
        ({ question }) => new Set(question.choices.map(({ text }) => text[lang])).size < question.choices.length,
      )
      expect(twice.map(({ question }) => question.id)).toEqual([])
      for (const { id, pool } of exercises)
        for (const seat of SEATS) {
          const asks = (pool?.[seat] ?? []).map(({ ask }) => ask[lang])
          expect(new Set(asks).size, `${id} ${seat}`).toBe(asks.length)
        }
    })
  })

  test('no text speaks of a password: not every page that a round may draw contains one', () => {
    const speaking = exercises.filter((exercise) => /password|密码(?!套件|算法)/.test(JSON.stringify(textsOf(exercise))))
    expect(speaking.map(({ id }) => id)).toEqual([])
  })

  test('most wrong choices are misconceptions with a name', () => {
    const wrong = all.flatMap(({ question }) => question.choices.filter(({ right }) => !right))
    expect(wrong.filter(({ misconception }) => misconception).length / wrong.length).toBeGreaterThan(0.8)
  })
})
