/** How a teacher signs in and out, and what they may do with their own account. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { TeacherInfo } from '../../../contract/account.ts'
import type { ApiTokens } from '../../identity/api-tokens.ts'
import type { Auth, SetCookie } from '../../identity/auth.ts'
import { ApiError } from '../../base/api-error.ts'
import { requireTeacher } from '../plugins/access-guard.ts'
import { createRateLimit } from '../plugins/rate-limits.ts'
import type { SignIns } from '../../identity/sign-ins.ts'
import type { Teachers } from '../../identity/teachers.ts'
import type { RouteHandlers, RoutesBelow } from './serve-routes.ts'

export interface TeacherDeps {
  readonly auth: Auth
  readonly teachers: Teachers
  readonly tokens: Pick<ApiTokens, 'list' | 'create' | 'revoke'>
  readonly signIns: Pick<SignIns, 'list' | 'end' | 'endAll'>
  /** Called when some of this teacher's cookies or tokens have become invalid. */
  readonly onSignedOut: (teacherId: string) => void
}

export const teacherHandlers = (
  app: FastifyInstance,
  { auth, teachers, signIns, tokens, onSignedOut }: TeacherDeps,
): RouteHandlers<RoutesBelow<'/api/teacher'>> => {
  const limitLogins = createRateLimit(app, 'sign-ins', 20)
  const limitChanges = createRateLimit(app, 'changes of accounts', 20)

  const teacherInfo = async (teacherId: string | null): Promise<TeacherInfo> => {
    const passwords = await teachers.countPasswords()
    return {
      signedIn: teacherId !== null,
      hasPassword: teacherId === null ? passwords > 0 : await teachers.hasPassword(teacherId),
      passwordAlone: passwords === 1,
      account: teacherId === null ? null : await teachers.readAccount(teacherId),
    }
  }
  const setCookie = (reply: FastifyReply, { name, value, options }: SetCookie) => reply.setCookie(name, value, options)
  const signIn = async (request: FastifyRequest, reply: FastifyReply, teacherId: string) => {
    setCookie(reply, await auth.createTeacherCookie(teacherId, request.headers['user-agent'] ?? ''))
    return teacherInfo(teacherId)
  }
  const listSignIns = async (request: FastifyRequest) =>
    signIns.list(requireTeacher(request).id, await auth.readSignIn(request.cookies))

  return {
    'GET /api/teacher': ({ principal }) => teacherInfo(principal?.id ?? null),

    'PATCH /api/teacher': async (request) => {
      await limitChanges(request) // each of them tells whether another account has an e-mail address
      const { id } = requireTeacher(request)
      await teachers.changeAccount(id, request.body)
      return teacherInfo(id)
    },

    'POST /api/teacher/link': async (request, reply) => {
      await limitLogins(request)
      try {
        return await signIn(request, reply, await teachers.redeemLink(request.body.token))
      } catch (error) {
        // The page may be reloaded with the used link still in its address: a teacher who is signed in stays signed in.
        if (!(error instanceof ApiError && request.principal)) throw error
        return teacherInfo(request.principal.id)
      }
    },

    'POST /api/teacher/login': async (request, reply) => {
      await limitLogins(request)
      return signIn(request, reply, await teachers.login(request.body))
    },

    'POST /api/teacher/password': async (request) => {
      const { id } = requireTeacher(request)
      await teachers.setPassword(id, request.body.password)
      await signIns.endAll(id, (await auth.readSignIn(request.cookies)) ?? undefined)
      onSignedOut(id)
      return teacherInfo(id)
    },

    'POST /api/teacher/logout': async (request, reply) => {
      const { id } = requireTeacher(request)
      const current = await auth.readSignIn(request.cookies)
      if (current !== null) await signIns.end(id, current)
      onSignedOut(id)
      setCookie(reply, auth.clearedTeacherCookie)
      return teacherInfo(null)
    },

    'GET /api/teacher/sign-ins': listSignIns,

    'DELETE /api/teacher/sign-ins/:signIn': async (request) => {
      const { id } = requireTeacher(request)
      await signIns.end(id, request.params.signIn)
      onSignedOut(id)
      return listSignIns(request)
    },

    'GET /api/teacher/tokens': (request) => tokens.list(requireTeacher(request).id),

    'POST /api/teacher/tokens': async (request) => {
      await limitChanges(request)
      return tokens.create(requireTeacher(request).id, request.body)
    },

    'DELETE /api/teacher/tokens/:apiToken': async (request) => {
      const { id } = requireTeacher(request)
      await tokens.revoke(id, request.params.apiToken)
      onSignedOut(id)
      return tokens.list(id)
    },
  }
}
