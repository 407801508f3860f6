/** Routes about the server itself: its addresses, health, metrics and API, and the JSON schema of exercises. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { Addresses } from '../../../contract/answers.ts'
import { JSON_SCHEMA } from '../../../exercises/schema.ts'
import { ApiError } from '../../base/api-error.ts'
import type { Metrics } from '../../base/metrics.ts'
import type { Readiness } from '../readiness.ts'
import type { RouteHandlers, RoutesBelow } from './serve-routes.ts'

export interface AboutDeps {
  /** The URLs at which people reach this server, likeliest first. */
  readonly urls: () => Addresses['urls']
  readonly readiness: Readiness
  /** Null if metrics are disabled. */
  readonly metrics: Metrics | null
  /** The bearer token that a request for metrics must send. */
  readonly metricsToken: string | null
}

export const aboutHandlers = (
  app: FastifyInstance,
  { urls, readiness, metrics, metricsToken }: AboutDeps,
): RouteHandlers<
  | RoutesBelow<'/api/addresses'>
  | 'GET /exercise.schema.json'
  | 'GET /openapi.json'
  | 'GET /healthz'
  | 'GET /readyz'
  | 'GET /metrics'
> => ({
  'GET /api/addresses': () => ({ urls: urls(), reached: app.reached() }),

  'GET /exercise.schema.json': (_request, reply) => {
    reply.type('application/schema+json')
    return JSON_SCHEMA
  },

  'GET /openapi.json': () => app.swagger(),

  'GET /healthz': () => ({ ok: true }),

  'GET /readyz': async () => {
    await readiness.check()
    return { ok: true } as const
  },

  'GET /metrics': (request, reply) => {
    if (!metrics || metricsToken === null) throw new ApiError('not-found', 'There are no metrics: METRICS_TOKEN is not set.')
    if (!isSameSecret(request.headers.authorization ?? '', `Bearer ${metricsToken}`))
      throw new ApiError('unauthenticated', 'Show METRICS_TOKEN as a bearer token.')
    reply.type(metrics.contentType)
    return metrics.print()
  },
})

/** Compares in constant time. */
const isSameSecret = (given: string, secret: string): boolean => {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(secret))
}
