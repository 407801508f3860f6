/** Which pairs the teacher should walk to first. Pure; times are ms since the epoch, on the server's clock. */
import type { ParticipantInfo, Tile } from '../../../../contract/answers.ts'

/** Worst first. */
export const NEEDS = ['away', 'refused', 'stuck', 'playing', 'waiting', 'finished'] as const
/**
 * - `away`: a member has gone while the round is open.
 * - `refused`: REFUSALS or more refusals in a row.
 * - `stuck`: nothing accepted for STUCK ms.
 * - `waiting`: no round yet.
 */
export type Need = (typeof NEEDS)[number]

export const HELP_AFTER_REFUSALS = 3
export const STUCK_AFTER_MS = 90_000

export interface RankedTile {
  readonly tile: Tile
  readonly need: Need
}

/** Since when nothing has been accepted, in ms; 0 before the first round. A clock that runs behind gives 0, never less. */
export const computeIdleMs = (tile: Tile, now: number): number => (tile.round ? Math.max(0, now - Date.parse(tile.round.since)) : 0)

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

/** True where the teacher is wanted. */
export const needsHelp = (need: Need): boolean => need === 'away' || need === 'refused' || need === 'stuck'

/** Every tile with its need, worst first; among equals who was refused most, then who has waited longest, then the pair's number. */
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
