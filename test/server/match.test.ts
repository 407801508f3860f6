import fc from 'fast-check'
import { expect, test } from 'vitest'
import { matchAtRandom } from '../../server/lessons/matching.ts'
import { numbers } from '../support/random.ts'
import { runs } from '../support/volume.ts'

const people = (count: number) => Array.from({ length: count }, (_, i) => `p${i}`)
const never = () => false

test('everybody is in one pair; of an odd number one is left out', () => {
  fc.assert(
    fc.property(fc.nat(60), fc.nat(), (count, seed) => {
      const pairs = matchAtRandom(people(count), never, numbers(seed))
      expect(pairs).toHaveLength(Math.floor(count / 2))
      expect(new Set(pairs.flat()).size).toBe(2 * Math.floor(count / 2))
    }),
    runs('pairings'),
  )
})

test('last partners are kept apart, from three people on', () => {
  fc.assert(
    fc.property(fc.integer({ min: 3, max: 41 }), fc.nat(), (count, seed) => {
      const random = numbers(seed)
      let last = matchAtRandom(people(count), never, random)
      for (let lesson = 0; lesson < 4; lesson++) {
        const met = new Set(last.map((pair) => [...pair].sort().join()))
        last = matchAtRandom(people(count), (a, b) => met.has([a, b].sort().join()), random)
        for (const pair of last) expect(met).not.toContain([...pair].sort().join())
      }
    }),
    runs('pairings'),
  )
})

test('two who have nobody else are paired again', () => {
  expect(
    matchAtRandom(['a', 'b'], () => true, numbers(1))
      .flat()
      .sort(),
  ).toEqual(['a', 'b'])
})

test('the same numbers give the same pairs, others give others', () => {
  const draw = (seed: number) => matchAtRandom(people(20), never, numbers(seed))
  expect(draw(7)).toEqual(draw(7))
  expect(draw(7)).not.toEqual(draw(8))
})
