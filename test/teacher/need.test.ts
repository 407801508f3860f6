import { describe, expect, it } from 'vitest'
import type { ParticipantInfo, Tile, TileRound } from '../../contract/answers.ts'
import {
  computeIdleMs,
  needsHelp,
  NEEDS,
  rankTiles,
  settleOrder,
  HELP_AFTER_REFUSALS,
  STUCK_AFTER_MS,
  type Need,
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
  mistakes: [],
  since: ago(10_000),
  over: null,
  finished: false,
  ...over,
})

const tile = (number: number, of: Partial<TileRound> | null): Tile => ({
  pair: `pair-${number}`,
  number,
  message: '',
  members: [
    { id: `a${number}`, name: 'Falcon' },
    { id: `b${number}`, name: 'Heron' },
  ],
  round: of && round(of),
})

const people = (tiles: readonly Tile[], away: readonly string[] = [], hands: readonly string[] = []): ParticipantInfo[] =>
  tiles.flatMap((t) =>
    t.members.map(({ id, name }) => {
      return { id, name: name ?? '', present: !away.includes(id), pair: t.pair, hand: hands.includes(id), claims: null }
    }),
  )
/** What the first of these pairs needs. */
const needOf = (tiles: readonly Tile[], away: readonly string[] = [], hands: readonly string[] = []): Need | undefined =>
  rankTiles(tiles, people(tiles, away, hands), NOW).find((ranked) => ranked.tile === tiles[0])?.need

describe('what a pair needs', () => {
  it('is nothing before its first round, even with a member away', () => {
    expect(needOf([tile(1, null)], ['a1', 'b1'])).toBe('waiting')
  })

  it('is the teacher, where a hand is up, whatever else there is', () => {
    const t = tile(1, { over: 'goal', finished: true })
    expect(needOf([t], ['b1'], ['a1'])).toBe('hand')
    expect(rankTiles([t], people([t], [], ['b1']), NOW)[0]?.hands).toEqual(['b1'])
  })

  it('is a partner, where one has gone while the round is open', () => {
    expect(needOf([tile(1, { refusals: 9, since: ago(STUCK_AFTER_MS * 2) })], ['b1'])).toBe('away')
  })

  it('is nothing once it has finished, even with a member away', () => {
    expect(needOf([tile(1, { over: 'goal', finished: true })], ['a1', 'b1'])).toBe('finished')
  })

  it(`is help from ${HELP_AFTER_REFUSALS} refusals in a row on`, () => {
    expect(needOf([tile(1, { refusals: HELP_AFTER_REFUSALS - 1 })])).toBe('playing')
    expect(needOf([tile(1, { refusals: HELP_AFTER_REFUSALS })])).toBe('refused')
  })

  it(`is help when nothing has been accepted for ${STUCK_AFTER_MS / 1000} s, alone in the class`, () => {
    expect(needOf([tile(1, { since: ago(STUCK_AFTER_MS - 1) })])).toBe('playing')
    expect(needOf([tile(1, { since: ago(STUCK_AFTER_MS) })])).toBe('stuck')
  })

  it('is measured against the class: while everybody listens, nobody is stuck', () => {
    const since = ago(STUCK_AFTER_MS * 3)
    const [t, ...others] = [1, 2, 3, 4, 5].map((number) => tile(number, { since }))
    expect(needOf([t!, ...others])).toBe('playing')
    expect(needOf([tile(1, { since: ago(STUCK_AFTER_MS * 6) }), ...others])).toBe('stuck')
  })

  it('is nothing between two legs, however long ago the last act was', () => {
    expect(needOf([tile(1, { over: 'goal', finished: false, refusals: 5, since: ago(STUCK_AFTER_MS * 3) })])).toBe('playing')
  })

  it('is never said of more than a third of the class: the most urgent are named', () => {
    const tiles = [1, 2, 3, 4, 5, 6, 7].map((number) => tile(number, { refusals: HELP_AFTER_REFUSALS + number }))
    const ranked = rankTiles(tiles, people(tiles), NOW)
    expect(ranked.filter(({ need }) => needsHelp(need)).map((each) => each.tile.number)).toEqual([7, 6])
    expect(ranked.slice(2).map((each) => each.tile.number)).toEqual([1, 2, 3, 4, 5])
  })

  it('asks for the teacher only when a hand is up, or somebody is refused, away or stuck', () => {
    expect(NEEDS.filter(needsHelp)).toEqual(['hand', 'refused', 'away', 'stuck'])
  })

  it('never shows a negative time where the clocks disagree', () => {
    expect(computeIdleMs(tile(1, { since: ago(-5_000) }), NOW)).toBe(0)
    expect(computeIdleMs(tile(1, null), NOW)).toBe(0)
  })
})

describe('the order of the board', () => {
  const order = (tiles: readonly Tile[], away: readonly string[] = []): number[] =>
    rankTiles(tiles, people(tiles, away), NOW).map((r) => r.tile.number)

  /** Pairs that need nothing, so that the third of a class that may need help is large enough. */
  const others = [11, 12, 13, 14, 15, 16, 17, 18, 19].map((number) => tile(number, {}))

  it('is hand, refused, away, stuck, playing, waiting, finished', () => {
    const tiles = [
      tile(1, { over: 'goal', finished: true }),
      tile(2, null),
      tile(3, {}),
      tile(4, { since: ago(STUCK_AFTER_MS + 1) }),
      tile(5, { refusals: HELP_AFTER_REFUSALS }),
      tile(6, {}),
      tile(7, {}),
      ...others,
    ]
    const ranked = rankTiles(tiles, people(tiles, ['a6'], ['b7']), NOW).filter((r) => r.tile.number < 10)
    expect(ranked.map((r) => [r.tile.number, r.need])).toEqual([
      [7, 'hand'],
      [5, 'refused'],
      [6, 'away'],
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
      ...others,
    ]
    expect(order(tiles).slice(0, 3)).toEqual([2, 3, 1])
  })

  it('puts the longest stuck first', () => {
    const tiles = [tile(1, { since: ago(STUCK_AFTER_MS + 1_000) }), tile(2, { since: ago(STUCK_AFTER_MS + 9_000) }), ...others]
    expect(order(tiles).slice(0, 2)).toEqual([2, 1])
  })

  it('keeps pairs that play or have finished in the order of their numbers, so that tiles stay where they are', () => {
    const tiles = [tile(3, { since: ago(1_000) }), tile(1, { since: ago(30_000) }), tile(2, { since: ago(2_000) })]
    expect(order(tiles)).toEqual([1, 2, 3])
  })

  it('leaves the tiles that it was given as they are', () => {
    const tiles = Object.freeze([tile(2, {}), tile(1, {})])
    expect(order(tiles)).toEqual([1, 2])
  })

  it('does not change while it is held: what is new stands at the end, what has gone leaves', () => {
    expect(settleOrder(['a', 'b', 'c'], ['c', 'a', 'd'], true)).toEqual(['a', 'c', 'd'])
    expect(settleOrder(['a', 'b', 'c'], ['c', 'a', 'd'], false)).toEqual(['c', 'a', 'd'])
  })
})
