/** Administration of the teacher's sessions: creating, listing, finding them by code, and releasing the results of an exam. */
import type { SessionInfo } from '../../contract/answers.ts'
import type { NewSession } from '../../contract/requests.ts'
import { ApiError } from '../base/api-error.ts'
import { newId } from '../base/ids.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import { generateCode, normalizeCode } from './join-codes.ts'
import type { Library } from './library.ts'
import { normalizeText } from './names.ts'
import type { LessonNotifier } from './notifier.ts'
import { sessionEndedError, toSessionInfo } from './session-rows.ts'

/** The operations on a teacher's sessions. */
export interface SessionAdmin {
  createSession(teacherId: string, wanted: NewSession): Promise<SessionInfo>
  /** Newest first. */
  listSessions(teacherId: string): Promise<SessionInfo[]>
  /** Finds the running session with this code, which is given as typed. Rejects with `wrong-code` or `session-ended`. */
  findByCode(code: string): Promise<SessionInfo>
  /** Opens an exam's results to its students, or closes them again. */
  setReleased(sessionId: string, released: boolean): Promise<void>
}

export interface SessionAdminDeps {
  readonly prisma: PrismaClient
  readonly library: Pick<Library, 'list'>
  readonly notifier: LessonNotifier
  readonly now: () => Date
}

export function createSessionAdmin({ prisma, library, notifier, now }: SessionAdminDeps): SessionAdmin {
  return {
    async createSession(teacherId, { title, level, playlist, swap, partner = {} }) {
      const known = new Set((await library.list(teacherId)).flatMap(({ id, origin }) => (origin === 'removed' ? [] : [id])))
      const missing = playlist.find((id) => !known.has(id))
      if (missing !== undefined) throw new ApiError('malformed', `There is no exercise ${missing}.`)
      const fields = { teacherId, title: normalizeText(title), level, playlist, swap, partner, createdAt: now() }
      for (;;) {
        const made = await prisma.session.createManyAndReturn({
          data: [{ ...fields, id: newId(), code: generateCode() }],
          skipDuplicates: true,
        })
        // No row was created: another session has the same code, so draw another.
        if (made[0]) return toSessionInfo(made[0])
      }
    },

    async listSessions(teacherId) {
      const rows = await prisma.session.findMany({ where: { teacherId }, orderBy: [{ createdAt: 'desc' }, { id: 'asc' }] })
      return rows.map(toSessionInfo)
    },

    async findByCode(typed) {
      const session = await prisma.session.findUnique({ where: { code: normalizeCode(typed) } })
      if (!session) throw new ApiError('wrong-code', 'No session has this code.')
      if (session.endedAt) throw sessionEndedError()
      return toSessionInfo(session)
    },

    async setReleased(sessionId, released) {
      const { count } = await prisma.session.updateMany({
        where: { id: sessionId, level: 'exam' },
        data: { releasedAt: released ? now() : null },
      })
      if (count === 0) throw new ApiError('malformed', 'Only the results of an exam wait to be released.')
      const everybody = await prisma.participant.findMany({ where: { sessionId }, select: { id: true } })
      notifier.sessionChanged(sessionId)
      notifier.placesChanged(everybody.map(({ id }) => id))
    },
  }
}
