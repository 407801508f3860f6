/** Serves the routes of the contract. The types require exactly one handler for each route, with that route's types. */
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify'
import type { TSchema } from 'typebox'
import { Failure } from '../../../contract/answers.ts'
import type { NeededScope } from '../../../contract/access-rules.ts'
import {
  ROUTES,
  type RouteAnswer,
  type RouteBody,
  type RouteKey,
  type RouteParams,
  type RouteQuery,
} from '../../../contract/routes/all-routes.ts'
import { TOKEN_NEEDS } from '../../identity/access.ts'
import type { RouteDeclaration } from '../../../contract/routes/declare-routes.ts'

type Handler<K extends RouteKey> = (
  request: FastifyRequest<{ Params: RouteParams<K>; Querystring: RouteQuery<K>; Body: RouteBody<K> }>,
  reply: FastifyReply,
) => RouteAnswer<K> | Promise<RouteAnswer<K>>

/** One handler for each of these routes. */
export type RouteHandlers<K extends RouteKey> = { readonly [R in K]: Handler<R> }

/** The routes below a path, such as `/api/sessions`. */
export type RoutesBelow<Path extends string> = Extract<RouteKey, `${string} ${Path}${string}`>

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether pages of other sites may send this, although a browser adds the cookies. */
    readonly isForAnySite?: boolean
  }
}

/** Registers all routes of the contract with their schemas and handlers. */
export function serveRoutes(app: FastifyInstance, handlers: RouteHandlers<RouteKey>): void {
  const declared = Object.entries<RouteDeclaration>(ROUTES)
  const serve = (scope: FastifyInstance, [key, declaration]: (typeof declared)[number]) => {
    const [method = '', url = ''] = key.split(' ')
    scope.route({
      method,
      url,
      ...(declaration.maxBodyOctets === undefined ? {} : { bodyLimit: declaration.maxBodyOctets }),
      schema: schemaOf(declaration, TOKEN_NEEDS[key as RouteKey]),
      config: { isForAnySite: declaration.acceptsForms === 'of any site' },
      // TypeScript cannot relate a handler's types to a key that is only known at run time. At run time the schema has checked
      // the request.
      handler: handlers[key as RouteKey] as RouteHandlerMethod,
    })
  }
  for (const each of declared) if (!each[1].acceptsForms) serve(app, each)
  // In a scope of their own: nothing else reads forms, which pages of other sites can send without being asked.
  void app.register((scope, _options, done) => {
    scope.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, parsed) =>
      parsed(null, Object.fromEntries(new URLSearchParams(body as string))),
    )
    for (const each of declared) if (each[1].acceptsForms) serve(scope, each)
    done()
  })
}

function schemaOf({ summary, access, params, query, body, answer, contentType, hidden }: RouteDeclaration, needed: NeededScope) {
  const taken = { ...(params ? { params } : {}), ...(query ? { querystring: query } : {}), ...(body ? { body } : {}) }
  if (hidden) return { hide: true, ...taken }
  return {
    summary,
    ...(access === 'anyone' ? {} : { security: [{ cookie: [] }, ...(needed === 'none' ? [] : [{ token: [needed] }])] }),
    ...taken,
    response: { 200: contentType === undefined ? answer : withContentType(contentType, answer), '4xx': Failure, '5xx': Failure },
  }
}

const withContentType = (contentType: string, schema: TSchema) => ({ content: { [contentType]: { schema } } })
