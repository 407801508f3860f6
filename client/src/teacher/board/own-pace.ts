/** Where pairs are in the playlist of a session that everybody plays at their own pace. */
import type { SessionInfo, Tile } from '../../../../contract/answers.ts'
import { m } from '../../generated/messages.ts'

/** `2 of 5`: the exercise that a pair plays; null where all pairs play the same one, and before a pair's first round. */
export function formatPlace({ automatics, playlist }: SessionInfo, { round }: Tile): string | null {
  const position = round ? playlist.indexOf(round.exercise) : -1
  if (automatics.pace !== 'own' || position < 0) return null
  return m.teach_position({ number: position + 1, count: playlist.length })
}

/** How many exercises of the playlist, from the first, have begun for the session or for one of these pairs. */
export const countBegun = ({ playlist, position }: SessionInfo, tiles: readonly Tile[]): number =>
  Math.max(position ?? -1, ...tiles.map(({ round }) => (round ? playlist.indexOf(round.exercise) : -1))) + 1
