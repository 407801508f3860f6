/** How often one address may ask. A whole school is one address: only what can be guessed is limited narrowly, by the routes themselves. */
import rateLimit, { normalizeIP, type FastifyRateLimitStore } from '@fastify/rate-limit'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import plugin from 'fastify-plugin'
import { ApiError } from '../../base/api-error.ts'
import { createWindowCounter, type Count } from '../../base/window-counter.ts'
import type { Cluster } from '../../nodes/cluster.ts'

export interface RateLimitsOptions {
  readonly cluster: Pick<Cluster, 'on' | 'sendToOthers'>
}

type Counted = (error: Error | null, count?: Count) => void

const MINUTE_MS = 60_000
const MAX_REQUESTS_PER_MINUTE = 20_000

export const rateLimits = plugin<RateLimitsOptions>(
  async (app, { cluster }) => {
    const ofAllNodes = createWindowCounter(MINUTE_MS)
    cluster.on('counted', (key) => void ofAllNodes.count(key))

    /** All requests, on this node. */
    class Store {
      readonly #counter = createWindowCounter(MINUTE_MS)

      incr(key: string, done: Counted): void {
        done(null, this.#counter.count(key))
      }

      /** What the routes limit, by keys of their own: each node tells the others what it has counted. */
      child(): FastifyRateLimitStore {
        return {
          incr(key: string, done: Counted) {
            cluster.sendToOthers('counted', key)
            done(null, ofAllNodes.count(key))
          },
          child: () => this.child(),
        }
      }
    }

    await app.register(rateLimit, {
      max: MAX_REQUESTS_PER_MINUTE,
      timeWindow: MINUTE_MS,
      store: Store,
      addHeaders: { 'x-ratelimit-limit': false, 'x-ratelimit-remaining': false, 'x-ratelimit-reset': false, 'retry-after': false },
      addHeadersOnExceeding: { 'x-ratelimit-limit': false, 'x-ratelimit-remaining': false, 'x-ratelimit-reset': false },
      errorResponseBuilder: (_request, { ttl }) => tooManyError(ttl),
    })
  },
  { name: 'limits' },
)

/** Counts one, and throws `too-many` once more than the limit's have been counted within a minute. */
export type RateLimit = (request: FastifyRequest) => Promise<void>

/** `max` a minute for each key, on all nodes together; without `key`, for each address. `name`: each limit its own. */
export function createRateLimit(
  app: FastifyInstance,
  name: string,
  max: number,
  key = (request: FastifyRequest) => normalizeIP(request.ip),
): RateLimit {
  const check = app.createRateLimit({ max, timeWindow: MINUTE_MS, keyGenerator: (request) => `${name} ${key(request)}` })
  return async (request) => {
    const counted = await check(request)
    if (!counted.isAllowed && counted.isExceeded) throw tooManyError(counted.ttl)
  }
}

const tooManyError = (ttl: number) => {
  const retryAfter = Math.ceil(ttl / 1000)
  return new ApiError('too-many', `Too many of these: try again in ${retryAfter} s.`, { retryAfter })
}
