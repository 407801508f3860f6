/** Which pairs the board shows. Pure. */
import type { Mistake } from '../../../../protocol/findings.ts'
import { needsHelp, type RankedTile } from './need.ts'

export const PAIR_FILTERS = ['help', 'playing', 'finished', 'away'] as const
export type PairFilter = (typeof PAIR_FILTERS)[number]

/** Whether a pair is one of those that a filter names. A pair in need still plays; one with somebody away may need help as well. */
export function isOneOf(filter: PairFilter, { tile, need, away }: RankedTile): boolean {
  switch (filter) {
    case 'help':
      return needsHelp(need)
    case 'playing':
      return tile.round !== null && !tile.round.finished
    case 'finished':
      return tile.round?.finished ?? false
    case 'away':
      return away
  }
}

/** What the teacher looks for; null, or an empty name, asks for nothing. */
export interface Wanted {
  readonly filter: PairFilter | null
  readonly mistake: Mistake | null
  /** A part of a member's name. */
  readonly name: string
}

const fold = (text: string): string => text.normalize('NFKC').toLowerCase().trim()

export const matches = (ranked: RankedTile, { filter, mistake, name }: Wanted): boolean =>
  (filter === null || isOneOf(filter, ranked)) &&
  (mistake === null || (ranked.tile.round?.mistakes.includes(mistake) ?? false)) &&
  (fold(name) === '' || ranked.tile.members.some((member) => fold(member.name ?? '').includes(fold(name))))

/** The kinds of mistakes on the board, each with the number of pairs that have made it; the commonest first. */
export function countMistakes(ranked: readonly RankedTile[]): { mistake: Mistake; pairs: number }[] {
  const counts = new Map<Mistake, number>()
  for (const { tile } of ranked)
    for (const mistake of tile.round?.mistakes ?? []) counts.set(mistake, (counts.get(mistake) ?? 0) + 1)
  return [...counts].map(([mistake, pairs]) => ({ mistake, pairs })).sort((a, b) => b.pairs - a.pairs)
}
