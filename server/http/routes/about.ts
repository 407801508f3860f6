/** What this server is: its addresses, its health, and what an exercise may say. */
import type { FastifyInstance } from 'fastify'
import type { Addresses } from '../../../contract/answers.ts'
import { JSON_SCHEMA } from '../../../exercises/schema.ts'
import type { Readiness } from '../readiness.ts'
import type { RouteHandlers, RoutesBelow } from './serve-routes.ts'

export interface AboutDeps {
  /** Where people reach this server. */
  readonly urls: () => Addresses['urls']
  readonly readiness: Readiness
}

export const aboutHandlers = (
  app: FastifyInstance,
  { urls, readiness }: AboutDeps,
): RouteHandlers<
  RoutesBelow<'/api/addresses'> | 'GET /exercise.schema.json' | 'GET /openapi.json' | 'GET /healthz' | 'GET /readyz'
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
})
