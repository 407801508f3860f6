/** Replays of rounds, for participants of the round, its teacher, and anyone with a link. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Replay } from '../../../contract/answers.ts'
import { ApiError } from '../../base/api-error.ts'
import { createTimeSlicer } from '../../base/slices.ts'
import type { Replays } from '../../lessons/replays.ts'
import { createRateLimit } from '../plugins/rate-limits.ts'
import type { GradeRoutes } from './grading.ts'
import type { RouteHandlers, RoutesBelow } from './serve-routes.ts'

export interface ReplayDeps {
  readonly replays: Replays
}

/** A replay may be a megabyte long. Nobody else waits for more than a slice of it. */
const WORK_LIMITS = { sliceMs: 2, totalMs: 10_000 }

function* serialize({ entries, ...rest }: Replay): Generator<void, string> {
  const parts: string[] = []
  for (const entry of entries) {
    parts.push(JSON.stringify(entry))
    yield
  }
  return `${JSON.stringify(rest).slice(0, -1)},"entries":[${parts.join()}]}`
}

export const replayHandlers = (
  app: FastifyInstance,
  { replays }: ReplayDeps,
): RouteHandlers<Exclude<RoutesBelow<'/api/rounds'>, GradeRoutes> | RoutesBelow<'/api/replays'>> => {
  // A replay is the whole log of a round. The limit allows for a school behind one address that looks at a replay together.
  const limitReplays = createRateLimit(app, 'replays', 600)

  const runInSlices = createTimeSlicer(WORK_LIMITS)
  let lastTurn: Promise<unknown> = Promise.resolve()
  /** Reads one replay after another, so that other work is done in between, and none for a client that has gone or does not read. */
  const inTurn = async (request: FastifyRequest, reply: FastifyReply, read: () => Promise<Replay>): Promise<Replay> => {
    await limitReplays(request)
    const turn = lastTurn.then(async () => {
      await new Promise((resolve) => setImmediate(resolve))
      if (request.raw.destroyed) throw new ApiError('unavailable', 'The client has gone.')
      app.refuseUnread(request)
      const replay = await read()
      const text = await runInSlices(serialize(replay))
      reply.type('application/json; charset=utf-8').serializer(() => text)
      return replay
    })
    lastTurn = turn.catch(() => {})
    return turn
  }

  return {
    'GET /api/rounds/:round/replay': (request, reply) =>
      inTurn(request, reply, () => replays.readReplay(request.params.round, request.seat)),

    'DELETE /api/rounds/:round/links': ({ params: { round }, seat }) => replays.revokeLinks(round, seat),

    'GET /api/replays/:token': (request, reply) => inTurn(request, reply, () => replays.readReplayByToken(request.params.token)),
  }
}
