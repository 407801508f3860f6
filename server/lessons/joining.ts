/** The participants of a session: joining and recognizing them. */
import type { Joined } from '../../contract/answers.ts'
import { newId } from '../base/ids.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import { ApiError } from '../base/api-error.ts'
import { findFreeName, normalizeText, skeletonOf } from './names.ts'
import type { LessonNotifier } from './notifier.ts'

/** The operations on a session's participants. */
export interface Joining {
  /** Those of the given participants who belong to this session. */
  findParticipants(sessionId: string, participantIds: readonly string[]): Promise<{ id: string; name: string }[]>
  /**
   * Adds a participant to a session. If somebody has a name that looks the same, a number is appended. Rejects with `malformed`,
   * or with `too-many` if too many people take the name at once.
   */
  join(sessionId: string, name: string): Promise<Joined>
}

export interface JoiningDeps {
  readonly prisma: PrismaClient
  readonly notifier: Pick<LessonNotifier, 'participantsChanged'>
  readonly now: () => Date
}

/**
 * Maximum number of attempts to add a participant. If many people take the same name at once, each attempt succeeds for at least
 * one of them.
 */
const MAX_ATTEMPTS = 200

export function createJoining({ prisma, notifier, now }: JoiningDeps): Joining {
  return {
    async findParticipants(sessionId, participantIds) {
      const rows = await prisma.participant.findMany({
        where: { sessionId, removedAt: null, id: { in: [...participantIds] } },
        orderBy: { createdAt: 'asc' },
      })
      return rows.map(({ id, name }) => ({ id, name }))
    },

    async join(sessionId, typed) {
      const wanted = normalizeText(typed)
      let name = wanted
      for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
        const participant = { id: newId(), sessionId, name, skeleton: skeletonOf(name), createdAt: now() }
        const { count } = await prisma.participant.createMany({ data: [participant], skipDuplicates: true })
        if (count === 1) {
          notifier.participantsChanged(sessionId)
          return { participant: { id: participant.id, name }, renamed: name !== wanted }
        }
        name = await findFreeName(wanted, async (skeletons) => {
          const where = { sessionId, skeleton: { in: [...skeletons] } }
          const taken = await prisma.participant.findMany({ where, select: { skeleton: true } })
          return new Set(taken.map(({ skeleton }) => skeleton))
        })
      }
      throw new ApiError('too-many', 'Too many take this name at once: try again.', { retryAfter: 1 })
    },
  }
}
