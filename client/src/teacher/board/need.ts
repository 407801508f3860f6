/** Which pairs need the teacher most, measured against the rest of the class. Pure; times are real ms since the epoch on the server's clock. */
import type { ParticipantInfo, Tile } from '../../../../contract/answers.ts'

/** Most urgent first. */
export const NEEDS = ['hand', 'refused', 'away', 'stuck', 'playing', 'waiting', 'finished'] as const
/**
 * - `hand`: a member has a hand up.
 * - `refused`: HELP_AFTER_REFUSALS or more refusals in a row.
 * - `away`: a member is absent while the round is open.
 * - `stuck`: nothing was accepted for STUCK_AFTER_MS, and for twice as long as in the middle one of the others that play.
 * - `playing`: the round is open, and either none of these holds or others need the teacher more.
 * - `waiting`: no round yet.
 * - `finished`: the pair has finished the exercise.
 */
export type Need = (typeof NEEDS)[number]

/** Consecutive refusals after which a pair may need help. */
export const HELP_AFTER_REFUSALS = 3
/** Real ms without an accepted act after which a pair may need help. */
export const STUCK_AFTER_MS = 60_000
/** How many times longer than the median a pair has been idle. */
const STUCK_FACTOR = 2
/** At most this share of all pairs needs help at once, and at least one pair may. */
const MAX_SHARE_IN_NEED = 1 / 3

export interface RankedTile {
  readonly tile: Tile
  readonly need: Need
  /** Whether a member is absent while the round is open. */
  readonly away: boolean
  /** The members whose hand is up. */
  readonly hands: readonly string[]
}

/** Real ms since an act was last accepted; 0 before the first round. Never negative, even if `now` is behind the server's clock. */
export const computeIdleMs = (tile: Tile, now: number): number => (tile.round ? Math.max(0, now - Date.parse(tile.round.since)) : 0)

/** Whether the pair needs the teacher. */
export const needsHelp = (need: Need): boolean => NEEDS.indexOf(need) < NEEDS.indexOf('playing')

const isPlaying = ({ round }: Tile): boolean => round !== null && !round.finished
const countRefusals = (tile: Tile): number => tile.round?.refusals ?? 0

/** The middle of the values, the upper one of two; 0 if there are none. */
const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

/** Every tile with its need, most urgent first. Ties: most refusals (if `refused`), longest idle (if help is needed), pair number. */
export function rankTiles(tiles: readonly Tile[], participants: readonly ParticipantInfo[], now: number): RankedTile[] {
  const present = new Set(participants.filter((p) => p.present).map((p) => p.id))
  const raised = new Set(participants.filter((p) => p.hand).map((p) => p.id))
  const idle = tiles.filter(isPlaying).map((tile) => ({ tile, ms: computeIdleMs(tile, now) }))
  const stuckAfterMs = (tile: Tile): number => {
    const others = idle.flatMap((each) => (each.tile === tile ? [] : [each.ms]))
    return Math.max(STUCK_AFTER_MS, STUCK_FACTOR * median(others))
  }

  const assess = (tile: Tile): RankedTile => {
    const hands = tile.members.filter(({ id }) => raised.has(id)).map(({ id }) => id)
    // Members without a name are built-in partners, never absent.
    const away = isPlaying(tile) && !tile.members.every(({ id, name }) => name === null || present.has(id))
    const need = (): Need => {
      if (hands.length > 0) return 'hand'
      if (!tile.round) return 'waiting'
      if (tile.round.finished) return 'finished'
      if (away) return 'away'
      if (tile.round.over) return 'playing' // the next leg is about to start
      if (tile.round.refusals >= HELP_AFTER_REFUSALS) return 'refused'
      return computeIdleMs(tile, now) >= stuckAfterMs(tile) ? 'stuck' : 'playing'
    }
    return { tile, need: need(), away, hands }
  }
  /** What a pair counts as when others need the teacher more. */
  const withoutHelp = ({ tile }: RankedTile): Need => (!tile.round ? 'waiting' : tile.round.finished ? 'finished' : 'playing')

  const byUrgency = (a: RankedTile, b: RankedTile): number =>
    NEEDS.indexOf(a.need) - NEEDS.indexOf(b.need) ||
    (a.need === 'refused' ? countRefusals(b.tile) - countRefusals(a.tile) : 0) ||
    (needsHelp(a.need) ? computeIdleMs(b.tile, now) - computeIdleMs(a.tile, now) : 0) ||
    a.tile.number - b.tile.number

  const most = Math.max(1, Math.floor(tiles.length * MAX_SHARE_IN_NEED))
  return tiles
    .map(assess)
    .sort(byUrgency)
    .map((ranked, i) => (i < most || !needsHelp(ranked.need) ? ranked : { ...ranked, need: withoutHelp(ranked) }))
    .sort(byUrgency)
}

/**
 * The order in which pairs are shown: as wanted; while it is held, as it was, so that nothing moves under the pointer. Pairs that have come
 * meanwhile stand at the end.
 */
export function settleOrder(shown: readonly string[], wanted: readonly string[], held: boolean): readonly string[] {
  if (!held) return wanted
  const known = new Set(shown)
  const there = new Set(wanted)
  return [...shown.filter((pair) => there.has(pair)), ...wanted.filter((pair) => !known.has(pair))]
}
