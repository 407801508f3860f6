/** The lesson store in PostgreSQL. Each read takes a fixed number of queries for any number of people. */
import type { Pair, Prisma, PrismaClient, Round, Session } from '../generated/prisma/client.ts'
import type { LessonStore } from './lesson-store.ts'
import { makeFirstLeg, makeSecondLeg } from './round-rows.ts'
import { withRunningSession, withSessionLock } from './session-lock.ts'
import { settingsFromNext } from './upcoming.ts'
import { exerciseGoneError, exerciseIdOf, memberIds, playlistOf, whereMemberIn, WITH_MEMBERS } from './session-rows.ts'

export function createPrismaLessonStore({ prisma, now }: { prisma: PrismaClient; now: () => Date }): LessonStore {
  return {
    findSession: (id) => prisma.session.findUnique({ where: { id } }),
    findRound: (id) => prisma.round.findUnique({ where: { id }, include: { session: true } }),
    findLeg: (pairId, position, leg) => prisma.round.findUnique({ where: { pairId_position_leg: { pairId, position, leg } } }),
    async findEarlierRound({ pairId, clientId, exerciseId }) {
      const where = { pairId, clientId, endedAt: { not: null } }
      const played = await prisma.round.findMany({ where, orderBy: { createdAt: 'desc' } })
      return played.find((round) => exerciseIdOf(round) === exerciseId) ?? null
    },

    async findRoundsPlayed({ participantId: id, exerciseId }) {
      const where = { OR: [{ clientId: id }, { serverId: id }] }
      const played = await prisma.round.findMany({ where, orderBy: { createdAt: 'asc' } })
      return played.filter((round) => exerciseIdOf(round) === exerciseId)
    },

    async findBuiltInPartnerId(sessionId) {
      const partner = await prisma.participant.findFirst({ where: { sessionId, builtIn: true }, select: { id: true } })
      return partner?.id ?? null
    },

    async findSimulated(sessionId) {
      return (await prisma.participant.findMany({ where: { sessionId, simulated: true }, select: { id: true } })).map(
        ({ id }) => id,
      )
    },

    async findStale(roundIds) {
      const pairs = await prisma.pair.findMany({
        where: { dissolvedAt: null, session: { endedAt: null }, rounds: { some: { id: { in: [...roundIds] } } } },
        include: { session: true },
      })
      const current = new Set([...(await readCurrentRounds(prisma, pairs)).values()].map(({ id }) => id))
      return roundIds.filter((id) => !current.has(id))
    },

    async findUnpaired(sessionId) {
      const none = { none: { dissolvedAt: null } }
      const where = { sessionId, builtIn: false, removedAt: null, firstOf: none, secondOf: none, thirdOf: none }
      return (await prisma.participant.findMany({ where, select: { id: true } })).map(({ id }) => id)
    },

    async findStudents(participantIds) {
      const among = { in: [...participantIds] }
      const [participants, pairs] = await Promise.all([
        prisma.participant.findMany({ where: { id: among, removedAt: null }, include: { session: true } }),
        prisma.pair.findMany({ where: { dissolvedAt: null, OR: whereMemberIn(among) }, include: WITH_MEMBERS }),
      ])
      const rounds = await readCurrentRounds(prisma, pairs)
      const pairOf = new Map(pairs.flatMap((pair) => memberIds(pair).map((id) => [id, pair])))
      return participants.map(({ session, ...participant }) => {
        const pair = pairOf.get(participant.id) ?? null
        return { participant, session, pair, round: (pair && rounds.get(pair.id)) ?? null }
      })
    },

    createSecondLeg: (first) =>
      withSessionLock(prisma, first.sessionId, 'shared', async (tx, session) => {
        const { dissolvedAt } = await tx.pair.findUniqueOrThrow({ where: { id: first.pairId } })
        if (session.endedAt || dissolvedAt || session.position !== first.position) return []
        return tx.round.createManyAndReturn({ data: [makeSecondLeg(first, now())], skipDuplicates: true })
      }),

    openPosition: (sessionId, position, exercise) =>
      withRunningSession(prisma, sessionId, async (tx, before) => {
        const unfinished = await tx.round.findMany({ where: { sessionId, endedAt: null } })
        const pairs = await tx.pair.findMany({ where: { sessionId, dissolvedAt: null } })
        if (before.position === position) {
          const withSession = pairs.map((pair) => ({ ...pair, session: before }))
          const current = new Set([...(await readCurrentRounds(tx, withSession)).values()].map(({ id }) => id))
          return {
            session: before,
            pairs: [],
            opened: unfinished.filter(({ id }) => current.has(id)),
            stale: unfinished.filter(({ id }) => !current.has(id)),
          }
        }
        if (exercise === null) throw exerciseGoneError(playlistOf(before)[position] ?? '')
        const session = await tx.session.update({ where: { id: sessionId }, data: { position, ...settingsFromNext(before) } })
        const opened = await createFirstLegs(tx, { session, position, pairs, exercise, now: now() })
        return { session, pairs, opened, stale: unfinished }
      }),

    async endSession(sessionId) {
      await prisma.session.updateMany({ where: { id: sessionId, endedAt: null }, data: { endedAt: now() } })
      // No round can be opened any more: whatever opens a round locks the session's row and finds that it has ended.
      const [stale, participants] = await Promise.all([
        prisma.round.findMany({ where: { sessionId, endedAt: null } }),
        prisma.participant.findMany({ where: { sessionId }, select: { id: true } }),
      ])
      return { stale, participantIds: participants.map(({ id }) => id) }
    },
  }
}

/** The latest round of each of these pairs at its session's position, by pair. */
export async function readCurrentRounds(
  db: Prisma.TransactionClient,
  pairs: readonly (Pair & { readonly session: Session })[],
): Promise<Map<string, Round>> {
  const positionOf = new Map(pairs.map(({ id, session }) => [id, session.position]))
  const positions = new Set([...positionOf.values()].filter((position) => position !== null))
  const rounds = await db.round.findMany({
    where: { pairId: { in: [...positionOf.keys()] }, position: { in: [...positions] } },
    orderBy: { leg: 'asc' },
  })
  return new Map(rounds.filter(({ pairId, position }) => positionOf.get(pairId) === position).map((round) => [round.pairId, round]))
}

/** Creates the rows of the rounds that open the exercise (`id@version`) at this position for these pairs. */
export async function createFirstLegs(
  tx: Prisma.TransactionClient,
  opening: { session: Session; position: number; pairs: readonly Pair[]; exercise: string; now: Date },
): Promise<Round[]> {
  const { session, position, pairs, exercise, now } = opening
  if (pairs.length === 0) return []
  const played = await tx.round.groupBy({
    by: 'pairId',
    where: { position, pairId: { in: pairs.map((pair) => pair.id) } },
    _max: { leg: true },
  })
  const lastLeg = new Map(played.map((row) => [row.pairId, row._max.leg ?? 0]))
  return tx.round.createManyAndReturn({
    data: pairs.map((pair) => makeFirstLeg(session, position, pair, exercise, lastLeg.get(pair.id) ?? 0, now)),
  })
}
