/** What a teacher changes in the grade book. Each change is a record: who, when, from what to what, and why. */
import type { Excuse, Override, Release, Remark, SchemeChange, WeightChange } from '../../contract/grades.ts'
import { ApiError } from '../base/api-error.ts'
import type { PrismaClient, Session } from '../generated/prisma/client.ts'
import { normalizeText } from '../lessons/names.ts'
import { playlistOf, sessionNotFoundError } from '../lessons/session-rows.ts'
import { addRecords } from './record-rows.ts'

/** All methods reject with `not-found`. A change to what already is makes no record. */
export interface GradeChanges {
  changeScheme(course: string, teacher: string, change: SchemeChange): Promise<void>
  changeWeight(course: string, teacher: string, change: WeightChange): Promise<void>
  override(course: string, teacher: string, override: Override): Promise<void>
  excuse(course: string, teacher: string, excuse: Excuse): Promise<void>
  remark(course: string, teacher: string, remark: Remark): Promise<void>
  release(course: string, teacher: string, release: Release): Promise<void>
}

export interface GradeChangesDeps {
  readonly prisma: PrismaClient
  readonly lessons: { setReleased(sessionId: string, released: boolean): Promise<void> }
  readonly now: () => Date
}

export function createGradeChanges({ prisma, lessons, now }: GradeChangesDeps): GradeChanges {
  const requireMember = async (courseId: string, id: string) => {
    if ((await prisma.member.count({ where: { id, courseId } })) === 0)
      throw new ApiError('not-found', 'The course has no such member.')
  }
  /** The session, if it is the course's and has this position. */
  const requireSession = async (courseId: string, id: string, position: number | null = null): Promise<Session> => {
    const session = await prisma.session.findUnique({ where: { id, courseId, deletedAt: null } })
    if (!session || (position !== null && position >= playlistOf(session).length)) throw sessionNotFoundError()
    return session
  }

  return {
    changeScheme: (course, teacher, { reason, ...scheme }) =>
      addRecords(prisma, course, now(), ({ scheme: before }) => {
        const isSame = before.rounds === scheme.rounds && before.missed === scheme.missed && before.dropLowest === scheme.dropLowest
        return isSame ? [] : [{ kind: 'scheme', before, after: scheme, teacher, reason: reason.trim() }]
      }),

    async changeWeight(course, teacher, { session, position, weight, reason }) {
      await requireSession(course, session, position)
      await addRecords(prisma, course, now(), (standing) => {
        const before = standing.weightOf(session, position)
        if (before === weight) return []
        return [{ kind: 'weight', before, after: weight, session, position, teacher, reason: reason.trim() }]
      })
    },

    async override(course, teacher, { share, reason, ...place }) {
      await Promise.all([requireMember(course, place.member), requireSession(course, place.session, place.position)])
      await addRecords(prisma, course, now(), (standing) => {
        const before = standing.overrideAt(place) ?? null
        if (before === share) return []
        return [{ kind: 'override', before, after: share, ...place, teacher, reason: normalizeText(reason) }]
      })
    },

    async excuse(course, teacher, { excused, reason, ...place }) {
      await Promise.all([requireMember(course, place.member), requireSession(course, place.session, place.position)])
      await addRecords(prisma, course, now(), (standing) => {
        const before = standing.isExcusedAt(place)
        if (before === excused) return []
        return [{ kind: 'excuse', before, after: excused, ...place, teacher, reason: normalizeText(reason) }]
      })
    },

    async remark(course, teacher, { member, session, text }) {
      await Promise.all([requireMember(course, member), session !== null && requireSession(course, session)])
      await addRecords(prisma, course, now(), (standing) => {
        const [before, after] = [standing.remarkOn(member, session), text.trim()]
        return before === after ? [] : [{ kind: 'remark', before, after, member, session, teacher }]
      })
    },

    async release(course, teacher, { session, released }) {
      const before = (await requireSession(course, session)).releasedAt !== null
      if (before === released) return
      await lessons.setReleased(session, released)
      await addRecords(prisma, course, now(), () => [{ kind: 'release', before, after: released, session, teacher }])
    },
  }
}
