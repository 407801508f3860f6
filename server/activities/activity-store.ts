/** The class activities in the database: which one a session has, and the log of each. */
import type { ActivitySetup, ClassEntry } from '../../protocol/class/kinds.ts'
import { newId } from '../base/ids.ts'
import { Prisma, type PrismaClient } from '../generated/prisma/client.ts'
import { exerciseIdOf } from '../lessons/session-rows.ts'
import { withRunningSession } from '../lessons/session-lock.ts'

/** The activity that a session has now. */
export interface CurrentActivity {
  readonly id: string
  readonly session: string
  readonly setup: ActivitySetup
  /** How many times as fast as people its students are, if a program plays them; null if people play. */
  readonly rehearsalSpeed: number | null
}

/** A round, with the ids of its two players. */
export interface PlayedRound {
  readonly id: string
  readonly members: readonly string[]
}

export interface ActivityStore {
  /** Null if the session has none, or is over. */
  findCurrent(sessionId: string): Promise<CurrentActivity | null>
  /** Starts an activity in place of the one that the session has. Rejects with `not-found` and `session-ended`. */
  start(sessionId: string, setup: ActivitySetup): Promise<void>
  /** Ends the activity that the session has, if any. */
  end(sessionId: string): Promise<void>
  /**
   * Stores all of these entries or none. Resolves to `taken` if the log has an entry at one of their places. Rejects if the storage fails;
   * then it is unknown whether they are stored.
   */
  append(activityId: string, entries: readonly ClassEntry[]): Promise<'written' | 'taken'>
  /** The entries with `index >= from`, in order. */
  read(activityId: string, from: number): Promise<ClassEntry[]>
  /** The rounds of an exercise that have been played in a session. */
  findRounds(sessionId: string, exerciseId: string): Promise<readonly PlayedRound[]>
  /** The session and exercise of a round, and who plays it; null if there is no such round. */
  findRound(roundId: string): Promise<(PlayedRound & { readonly session: string; readonly exercise: string }) | null>
  /** Ids of the participants of a session whom a program plays. */
  findSimulated(sessionId: string): Promise<string[]>
}

export interface ActivityStoreDeps {
  readonly prisma: PrismaClient
  readonly now: () => Date
}

export function createActivityStore({ prisma, now }: ActivityStoreDeps): ActivityStore {
  const endAll = (tx: Prisma.TransactionClient, sessionId: string) =>
    tx.activity.updateMany({ where: { sessionId, endedAt: null }, data: { endedAt: now() } })

  return {
    async findCurrent(sessionId) {
      const row = await prisma.activity.findFirst({
        where: { sessionId, endedAt: null, session: { endedAt: null } },
        include: { session: { select: { rehearsal: true } } },
      })
      if (!row) return null
      const { id, setup, session } = row
      const rehearsal = session.rehearsal as { readonly speed: number } | null
      return { id, session: sessionId, setup: setup as unknown as ActivitySetup, rehearsalSpeed: rehearsal?.speed ?? null }
    },

    start: (sessionId, setup) =>
      withRunningSession(prisma, sessionId, async (tx) => {
        await endAll(tx, sessionId)
        await tx.activity.create({
          data: { id: newId(), sessionId, setup: setup as unknown as Prisma.InputJsonObject, createdAt: now() },
        })
      }),

    async end(sessionId) {
      await endAll(prisma, sessionId)
    },

    async append(activityId, entries) {
      try {
        await prisma.activityEntry.createMany({
          data: entries.map(({ index, ...entry }) => ({ activityId, index, entry: entry as unknown as Prisma.InputJsonObject })),
        })
        return 'written'
      } catch (error) {
        if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002') return 'taken'
        throw error
      }
    },

    async read(activityId, from) {
      const rows = await prisma.activityEntry.findMany({
        where: { activityId, index: { gte: from } },
        orderBy: { index: 'asc' },
      })
      return rows.map(({ index, entry }) => ({ index, ...(entry as unknown as Omit<ClassEntry, 'index'>) }))
    },

    async findRounds(sessionId, exerciseId) {
      const rows = await prisma.round.findMany({
        where: { sessionId, exercise: { startsWith: `${exerciseId}@` } },
        orderBy: { createdAt: 'asc' },
      })
      return rows.map(({ id, clientId, serverId }) => ({ id, members: [clientId, serverId] }))
    },

    async findRound(roundId) {
      const row = await prisma.round.findUnique({ where: { id: roundId } })
      return row && { id: row.id, members: [row.clientId, row.serverId], session: row.sessionId, exercise: exerciseIdOf(row) }
    },

    async findSimulated(sessionId) {
      const rows = await prisma.participant.findMany({
        where: { sessionId, simulated: true, removedAt: null },
        select: { id: true },
      })
      return rows.map(({ id }) => id)
    },
  }
}
