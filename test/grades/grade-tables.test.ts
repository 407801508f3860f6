/** The grade book for other programs, compared with what they document of their imports. */
import { parse } from 'csv-parse/sync'
import { expect, test } from 'vitest'
import type { GradeBook } from '../../contract/grades.ts'
import { tabulateBook, tabulateForCanvas, tabulateForMoodle } from '../../server/grades/grade-tables.ts'
import { toCsv } from '../../server/lessons/csv.ts'

const session = (id: string, title: string, code: string): GradeBook['sessions'][number] => {
  const flags = { kind: 'roster', createdAt: '2026-03-02T09:00:00.000Z', ended: true, released: true, weight: 1 } as const
  return { id, title, code, ...flags, exercises: [{ id: 'handshake', title: null, weight: 1 }] }
}
const member = (number: string, name: string, share: number | null): GradeBook['members'][number] => {
  const cell = { share, exercises: [{ share, seats: { client: share, server: null } }] }
  const about = { email: `${number}@school.test`, group: '2B', removed: false, remark: '' }
  return { id: number, number, name, ...about, total: share, sessions: [cell, { ...cell, share: null }, cell] }
}
const book: GradeBook = {
  course: { id: 'c', title: 'Networks', language: 'en' },
  mayChange: true,
  scheme: { rounds: 'best', missed: 'left-out', dropLowest: 0 },
  sessions: [session('a', 'Monday', 'AAAAAA'), session('b', 'Tuesday', 'BBBBBB'), session('c', 'Monday', 'CCCCCC')],
  members: [member('1001', 'Ann', 0.9375), member('1002', '=1+1', 0), { ...member('1003', 'Gone', 1), removed: true }],
  openContests: 0,
}

test('Moodle finds users by "ID number" or "Email address", and grades of at most 100 in columns of their own', () => {
  expect(tabulateForMoodle(book)).toEqual([
    ['ID number', 'Email address', 'Name', 'Monday (AAAAAA)', 'Tuesday', 'Monday (CCCCCC)', 'Course total'],
    ['1001', '1001@school.test', 'Ann', 93.75, null, 93.75, 93.75],
    ['1002', '1002@school.test', '=1+1', 0, null, 0, 0],
  ])
})

test('Canvas finds its five columns first, the points possible in the second row, and students by "SIS User ID"', () => {
  expect(tabulateForCanvas(book)).toEqual([
    ['Student', 'ID', 'SIS User ID', 'SIS Login ID', 'Section', 'Monday (AAAAAA)', 'Tuesday', 'Monday (CCCCCC)'],
    ['Points Possible', null, null, null, null, 100, 100, 100],
    ['Ann', null, '1001', null, '2B', 93.75, null, 93.75],
    ['=1+1', null, '1002', null, '2B', 0, null, 0],
  ])
})

test('the general table has every exercise, and whoever has left', () => {
  const [header, , , gone] = tabulateBook(book)
  expect(header).toEqual([
    ...['number', 'name', 'email', 'group', 'Monday: 1 handshake %', 'Monday %', 'Tuesday: 1 handshake %', 'Tuesday %'],
    ...['Monday: 1 handshake %', 'Monday %', 'total %'],
  ])
  expect(gone).toEqual(['1003', 'Gone', '1003@school.test', '2B', 100, 100, 100, null, 100, 100, 100])
})

test('in CSV no name becomes a formula, and it can still be told which name it was', () => {
  const [, , formula]: string[][] = parse(toCsv(tabulateForMoodle(book)), { bom: true })
  expect(formula?.[2]).toBe("'=1+1")
})
