/** The rows of a pair's rounds: which leg comes next, and who sits where in it. */
import { newId } from '../base/ids.ts'
import type { Pair, Round, Session } from '../generated/prisma/client.ts'
import { memberIds } from './session-rows.ts'

/** A row that opens `exercise` (`id@version`) for a pair whose last leg at this position was `lastLeg`; 0: there was none. */
export function makeFirstLeg(
  { id: sessionId }: Session,
  position: number,
  pair: Pair,
  exercise: string,
  lastLeg: number,
  createdAt: Date,
): Round {
  const leg = lastLeg + 1 + (lastLeg % 2)
  // Without swap one leg is all there is: who begins as the client takes turns.
  const seats = assignSeats(pair, position + (leg - 1) / 2)
  return { ...makeRow(createdAt), sessionId, pairId: pair.id, position, leg, exercise, ...seats }
}

/** The row of the leg after this one, with seats swapped. */
export function makeSecondLeg(first: Round, createdAt: Date): Round {
  const { sessionId, pairId, position, exercise, leg, clientId, serverId, networkId } = first
  const seats = { clientId: serverId, serverId: clientId, networkId }
  return { ...makeRow(createdAt), sessionId, pairId, position, leg: leg + 1, exercise, ...seats }
}

const makeRow = (createdAt: Date) => ({ id: newId(), revoked: 0, createdAt, endedAt: null })

/** Who sits where: the members of a pair take turns. */
function assignSeats(pair: Pair, turn: number): Pick<Round, 'clientId' | 'serverId' | 'networkId'> {
  const members = memberIds(pair)
  const at = (place: number) => members[(place + turn) % members.length] as string
  return { clientId: at(0), serverId: at(1), networkId: members.length > 2 ? at(2) : null }
}
