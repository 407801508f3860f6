/** Plays whole lessons, each determined by its seed. README.md says what is simulated and what is not. */
import { describe, expect, test } from 'vitest'
import { seeds } from '../support/volume.ts'
import { simulate } from './simulation.ts'

const ALL = seeds('simulatedLessons')
const SEEDS_PER_TEST = 50
const PARTS = Array.from({ length: Math.ceil(ALL.length / SEEDS_PER_TEST) }, (_, i) =>
  ALL.slice(i * SEEDS_PER_TEST, (i + 1) * SEEDS_PER_TEST),
)

describe('whatever fails, a lesson holds together and comes to its end', () => {
  test.each(PARTS.map((part) => [part[0], part.at(-1), part] as const))('seeds %i to %i', async (_first, _last, part) => {
    for (const seed of part) {
      const { violation, trace } = await simulate(seed)
      if (violation) expect.fail(`${trace.join('\n')}\n\n${violation.message}\nAgain: SEED=${seed} npx vitest run test/simulation`)
    }
    expect(part).not.toEqual([])
  })
})

test('the same seed plays the same lesson, to the last event', async () => {
  for (const seed of ALL.slice(0, 5)) {
    const { digest, steps } = await simulate(seed)
    expect(steps).toBeGreaterThan(50)
    expect((await simulate(seed)).digest, `seed ${seed}`).toBe(digest)
  }
})

test('lessons differ, and are played', async () => {
  const [one, other] = [await simulate(ALL[0]!), await simulate(ALL[1]!)]
  expect(one.digest).not.toBe(other.digest)
  for (const { rows, rounds } of [one, other]) expect(rows).toBeGreaterThan(rounds)
})
