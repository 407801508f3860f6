/** What this server is: its addresses, its health, and what an exercise may say. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Addresses } from '../../../contract/http.ts'
import { JSON_SCHEMA } from '../../../exercises/schema.ts'
import { AddressesResponse, withFailures } from './responses.ts'

export interface AboutRoutes {
  /** Where people reach this server. */
  readonly urls: () => Addresses['urls']
  /** Rejects where the database does not answer. */
  readonly ping: () => Promise<unknown>
}

export const aboutRoutes: FastifyPluginAsyncTypebox<AboutRoutes> = async (app, { urls, ping }) => {
  app.get(
    '/api/addresses',
    { schema: { summary: 'The addresses to type, likeliest first', response: withFailures(AddressesResponse) } },
    () => ({ urls: urls(), reached: app.reached() }),
  )

  // Editors ask for it: a line of the file names it.
  app.get('/exercise.schema.json', { schema: { hide: true } }, (_request, reply) =>
    reply.type('application/schema+json').send(JSON_SCHEMA),
  )

  app.get(
    '/healthz',
    { schema: { summary: 'Whether this node can work', response: withFailures(Type.Object({ ok: Type.Literal(true) })) } },
    async () => {
      await ping()
      return { ok: true } as const
    },
  )
}
