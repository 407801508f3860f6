/** The grade book of a course, and what a member may know of their own grades. */
import type { FastifyRequest } from 'fastify'
import type { Seat } from '../../../protocol/seat.ts'
import { ApiError } from '../../base/api-error.ts'
import type { Grades } from '../../grades/grades.ts'
import { tabulateBook, tabulateForCanvas, tabulateForMoodle } from '../../grades/grade-tables.ts'
import { toCsv } from '../../lessons/csv.ts'
import { requireTeacher } from '../plugins/access-guard.ts'
import type { RouteHandlers, RoutesBelow } from './serve-routes.ts'

export interface GradingDeps {
  readonly grades: Grades
}

export type GradeRoutes =
  RoutesBelow<'/api/courses/:course/grades'> | RoutesBelow<'/api/rounds/:round/grade'> | RoutesBelow<'/api/rounds/:round/contests'>

const TABLES = { all: tabulateBook, moodle: tabulateForMoodle, canvas: tabulateForCanvas } as const

export const gradeHandlers = ({ grades }: GradingDeps): RouteHandlers<GradeRoutes> => {
  /** The book after this change. */
  const answerWithBook = async (request: FastifyRequest, course: string, change: Promise<void>) => {
    await change
    return grades.readBook(course, requireTeacher(request).id)
  }

  return {
    'GET /api/courses/:course/grades': (request) => grades.readBook(request.params.course, requireTeacher(request).id),

    'GET /api/courses/:course/grades/csv/:format': async (request, reply) => {
      const { course, format } = request.params
      const book = await grades.readBook(course, requireTeacher(request).id)
      reply.header('content-disposition', `attachment; filename="grades-${format}.csv"`)
      reply.type('text/csv; charset=utf-8')
      return toCsv(TABLES[format](book))
    },

    'GET /api/courses/:course/grades/history': ({ params: { course } }) => grades.readHistory(course),

    'GET /api/courses/:course/grades/members/:member/sessions/:session': ({ params: { course, member, session } }) =>
      grades.readReasons(course, member, session),

    'POST /api/courses/:course/grades/scheme': (request) => {
      const { course } = request.params
      return answerWithBook(request, course, grades.changeScheme(course, requireTeacher(request).id, request.body))
    },

    'POST /api/courses/:course/grades/weights': (request) => {
      const { course } = request.params
      return answerWithBook(request, course, grades.changeWeight(course, requireTeacher(request).id, request.body))
    },

    'POST /api/courses/:course/grades/overrides': (request) => {
      const { course } = request.params
      return answerWithBook(request, course, grades.override(course, requireTeacher(request).id, request.body))
    },

    'POST /api/courses/:course/grades/excuses': (request) => {
      const { course } = request.params
      return answerWithBook(request, course, grades.excuse(course, requireTeacher(request).id, request.body))
    },

    'POST /api/courses/:course/grades/remarks': (request) => {
      const { course } = request.params
      return answerWithBook(request, course, grades.remark(course, requireTeacher(request).id, request.body))
    },

    'POST /api/courses/:course/grades/releases': (request) => {
      const { course } = request.params
      return answerWithBook(request, course, grades.release(course, requireTeacher(request).id, request.body))
    },

    'GET /api/courses/:course/grades/contests': ({ params: { course } }) => grades.contests.list(course),

    'POST /api/courses/:course/grades/contests/:contest': async (request) => {
      const { course, contest } = request.params
      await grades.contests.decide(course, requireTeacher(request).id, Number(contest), request.body)
      return grades.contests.list(course)
    },

    'GET /api/courses/:course/grades/regrade': ({ params: { course } }) => grades.regrading.preview(course),

    'POST /api/courses/:course/grades/regrade': (request) => {
      const { course } = request.params
      return answerWithBook(request, course, grades.regrading.accept(course, requireTeacher(request).id, request.body))
    },

    'GET /api/rounds/:round/grade': (request) => grades.contests.readOwnGrade(request.params.round, requireSeat(request)),

    'POST /api/rounds/:round/contests': (request) =>
      grades.contests.contest(request.params.round, requireSeat(request), request.body),
  }
}

/** The seat of a request to a route for the seats of a round. */
function requireSeat({ seat }: FastifyRequest): Seat {
  if (seat !== 'client' && seat !== 'server') throw new ApiError('forbidden', 'This is for a seat of the round.')
  return seat
}
