/** Replays of rounds, for participants of the round, its teacher, and anyone with a link. */
import { Type } from 'typebox'
import { Replay, ReplayLinks } from '../answers.ts'
import { codeText } from '../schema-parts.ts'
import { declareRoutes, ROUND_PARAMS } from './declare-routes.ts'

export const REPLAY_ROUTES = declareRoutes({
  'GET /api/rounds/:round/replay': {
    summary: 'A round, for its teacher at any time and for its seats once it is over',
    access: 'seat or teacher of the round',
    params: ROUND_PARAMS,
    answer: Replay,
  },
  'DELETE /api/rounds/:round/links': {
    summary: 'Revoke my links to a round, as its teacher everybody’s; others take their place',
    access: 'seat or teacher of the round',
    params: ROUND_PARAMS,
    answer: ReplayLinks,
  },
  // The token itself authorizes the request.
  'GET /api/replays/:token': {
    summary: 'A round that is over, for anyone with its link',
    access: 'anyone',
    params: Type.Object({ token: codeText('0-9A-Za-z_-', 1, 80) }),
    answer: Replay,
  },
})
