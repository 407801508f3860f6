/**
 * Removing participants from a session: their devices are signed out, and their names are free again. Whoever has had a pair keeps the row,
 * because the transcripts and scores of rounds need it.
 */
import { ApiError } from '../base/api-error.ts'
import type { Prisma, PrismaClient } from '../generated/prisma/client.ts'
import type { Presence } from '../nodes/presence.ts'
import { notifyPairsChanged, type LessonNotifier } from './notifier.ts'
import { markDissolved } from './pair-rows.ts'
import type { RoundLifecycle } from './round-lifecycle.ts'
import { withRunningSession } from './session-lock.ts'
import { whereMemberIn } from './session-rows.ts'

/** The removals from a running session. All methods reject with `not-found` or `session-ended`. */
export interface Removal {
  /** Removes one participant, present or not. A pair that they have is dissolved. */
  removeParticipant(sessionId: string, participantId: string): Promise<void>
  /** Removes everybody who has no pair, present or not. */
  removeUnpaired(sessionId: string): Promise<void>
  /**
   * Removes everybody who is absent and has never had a pair, such as those who only entered a name or have returned under
   * another one.
   */
  removeAbsent(sessionId: string): Promise<void>
}

export interface RemovalDeps {
  readonly prisma: PrismaClient
  readonly presence: Pick<Presence, 'isPresent'>
  readonly lifecycle: RoundLifecycle
  readonly notifier: LessonNotifier
  readonly now: () => Date
}

const NEVER = { none: {} }
const NEVER_PAIRED = { firstOf: NEVER, secondOf: NEVER, thirdOf: NEVER } satisfies Prisma.ParticipantWhereInput
const NO_PAIR_NOW = { none: { dissolvedAt: null } }
const UNPAIRED = { firstOf: NO_PAIR_NOW, secondOf: NO_PAIR_NOW, thirdOf: NO_PAIR_NOW } satisfies Prisma.ParticipantWhereInput

export function createRemoval({ prisma, presence, lifecycle, notifier, now }: RemovalDeps): Removal {
  /** Removes those of these participants who are of this session. Returns their ids. */
  const removeRows = async (tx: Prisma.TransactionClient, sessionId: string, wanted: Prisma.ParticipantWhereInput) => {
    const where = { ...wanted, sessionId, builtIn: false, removedAt: null }
    const ids = (await tx.participant.findMany({ where, select: { id: true } })).map(({ id }) => id)
    await tx.participant.deleteMany({ where: { ...NEVER_PAIRED, id: { in: ids } } })
    const kept = await tx.participant.findMany({ where: { id: { in: ids } }, select: { id: true } })
    // The skeleton of a name is unique in a session, so it is given up.
    for (const { id } of kept)
      await tx.participant.update({ where: { id }, data: { removedAt: now(), skeleton: `removed ${id}`, claimedId: null } })
    return ids
  }

  const notify = (sessionId: string, removed: readonly string[]) => {
    notifier.participantsChanged(sessionId)
    notifier.placesChanged(removed) // ends the connections of those who are present
  }

  return {
    async removeParticipant(sessionId, id) {
      const { pairs, stale, removed } = await withRunningSession(prisma, sessionId, async (tx) => {
        const pairs = await tx.pair.findMany({ where: { sessionId, dissolvedAt: null, OR: whereMemberIn({ in: [id] }) } })
        const stale = await markDissolved(tx, pairs, now())
        const removed = await removeRows(tx, sessionId, { id })
        if (removed.length === 0) throw new ApiError('not-found', 'There is no such participant.')
        return { pairs, stale, removed }
      })
      await lifecycle.endRounds(stale, 'moved-on')
      notifyPairsChanged(notifier, sessionId, pairs)
      notify(sessionId, removed)
    },

    async removeUnpaired(sessionId) {
      notify(sessionId, await withRunningSession(prisma, sessionId, (tx) => removeRows(tx, sessionId, UNPAIRED)))
    },

    async removeAbsent(sessionId) {
      const removed = await withRunningSession(prisma, sessionId, async (tx) => {
        const people = await tx.participant.findMany({
          where: { ...NEVER_PAIRED, sessionId, builtIn: false },
          select: { id: true },
        })
        const absent = people.map(({ id }) => id).filter((id) => !presence.isPresent(id))
        return removeRows(tx, sessionId, { ...NEVER_PAIRED, id: { in: absent } })
      })
      notify(sessionId, removed) // one of them may have come back meanwhile
    },
  }
}
