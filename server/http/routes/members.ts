/** How members of a course enter its sessions: by personal link, or by code and student number. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { EnterByNumber } from '../../../contract/courses.ts'
import { ApiError } from '../../base/api-error.ts'
import type { Courses } from '../../courses/courses.ts'
import type { EnteredMember } from '../../courses/member-entry.ts'
import type { Auth } from '../../identity/auth.ts'
import { normalizeCode } from '../../lessons/join-codes.ts'
import type { Lessons } from '../../lessons/lessons.ts'
import { createRateLimit } from '../plugins/rate-limits.ts'
import type { RouteHandlers, RoutesBelow } from './serve-routes.ts'

export interface MemberEntryRouteDeps {
  readonly auth: Auth
  readonly courses: Courses
  readonly lessons: Pick<Lessons, 'findByCode'>
}

export const memberEntryHandlers = (
  app: FastifyInstance,
  { auth, courses, lessons }: MemberEntryRouteDeps,
): RouteHandlers<RoutesBelow<'/api/members'> | RoutesBelow<'/api/participants'>> => {
  // Against guessing: what is wrong counts against an address, which a whole school may share, and every try against the number.
  const limitWrongEntries = createRateLimit(app, 'wrong entries of members', 30)
  const limitNumber = createRateLimit(app, 'entries by number', 10, ({ body }) => {
    const { code, number } = body as EnterByNumber
    return `${normalizeCode(code)} ${number.normalize('NFKC').replace(/\s/g, '')}`
  })

  /** Runs an attempt. One that is wrong counts against the address. */
  const countIfWrong = async <T>(request: FastifyRequest, attempt: () => Promise<T>): Promise<T> => {
    try {
      return await attempt()
    } catch (error) {
      const isGuess = error instanceof ApiError && ['wrong-code', 'unknown-number', 'not-found'].includes(error.code)
      if (isGuess) await limitWrongEntries(request)
      throw error
    }
  }

  const requireMember = (request: FastifyRequest, token: string): Promise<string> =>
    countIfWrong(request, async () => {
      const member = await auth.verifyMemberToken(token, courses.readRevoked)
      if (member === null) throw new ApiError('not-found', 'This link does not hold, or no longer.')
      return member
    })

  /** Sets the cookie with which this device is the member. */
  const giveDevice = async (request: FastifyRequest, reply: FastifyReply, entered: EnteredMember) => {
    for (const { name, value, options } of await auth.createParticipantCookies(entered, request.cookies))
      reply.setCookie(name, value, options)
    return { participant: { id: entered.id, name: entered.name }, renamed: false }
  }

  return {
    'GET /api/members/:token': async (request) => courses.readMemberHome(await requireMember(request, request.params.token)),

    'POST /api/members/:token/sessions/:session': async (request, reply) => {
      const { token, session } = request.params
      const member = await requireMember(request, token)
      const held = await auth.verifyParticipants(request.cookies)
      return giveDevice(request, reply, await courses.enterSession(member, session, { held, ...request.body }))
    },

    'POST /api/members': async (request, reply) => {
      const { code, number, takeOver } = request.body
      await limitNumber(request)
      const { id, member } = await countIfWrong(request, async () => {
        const session = await lessons.findByCode(code)
        return { id: session.id, member: await courses.findMemberByNumber(session.id, number) }
      })
      const held = await auth.verifyParticipants(request.cookies)
      return giveDevice(request, reply, await courses.enterSession(member, id, { held, takeOver }))
    },

    'POST /api/participants/:participant/wake': async (request, reply) => {
      const { participant } = request.params
      const held = await auth.verifyParticipants(request.cookies)
      if (!held.some(({ id }) => id === participant))
        throw new ApiError('not-found', 'This browser has not joined as this participant.')
      return giveDevice(request, reply, await courses.wakeDevice(participant))
    },
  }
}
