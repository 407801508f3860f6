/** How students join: they enter a code, then a name; and how they come back on another device. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
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
): RouteHandlers<RoutesBelow<'/api/codes'> | RoutesBelow<'/api/join'> | RoutesBelow<'/api/claims'>> => {
  const limitWrongCodes = createRateLimit(app, 'wrong codes', 30)
  // These limits allow for a school behind one address. The limit per address is below that per session, so that one address
  // cannot use up a session's joins.
  const limitJoinsOfAddress = createRateLimit(app, 'joins of an address', 400)
  const limitJoins = createRateLimit(app, 'joins', 600, ({ body }) => normalizeCode((body as Join).code))

  const limitClaims = createRateLimit(app, 'claims', 30)

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

  /** Sets the cookies with which this browser is the participant. */
  const giveParticipant = async (request: FastifyRequest, reply: FastifyReply, participant: { id: string; session: string }) => {
    for (const { name, value, options } of await auth.createParticipantCookies(participant, request.cookies)) {
      reply.setCookie(name, value, options)
    }
  }

  /** Rejects with `not-found` unless somebody has joined as this participant from this browser. */
  const requireOwnParticipant = async ({ cookies }: FastifyRequest, participant: string) => {
    const own = await auth.verifyParticipants(cookies)
    if (!own.some(({ id }) => id === participant))
      throw new ApiError('not-found', 'This browser has not joined as this participant.')
  }

  return {
    'GET /api/codes/:code': async (request) => {
      const { id, code, title, level, kind } = await findSession(request, request.params.code)
      const held = await auth.verifyParticipants(request.cookies)
      const here = held.filter(({ session }) => session === id).map((participant) => participant.id)
      return { session: { id, code, title, level, members: kind !== 'open' }, known: await lessons.findParticipants(id, here) }
    },

    'POST /api/join': async (request, reply) => {
      const session = await findSession(request, request.body.code)
      if (session.kind !== 'open') throw new ApiError('members-only', 'Only members of the course enter this session.')
      await limitJoinsOfAddress(request)
      await limitJoins(request)
      const { name } = request.body
      // Through a locked door comes only whoever says to be somebody who is in already, on another device.
      const isBack = session.locked && (await lessons.hasName(session.id, name))
      if (session.locked && !isBack) throw new ApiError('door-locked', 'The teacher lets nobody new join.')
      const joined = await lessons.join(session.id, name)
      await giveParticipant(request, reply, { id: joined.participant.id, session: session.id })
      if (isBack) await lessons.claimSeat(joined.participant.id, name)
      // Whoever has taken a name that was in use may be about to claim that seat.
      if (!joined.renamed) await lessons.placeLatecomer(session.id, joined.participant.id)
      return joined
    },

    'POST /api/claims': async (request) => {
      const { participant, name } = request.body
      await requireOwnParticipant(request, participant)
      await limitClaims(request)
      await lessons.claimSeat(participant, name)
      return { state: 'waiting', participant: null }
    },

    'GET /api/claims/:participant': async (request, reply) => {
      const { participant } = request.params
      await requireOwnParticipant(request, participant)
      const claim = await lessons.readClaim(participant)
      if (typeof claim === 'string') return { state: claim, participant: null }
      await giveParticipant(request, reply, claim)
      return { state: 'granted', participant: claim.id }
    },
  }
}
