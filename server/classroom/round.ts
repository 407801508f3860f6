/** What the sockets need to know of a round and of a pair, besides the round's log. */
import type { RoundInfo } from '../board.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import { legOf, legsOf } from './read.ts'

/** Null where there is no such round. */
export async function readRound(prisma: PrismaClient, roundId: string): Promise<RoundInfo | null> {
  const round = await prisma.round.findUnique({
    where: { id: roundId },
    include: { session: true, pair: { include: { first: true, second: true } } },
  })
  if (!round) return null
  const { id: pair, number, first, second } = round.pair
  return {
    id: round.id,
    session: round.sessionId,
    pair: { pair, number, members: [first, second].map(({ id, name }) => ({ id, name })) },
    leg: legOf(round),
    legs: legsOf(round.session),
    client: round.clientId,
    server: round.serverId,
  }
}

/** The participant with whom this one is a pair now. */
export async function readPartner(prisma: PrismaClient, participantId: string): Promise<string | null> {
  const pair = await prisma.pair.findFirst({
    where: { dissolvedAt: null, OR: [{ firstId: participantId }, { secondId: participantId }] },
    select: { firstId: true, secondId: true },
  })
  if (!pair) return null
  return pair.firstId === participantId ? pair.secondId : pair.firstId
}
