/** Serves the routes of the contract. The types require exactly one handler for each route, with that route's types. */
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify'
import type { TSchema } from 'typebox'
import { Failure } from '../../../contract/answers.ts'
import { ROUTES, type RouteAnswer, type RouteBody, type RouteKey, type RouteParams } from '../../../contract/routes/all-routes.ts'
import type { NeededScope } from '../../../contract/access-rules.ts'
import { TOKEN_NEEDS } from '../../identity/access.ts'
import type { RouteDeclaration } from '../../../contract/routes/declare-routes.ts'

type Handler<K extends RouteKey> = (
  request: FastifyRequest<{ Params: RouteParams<K>; Body: RouteBody<K> }>,
  reply: FastifyReply,
) => RouteAnswer<K> | Promise<RouteAnswer<K>>

/** One handler for each of these routes. */
export type RouteHandlers<K extends RouteKey> = { readonly [R in K]: Handler<R> }

/** The routes below a path, such as `/api/sessions`. */
export type RoutesBelow<Path extends string> = Extract<RouteKey, `${string} ${Path}${string}`>

/** Registers all routes of the contract with their schemas and handlers. */
export function serveRoutes(app: FastifyInstance, handlers: RouteHandlers<RouteKey>): void {
  for (const [key, declaration] of Object.entries<RouteDeclaration>(ROUTES)) {
    const [method = '', url = ''] = key.split(' ')
    app.route({
      method,
      url,
      ...(declaration.maxBodyOctets === undefined ? {} : { bodyLimit: declaration.maxBodyOctets }),
      schema: schemaOf(declaration, TOKEN_NEEDS[key as RouteKey]),
      // TypeScript cannot relate a handler's types to a key that is only known at run time. At run time the schema has checked
      // the request.
      handler: handlers[key as RouteKey] as RouteHandlerMethod,
    })
  }
}

function schemaOf({ summary, access, params, body, answer, contentType, hidden }: RouteDeclaration, needed: NeededScope) {
  if (hidden) return { hide: true }
  return {
    summary,
    ...(access === 'anyone' ? {} : { security: [{ cookie: [] }, ...(needed === 'none' ? [] : [{ token: [needed] }])] }),
    ...(params ? { params } : {}),
    ...(body ? { body } : {}),
    response: { 200: contentType === undefined ? answer : withContentType(contentType, answer), '4xx': Failure, '5xx': Failure },
  }
}

const withContentType = (contentType: string, schema: TSchema) => ({ content: { [contentType]: { schema } } })
