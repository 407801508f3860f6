/** Changes of what a session is going to play. Exercises that have begun stay: rounds and scores refer to their positions. */
import type { Upcoming as UpcomingWish } from '../../contract/requests.ts'
import { ApiError } from '../base/api-error.ts'
import type { Prisma, PrismaClient, Session } from '../generated/prisma/client.ts'
import type { Library } from './library.ts'
import type { LessonNotifier } from './notifier.ts'
import { withRunningSession } from './session-lock.ts'
import { levelOf, playlistOf } from './session-rows.ts'

/** Changes of a running session's exercises to come. */
export interface Upcoming {
  /**
   * Changes the exercises that have not begun. Level and swapping hold from the next exercise on. Rejects with `not-found`,
   * `session-ended`, `malformed` for an unknown exercise, and `conflict` if an exercise that has begun would change its place, or
   * if a session that has begun would become an exam, or would no longer be one.
   */
  changeUpcoming(sessionId: string, wanted: UpcomingWish): Promise<void>
}

export interface UpcomingDeps {
  readonly prisma: PrismaClient
  readonly library: Pick<Library, 'list'>
  readonly notifier: Pick<LessonNotifier, 'sessionChanged'>
}

export function createUpcoming({ prisma, library, notifier }: UpcomingDeps): Upcoming {
  return {
    async changeUpcoming(sessionId, { playlist, level, swap }) {
      await withRunningSession(prisma, sessionId, async (tx, session) => {
        const begun = await countBegun(tx, session)
        const before = playlistOf(session)
        if (before.slice(0, begun).some((id, i) => id !== playlist[i]))
          throw new ApiError('conflict', 'An exercise that has begun stays in its place.')
        if (begun > 0 && (level === 'exam') !== (levelOf(session) === 'exam'))
          throw new ApiError('conflict', 'A session that has begun stays an exam, or stays none.')
        const known = new Set((await library.list(session.teacherId ?? '')).map(({ id }) => id))
        const missing = playlist.slice(begun).find((id) => !known.has(id) && !before.includes(id))
        if (missing !== undefined) throw new ApiError('malformed', `There is no exercise ${missing}.`)
        const settings = begun === 0 ? { level, swap } : { nextLevel: level, nextSwap: swap }
        await tx.session.update({ where: { id: sessionId }, data: { playlist, ...settings } })
      })
      notifier.sessionChanged(sessionId)
    },
  }
}

/** How many exercises, from the first, have begun. The teacher may have gone back. */
async function countBegun(tx: Prisma.TransactionClient, { id, position }: Session): Promise<number> {
  const { _max } = await tx.round.aggregate({ where: { sessionId: id }, _max: { position: true } })
  return Math.max(position ?? -1, _max.position ?? -1) + 1
}

/** The settings that a session has from its next exercise on. */
export const settingsFromNext = ({ level, swap, nextLevel, nextSwap }: Session) => ({
  level: nextLevel ?? level,
  swap: nextSwap ?? swap,
  nextLevel: null,
  nextSwap: null,
})
