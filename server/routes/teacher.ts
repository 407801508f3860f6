/** The teacher's way in and out. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply } from 'fastify'
import { TeacherLink, TeacherLogin, TeacherPassword } from '../../contract/schemas.ts'
import type { Auth, SetCookie } from '../auth.ts'
import { Failed } from '../failed.ts'
import { teacherOf } from '../plugins/guard.ts'
import { limit } from '../plugins/limits.ts'
import type { Teachers } from '../teachers.ts'
import { answers, TeacherAnswer } from './answers.ts'

export interface TeacherRoutes {
  readonly auth: Auth
  readonly teachers: Teachers
}

export const teacherRoutes: FastifyPluginAsyncTypebox<TeacherRoutes> = async (app, { auth, teachers }) => {
  const logins = limit(app, 20)
  const response = answers(TeacherAnswer)
  const info = async (signedIn: boolean) => ({ signedIn, hasPassword: await teachers.hasPassword() })
  const set = (reply: FastifyReply, { name, value, options }: SetCookie) => reply.setCookie(name, value, options)

  app.get('/api/teacher', { schema: { summary: 'Whether this browser is signed in', response } }, ({ principal }) =>
    info(principal !== null),
  )

  app.post(
    '/api/teacher/link',
    { schema: { summary: 'Sign in by the one-time link', body: TeacherLink, response } },
    async (request, reply) => {
      await logins(request)
      try {
        set(reply, await auth.teacherCookie(await teachers.spendLink(request.body.token)))
      } catch (error) {
        // A reload with the spent link still in the address: who is signed in stays so.
        if (!(error instanceof Failed && request.principal)) throw error
      }
      return info(true)
    },
  )

  app.post(
    '/api/teacher/login',
    { schema: { summary: 'Sign in by the password', body: TeacherLogin, response } },
    async (request, reply) => {
      await logins(request)
      set(reply, await auth.teacherCookie(await teachers.login(request.body.password)))
      return info(true)
    },
  )

  app.post(
    '/api/teacher/password',
    { schema: { summary: 'Set the password', body: TeacherPassword, response } },
    async (request) => {
      await teachers.setPassword(teacherOf(request).id, request.body.password)
      return info(true)
    },
  )

  app.post('/api/teacher/logout', { schema: { summary: 'Sign out', response } }, (_request, reply) => {
    set(reply, auth.noTeacherCookie)
    return info(false)
  })
}
