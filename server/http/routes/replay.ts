/** Rounds to be shown again: to those of the round, and to whoever has been given a link. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { Id } from '../../../contract/schemas.ts'
import type { Replays } from '../../lessons/replays.ts'
import { withFailures, LinksResponse, ReplayResponse } from './responses.ts'

export interface ReplayRoutes {
  readonly replays: Replays
}

export const replayRoutes: FastifyPluginAsyncTypebox<ReplayRoutes> = async (app, { replays }) => {
  const response = withFailures(ReplayResponse)

  app.get(
    '/api/rounds/:round/replay',
    {
      schema: {
        summary: 'A round, for its teacher at any time and for its seats once it is over',
        params: Type.Object({ round: Id }),
        response,
      },
    },
    ({ params: { round }, seat }) => replays.readReplay(round, seat),
  )

  app.delete(
    '/api/rounds/:round/links',
    {
      schema: {
        summary: 'Revoke the links to a round; others take their place',
        params: Type.Object({ round: Id }),
        response: withFailures(LinksResponse),
      },
    },
    ({ params: { round }, seat }) => replays.revokeLinks(round, seat),
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
    ({ params: { token } }) => replays.readReplayByToken(token),
  )
}
