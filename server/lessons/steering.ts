/** How a teacher steers a class that plays: pausing everybody, saying something, and giving time. */
import { ApiError } from '../base/api-error.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import type { Rounds } from '../rounds/rounds.ts'
import { normalizeText } from './names.ts'
import type { LessonNotifier } from './notifier.ts'
import { memberIds } from './session-rows.ts'
import { withRunningSession } from './session-lock.ts'

/** All reject with `not-found` and `session-ended`. */
export interface Steering {
  /** Pauses all rounds, also those that begin meanwhile, or lets them go on: a time that was given has then not passed. */
  setPaused(sessionId: string, paused: boolean): Promise<void>
  /** Says something to everybody; an empty text takes back what was said. */
  announce(sessionId: string, text: string): Promise<void>
  /** Gives so many minutes from now, or more if a time is running; null takes the end away. */
  giveTime(sessionId: string, minutes: number | null): Promise<void>
  /** Says something to a pair; an empty text takes back what was said. */
  messagePair(sessionId: string, pairId: string, text: string): Promise<void>
}

export interface SteeringDeps {
  readonly prisma: PrismaClient
  readonly rounds: Pick<Rounds, 'control'>
  readonly notifier: LessonNotifier
  readonly now: () => Date
}

const MINUTE_MS = 60_000

/** What is said, on one line; empty if nothing is. */
const toNotice = (text: string): string => (text.trim() === '' ? '' : normalizeText(text))

export function createSteering({ prisma, rounds, notifier, now }: SteeringDeps): Steering {
  const announceChange = async (sessionId: string) => {
    const everybody = await prisma.participant.findMany({ where: { sessionId, removedAt: null }, select: { id: true } })
    notifier.sessionChanged(sessionId)
    notifier.placesChanged(everybody.map(({ id }) => id))
  }

  return {
    async setPaused(sessionId, paused) {
      const at = now()
      await withRunningSession(prisma, sessionId, async (tx, { pausedAt, deadlineAt }) => {
        if ((pausedAt !== null) === paused) return
        const pausedMs = pausedAt ? at.getTime() - pausedAt.getTime() : 0
        const deadline = deadlineAt && new Date(deadlineAt.getTime() + pausedMs)
        await tx.session.update({ where: { id: sessionId }, data: { pausedAt: paused ? at : null, deadlineAt: deadline } })
      })
      const running = await prisma.round.findMany({ where: { sessionId, endedAt: null }, select: { id: true } })
      const control = paused ? 'pause' : 'resume'
      await Promise.all(running.map(({ id }) => rounds.control(id, { kind: 'control', control }, 'teacher')))
      await announceChange(sessionId)
    },

    async announce(sessionId, text) {
      const announcement = toNotice(text)
      await withRunningSession(prisma, sessionId, (tx) => tx.session.update({ where: { id: sessionId }, data: { announcement } }))
      await announceChange(sessionId)
    },

    async giveTime(sessionId, minutes) {
      await withRunningSession(prisma, sessionId, async (tx, { pausedAt, deadlineAt }) => {
        const at = (pausedAt ?? now()).getTime()
        const from = Math.max(at, deadlineAt?.getTime() ?? at)
        const deadline = minutes === null ? null : new Date(from + minutes * MINUTE_MS)
        await tx.session.update({ where: { id: sessionId }, data: { deadlineAt: deadline } })
      })
      await announceChange(sessionId)
    },

    async messagePair(sessionId, pairId, text) {
      const pair = await withRunningSession(prisma, sessionId, async (tx) => {
        const [changed] = await tx.pair.updateManyAndReturn({
          where: { id: pairId, sessionId, dissolvedAt: null },
          data: { message: toNotice(text) },
        })
        if (!changed) throw new ApiError('not-found', 'There is no such pair.')
        return changed
      })
      notifier.placesChanged(memberIds(pair))
      notifier.tilesChanged(sessionId, [pairId])
    },
  }
}
