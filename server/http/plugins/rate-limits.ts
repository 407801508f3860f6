/**
 * Rate limits per client address. A whole school may share one address, so the general limit is wide; routes that allow guessing
 * have narrow limits of their own.
 */
import rateLimit, { normalizeIP, type FastifyRateLimitStore } from '@fastify/rate-limit'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import plugin from 'fastify-plugin'
import { ApiError } from '../../base/api-error.ts'
import { createWindowCounter, type Count } from '../../base/window-counter.ts'
import type { Cluster } from '../../nodes/cluster.ts'

export interface RateLimitsOptions {
  readonly cluster: Pick<Cluster, 'on' | 'sendToOthers'>
  /** Requests to the API that one address may send in a minute, where each may read the database. */
  readonly maxApiRequests?: number
}

type Counted = (error: Error | null, count?: Count) => void

const MINUTE_MS = 60_000
/** Of all kinds: a page is some twenty files. */
const MAX_REQUESTS_PER_MINUTE = 20_000
const MAX_API_REQUESTS_PER_MINUTE = 6_000

export const rateLimits = plugin<RateLimitsOptions>(
  async (app, { cluster, maxApiRequests = MAX_API_REQUESTS_PER_MINUTE }) => {
    const ofAllNodes = createWindowCounter(MINUTE_MS)
    cluster.on('counted', (key) => void ofAllNodes.count(key))

    /** Counts all requests on this node. */
    class Store {
      readonly #counter = createWindowCounter(MINUTE_MS)

      incr(key: string, done: Counted): void {
        done(null, this.#counter.count(key))
      }

      /** Counts for the limits of single routes, across all nodes: each node sends the others what it has counted. */
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
    const apiRequests = createWindowCounter(MINUTE_MS)
    app.addHook('onRequest', async ({ url, ip }) => {
      if (!url.startsWith('/api/')) return
      const { current, ttl } = apiRequests.count(normalizeIP(ip))
      if (current > maxApiRequests) throw tooManyError(ttl)
    })
  },
  { name: 'limits' },
)

/** Counts one request. Throws `too-many` if more than the limit have been counted within a minute. */
export type RateLimit = (request: FastifyRequest) => Promise<void>

/**
 * Creates a limit of `max` requests per minute for each key, across all nodes. The default key is the client's address. `name`
 * keeps the counts of different limits apart.
 */
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
