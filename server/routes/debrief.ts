/** Rounds to be shown again: to those of the round, and to whoever has been given a link. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { Id } from '../../contract/schemas.ts'
import type { Replays } from '../replays.ts'
import { answers, LinksAnswer, ReplayAnswer } from './answers.ts'

export interface DebriefRoutes {
  readonly replays: Replays
}

export const debriefRoutes: FastifyPluginAsyncTypebox<DebriefRoutes> = async (app, { replays }) => {
  const response = answers(ReplayAnswer)

  app.get(
    '/api/rounds/:round/replay',
    {
      schema: {
        summary: 'A round, for its teacher at any time and for its seats once it is over',
        params: Type.Object({ round: Id }),
        response,
      },
    },
    ({ params: { round }, seat }) => replays.ofRound(round, seat),
  )

  app.delete(
    '/api/rounds/:round/links',
    {
      schema: {
        summary: 'Revoke the links to a round; others take their place',
        params: Type.Object({ round: Id }),
        response: answers(LinksAnswer),
      },
    },
    ({ params: { round }, seat }) => replays.revoke(round, seat),
  )

  app.get(
    '/api/replays/:token',
    {
      schema: {
        summary: 'A round that is over, for anyone with its link',
        params: Type.Object({ token: Type.String({ maxLength: 80 }) }),
        response,
      },
    },
    ({ params: { token } }) => replays.byToken(token),
  )
}
