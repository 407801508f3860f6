/** How the teacher signs in and out. */
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Auth, SetCookie } from '../../identity/auth.ts'
import { ApiError } from '../../base/api-error.ts'
import { requireTeacher } from '../plugins/access-guard.ts'
import { createRateLimit } from '../plugins/rate-limits.ts'
import type { Teachers } from '../../identity/teachers.ts'
import type { RouteHandlers, RoutesBelow } from './serve-routes.ts'

export interface TeacherDeps {
  readonly auth: Auth
  readonly teachers: Teachers
  /** Called when some of this teacher's cookies have become invalid. */
  readonly onSignedOut: (teacherId: string) => void
}

export const teacherHandlers = (
  app: FastifyInstance,
  { auth, teachers, onSignedOut }: TeacherDeps,
): RouteHandlers<RoutesBelow<'/api/teacher'>> => {
  const limitLogins = createRateLimit(app, 'sign-ins', 20)
  const teacherInfo = async (signedIn: boolean) => ({ signedIn, hasPassword: await teachers.hasPassword() })
  const setCookie = (reply: FastifyReply, { name, value, options }: SetCookie) => reply.setCookie(name, value, options)

  return {
    'GET /api/teacher': ({ principal }) => teacherInfo(principal !== null),

    'POST /api/teacher/link': async (request, reply) => {
      await limitLogins(request)
      try {
        setCookie(reply, await auth.createTeacherCookie(await teachers.redeemLink(request.body.token)))
      } catch (error) {
        // The page may be reloaded with the used link still in its address: a teacher who is signed in stays signed in.
        if (!(error instanceof ApiError && request.principal)) throw error
      }
      return teacherInfo(true)
    },

    'POST /api/teacher/login': async (request, reply) => {
      await limitLogins(request)
      setCookie(reply, await auth.createTeacherCookie(await teachers.login(request.body.password)))
      return teacherInfo(true)
    },

    'POST /api/teacher/password': async (request) => {
      const { id } = requireTeacher(request)
      await teachers.setPassword(id, request.body.password)
      await auth.endOtherSignIns(request.cookies)
      onSignedOut(id)
      return teacherInfo(true)
    },

    'POST /api/teacher/logout': async (request, reply) => {
      await auth.endSignIn(request.cookies)
      onSignedOut(requireTeacher(request).id)
      setCookie(reply, auth.clearedTeacherCookie)
      return teacherInfo(false)
    },
  }
}
