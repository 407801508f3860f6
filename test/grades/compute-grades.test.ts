/** Grades, compared with tables made by hand: `grades-by-hand.txt` holds what was played, what was decided, and the tables. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Scheme } from '../../contract/grades.ts'
import { POINT_EIGHTHS } from '../../protocol/round/fold/score.ts'
import {
  computeGrades,
  type GradedMember,
  type GradedRound,
  type GradedSession,
  type GradePlace,
  type SessionGrade,
} from '../../server/grades/compute-grades.ts'

const DAY_MS = 86_400_000

const members: GradedMember[] = []
const sessions: GradedSession[] = []
const rounds: GradedRound[] = []
const overrides = new Map<string, number>()
const excused = new Set<string>()
const keyOf = ({ member, session, position }: GradePlace) => `${member} ${session} ${position ?? '-'}`
const decisions = {
  overrideAt: (place: GradePlace) => overrides.get(keyOf(place)),
  isExcusedAt: (place: GradePlace) => excused.has(keyOf(place)),
}

const scoreOf = (text: string) => {
  const [points = NaN, of = NaN] = text.split('/').map(Number)
  return { eighths: points * POINT_EIGHTHS, of: of * POINT_EIGHTHS }
}
const personOf = (name: string) => (name === '-' ? null : name)

const format = (grade: Pick<SessionGrade, 'share' | 'isOverridden' | 'isExcused' | 'isMissed'> & { isDropped?: boolean }) =>
  [
    grade.share === null ? '-' : (grade.share * 100).toFixed(2),
    grade.isOverridden && 'overridden',
    grade.isExcused && 'excused',
    grade.isMissed && 'missed',
    grade.isDropped && 'dropped',
  ]
    .filter(Boolean)
    .join(' ')

function tabulate(scheme: Scheme): string[] {
  const grades = computeGrades({ scheme, members, sessions, rounds, decisions })
  return grades.map(({ member, sessions: cells, total }) =>
    [
      member,
      ...cells.map((cell) => `${format(cell)} (${cell.exercises.map(format).join(' ')})`),
      total === null ? '-' : (total * 100).toFixed(2),
    ].join(' | '),
  )
}

const lines = readFileSync(join(import.meta.dirname, 'grades-by-hand.txt'), 'utf8')
  .split('\n')
  .map((line) => line.replace(/#.*/, '').trim())
  .filter(Boolean)

/** The tables, each with the scheme and the decisions before it. */
const tables: { scheme: string; made: string[]; byHand: string[] }[] = []
for (const line of lines) {
  const [what = '', ...words] = line.split(/\s+/)
  const [first = '', second = '', third = '', fourth = '', ...rest] = words
  const place = `${first} ${second} ${third}`
  if (what === 'member') members.push({ id: first, enrolledAt: Number(second) * DAY_MS })
  else if (what === 'session')
    sessions.push({
      id: first,
      isAssignment: second === 'assignment',
      endedAt: third === '-' ? null : Number(third) * DAY_MS,
      weight: Number(fourth),
      exercises: rest.map(Number),
    })
  else if (what === 'round') {
    const [client = '', server = ''] = rest
    rounds.push({
      id: `${rounds.length + 1}`,
      session: first,
      position: Number(second),
      seats: {
        client: { member: personOf(third), score: scoreOf(client) },
        server: { member: personOf(fourth), score: scoreOf(server) },
      },
    })
  } else if (what === 'override') overrides.set(place, Number(fourth) / 100)
  else if (what === 'excuse') excused.add(place)
  else if (what === 'scheme') {
    const scheme = { rounds: first as Scheme['rounds'], missed: second as Scheme['missed'], dropLowest: Number(third) }
    tables.push({ scheme: words.join(' '), made: tabulate(scheme), byHand: [] })
  } else tables.at(-1)?.byHand.push(line)
}

test.each(tables)('with the scheme "$scheme" the grades are those of the table made by hand', ({ made, byHand }) => {
  expect(made).toEqual(byHand)
})

const gradeOf = (points: readonly string[], rounds: Scheme['rounds']) => {
  const [grades] = computeGrades({
    scheme: { rounds, missed: 'left-out', dropLowest: 0 },
    members: [{ id: 'Ann', enrolledAt: 0 }],
    sessions: [{ id: 'mon', isAssignment: false, endedAt: null, weight: 1, exercises: [1] }],
    rounds: points.map((score, i): GradedRound => {
      const nobody = { member: null, score: scoreOf('0/0') }
      return {
        id: `${i}`,
        session: 'mon',
        position: 0,
        seats: { client: { member: 'Ann', score: scoreOf(score) }, server: nobody },
      }
    }),
    decisions: { overrideAt: () => undefined, isExcusedAt: () => false },
  })
  return grades?.sessions[0]?.exercises[0]?.seats.client
}

test('a seat names the rounds that count, and its points unless they are a mean', () => {
  expect(gradeOf(['3/8', '7/8', '5/8'], 'best')).toMatchObject({ score: scoreOf('7/8'), rounds: ['1'] })
  expect(gradeOf(['7/8', '7/8'], 'best')).toMatchObject({ rounds: ['1'] })
  expect(gradeOf(['3/8', '7/8', '5/8'], 'last')).toMatchObject({ score: scoreOf('5/8'), rounds: ['2'] })
  expect(gradeOf(['3/8', '5/8'], 'mean')).toEqual({ share: 0.5, score: null, rounds: ['0', '1'] })
  expect(gradeOf(['3/8'], 'mean')).toMatchObject({ score: scoreOf('3/8') })
})

test('a round in which nothing was ever open to a seat is not played: neither the last one nor part of a mean', () => {
  expect(gradeOf(['3/8', '0/0'], 'last')).toMatchObject({ rounds: ['0'] })
  expect(gradeOf(['3/8', '0/0'], 'mean')).toMatchObject({ rounds: ['0'] })
  expect(gradeOf(['0/0'], 'best')).toBeNull()
})
