import { describe, expect, it } from 'vitest'
import type { TileRound } from '../../contract/answers.ts'
import type { RankedTile } from '../../client/src/teacher/board/need.ts'
import { countMistakes, matches, PAIR_FILTERS, isOneOf } from '../../client/src/teacher/board/pair-filter.ts'

const ranked = (
  of: Partial<Omit<RankedTile, 'tile'>>,
  round: Partial<TileRound> | null,
  names: readonly string[] = [],
): RankedTile => {
  const members = names.map((name) => ({ id: name, name }))
  return {
    need: 'playing',
    away: false,
    hands: [],
    tile: {
      pair: 'pair',
      number: 1,
      message: '',
      members,
      round: round && ({ mistakes: [], finished: false, ...round } as unknown as TileRound),
    },
    ...of,
  }
}
const nothing = { filter: null, mistake: null, name: '' }

describe('the pairs that the board shows', () => {
  it('are all, if nothing is asked for', () => {
    expect(matches(ranked({}, null), nothing)).toBe(true)
  })

  it('may be counted by several filters: one in need still plays', () => {
    const of = (pair: RankedTile) => PAIR_FILTERS.filter((filter) => isOneOf(filter, pair))
    expect(of(ranked({ need: 'away', away: true }, {}))).toEqual(['help', 'playing', 'away'])
    expect(of(ranked({ need: 'hand' }, { finished: true }))).toEqual(['help', 'finished'])
    expect(of(ranked({ need: 'waiting' }, null))).toEqual([])
  })

  it('are found by a part of a name, in any width and case', () => {
    const pair = ranked({}, {}, ['Ann', '王小明'])
    expect(['an', ' ＡＮＮ ', '小明', 'bob'].map((name) => matches(pair, { ...nothing, name }))).toEqual([true, true, true, false])
  })

  it('are those that have made a mistake; the commonest mistake is counted first', () => {
    const pairs = [ranked({}, { mistakes: ['ack'] }), ranked({}, { mistakes: ['syn-consumes-one', 'ack'] }), ranked({}, null)]
    expect(pairs.filter((pair) => matches(pair, { ...nothing, mistake: 'syn-consumes-one' }))).toEqual([pairs[1]])
    expect(countMistakes(pairs)).toEqual([
      { mistake: 'ack', pairs: 2 },
      { mistake: 'syn-consumes-one', pairs: 1 },
    ])
  })
})
