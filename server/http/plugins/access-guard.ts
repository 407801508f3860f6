/**
 * Checks each request against its route's row in the access table, before the body is read. Registering a route without a row
 * throws.
 */
import type { SeatOrNetwork } from '../../../protocol/seat.ts'
import type { FastifyRequest } from 'fastify'
import plugin from 'fastify-plugin'
import { ACCESS, actingFor, type Access, type AccessKey, type AccessTarget } from '../../identity/access.ts'
import type { Auth, Principal, TeacherPrincipal } from '../../identity/auth.ts'
import { ApiError } from '../../base/api-error.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The teacher who is signed in with this request's cookies, or for whom its token may do this; null if there is none. */
    principal: TeacherPrincipal | null
    /** The seat by which this request was authorized, if its row asks for a seat of the round; null for the teacher. */
    seat: SeatOrNetwork | null
  }
}

export interface AccessGuardOptions {
  readonly access: Access
  readonly auth: Auth
}

export const accessGuard = plugin<AccessGuardOptions>(
  (app, { access, auth }, done) => {
    app.decorateRequest('principal', null)
    app.decorateRequest('seat', null)

    app.addHook('onRoute', ({ method, url }) => {
      for (const each of [method].flat()) requireAccessKey(each, url)
    })

    app.addHook('onRequest', async (request) => {
      const { url, method } = request.routeOptions
      if (url === undefined) return // no route matches
      const key = requireAccessKey([method].flat()[0] ?? '', url)
      const asking = (await auth.verifyToken(request.headers.authorization)) ?? (await auth.verifyTeacher(request.cookies))
      const { session, course, platform, round, exercise } = request.params as { [K in keyof AccessTarget]?: string }
      const target = { session, course, platform, round, exercise }
      const authorize = (principal: Principal | null) => access.authorize(principal, key, target)
      let answer = await authorize(asking)
      // A request does not name its participant, so each participant whose cookie this browser holds is tried in turn.
      const participants = answer.ok || round === undefined ? [] : await auth.verifyParticipants(request.cookies)
      for (const participant of participants) if (!answer.ok) answer = await authorize(participant)
      if (!answer.ok) throw new ApiError(answer.error, answer.detail ?? '')
      request.principal = actingFor(asking, key)
      request.seat = answer.seat
    })
    done()
  },
  { name: 'guard', dependencies: ['@fastify/cookie'] },
)

/** The teacher of a request to a route for teachers. Throws `unauthenticated` if nobody is signed in. */
export function requireTeacher(request: FastifyRequest): TeacherPrincipal {
  if (!request.principal) throw new ApiError('unauthenticated', 'This is for a teacher: sign in first.')
  return request.principal
}

/** The route's key in the access table; HEAD uses the row of GET. Throws if there is no row. */
function requireAccessKey(method: string, url: string): AccessKey {
  const key = `${method === 'HEAD' ? 'GET' : method} ${url}`
  if (!(key in ACCESS)) throw new Error(`${key} has no row in the access table (contract/routes/)`)
  return key as AccessKey
}
