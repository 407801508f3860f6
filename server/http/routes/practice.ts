/** The way in for whoever learns alone. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { BeginPractice } from '../../../contract/schemas.ts'
import type { Auth, Cookies } from '../../identity/auth.ts'
import { createRateLimit } from '../plugins/rate-limits.ts'
import type { Practices } from '../../lessons/practices.ts'
import { withFailures, PracticeResponse, PracticeBegunResponse } from './responses.ts'

export interface PracticeRoutes {
  readonly auth: Auth
  readonly practices: Practices
}

export const practiceRoutes: FastifyPluginAsyncTypebox<PracticeRoutes> = async (app, { auth, practices }) => {
  const limitBegins = createRateLimit(app, 600)
  const participantIds = async (cookies: Cookies) => (await auth.verifyParticipants(cookies)).map(({ id }) => id)

  app.get(
    '/api/practice',
    { schema: { summary: 'What there is to practise alone, and what is not finished', response: withFailures(PracticeResponse) } },
    async ({ cookies }) => practices.readOverview(await participantIds(cookies)),
  )

  app.post(
    '/api/practice',
    {
      schema: {
        summary: 'Begin a round alone; one that is not finished ends',
        body: BeginPractice,
        response: withFailures(PracticeBegunResponse),
      },
    },
    async (request, reply) => {
      await limitBegins(request)
      const { participant, session } = await practices.beginRound(await participantIds(request.cookies), request.body)
      for (const { name, value, options } of await auth.createParticipantCookies({ id: participant, session }, request.cookies))
        reply.setCookie(name, value, options)
      return { participant }
    },
  )
}
