/** Courses, and the sessions of a course. */
import type { FastifyRequest } from 'fastify'
import type { Courses } from '../../courses/courses.ts'
import type { Lessons } from '../../lessons/lessons.ts'
import { requireTeacher } from '../plugins/access-guard.ts'
import type { GradeRoutes } from './grading.ts'
import type { PrivacyRoutes } from './privacy.ts'
import type { RouteHandlers, RoutesBelow } from './serve-routes.ts'

export interface CourseDeps {
  readonly courses: Courses
  readonly lessons: Pick<Lessons, 'createSession'>
  /** The URLs at which people reach this server, likeliest first. */
  readonly urls: () => readonly string[]
}

export const courseHandlers = ({
  courses,
  lessons,
  urls,
}: CourseDeps): RouteHandlers<Exclude<RoutesBelow<'/api/courses'>, GradeRoutes | PrivacyRoutes>> => {
  /** The course after this change. */
  const answerWithCourse = async (request: FastifyRequest, course: string, change: Promise<void>) => {
    await change
    return courses.readCourse(course, requireTeacher(request).id)
  }

  return {
    'GET /api/courses': (request) => courses.listCourses(requireTeacher(request).id),

    'POST /api/courses': (request) => courses.createCourse(requireTeacher(request).id, request.body),

    'GET /api/courses/:course': (request) => courses.readCourse(request.params.course, requireTeacher(request).id),

    'PATCH /api/courses/:course': (request) => {
      const { course } = request.params
      return answerWithCourse(request, course, courses.changeCourse(course, request.body))
    },

    'POST /api/courses/:course/staff': (request) => {
      const { course } = request.params
      return answerWithCourse(request, course, courses.addStaff(course, requireTeacher(request).id, request.body))
    },

    'PATCH /api/courses/:course/staff/:teacher': (request) => {
      const { course, teacher } = request.params
      return answerWithCourse(request, course, courses.changeRole(course, requireTeacher(request).id, teacher, request.body.role))
    },

    'DELETE /api/courses/:course/staff/:teacher': (request) => {
      const { course, teacher } = request.params
      return answerWithCourse(request, course, courses.removeStaff(course, requireTeacher(request).id, teacher))
    },

    'POST /api/courses/:course/members': (request) => {
      const { course } = request.params
      return answerWithCourse(request, course, courses.addMember(course, request.body))
    },

    'PATCH /api/courses/:course/members/:member': (request) => {
      const { course, member } = request.params
      return answerWithCourse(request, course, courses.changeMember(course, member, request.body))
    },

    'POST /api/courses/:course/members/:member/merge/:kept': (request) => {
      const { course, member, kept } = request.params
      return answerWithCourse(request, course, courses.mergeMembers(course, member, kept))
    },

    'POST /api/courses/:course/roster/preview': ({ params: { course }, body }) => courses.previewRoster(course, body),

    'POST /api/courses/:course/roster': (request) => {
      const { course } = request.params
      return answerWithCourse(request, course, courses.importRoster(course, request.body))
    },

    'GET /api/courses/:course/links': ({ params: { course } }) => courses.listLinks(course),

    'GET /api/courses/:course/links.csv': async ({ params: { course } }, reply) => {
      const [origin = ''] = urls()
      reply.header('content-disposition', 'attachment; filename="links.csv"')
      reply.type('text/csv; charset=utf-8')
      return courses.exportLinks(course, origin)
    },

    'POST /api/courses/:course/members/:member/link': (request) => {
      const { course, member } = request.params
      return answerWithCourse(request, course, courses.renewLink(course, member))
    },

    'POST /api/courses/:course/sessions': (request) => {
      const { kind, ...wanted } = request.body
      return lessons.createSession(requireTeacher(request).id, wanted, { courseId: request.params.course, kind })
    },

    'POST /api/courses/:course/playlists': (request) => {
      const { course } = request.params
      return answerWithCourse(request, course, courses.savePlaylist(course, request.body))
    },

    'DELETE /api/courses/:course/playlists/:playlist': (request) => {
      const { course, playlist } = request.params
      return answerWithCourse(request, course, courses.deletePlaylist(course, playlist))
    },
  }
}
