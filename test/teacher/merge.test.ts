import { describe, expect, it } from 'vitest'
import type { Board, ParticipantInfo, Tile, TileRound } from '../../contract/answers.ts'
import { mergeBoard, mergeTiles, countPlaying, listCurrentTiles } from '../../client/src/teacher/feed/board-merge.ts'

const round = (id: string, index: number, finished = false): TileRound => ({
  id,
  exercise: 'handshake',
  leg: 1,
  client: 'a',
  server: 'b',
  network: null,
  index,
  states: { client: 'CLOSED', server: 'CLOSED' },
  progress: { client: { met: 0, of: 3 }, server: { met: 0, of: 4 } },
  arrows: '',
  refusals: 0,
  last: null,
  mistakes: [],
  since: '2026-03-02T10:00:00Z',
  over: finished ? 'goal' : null,
  finished,
})
const tile = (pair: string, of: TileRound | null): Tile => ({ pair, number: 1, message: '', members: [], round: of })
const person = (id: string, pair: string | null): ParticipantInfo => ({
  id,
  name: id,
  present: true,
  pair,
  hand: false,
  claims: null,
})
const board = (tiles: readonly Tile[], participants: readonly ParticipantInfo[]): Board => ({
  session: {
    id: 'session-1',
    code: 'KTM482',
    title: 'Group 3',
    level: 'guided',
    playlist: ['handshake'],
    swap: true,
    next: { level: 'guided', swap: true },
    position: 0,
    ended: false,
    released: false,
    course: null,
    kind: 'open',
    rehearsal: false,
    automatics: { pace: 'together', latecomers: 'wait', claims: 'ask' },
    pausedAt: null,
    deadlineAt: null,
    announcement: '',
    archived: false,
    locked: false,
    partner: {},
    tcpByHand: false,
    discussion: false,
    createdAt: '2026-03-02T09:00:00Z',
  },
  tiles,
  participants,
  missing: [],
  now: '2026-03-02T10:00:00Z',
})

describe('the board takes in what it is told', () => {
  it('replaces the tile of a pair and adds the tile of a new one', () => {
    const held = [tile('p', round('r1', 3)), tile('q', null)]
    expect(mergeTiles(held, [tile('p', round('r1', 4)), tile('s', null)])).toEqual([
      tile('p', round('r1', 4)),
      tile('q', null),
      tile('s', null),
    ])
  })

  it('keeps the newer version of a round that it holds when an older one arrives late', () => {
    expect(mergeTiles([tile('p', round('r1', 7))], [tile('p', round('r1', 5))])).toEqual([tile('p', round('r1', 7))])
  })

  it('takes a new round though it has fewer entries', () => {
    expect(mergeTiles([tile('p', round('r1', 7))], [tile('p', round('r2', 1))])).toEqual([tile('p', round('r2', 1))])
  })

  it('keeps a new round when word of the last one arrives late', () => {
    const last = { ...round('r1', 7), since: '2026-03-02T09:59:00Z' }
    const held = [tile('p', { ...round('r2', 1), since: '2026-03-02T09:59:01Z' })]
    expect(mergeTiles(held, [tile('p', last)])).toEqual(held)
  })

  it('drops the tiles that a whole board no longer has, and keeps what it holds newer', () => {
    const held = board([tile('p', round('r1', 7)), tile('gone', round('r0', 9))], [])
    expect(mergeBoard(held, board([tile('p', round('r1', 5))], [])).tiles).toEqual([tile('p', round('r1', 7))])
  })

  it('takes the first whole board as it is', () => {
    const told = board([tile('p', null)], [person('a', 'p')])
    expect(mergeBoard(null, told)).toBe(told)
  })

  it('shows no tile of a pair that nobody belongs to any more', () => {
    const b = board([tile('p', null), tile('dissolved', null)], [person('a', 'p'), person('b', 'p'), person('c', null)])
    expect(listCurrentTiles(b).map((t) => t.pair)).toEqual(['p'])
  })

  it('counts as cut off by a next exercise the pairs in a round that has not finished', () => {
    const b = board(
      [tile('p', round('r1', 2)), tile('q', round('r2', 9, true)), tile('s', null), tile('dissolved', round('r3', 2))],
      [person('a', 'p'), person('c', 'q'), person('e', 's')],
    )
    expect(countPlaying(b)).toBe(1)
  })
})
