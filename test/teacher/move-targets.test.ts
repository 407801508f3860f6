import { describe, expect, it } from 'vitest'
import type { ParticipantInfo, Tile } from '../../contract/answers.ts'
import { listCutOff, listMoveTargets } from '../../client/src/teacher/board/move-targets.ts'

const person = (id: string, pair: string | null): ParticipantInfo => ({
  id,
  name: id,
  present: true,
  pair,
  hand: false,
  claims: null,
})
const tile = (pair: string, number: number, ...names: (string | null)[]): Tile =>
  ({
    pair,
    number,
    members: names.map((name) => ({ id: name ?? 'built-in', name })),
    round: pair === 'p2' ? null : { finished: false },
  }) as unknown as Tile

const board = {
  tiles: [
    tile('p2', 2, 'cyd', null),
    tile('p1', 1, 'ada', 'bob'),
    tile('p3', 3, 'dan', 'eve', 'fay'),
    tile('gone', 4, 'ada', 'cyd'),
  ],
  participants: [
    ...['ada', 'bob'].map((id) => person(id, 'p1')),
    person('cyd', 'p2'),
    ...['dan', 'eve', 'fay'].map((id) => person(id, 'p3')),
    person('gus', null),
  ],
}
const targetsOf = (student: string) => {
  const { trade, join } = listMoveTargets(board, student)
  return { trade: trade.map(({ id }) => id), join: join.map(({ pair }) => pair) }
}

describe('where a student can be moved', () => {
  it('is every place outside the own pair, and every pair of fewer than three students', () => {
    expect(targetsOf('ada')).toEqual({ trade: ['cyd', 'dan', 'eve', 'fay', 'gus'], join: ['p2'] })
  })
  it('is for one without a partner no place of another one without a partner', () => {
    const alone = { ...board, participants: [...board.participants, person('hal', null)] }
    expect(listMoveTargets(alone, 'gus').trade.map(({ id }) => id)).not.toContain('hal')
    expect(targetsOf('gus').join).toEqual(['p1', 'p2'])
  })
  it('cuts off the unfinished rounds of the pairs that change', () => {
    expect(listCutOff(board, 'ada', { to: 'student', id: 'dan' }).map(({ pair }) => pair)).toEqual(['p1', 'p3'])
    expect(listCutOff(board, 'gus', { to: 'pair', id: 'p2' })).toEqual([])
  })
})
