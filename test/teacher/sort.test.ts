import { expect, it } from 'vitest'
import { nextOrder, sortRows } from '../../client/src/teacher/results/sort.ts'

const rows = [3, null, 1, 2]

it('sorts either way, with what has no value last', () => {
  expect(sortRows(rows, (row) => row, false)).toEqual([1, 2, 3, null])
  expect(sortRows(rows, (row) => row, true)).toEqual([3, 2, 1, null])
})

it('keeps the order of equal rows', () => {
  const same = [{ name: 'b' }, { name: 'a' }]
  expect(sortRows(same, () => 1, true)).toEqual(same)
})

it('begins with the largest number or the first name, and turns round on the same column', () => {
  expect(nextOrder({ by: 'name', descending: false }, 'total', false)).toEqual({ by: 'total', descending: true })
  expect(nextOrder({ by: 'total', descending: true }, 'name', true)).toEqual({ by: 'name', descending: false })
  expect(nextOrder({ by: 'total', descending: true }, 'total', false)).toEqual({ by: 'total', descending: false })
})
