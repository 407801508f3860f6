/** Administration of the teacher's sessions: creating, listing, renaming, putting away, deleting, finding them by code, and releasing the results of an exam. */
import type { SessionInfo } from '../../contract/answers.ts'
import type { NewSession, SessionChange } from '../../contract/requests.ts'
import { ApiError } from '../base/api-error.ts'
import type { PrismaClient, Session } from '../generated/prisma/client.ts'
import { normalizeCode } from './join-codes.ts'
import type { Library } from './library.ts'
import { normalizeText } from './names.ts'
import type { LessonNotifier } from './notifier.ts'
import { insertSession } from './insert-session.ts'
import { withSessionLock } from './session-lock.ts'
import { sessionEndedError, toSessionInfo } from './session-rows.ts'

/** The operations on a teacher's sessions. */
export interface SessionAdmin {
  /** Rejects with `malformed` if the teacher cannot choose one of the exercises. */
  createSession(teacherId: string, wanted: NewSession, course?: SessionCourse): Promise<SessionInfo>
  /** Newest first, without the deleted ones. */
  listSessions(teacherId: string): Promise<SessionInfo[]>
  /**
   * Renames a session, puts it away, deletes it, or undoes that. Deleting ends a session that has not begun, and undoing it opens
   * that again. Rejects with `conflict` if the session is being played, and with `not-found`.
   */
  changeSession(sessionId: string, change: SessionChange): Promise<SessionInfo>
  /** Finds the running session with this code, which is given as typed. Rejects with `wrong-code` or `session-ended`. */
  findByCode(code: string): Promise<SessionInfo>
  /** Lets nobody new join, or lets them again. */
  setLocked(sessionId: string, locked: boolean): Promise<void>
  /** Opens an exam's results to its students, or closes them again. */
  setReleased(sessionId: string, released: boolean): Promise<void>
}

/** The course of a new session, and who of it comes in. */
export interface SessionCourse {
  readonly courseId: string
  readonly kind: SessionInfo['kind']
}

export interface SessionAdminDeps {
  readonly prisma: PrismaClient
  readonly library: Pick<Library, 'list'>
  readonly notifier: LessonNotifier
  readonly now: () => Date
}

export function createSessionAdmin({ prisma, library, notifier, now }: SessionAdminDeps): SessionAdmin {
  const notifyEverybody = async (sessionId: string) => {
    const everybody = await prisma.participant.findMany({ where: { sessionId }, select: { id: true } })
    notifier.placesChanged(everybody.map(({ id }) => id))
  }

  return {
    async createSession(teacherId, { title, level, playlist, swap, partner = {}, tcpByHand = false, discussion = false }, course) {
      const known = new Set((await library.list(teacherId)).flatMap(({ id, origin }) => (origin === 'removed' ? [] : [id])))
      const missing = playlist.find((id) => !known.has(id))
      if (missing !== undefined) throw new ApiError('malformed', `There is no exercise ${missing}.`)
      const fields = {
        teacherId,
        title: normalizeText(title),
        level,
        playlist,
        swap,
        partner,
        tcpByHand,
        discussion,
        createdAt: now(),
      }
      return toSessionInfo(await insertSession(prisma, { ...fields, ...course }))
    },

    async listSessions(teacherId) {
      const rows = await prisma.session.findMany({
        where: { deletedAt: null, OR: [{ teacherId }, { course: { staff: { some: { teacherId } } } }] },
        orderBy: [{ createdAt: 'desc' }, { id: 'asc' }],
      })
      return rows.map(toSessionInfo)
    },

    async changeSession(sessionId, { title, archived, deleted }) {
      const { before, after } = await withSessionLock(prisma, sessionId, 'exclusive', async (tx, before) => {
        if (deleted === true && !before.endedAt && before.position !== null)
          throw new ApiError('conflict', 'This session is being played: end it first.')
        const data = {
          ...(title === undefined ? {} : { title: normalizeText(title) }),
          ...(archived === undefined ? {} : { archivedAt: archived ? now() : null }),
          ...(deleted === undefined ? {} : deletion(before, deleted ? now() : null)),
        }
        return { before, after: await tx.session.update({ where: { id: sessionId }, data }) }
      })
      notifier.sessionChanged(sessionId)
      if (title !== undefined || before.endedAt?.getTime() !== after.endedAt?.getTime()) await notifyEverybody(sessionId)
      return toSessionInfo(after)
    },

    async findByCode(typed) {
      const session = await prisma.session.findUnique({ where: { code: normalizeCode(typed) } })
      if (!session || session.deletedAt) throw new ApiError('wrong-code', 'No session has this code.')
      if (session.endedAt) throw sessionEndedError()
      return toSessionInfo(session)
    },

    async setLocked(sessionId, locked) {
      await prisma.session.updateMany({ where: { id: sessionId }, data: { lockedAt: locked ? now() : null } })
      notifier.sessionChanged(sessionId)
    },

    async setReleased(sessionId, released) {
      const { count } = await prisma.session.updateMany({
        where: { id: sessionId, OR: [{ level: 'exam' }, { courseId: { not: null } }] },
        data: { releasedAt: released ? now() : null },
      })
      if (count === 0)
        throw new ApiError('malformed', 'Only the results of an exam, or of a session of a course, wait to be released.')
      notifier.sessionChanged(sessionId)
      await notifyEverybody(sessionId)
    },
  }
}

/** The columns that delete a session at this time, or undo that: what ended only because it was deleted is open again. */
function deletion({ endedAt, deletedAt }: Session, at: Date | null): Pick<Session, 'endedAt' | 'deletedAt'> {
  if (at) return { endedAt: endedAt ?? at, deletedAt: deletedAt ?? at }
  return { endedAt: endedAt?.getTime() === deletedAt?.getTime() ? null : endedAt, deletedAt: null }
}
