/** How students join: they enter a code, then a name. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Join } from '../../../contract/requests.ts'
import type { Auth } from '../../identity/auth.ts'
import type { Lessons } from '../../lessons/lessons.ts'
import { normalizeCode } from '../../lessons/join-codes.ts'
import { ApiError } from '../../base/api-error.ts'
import { createRateLimit } from '../plugins/rate-limits.ts'
import type { RouteHandlers, RoutesBelow } from './serve-routes.ts'

export interface JoinDeps {
  readonly auth: Auth
  readonly lessons: Lessons
}

export const joinHandlers = (
  app: FastifyInstance,
  { auth, lessons }: JoinDeps,
): RouteHandlers<RoutesBelow<'/api/codes'> | RoutesBelow<'/api/join'>> => {
  const limitWrongCodes = createRateLimit(app, 'wrong codes', 30)
  // These limits allow for a school behind one address. The limit per address is below that per session, so that one address
  // cannot use up a session's joins.
  const limitJoinsOfAddress = createRateLimit(app, 'joins of an address', 400)
  const limitJoins = createRateLimit(app, 'joins', 600, ({ body }) => normalizeCode((body as Join).code))

  /**
   * Finds the session of a code. Only wrong codes count against an address, so that a person who mistypes does not shut out the
   * school that shares the address.
   */
  const findSession = async (request: FastifyRequest, code: string) => {
    try {
      return await lessons.findByCode(code)
    } catch (error) {
      if (error instanceof ApiError && error.code === 'wrong-code') await limitWrongCodes(request)
      throw error
    }
  }

  return {
    'GET /api/codes/:code': async (request) => {
      const { id, code, title, level } = await findSession(request, request.params.code)
      const held = await auth.verifyParticipants(request.cookies)
      const here = held.filter(({ session }) => session === id).map((participant) => participant.id)
      return { session: { id, code, title, level }, known: await lessons.findParticipants(id, here) }
    },

    'POST /api/join': async (request, reply) => {
      const session = await findSession(request, request.body.code)
      await limitJoinsOfAddress(request)
      await limitJoins(request)
      const joined = await lessons.join(session.id, request.body.name)
      const participant = { id: joined.participant.id, session: session.id }
      for (const { name, value, options } of await auth.createParticipantCookies(participant, request.cookies)) {
        reply.setCookie(name, value, options)
      }
      return joined
    },
  }
}
