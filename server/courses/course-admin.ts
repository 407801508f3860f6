/** Administration of courses: creating, listing, reading, renaming, putting away, and the playlists that a course keeps. */
import type { CourseRole } from '../../contract/access-rules.ts'
import type { Course, CourseChange, CourseInfo, NewCourse, NewCoursePlaylist } from '../../contract/courses.ts'
import { ApiError } from '../base/api-error.ts'
import { newId } from '../base/ids.ts'
import type { Prisma, PrismaClient } from '../generated/prisma/client.ts'
import { normalizeText } from '../lessons/names.ts'
import { toSessionInfo } from '../lessons/session-rows.ts'
import { toMemberInfos } from './member-rows.ts'

/** The operations on courses. Those that name one reject with `not-found`. */
export interface CourseAdmin {
  /** The courses in which this teacher works, by title. */
  listCourses(teacherId: string): Promise<CourseInfo[]>
  createCourse(teacherId: string, wanted: NewCourse): Promise<CourseInfo>
  /** A course as this teacher, one of its staff, sees it. */
  readCourse(courseId: string, teacherId: string): Promise<Course>
  changeCourse(courseId: string, change: CourseChange): Promise<void>
  savePlaylist(courseId: string, wanted: NewCoursePlaylist): Promise<void>
  deletePlaylist(courseId: string, playlistId: string): Promise<void>
}

export interface CourseAdminDeps {
  readonly prisma: PrismaClient
  readonly now: () => Date
}

const WITH_COUNTS = {
  _count: { select: { members: { where: { removedAt: null } }, sessions: { where: { deletedAt: null } } } },
} as const satisfies Prisma.CourseInclude
type CourseRow = Prisma.CourseGetPayload<{ include: typeof WITH_COUNTS }>

export function createCourseAdmin({ prisma, now }: CourseAdminDeps): CourseAdmin {
  return {
    async listCourses(teacherId) {
      const rows = await prisma.courseStaff.findMany({
        where: { teacherId },
        include: { course: { include: WITH_COUNTS } },
        orderBy: [{ course: { title: 'asc' } }, { courseId: 'asc' }],
      })
      return rows.map(({ course, role }) => toCourseInfo(course, role))
    },

    async createCourse(teacherId, { title, language }) {
      const course = await prisma.course.create({
        data: {
          id: newId(),
          title: normalizeText(title),
          language,
          createdAt: now(),
          staff: { create: { teacherId, role: 'owner' satisfies CourseRole } },
        },
        include: WITH_COUNTS,
      })
      return toCourseInfo(course, 'owner')
    },

    async readCourse(courseId, teacherId) {
      const course = await prisma.course.findUnique({
        where: { id: courseId },
        include: {
          ...WITH_COUNTS,
          staff: { include: { teacher: true }, orderBy: [{ teacher: { createdAt: 'asc' } }, { teacherId: 'asc' }] },
          members: { include: { _count: { select: { participants: true } } } },
          sessions: { where: { deletedAt: null }, orderBy: [{ createdAt: 'desc' }, { id: 'asc' }] },
          playlists: { orderBy: [{ createdAt: 'desc' }, { id: 'asc' }] },
        },
      })
      const mine = course?.staff.find((each) => each.teacherId === teacherId)
      if (!course || !mine) throw new ApiError('not-found', 'There is no such course.')
      return {
        course: toCourseInfo(course, mine.role),
        staff: course.staff.map(({ role, teacher: { id, name, email } }) => ({ id, name, email, role: role as CourseRole })),
        members: toMemberInfos(course.members),
        sessions: course.sessions.map(toSessionInfo),
        playlists: course.playlists.map(({ id, title, playlist, level, swap }) => ({
          id,
          title,
          playlist: playlist as string[],
          level: level as NewCoursePlaylist['level'],
          swap,
        })),
      }
    },

    async changeCourse(courseId, { title, language, archived }) {
      await prisma.course.update({
        where: { id: courseId },
        data: {
          ...(title === undefined ? {} : { title: normalizeText(title) }),
          ...(language === undefined ? {} : { language }),
          ...(archived === undefined ? {} : { archivedAt: archived ? now() : null }),
        },
      })
    },

    async savePlaylist(courseId, { title, playlist, level, swap }) {
      await prisma.coursePlaylist.create({
        data: { id: newId(), courseId, title: normalizeText(title), playlist: [...playlist], level, swap, createdAt: now() },
      })
    },

    async deletePlaylist(courseId, id) {
      const { count } = await prisma.coursePlaylist.deleteMany({ where: { id, courseId } })
      if (count === 0) throw new ApiError('not-found', 'There is no such playlist.')
    },
  }
}

const toCourseInfo = ({ id, title, language, archivedAt, createdAt, _count }: CourseRow, role: string): CourseInfo => ({
  id,
  title,
  language: language as CourseInfo['language'],
  role: role as CourseRole,
  archived: archivedAt !== null,
  members: _count.members,
  sessions: _count.sessions,
  createdAt: createdAt.toISOString(),
})
