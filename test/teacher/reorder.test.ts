import { describe, expect, test } from 'vitest'
import { moveItem, placeAt } from '../../client/src/teacher/settings/reorder.ts'

describe('moving an item of a list', () => {
  test.each([
    [0, 2, ['b', 'c', 'a']],
    [2, 0, ['c', 'a', 'b']],
    [1, 1, ['a', 'b', 'c']],
    [0, -1, ['a', 'b', 'c']],
    [2, 3, ['a', 'b', 'c']],
    [3, 0, ['a', 'b', 'c']],
  ])('from %i to %i', (from, to, wanted) => {
    expect(moveItem(['a', 'b', 'c'], from, to)).toEqual(wanted)
  })

  test('dragged: it belongs behind all others whose middle is above the pointer', () => {
    expect([0, 21, 61, 500].map((y) => placeAt([20, 60], y))).toEqual([0, 1, 2, 2])
  })
})
