/** The lesson store in PostgreSQL. Each read takes a fixed number of queries for any number of people. */
import type { Pair, Prisma, PrismaClient, Round, Session } from '../generated/prisma/client.ts'
import type { LessonStore } from './lesson-store.ts'
import { makeFirstLeg, makeSecondLeg } from './round-rows.ts'
import { withRunningSession, withSessionLock } from './session-lock.ts'
import { settingsFromNext } from './upcoming.ts'
import {
  exerciseGoneError,
  exerciseIdOf,
  memberIds,
  playlistOf,
  positionOf,
  staysAhead,
  whereMemberIn,
  WITH_MEMBERS,
} from './session-rows.ts'

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
        const pair = await tx.pair.findUniqueOrThrow({ where: { id: first.pairId } })
        if (session.endedAt || pair.dissolvedAt || positionOf(pair, session) !== first.position) return []
        return tx.round.createManyAndReturn({ data: [makeSecondLeg(first, pair, now())], skipDuplicates: true })
      }),

    goOn: (round, exercise) =>
      withSessionLock(prisma, round.sessionId, 'shared', async (tx, session) => {
        const pair = await tx.pair.findUniqueOrThrow({ where: { id: round.pairId } })
        if (session.endedAt || pair.dissolvedAt || session.pace !== 'own') return []
        const position = round.position + 1
        const at = { pairId: pair.id, position }
        const latest = await tx.round.findFirst({ where: { ...at, position: round.position }, orderBy: { leg: 'desc' } })
        if (positionOf(pair, session) === round.position && latest?.id === round.id) {
          // Of two who do this at once, one finds that the pair has gone on.
          const { count } = await tx.pair.updateMany({ where: { id: pair.id, position: pair.position }, data: { position } })
          if (count > 0) return createFirstLegs(tx, { session, position, pairs: [pair], exercise, now: now() })
        }
        const { position: where } = await tx.pair.findUniqueOrThrow({ where: { id: pair.id } })
        return where === position ? tx.round.findMany({ where: { ...at, endedAt: null }, orderBy: { leg: 'desc' }, take: 1 }) : []
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
        const moved = pairs.filter((pair) => !staysAhead(pair, before, position))
        const ids = moved.map(({ id }) => id)
        await tx.pair.updateMany({ where: { id: { in: ids } }, data: { position: null } })
        const opened = await createFirstLegs(tx, { session, position, pairs: moved, exercise, now: now() })
        const staying = new Set(pairs.map(({ id }) => id).filter((id) => !ids.includes(id)))
        return { session, pairs: moved, opened, stale: unfinished.filter(({ pairId }) => !staying.has(pairId)) }
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

/** The latest round of each of these pairs at its position, by pair. */
export async function readCurrentRounds(
  db: Prisma.TransactionClient,
  pairs: readonly (Pair & { readonly session: Session })[],
): Promise<Map<string, Round>> {
  const placeOf = new Map(pairs.map((pair) => [pair.id, positionOf(pair, pair.session)]))
  const positions = new Set([...placeOf.values()].filter((position) => position !== null))
  const rounds = await db.round.findMany({
    where: { pairId: { in: [...placeOf.keys()] }, position: { in: [...positions] } },
    orderBy: { leg: 'asc' },
  })
  return new Map(rounds.filter(({ pairId, position }) => placeOf.get(pairId) === position).map((round) => [round.pairId, round]))
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
