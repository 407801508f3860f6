/** Opens a session again that has ended: the same code, people and pairs. */
import type { PrismaClient } from '../generated/prisma/client.ts'
import { readCurrentRounds } from './lesson-store-prisma.ts'
import type { Library } from './library.ts'
import { notifyPairsChanged, type LessonNotifier } from './notifier.ts'
import { openWhereTheyAre } from './pair-rows.ts'
import type { RoundLifecycle } from './round-lifecycle.ts'
import { withSessionLock } from './session-lock.ts'
import { sessionNotFoundError } from './session-rows.ts'

/** Undoes the end of a session. */
export interface Reopening {
  /**
   * Opens a session again. The pairs whose round the end has cut off begin that exercise anew. Has no effect on a session that runs; rejects
   * with `not-found`, also for a deleted one.
   */
  reopenSession(sessionId: string): Promise<void>
}

export interface ReopeningDeps {
  readonly prisma: PrismaClient
  readonly library: Pick<Library, 'findNewest'>
  readonly lifecycle: Pick<RoundLifecycle, 'startRounds'>
  readonly notifier: LessonNotifier
  readonly now: () => Date
}

export function createReopening({ prisma, library, lifecycle, notifier, now }: ReopeningDeps): Reopening {
  return {
    async reopenSession(sessionId) {
      const { session, pairs, opened } = await withSessionLock(prisma, sessionId, 'exclusive', async (tx, before) => {
        if (before.deletedAt) throw sessionNotFoundError()
        const { endedAt } = before
        if (!endedAt) return { session: before, pairs: [], opened: [] }
        const session = await tx.session.update({ where: { id: sessionId }, data: { endedAt: null } })
        const pairs = await tx.pair.findMany({ where: { sessionId, dissolvedAt: null } })
        const rounds = await readCurrentRounds(
          tx,
          pairs.map((pair) => ({ ...pair, session })),
        )
        // What was over before the session is left as it is.
        const cutOff = pairs.filter(({ id }) => {
          const round = rounds.get(id)
          return round && (!round.endedAt || round.endedAt >= endedAt)
        })
        return { session, pairs, opened: await openWhereTheyAre({ tx, session, pairs: cutOff, library, now: now() }) }
      })
      await lifecycle.startRounds(session, opened)
      notifier.sessionChanged(sessionId)
      notifyPairsChanged(notifier, sessionId, pairs)
      const everybody = await prisma.participant.findMany({ where: { sessionId }, select: { id: true } })
      notifier.placesChanged(everybody.map(({ id }) => id))
    },
  }
}
