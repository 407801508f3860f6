import { describe, expect, it } from 'vitest'
import type { ParticipantInfo, Tile, TileRound } from '../../contract/answers.ts'
import {
  computeIdleMs,
  assessNeed,
  needsHelp,
  NEEDS,
  rankTiles,
  HELP_AFTER_REFUSALS,
  STUCK_AFTER_MS,
} from '../../client/src/teacher/board/need.ts'

const NOW = Date.parse('2026-03-02T10:00:00Z')
const ago = (ms: number): string => new Date(NOW - ms).toISOString()

const round = (over: Partial<TileRound> = {}): TileRound => ({
  id: 'round-01',
  exercise: 'handshake',
  leg: 1,
  client: 'a',
  server: 'b',
  network: null,
  index: 4,
  states: { client: 'SYN-SENT', server: 'LISTEN' },
  progress: { client: { met: 1, of: 3 }, server: { met: 1, of: 4 } },
  arrows: 'c',
  refusals: 0,
  last: null,
  since: ago(10_000),
  over: null,
  finished: false,
  ...over,
})

const tile = (number: number, of: Partial<TileRound> | null): Tile => ({
  pair: `pair-${number}`,
  number,
  members: [
    { id: `a${number}`, name: 'Falcon' },
    { id: `b${number}`, name: 'Heron' },
  ],
  round: of && round(of),
})

const everybody = (): boolean => true
const people = (tiles: readonly Tile[], away: readonly string[] = []): ParticipantInfo[] =>
  tiles.flatMap((t) => t.members.map(({ id, name }) => ({ id, name: name ?? '', present: !away.includes(id), pair: t.pair })))

describe('what a pair needs', () => {
  it('is nothing before its first round, even with a member away', () => {
    expect(assessNeed(tile(1, null), () => false, NOW)).toBe('waiting')
  })

  it('is a partner, where one has gone while the round is open, whatever else is wrong', () => {
    const t = tile(1, { refusals: 9, since: ago(STUCK_AFTER_MS * 2) })
    expect(assessNeed(t, (id) => id !== 'b1', NOW)).toBe('away')
  })

  it('is nothing once it has finished, even with a member away', () => {
    expect(assessNeed(tile(1, { over: 'goal', finished: true }), () => false, NOW)).toBe('finished')
  })

  it(`is help from ${HELP_AFTER_REFUSALS} refusals in a row on`, () => {
    expect(assessNeed(tile(1, { refusals: HELP_AFTER_REFUSALS - 1 }), everybody, NOW)).toBe('playing')
    expect(assessNeed(tile(1, { refusals: HELP_AFTER_REFUSALS }), everybody, NOW)).toBe('refused')
  })

  it(`is help when nothing has been accepted for ${STUCK_AFTER_MS / 1000} s`, () => {
    expect(assessNeed(tile(1, { since: ago(STUCK_AFTER_MS - 1) }), everybody, NOW)).toBe('playing')
    expect(assessNeed(tile(1, { since: ago(STUCK_AFTER_MS) }), everybody, NOW)).toBe('stuck')
  })

  it('is nothing between two legs, however long ago the last act was', () => {
    expect(
      assessNeed(tile(1, { over: 'goal', finished: false, refusals: 5, since: ago(STUCK_AFTER_MS * 3) }), everybody, NOW),
    ).toBe('playing')
  })

  it('asks for the teacher only when somebody is away, refused or stuck', () => {
    expect(NEEDS.filter(needsHelp)).toEqual(['away', 'refused', 'stuck'])
  })

  it('never shows a negative time where the clocks disagree', () => {
    expect(computeIdleMs(tile(1, { since: ago(-5_000) }), NOW)).toBe(0)
    expect(computeIdleMs(tile(1, null), NOW)).toBe(0)
  })
})

describe('the order of the board', () => {
  const order = (tiles: readonly Tile[], away: readonly string[] = []): number[] =>
    rankTiles(tiles, people(tiles, away), NOW).map((r) => r.tile.number)

  it('is away, refused, stuck, playing, waiting, finished', () => {
    const tiles = [
      tile(1, { over: 'goal', finished: true }),
      tile(2, null),
      tile(3, {}),
      tile(4, { since: ago(STUCK_AFTER_MS + 1) }),
      tile(5, { refusals: HELP_AFTER_REFUSALS }),
      tile(6, {}),
    ]
    expect(rankTiles(tiles, people(tiles, ['a6']), NOW).map((r) => [r.tile.number, r.need])).toEqual([
      [6, 'away'],
      [5, 'refused'],
      [4, 'stuck'],
      [3, 'playing'],
      [2, 'waiting'],
      [1, 'finished'],
    ])
  })

  it('puts the most refused first, then the one that has waited longest', () => {
    const tiles = [
      tile(1, { refusals: 3, since: ago(5_000) }),
      tile(2, { refusals: 5, since: ago(1_000) }),
      tile(3, { refusals: 3, since: ago(50_000) }),
    ]
    expect(order(tiles)).toEqual([2, 3, 1])
  })

  it('puts the longest stuck first', () => {
    const tiles = [tile(1, { since: ago(STUCK_AFTER_MS + 1_000) }), tile(2, { since: ago(STUCK_AFTER_MS + 9_000) })]
    expect(order(tiles)).toEqual([2, 1])
  })

  it('keeps pairs that play or have finished in the order of their numbers, so that tiles stay where they are', () => {
    const tiles = [tile(3, { since: ago(1_000) }), tile(1, { since: ago(30_000) }), tile(2, { since: ago(2_000) })]
    expect(order(tiles)).toEqual([1, 2, 3])
  })

  it('leaves the tiles that it was given as they are', () => {
    const tiles = Object.freeze([tile(2, {}), tile(1, {})])
    expect(order(tiles)).toEqual([1, 2])
  })
})
