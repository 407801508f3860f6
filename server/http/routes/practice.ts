/** How learners start to practise alone. */
import type { FastifyInstance } from 'fastify'
import type { Auth, Cookies } from '../../identity/auth.ts'
import { createRateLimit } from '../plugins/rate-limits.ts'
import type { Demonstrations } from '../../lessons/demonstrations.ts'
import type { Practices } from '../../lessons/practices.ts'
import type { RouteHandlers, RoutesBelow } from './serve-routes.ts'

export interface PracticeDeps {
  readonly auth: Auth
  readonly practices: Practices
  readonly demonstrations: Demonstrations
}

export const practiceHandlers = (
  app: FastifyInstance,
  { auth, practices, demonstrations }: PracticeDeps,
): RouteHandlers<RoutesBelow<'/api/practice'>> => {
  const limitBegins = createRateLimit(app, 'practice', 600)
  const participantIds = async (cookies: Cookies) => (await auth.verifyParticipants(cookies)).map(({ id }) => id)

  return {
    'GET /api/practice': async ({ cookies }) => practices.readOverview(await participantIds(cookies)),

    'POST /api/practice': async (request, reply) => {
      await limitBegins(request)
      const { participant, session } = await practices.beginRound(await participantIds(request.cookies), request.body)
      for (const { name, value, options } of await auth.createParticipantCookies({ id: participant, session }, request.cookies))
        reply.setCookie(name, value, options)
      return { participant }
    },

    'GET /api/practice/:exercise/demonstration': ({ params }) => demonstrations.read(params.exercise),
  }
}
