/**
 * Merges updates from the server into the board. They arrive over the socket and, as answers to the teacher's commands, over HTTP, in any
 * order; therefore a tile is never replaced by an older version of it.
 */
import type { Board, Tile } from '../../../../contract/answers.ts'

/** The newer version of a tile's round: in the same round the one with more entries, otherwise the one with the later accepted act. */
const pickNewerTile = (held: Tile | undefined, told: Tile): Tile => {
  if (!held?.round || !told.round) return told
  const older = held.round.id === told.round.id ? told.round.index < held.round.index : told.round.since < held.round.since
  return older ? { ...told, round: held.round } : told
}

/** The known tiles, with the received ones replaced or added. */
export function mergeTiles(held: readonly Tile[], told: readonly Tile[]): Tile[] {
  const tiles = new Map(held.map((tile) => [tile.pair, tile]))
  for (const tile of told) tiles.set(tile.pair, pickNewerTile(tiles.get(tile.pair), tile))
  return [...tiles.values()]
}

/** Merges a complete board: its pairs and participants replace the known ones, but its tiles may be older than the known ones. */
export function mergeBoard(held: Board | null, told: Board): Board {
  if (!held) return told
  const pairs = new Set(told.tiles.map((tile) => tile.pair))
  return {
    ...told,
    tiles: mergeTiles(
      held.tiles.filter((tile) => pairs.has(tile.pair)),
      told.tiles,
    ),
  }
}

/**
 * The tiles of pairs that still exist. The server does not announce that a pair was dissolved, only that its members have another pair or
 * none.
 */
export function listCurrentTiles(board: Board): Tile[] {
  const pairs = new Set(board.participants.map((p) => p.pair))
  return board.tiles.filter((tile) => pairs.has(tile.pair))
}

/** The number of pairs whose round would be cut off if another exercise were opened now. */
export const countPlaying = (board: Board): number =>
  listCurrentTiles(board).filter((tile) => tile.round && !tile.round.finished).length
