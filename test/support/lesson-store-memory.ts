/** The lesson store in memory, for lessons that are played without a database. Nodes that share a lesson share one store. */
import type { Pair, Participant, Round, Session } from '../../server/generated/prisma/client.ts'
import type { LessonStore, StudentRows } from '../../server/lessons/lesson-store.ts'
import { settingsFromNext } from '../../server/lessons/upcoming.ts'
import { makeFirstLeg, makeSecondLeg } from '../../server/lessons/round-rows.ts'
import {
  exerciseGoneError,
  memberIds,
  playlistOf,
  positionOf,
  sessionEndedError,
  sessionNotFoundError,
  staysAhead,
} from '../../server/lessons/session-rows.ts'
import type { RoundLog } from '../../server/rounds/log.ts'

/** The rows that a lesson starts with. */
export interface LessonRows {
  readonly sessions: readonly Session[]
  readonly participants: readonly Participant[]
  readonly pairs: readonly Pair[]
}

export interface MemoryLessonStore extends LessonStore {
  add(rows: LessonRows): void
  /** Dissolves a pair. */
  dissolvePair(pairId: string): void
}

/** Creates a store. A round's `endedAt` is read from its log. */
export function createMemoryLessonStore({ log, now }: { log: RoundLog; now: () => Date }): MemoryLessonStore {
  const sessions = new Map<string, Session>()
  const participants = new Map<string, Participant>()
  const pairs = new Map<string, Pair>()
  const rounds = new Map<string, Round>()

  const sessionOf = (id: string): Session => {
    const session = sessions.get(id)
    if (!session) throw sessionNotFoundError()
    return session
  }
  const withEnd = async (round: Round): Promise<Round> => {
    const end = (await log.read(round.id)).find(({ effects }) => effects.some(({ kind }) => kind === 'over'))
    return { ...round, endedAt: end ? new Date(end.at) : null }
  }
  const legsOf = (pairId: string, position: number | null): Round[] =>
    [...rounds.values()]
      .filter((round) => round.pairId === pairId && round.position === position)
      .sort((one, other) => one.leg - other.leg)
  /** The current round of a pair; undefined if the pair is dissolved or the session has ended. */
  const currentOf = ({ id, sessionId, dissolvedAt, position }: Pair): Round | undefined => {
    const session = sessionOf(sessionId)
    return dissolvedAt || session.endedAt ? undefined : legsOf(id, position ?? session.position).at(-1)
  }
  const isCurrent = ({ id, pairId }: Round) => currentOf(pairs.get(pairId)!)?.id === id
  const unfinishedOf = async (sessionId: string): Promise<Round[]> => {
    const all = await Promise.all([...rounds.values()].filter((round) => round.sessionId === sessionId).map(withEnd))
    return all.filter(({ endedAt }) => endedAt === null)
  }

  return {
    add(rows) {
      for (const row of rows.sessions) sessions.set(row.id, row)
      for (const row of rows.participants) participants.set(row.id, row)
      for (const row of rows.pairs) pairs.set(row.id, row)
    },
    dissolvePair: (id) => void pairs.set(id, { ...pairs.get(id)!, dissolvedAt: now() }),

    findSession: async (id) => sessions.get(id) ?? null,
    async findRound(id) {
      const round = rounds.get(id)
      return round ? { ...(await withEnd(round)), session: sessionOf(round.sessionId) } : null
    },
    async findLeg(pairId, position, leg) {
      const round = legsOf(pairId, position).find((each) => each.leg === leg)
      return round ? withEnd(round) : null
    },
    async findEarlierRound({ pairId, clientId, exerciseId }) {
      const alike = [...rounds.values()].filter(
        (round) => round.pairId === pairId && round.clientId === clientId && round.exercise.startsWith(`${exerciseId}@`),
      )
      const over = (await Promise.all(alike.map(withEnd))).filter(({ endedAt }) => endedAt !== null)
      return over.sort((one, other) => other.createdAt.getTime() - one.createdAt.getTime())[0] ?? null
    },
    findRoundsPlayed: async ({ participantId, exerciseId }) =>
      [...rounds.values()]
        .filter((round) => [round.clientId, round.serverId].includes(participantId) && round.exercise.startsWith(`${exerciseId}@`))
        .sort((one, other) => one.createdAt.getTime() - other.createdAt.getTime()),
    async findBuiltInPartnerId(sessionId) {
      return [...participants.values()].find((each) => each.sessionId === sessionId && each.builtIn)?.id ?? null
    },
    findSimulated: async (sessionId) =>
      [...participants.values()].filter((each) => each.sessionId === sessionId && each.simulated).map(({ id }) => id),
    findStale: async (ids) =>
      ids.filter((id) => {
        const round = rounds.get(id)
        return !round || !isCurrent(round)
      }),

    async findUnpaired(sessionId) {
      const paired = new Set([...pairs.values()].filter((pair) => !pair.dissolvedAt).flatMap(memberIds))
      const people = [...participants.values()].filter((each) => each.sessionId === sessionId && !each.builtIn && !each.removedAt)
      return people.map(({ id }) => id).filter((id) => !paired.has(id))
    },

    findStudents: (ids) =>
      Promise.all(
        ids
          .flatMap((id) => participants.get(id) ?? [])
          .filter(({ removedAt }) => removedAt === null)
          .map(async (participant): Promise<StudentRows> => {
            const session = sessionOf(participant.sessionId)
            const pair = [...pairs.values()].find((each) => !each.dissolvedAt && memberIds(each).includes(participant.id))
            if (!pair) return { participant, session, pair: null, round: null }
            const [first, second] = [participants.get(pair.firstId)!, participants.get(pair.secondId)!]
            const third = pair.thirdId === null ? null : participants.get(pair.thirdId)!
            const round = legsOf(pair.id, positionOf(pair, session)).at(-1)
            return {
              participant,
              session,
              pair: { ...pair, first, second, third, session },
              round: round ? await withEnd(round) : null,
            }
          }),
      ),

    async createSecondLeg(first) {
      const session = sessionOf(first.sessionId)
      const pair = pairs.get(first.pairId)!
      if (session.endedAt || pair.dissolvedAt || positionOf(pair, session) !== first.position) return []
      if (legsOf(first.pairId, first.position).some(({ leg }) => leg === first.leg + 1)) return []
      const second = makeSecondLeg(first, pair, now())
      rounds.set(second.id, second)
      return [second]
    },

    async goOn(round, exercise) {
      const [session, pair] = [sessionOf(round.sessionId), pairs.get(round.pairId)!]
      if (session.endedAt || pair.dissolvedAt || session.pace !== 'own') return []
      const position = round.position + 1
      if (currentOf(pair)?.id === round.id) {
        const next = makeFirstLeg(session, position, pair, exercise, legsOf(pair.id, position).at(-1)?.leg ?? 0, now())
        pairs.set(pair.id, { ...pair, position })
        rounds.set(next.id, next)
        return [next]
      }
      const current = currentOf(pair)
      return current?.position === position && (await withEnd(current)).endedAt === null ? [current] : []
    },

    async openPosition(sessionId, position, exercise) {
      const before = sessionOf(sessionId)
      if (before.endedAt) throw sessionEndedError()
      if (before.position === position) {
        const unfinished = await unfinishedOf(sessionId)
        return {
          session: before,
          pairs: [],
          opened: unfinished.filter(isCurrent),
          stale: unfinished.filter((round) => !isCurrent(round)),
        }
      }
      if (exercise === null) throw exerciseGoneError(playlistOf(before)[position] ?? '')
      const session = { ...before, position, ...settingsFromNext(before) }
      sessions.set(sessionId, session)
      const standing = [...pairs.values()].filter((pair) => pair.sessionId === sessionId && !pair.dissolvedAt)
      const moved = standing.filter((pair) => !staysAhead(pair, before, position))
      for (const pair of moved) pairs.set(pair.id, { ...pair, position: null })
      const opened = moved.map((pair) => {
        const lastLeg = legsOf(pair.id, position).at(-1)?.leg ?? 0
        return makeFirstLeg(session, position, pair, exercise, lastLeg, now())
      })
      // The earlier rounds are listed before the first await, because another node may open the next position meanwhile.
      const earlier = new Set(rounds.keys())
      for (const round of opened) rounds.set(round.id, round)
      const staying = new Set(standing.filter((pair) => !moved.includes(pair)).map(({ id }) => id))
      const stale = (await unfinishedOf(sessionId)).filter(({ id, pairId }) => earlier.has(id) && !staying.has(pairId))
      return { session, pairs: moved, opened, stale }
    },

    async endSession(sessionId) {
      const session = sessionOf(sessionId)
      if (!session.endedAt) sessions.set(sessionId, { ...session, endedAt: now() })
      const everybody = [...participants.values()].filter((each) => each.sessionId === sessionId)
      return { stale: await unfinishedOf(sessionId), participantIds: everybody.map(({ id }) => id) }
    },
  }
}
