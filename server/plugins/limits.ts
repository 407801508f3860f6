/** How often one address may ask. A whole school is one address: only what can be guessed is limited narrowly, by the routes themselves. */
import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import plugin from 'fastify-plugin'
import { Failed } from '../failed.ts'

const MINUTE = 60_000

export const limits = plugin(
  async (app) => {
    await app.register(rateLimit, {
      max: 20_000,
      timeWindow: MINUTE,
      addHeaders: { 'x-ratelimit-limit': false, 'x-ratelimit-remaining': false, 'x-ratelimit-reset': false, 'retry-after': false },
      addHeadersOnExceeding: { 'x-ratelimit-limit': false, 'x-ratelimit-remaining': false, 'x-ratelimit-reset': false },
      errorResponseBuilder: (_request, { ttl }) => tooMany(ttl),
    })
  },
  { name: 'limits' },
)

/** Counts one, and throws `too-many` once more than the limit's have been counted within a minute. */
export type Limit = (request: FastifyRequest) => Promise<void>

/** `max` a minute for each key; without `key`, for each address. */
export function limit(app: FastifyInstance, max: number, key?: (request: FastifyRequest) => string): Limit {
  const count = app.createRateLimit({ max, timeWindow: MINUTE, ...(key ? { keyGenerator: key } : {}) })
  return async (request) => {
    const counted = await count(request)
    if (!counted.isAllowed && counted.isExceeded) throw tooMany(counted.ttl)
  }
}

const tooMany = (ttl: number) => {
  const retryAfter = Math.ceil(ttl / 1000)
  return new Failed('too-many', `Too many of these: try again in ${retryAfter} s.`, { retryAfter })
}
