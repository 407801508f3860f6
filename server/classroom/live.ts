/** What the sockets ask of a lesson: the classroom's own answers, and three small ones that nobody else needs. */
import type { SessionInfo } from '../../contract/events.ts'
import type { RoundInfo } from '../board.ts'
import type { Classroom } from '../classroom.ts'
import { Failed } from '../failed.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import type { SocketsDeps } from '../sockets.ts'
import { legOf, legsOf, sessionInfo } from './read.ts'

export const createLessons = (prisma: PrismaClient, classroom: Classroom): SocketsDeps['lessons'] => ({
  places: classroom.places,
  tiles: classroom.tiles,
  participants: classroom.participants,
  board: classroom.board,
  advance: classroom.advance,
  session: (sessionId) => readSession(prisma, sessionId),
  round: (roundId) => readRound(prisma, roundId),
  partner: (participantId) => readPartner(prisma, participantId),
})

async function readSession(prisma: PrismaClient, sessionId: string): Promise<SessionInfo> {
  const session = await prisma.session.findUnique({ where: { id: sessionId } })
  if (!session) throw new Failed('not-found', 'There is no such session.')
  return sessionInfo(session)
}

/** Null where there is no such round. */
async function readRound(prisma: PrismaClient, roundId: string): Promise<RoundInfo | null> {
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
async function readPartner(prisma: PrismaClient, participantId: string): Promise<string | null> {
  const pair = await prisma.pair.findFirst({
    where: { dissolvedAt: null, OR: [{ firstId: participantId }, { secondId: participantId }] },
    select: { firstId: true, secondId: true },
  })
  if (!pair) return null
  return pair.firstId === participantId ? pair.secondId : pair.firstId
}
