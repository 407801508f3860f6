/** Which pairs need the teacher most. Pure; times are real ms since the epoch on the server's clock. */
import type { ParticipantInfo, Tile } from '../../../../contract/answers.ts'

/** Most urgent first. */
export const NEEDS = ['away', 'refused', 'stuck', 'playing', 'waiting', 'finished'] as const
/**
 * - `away`: a member is absent while the round is open.
 * - `refused`: HELP_AFTER_REFUSALS or more refusals in a row.
 * - `stuck`: nothing was accepted for STUCK_AFTER_MS.
 * - `playing`: none of these, and the round is open.
 * - `waiting`: no round yet.
 * - `finished`: the pair has finished the exercise.
 */
export type Need = (typeof NEEDS)[number]

/** Consecutive refusals after which a pair needs help. */
export const HELP_AFTER_REFUSALS = 3
/** Real ms without an accepted act after which a pair needs help. */
export const STUCK_AFTER_MS = 90_000

export interface RankedTile {
  readonly tile: Tile
  readonly need: Need
}

/** Real ms since an act was last accepted; 0 before the first round. Never negative, even if `now` is behind the server's clock. */
export const computeIdleMs = (tile: Tile, now: number): number => (tile.round ? Math.max(0, now - Date.parse(tile.round.since)) : 0)

/** What a pair needs. `now`: ms since the epoch on the server's clock. Members without a name are built-in partners, never absent. */
export function assessNeed(tile: Tile, isPresent: (id: string) => boolean, now: number): Need {
  const { round, members } = tile
  if (!round) return 'waiting'
  if (round.finished) return 'finished'
  if (!members.every(({ id, name }) => name === null || isPresent(id))) return 'away'
  if (round.over) return 'playing' // the next leg is about to start
  if (round.refusals >= HELP_AFTER_REFUSALS) return 'refused'
  if (computeIdleMs(tile, now) >= STUCK_AFTER_MS) return 'stuck'
  return 'playing'
}

/** Whether the pair needs the teacher. */
export const needsHelp = (need: Need): boolean => need === 'away' || need === 'refused' || need === 'stuck'

/** Every tile with its need, most urgent first. Ties: most refusals (if `refused`), longest idle (if help is needed), pair number. */
export function rankTiles(tiles: readonly Tile[], participants: readonly ParticipantInfo[], now: number): RankedTile[] {
  const present = new Set(participants.filter((p) => p.present).map((p) => p.id))
  const ranked = tiles.map((tile) => ({ tile, need: assessNeed(tile, (id) => present.has(id), now) }))
  return ranked.sort(
    (a, b) =>
      NEEDS.indexOf(a.need) - NEEDS.indexOf(b.need) ||
      (a.need === 'refused' ? countRefusals(b.tile) - countRefusals(a.tile) : 0) ||
      (needsHelp(a.need) ? computeIdleMs(b.tile, now) - computeIdleMs(a.tile, now) : 0) ||
      a.tile.number - b.tile.number,
  )
}

const countRefusals = (tile: Tile): number => tile.round?.refusals ?? 0
