/** Replays of rounds, for participants of the round, its teacher, and anyone with a link. */
import type { Replays } from '../../lessons/replays.ts'
import type { RouteHandlers, RoutesBelow } from './serve-routes.ts'

export interface ReplayDeps {
  readonly replays: Replays
}

export const replayHandlers = ({
  replays,
}: ReplayDeps): RouteHandlers<RoutesBelow<'/api/rounds'> | RoutesBelow<'/api/replays'>> => ({
  'GET /api/rounds/:round/replay': ({ params: { round }, seat }) => replays.readReplay(round, seat),

  'DELETE /api/rounds/:round/links': ({ params: { round }, seat }) => replays.revokeLinks(round, seat),

  'GET /api/replays/:token': ({ params: { token } }) => replays.readReplayByToken(token),
})
