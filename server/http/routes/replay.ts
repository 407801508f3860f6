/** Replays of rounds, for participants of the round, its teacher, and anyone with a link. */
import type { FastifyInstance } from 'fastify'
import type { Replays } from '../../lessons/replays.ts'
import { createRateLimit } from '../plugins/rate-limits.ts'
import type { RouteHandlers, RoutesBelow } from './serve-routes.ts'

export interface ReplayDeps {
  readonly replays: Replays
}

export const replayHandlers = (
  app: FastifyInstance,
  { replays }: ReplayDeps,
): RouteHandlers<RoutesBelow<'/api/rounds'> | RoutesBelow<'/api/replays'>> => {
  // A replay is the whole log of a round. The limit allows for a school behind one address that looks at a replay together.
  const limitReplays = createRateLimit(app, 'replays', 600)

  return {
    'GET /api/rounds/:round/replay': async (request) => {
      await limitReplays(request)
      return replays.readReplay(request.params.round, request.seat)
    },

    'DELETE /api/rounds/:round/links': ({ params: { round }, seat }) => replays.revokeLinks(round, seat),

    'GET /api/replays/:token': async (request) => {
      await limitReplays(request)
      return replays.readReplayByToken(request.params.token)
    },
  }
}
