/** The teacher's way in and out. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply } from 'fastify'
import { TeacherLink, TeacherLogin, TeacherPassword } from '../../../contract/schemas.ts'
import type { Auth, SetCookie } from '../../identity/auth.ts'
import { ApiError } from '../../base/api-error.ts'
import { requireTeacher } from '../plugins/access-guard.ts'
import { createRateLimit } from '../plugins/rate-limits.ts'
import type { Teachers } from '../../identity/teachers.ts'
import { withFailures, TeacherResponse } from './responses.ts'

export interface TeacherRoutes {
  readonly auth: Auth
  readonly teachers: Teachers
}

export const teacherRoutes: FastifyPluginAsyncTypebox<TeacherRoutes> = async (app, { auth, teachers }) => {
  const limitLogins = createRateLimit(app, 20)
  const response = withFailures(TeacherResponse)
  const teacherInfo = async (signedIn: boolean) => ({ signedIn, hasPassword: await teachers.hasPassword() })
  const setCookie = (reply: FastifyReply, { name, value, options }: SetCookie) => reply.setCookie(name, value, options)

  app.get('/api/teacher', { schema: { summary: 'Whether this browser is signed in', response } }, ({ principal }) =>
    teacherInfo(principal !== null),
  )

  app.post(
    '/api/teacher/link',
    { schema: { summary: 'Sign in by the one-time link', body: TeacherLink, response } },
    async (request, reply) => {
      await limitLogins(request)
      try {
        setCookie(reply, await auth.createTeacherCookie(await teachers.redeemLink(request.body.token)))
      } catch (error) {
        // A reload with the spent link still in the address: who is signed in stays so.
        if (!(error instanceof ApiError && request.principal)) throw error
      }
      return teacherInfo(true)
    },
  )

  app.post(
    '/api/teacher/login',
    { schema: { summary: 'Sign in by the password', body: TeacherLogin, response } },
    async (request, reply) => {
      await limitLogins(request)
      setCookie(reply, await auth.createTeacherCookie(await teachers.login(request.body.password)))
      return teacherInfo(true)
    },
  )

  app.post(
    '/api/teacher/password',
    { schema: { summary: 'Set the password', body: TeacherPassword, response } },
    async (request) => {
      await teachers.setPassword(requireTeacher(request).id, request.body.password)
      return teacherInfo(true)
    },
  )

  app.post('/api/teacher/logout', { schema: { summary: 'Sign out', response } }, (_request, reply) => {
    setCookie(reply, auth.clearedTeacherCookie)
    return teacherInfo(false)
  })
}
