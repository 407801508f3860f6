/** The grades of courses: all that the routes, and the platforms to which grades are sent, ask for. */
import type { GradeBook, GradeReasons, GradeRecordInfo } from '../../contract/grades.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import type { Library } from '../lessons/library.ts'
import type { RoundFactsReader } from '../lessons/round-facts-reader.ts'
import type { RoundLog } from '../rounds/log.ts'
import { makeBook } from './book.ts'
import { createGradeChanges, type GradeChanges, type GradeChangesDeps } from './changes.ts'
import { createContests, type Contests } from './contests.ts'
import { createCourseDataReader, gradeCourse } from './course-data.ts'
import { describeRecords, describeRounds } from './reasons.ts'
import { readRecords } from './record-rows.ts'
import { createRegrading, type Regrading } from './regrading.ts'
import type { GradeRecord } from './standing.ts'
import { ApiError } from '../base/api-error.ts'

/** The grade of a member in a session. */
export interface SessionScore {
  readonly member: string
  /** From 0 to 1; null if there is nothing to grade. */
  readonly share: number | null
  /** By place in the playlist, as `share`. */
  readonly exercises: readonly (number | null)[]
  /** Whether a round of theirs is still being played. */
  readonly isPlaying: boolean
  /** When it last changed: the latest end of a round of theirs or decision about them; null if nothing has happened yet. */
  readonly changedAt: Date | null
}

/** All methods reject with `not-found`. */
export interface Grades extends GradeChanges {
  /** The book as this teacher may see it. */
  readBook(courseId: string, teacher: string): Promise<GradeBook>
  /** Why a member has the grade of a session. */
  readReasons(courseId: string, memberId: string, sessionId: string): Promise<GradeReasons>
  readHistory(courseId: string): Promise<GradeRecordInfo[]>
  /** The grades of a session's members, as they stand now. Empty for a session of no course. */
  readSessionScores(sessionId: string): Promise<SessionScore[]>
  readonly contests: Contests
  readonly regrading: Regrading
}

export interface GradesDeps extends GradeChangesDeps {
  readonly prisma: PrismaClient
  readonly facts: RoundFactsReader
  readonly log: Pick<RoundLog, 'read'>
  readonly library: Pick<Library, 'findNewest' | 'findByReference'>
}

export function createGrades({ prisma, facts, log, library, lessons, now }: GradesDeps): Grades {
  const readCourse = createCourseDataReader({ prisma, facts })

  const describe = async (records: readonly GradeRecord[]): Promise<GradeRecordInfo[]> => {
    const ids = [...new Set(records.flatMap(({ teacher }) => (teacher === null ? [] : [teacher])))]
    const teachers = await prisma.teacher.findMany({ where: { id: { in: ids } }, select: { id: true, name: true, email: true } })
    return describeRecords(records, new Map(teachers.map(({ id, name, email }) => [id, name || (email ?? '')])))
  }

  return {
    ...createGradeChanges({ prisma, lessons, now }),

    async readBook(courseId, teacher) {
      const staff = await prisma.courseStaff.findUnique({ where: { courseId_teacherId: { courseId, teacherId: teacher } } })
      return makeBook(await readCourse(courseId), staff !== null && staff.role !== 'assistant', library)
    },

    async readReasons(courseId, member, sessionId) {
      const data = await readCourse(courseId, sessionId)
      const [grades] = gradeCourse(data, member)
      if (!grades || data.sessions.length === 0) throw new ApiError('not-found', 'There is no such grade.')
      const rounds = await describeRounds(data, grades, library)
      const records = await readRecords(prisma, courseId, {
        OR: [
          { memberId: member, sessionId },
          { memberId: member, sessionId: null },
          { memberId: null, roundId: { in: rounds.map(({ id }) => id) } },
        ],
      })
      return {
        rounds,
        remark: data.standing.remarkOn(member, sessionId),
        records: await describe(records),
      }
    },

    async readHistory(courseId) {
      return describe(await readRecords(prisma, courseId))
    },

    async readSessionScores(sessionId) {
      const session = await prisma.session.findUnique({ where: { id: sessionId }, select: { courseId: true } })
      if (!session?.courseId) return []
      const [data, records] = await Promise.all([readCourse(session.courseId, sessionId), readRecords(prisma, session.courseId)])
      return gradeCourse(data).map(({ member, sessions: [grade] }) => {
        const rounds = data.rounds.filter(({ members }) => Object.values(members).includes(member))
        const about = records.filter((each) => isAbout(each, sessionId, member, new Set(rounds.map(({ row }) => row.id))))
        const times = [...rounds.flatMap(({ row }) => row.endedAt ?? []), ...about.map(({ at }) => at)]
        const latest = times.reduce<Date | null>((last, time) => (last && last > time ? last : time), null)
        return {
          member,
          share: grade?.share ?? null,
          exercises: grade?.exercises.map(({ share }) => share) ?? [],
          isPlaying: rounds.some(({ row }) => row.endedAt === null),
          changedAt: latest,
        }
      })
    },

    contests: createContests({ prisma, readCourse, facts, log, library, now }),
    regrading: createRegrading({ prisma, readCourse, log, now }),
  }
}

/** Whether a record may have changed the grade of a member in a session. */
const isAbout = (
  { kind, session, member, round }: GradeRecord,
  sessionId: string,
  id: string,
  rounds: ReadonlySet<string>,
): boolean =>
  kind === 'scheme' || (session === sessionId && (member === null ? round === null || rounds.has(round) : member === id))
