/** Creates the rows of a pair's rounds: which leg comes next, and who has which seat in it. */
import { newId } from '../base/ids.ts'
import type { Pair, Round, Session } from '../generated/prisma/client.ts'
import { memberIds } from './session-rows.ts'

/**
 * A row that opens `exercise` (`id@version`) for a pair. `lastLeg` is the pair's last leg at this position, 0 if there was none.
 */
export function makeFirstLeg(
  { id: sessionId }: Session,
  position: number,
  pair: Pair,
  exercise: string,
  lastLeg: number,
  createdAt: Date,
): Round {
  const leg = lastLeg + 1 + (lastLeg % 2)
  // Without swap there is only one leg, so the members take turns at starting as the client.
  const seats = assignSeats(pair, position + (leg - 1) / 2)
  return { ...makeRow(createdAt), sessionId, pairId: pair.id, position, leg, exercise, ...seats }
}

/** The row of the leg that follows, with seats swapped. A third who has come during the first leg has the wire. */
export function makeSecondLeg(first: Round, { thirdId }: Pick<Pair, 'thirdId'>, createdAt: Date): Round {
  const { sessionId, pairId, position, exercise, leg, clientId, serverId, networkId } = first
  const seats = { clientId: serverId, serverId: clientId, networkId: networkId ?? thirdId }
  return { ...makeRow(createdAt), sessionId, pairId, position, leg: leg + 1, exercise, ...seats }
}

const makeRow = (createdAt: Date) => ({ id: newId(), ...NOTHING_REVOKED, createdAt, endedAt: null })

const NOTHING_REVOKED = { revoked: 0, revokedByClient: 0, revokedByServer: 0, revokedByNetwork: 0 }

/** Assigns the seats: the members of a pair rotate by `turn`. */
function assignSeats(pair: Pair, turn: number): Pick<Round, 'clientId' | 'serverId' | 'networkId'> {
  const members = memberIds(pair)
  const at = (place: number) => members[(place + turn) % members.length] as string
  return { clientId: at(0), serverId: at(1), networkId: members.length > 2 ? at(2) : null }
}
