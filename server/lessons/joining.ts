/** The participants of a session: joining, recognizing and renaming them. */
import type { Joined } from '../../contract/answers.ts'
import { newId } from '../base/ids.ts'
import { isUniqueViolation } from '../database/sql-state.ts'
import type { Participant, PrismaClient } from '../generated/prisma/client.ts'
import { ApiError } from '../base/api-error.ts'
import { findFreeName, normalizeText, skeletonOf } from './names.ts'
import { notifyPairsChanged, type LessonNotifier } from './notifier.ts'
import { whereMemberIn } from './session-rows.ts'

/** The operations on a session's participants. */
export interface Joining {
  /** Those of the given participants who belong to this session. */
  findParticipants(sessionId: string, participantIds: readonly string[]): Promise<{ id: string; name: string }[]>
  /**
   * Adds a participant to a session. If somebody has a name that looks the same, a number is appended. Rejects with `malformed`,
   * or with `too-many` if too many people take the name at once.
   */
  join(sessionId: string, name: string): Promise<Joined>
  /** Whether somebody of the session has a name that looks like this one. */
  hasName(sessionId: string, name: string): Promise<boolean>
  /**
   * Gives a participant another name, as for `join`. Rejects with `malformed`, `too-many`, `not-found`, or with `conflict` if the name stands
   * in a course's roster.
   */
  rename(sessionId: string, participantId: string, name: string): Promise<void>
}

export interface JoiningDeps {
  readonly prisma: PrismaClient
  readonly notifier: LessonNotifier
  readonly now: () => Date
}

/**
 * Maximum number of attempts to add a participant. If many people take the same name at once, each attempt succeeds for at least
 * one of them.
 */
const MAX_ATTEMPTS = 200

export function createJoining({ prisma, notifier, now }: JoiningDeps): Joining {
  /**
   * Takes a name in a session: as it was typed, or else with a number. `tryName` resolves to false if somebody has a name that looks the same.
   */
  const takeName = async (sessionId: string, typed: string, tryName: (named: Named) => Promise<boolean>) => {
    const wanted = normalizeText(typed)
    let name = wanted
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      if (await tryName({ name, skeleton: skeletonOf(name) })) return { name, renamed: name !== wanted }
      name = await findFreeName(wanted, async (skeletons) => {
        const where = { sessionId, skeleton: { in: [...skeletons] } }
        const taken = await prisma.participant.findMany({ where, select: { skeleton: true } })
        return new Set(taken.map(({ skeleton }) => skeleton))
      })
    }
    throw new ApiError('too-many', 'Too many take this name at once: try again.', { retryAfter: 1 })
  }

  return {
    async findParticipants(sessionId, participantIds) {
      const rows = await prisma.participant.findMany({
        where: { sessionId, removedAt: null, id: { in: [...participantIds] } },
        orderBy: { createdAt: 'asc' },
      })
      return rows.map(({ id, name }) => ({ id, name }))
    },

    async hasName(sessionId, typed) {
      const where = { sessionId, builtIn: false, removedAt: null, skeleton: skeletonOf(normalizeText(typed)) }
      return (await prisma.participant.count({ where })) > 0
    },

    async join(sessionId, typed) {
      const id = newId()
      const { name, renamed } = await takeName(sessionId, typed, async (named) => {
        const data = [{ id, sessionId, ...named, createdAt: now() }]
        return (await prisma.participant.createMany({ data, skipDuplicates: true })).count === 1
      })
      notifier.participantsChanged(sessionId)
      return { participant: { id, name }, renamed }
    },

    async rename(sessionId, id, typed) {
      const participant = await prisma.participant.findFirst({ where: { id, sessionId, builtIn: false, removedAt: null } })
      if (!participant) throw new ApiError('not-found', 'There is no such participant.')
      if (participant.memberId !== null) throw new ApiError('conflict', 'This name stands in the roster of the course.')
      await takeName(sessionId, typed, async (named) => {
        const isOwn = named.skeleton === participant.skeleton
        const where = { sessionId, skeleton: named.skeleton }
        if (!isOwn && (await prisma.participant.count({ where })) > 0) return false
        try {
          await prisma.participant.update({ where: { id }, data: named })
          return true
        } catch (error) {
          if (isUniqueViolation(error)) return false // somebody has just taken it
          throw error
        }
      })
      const pairs = await prisma.pair.findMany({ where: { sessionId, dissolvedAt: null, OR: whereMemberIn({ in: [id] }) } })
      notifyPairsChanged(notifier, sessionId, pairs)
      notifier.placesChanged([id])
    },
  }
}

type Named = Pick<Participant, 'name' | 'skeleton'>
