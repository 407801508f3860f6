/** What is stored about people: retention, and export and erasure of one student. */
import type { StudentData } from '../../../contract/student-data.ts'
import type { RouteKey } from '../../../contract/routes/all-routes.ts'
import type { PRIVACY_ROUTES } from '../../../contract/routes/privacy.ts'
import type { RetentionJob } from '../../privacy/retention-job.ts'
import type { RetentionSettings } from '../../privacy/retention-settings.ts'
import { printStudentData, type StudentRecords } from '../../privacy/student-data.ts'
import { requireTeacher } from '../plugins/access-guard.ts'
import type { RouteHandlers } from './serve-routes.ts'

export interface PrivacyDeps {
  readonly retention: RetentionSettings
  readonly retentionJob: Pick<RetentionJob, 'listErasures'>
  readonly students: StudentRecords
}

export type PrivacyRoutes = Extract<RouteKey, keyof typeof PRIVACY_ROUTES>

export const privacyHandlers = ({ retention, retentionJob, students }: PrivacyDeps): RouteHandlers<PrivacyRoutes> => {
  const print = async (data: Promise<StudentData>, lang: 'en' | 'zh') => printStudentData(await data, lang)
  return {
    'GET /api/privacy': () => retention.read(),

    'PATCH /api/privacy': async ({ body }) => {
      await retention.change(body)
      return retention.read()
    },

    'GET /api/privacy/erasures': () => retentionJob.listErasures(),

    'PATCH /api/courses/:course/retention': async ({ params: { course }, body }) => {
      await retention.setCourse(course, body.keepDays)
      return body
    },

    'GET /api/sessions/:session/participants/:participant/data': ({ params }) => students.readData(params),

    'GET /api/sessions/:session/participants/:participant/data/:lang': ({ params }, reply) => {
      reply.type('text/plain; charset=utf-8')
      return print(students.readData(params), params.lang)
    },

    'POST /api/sessions/:session/participants/:participant/erasure': (request) =>
      students.erase(request.params, requireTeacher(request).id),

    'GET /api/courses/:course/members/:member/data': ({ params }) => students.readData(params),

    'GET /api/courses/:course/members/:member/data/:lang': ({ params }, reply) => {
      reply.type('text/plain; charset=utf-8')
      return print(students.readData(params), params.lang)
    },

    'POST /api/courses/:course/members/:member/erasure': (request) => students.erase(request.params, requireTeacher(request).id),
  }
}
