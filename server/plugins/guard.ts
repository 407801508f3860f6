/** Holds every route to its row of the access table, before anything of the request's body is read. A route without a row does not start. */
import type { FastifyRequest } from 'fastify'
import plugin from 'fastify-plugin'
import type { AnySeat } from '../../protocol/world/exercise.ts'
import { ACCESS, type Access, type Key } from '../access.ts'
import type { Auth, Principal, TeacherPrincipal } from '../auth.ts'
import { Failed } from '../failed.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The teacher who is signed in here. */
    principal: TeacherPrincipal | null
    /** The seat that let this request in, where its row asks for a seat of the round; null for the teacher. */
    seat: AnySeat | null
  }
}

export interface GuardOptions {
  readonly access: Access
  readonly auth: Auth
}

export const guard = plugin<GuardOptions>(
  (app, { access, auth }, done) => {
    app.decorateRequest('principal', null)
    app.decorateRequest('seat', null)

    app.addHook('onRoute', ({ method, url }) => {
      for (const each of [method].flat()) keyOf(each, url)
    })

    app.addHook('onRequest', async (request) => {
      const { url, method } = request.routeOptions
      if (url === undefined) return // there is no such route
      request.principal = await auth.teacher(request.cookies)
      const { session, round, exercise } = request.params as { session?: string; round?: string; exercise?: string }
      const may = (principal: Principal | null) =>
        access.may(principal, keyOf([method].flat()[0] ?? '', url), { session, round, exercise })
      let answer = await may(request.principal)
      // A request does not say as whom it asks: whoever this browser has joined as may be the one.
      const participants = answer.ok || round === undefined ? [] : await auth.participants(request.cookies)
      for (const participant of participants) if (!answer.ok) answer = await may(participant)
      if (!answer.ok) throw new Failed(answer.error, answer.detail ?? '')
      request.seat = answer.seat
    })
    done()
  },
  { name: 'guard', dependencies: ['@fastify/cookie'] },
)

/** The teacher of a request whose row asks for one. */
export function teacherOf(request: FastifyRequest): TeacherPrincipal {
  if (!request.principal) throw new Failed('unauthenticated', 'This is for a teacher: sign in first.')
  return request.principal
}

/** The route's key in the table; HEAD asks what GET asks. */
function keyOf(method: string, url: string): Key {
  const key = `${method === 'HEAD' ? 'GET' : method} ${url}`
  if (!(key in ACCESS)) throw new Error(`${key} has no row in the access table (server/access.ts)`)
  return key as Key
}
