/** The way in for whoever learns alone. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { BeginPractice } from '../../contract/schemas.ts'
import type { Auth, Cookies } from '../auth.ts'
import { limit } from '../plugins/limits.ts'
import type { Practices } from '../practice.ts'
import { answers, PracticeAnswer, PracticeBegunAnswer } from './answers.ts'

export interface PracticeRoutes {
  readonly auth: Auth
  readonly practices: Practices
}

export const practiceRoutes: FastifyPluginAsyncTypebox<PracticeRoutes> = async (app, { auth, practices }) => {
  const begins = limit(app, 600)
  const held = async (cookies: Cookies) => (await auth.participants(cookies)).map(({ id }) => id)

  app.get(
    '/api/practice',
    { schema: { summary: 'What there is to practise alone, and what is not finished', response: answers(PracticeAnswer) } },
    async ({ cookies }) => practices.overview(await held(cookies)),
  )

  app.post(
    '/api/practice',
    {
      schema: {
        summary: 'Begin a round alone; one that is not finished ends',
        body: BeginPractice,
        response: answers(PracticeBegunAnswer),
      },
    },
    async (request, reply) => {
      await begins(request)
      const { participant, session } = await practices.begin(await held(request.cookies), request.body)
      for (const { name, value, options } of await auth.participantCookies({ id: participant, session }, request.cookies))
        reply.setCookie(name, value, options)
      return { participant }
    },
  )
}
