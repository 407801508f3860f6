import { expect, test } from 'vitest'
import { createTokenBucket } from '../../server/base/token-bucket.ts'

test('a bucket allows its burst, then its rate; a clock that steps back neither fills it nor shuts it', () => {
  let now = 1_000_000
  const bucket = createTokenBucket({ burst: 3, perSecond: 2 }, () => now)
  const takeAll = () => {
    let taken = 0
    while (bucket.take() === 0) taken++
    return taken
  }
  expect(takeAll()).toBe(3)
  expect(bucket.take()).toBe(0.5)
  now += 1_000
  expect(takeAll()).toBe(2)
  now -= 900_000
  expect(takeAll()).toBe(0)
  expect(bucket.take()).toBe(0.5)
  now += 1_000
  expect(takeAll()).toBe(2)
  now += 900_000
  expect(takeAll()).toBe(3)
})
