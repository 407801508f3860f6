/** What this server is: its addresses, its health, and what an exercise may say. */
import type { FastifyInstance } from 'fastify'
import type { Addresses } from '../../../contract/answers.ts'
import { JSON_SCHEMA } from '../../../exercises/schema.ts'
import type { RouteHandlers, RoutesBelow } from './serve-routes.ts'

export interface AboutDeps {
  /** Where people reach this server. */
  readonly urls: () => Addresses['urls']
  /** Rejects where the database does not answer. */
  readonly ping: () => Promise<unknown>
}

export const aboutHandlers = (
  app: FastifyInstance,
  { urls, ping }: AboutDeps,
): RouteHandlers<RoutesBelow<'/api/addresses'> | 'GET /exercise.schema.json' | 'GET /openapi.json' | 'GET /healthz'> => ({
  'GET /api/addresses': () => ({ urls: urls(), reached: app.reached() }),

  'GET /exercise.schema.json': (_request, reply) => {
    reply.type('application/schema+json')
    return JSON_SCHEMA
  },

  'GET /openapi.json': () => app.swagger(),

  'GET /healthz': async () => {
    await ping()
    return { ok: true } as const
  },
})
