/** How often one address may ask. A whole school is one address: only what can be guessed is limited narrowly, by the routes themselves. */
import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import plugin from 'fastify-plugin'
import { ApiError } from '../../base/api-error.ts'

const MINUTE_MS = 60_000

export const rateLimits = plugin(
  async (app) => {
    await app.register(rateLimit, {
      max: 20_000,
      timeWindow: MINUTE_MS,
      addHeaders: { 'x-ratelimit-limit': false, 'x-ratelimit-remaining': false, 'x-ratelimit-reset': false, 'retry-after': false },
      addHeadersOnExceeding: { 'x-ratelimit-limit': false, 'x-ratelimit-remaining': false, 'x-ratelimit-reset': false },
      errorResponseBuilder: (_request, { ttl }) => tooManyError(ttl),
    })
  },
  { name: 'limits' },
)

/** Counts one, and throws `too-many` once more than the limit's have been counted within a minute. */
export type RateLimit = (request: FastifyRequest) => Promise<void>

/** `max` a minute for each key; without `key`, for each address. */
export function createRateLimit(app: FastifyInstance, max: number, key?: (request: FastifyRequest) => string): RateLimit {
  const check = app.createRateLimit({ max, timeWindow: MINUTE_MS, ...(key ? { keyGenerator: key } : {}) })
  return async (request) => {
    const counted = await check(request)
    if (!counted.isAllowed && counted.isExceeded) throw tooManyError(counted.ttl)
  }
}

const tooManyError = (ttl: number) => {
  const retryAfter = Math.ceil(ttl / 1000)
  return new ApiError('too-many', `Too many of these: try again in ${retryAfter} s.`, { retryAfter })
}
