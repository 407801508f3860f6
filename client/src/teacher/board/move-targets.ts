/** Where a student can be moved from the board. */
import type { Board, Tile } from '../../../../contract/answers.ts'
import type { Move } from '../../../../contract/requests.ts'

/** Another student to trade places with; `pair` is null for one who has no partner. */
export interface TradeTarget {
  readonly id: string
  readonly name: string
  readonly pair: Tile | null
}

export interface MoveTargets {
  readonly trade: readonly TradeTarget[]
  /** The other pairs that have room for one more student. */
  readonly join: readonly Tile[]
}

/** How many students a pair has at most: two and one on the wire. */
const MAX_STUDENTS = 3

/** The places to which this student can be moved. */
export function listMoveTargets({ tiles, participants }: Pick<Board, 'tiles' | 'participants'>, student: string): MoveTargets {
  const own = participants.find(({ id }) => id === student)?.pair ?? null
  const paired = new Set(participants.map(({ pair }) => pair))
  const others = tiles.filter(({ pair }) => pair !== own && paired.has(pair)).sort((a, b) => a.number - b.number)
  const tileOf = new Map(others.map((tile) => [tile.pair, tile]))
  return {
    // Whoever has no pair trades only with one who has one.
    trade: participants
      .filter(({ id, pair }) => id !== student && (pair === null ? own !== null : tileOf.has(pair)))
      .map(({ id, name, pair }) => ({ id, name, pair: (pair === null ? undefined : tileOf.get(pair)) ?? null })),
    join: others.filter(({ members }) => members.filter(({ name }) => name !== null).length < MAX_STUDENTS),
  }
}

/** The pairs whose unfinished round ends when this student moves. */
export const listCutOff = (
  { tiles, participants }: Pick<Board, 'tiles' | 'participants'>,
  student: string,
  to: Move,
): readonly Tile[] => {
  const pairOf = (id: string) => participants.find((each) => each.id === id)?.pair ?? null
  const touched = [pairOf(student), to.to === 'pair' ? to.id : pairOf(to.id)]
  return tiles.filter(({ pair, round }) => touched.includes(pair) && round !== null && !round.finished)
}
