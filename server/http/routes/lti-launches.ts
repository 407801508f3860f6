/** What platforms and their users' browsers send: logins, launches, registrations. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ApiError } from '../../base/api-error.ts'
import type { Auth, SetCookie } from '../../identity/auth.ts'
import type { LoginRequest } from '../../lti/logins.ts'
import type { Entrance } from '../../lti/launches.ts'
import type { Lti } from '../../lti/lti.ts'
import { LaunchError, PlatformError } from '../../lti/lti-error.ts'
import { allowFraming, FRAME_COOKIE } from '../plugins/framing.ts'
import { createRateLimit } from '../plugins/rate-limits.ts'
import type { RouteHandlers, RoutesBelow } from './serve-routes.ts'

export interface LtiHandlerDeps {
  readonly lti: Lti
  readonly auth: Auth
  /** This server's origin, as the request has addressed it. */
  readonly originOf: (request: FastifyRequest) => string
}

/** Seconds; as long as the login is good. */
const COOKIE_LIFETIME_S = 600
/** Seconds: a lesson, or a day of assignments; each launch begins it anew. */
const FRAME_LIFETIME_S = 24 * 3600
/**
 * Cookies that also work in a frame of another site: browsers that have partitioned cookies keep them for the frame on that site
 * alone; others block them or, over plain HTTP, drop them. Then the launch goes on in a tab of its own.
 */
const IN_FRAME = { path: '/', httpOnly: true, secure: true, sameSite: 'none', partitioned: true } as const
/** What can be wrong with what a platform registers. */
const REGISTRATION_FAULTS: ReadonlySet<string> = new Set(['conflict', 'malformed'])
/** Names the ticket of a launch that this browser has begun itself. */
const TICKET_COOKIE = 'lti_ticket'
/** Several logins may be under way. The name says nothing: it is the beginning of the state, which is random. */
const stateCookie = (state: string) => `lti_state_${state.slice(0, 8).replace(/[^\w-]/g, '')}`

export const ltiHandlers = (
  app: FastifyInstance,
  { lti, auth, originOf }: LtiHandlerDeps,
): RouteHandlers<RoutesBelow<'/lti'> | RoutesBelow<'/.well-known'> | RoutesBelow<'/api/launches'>> => {
  // A whole school may launch at once from one address.
  const limitLogins = createRateLimit(app, 'logins of platforms', 1_200)
  const limitRegistrations = createRateLimit(app, 'registrations of platforms', 20)
  const limitTickets = createRateLimit(app, 'tickets of launches', 1_200)

  const redirect = (reply: FastifyReply, location: string): string => {
    reply.code(303).header('location', location).header('cache-control', 'no-store')
    return ''
  }
  /** Runs work; if the platform or its user is refused, leads to the page that says why. */
  const orRefuse = async (reply: FastifyReply, work: () => Promise<string>): Promise<string> => {
    try {
      return await work()
    } catch (error) {
      if (error instanceof LaunchError) return redirect(reply, `/lti/refused/${error.platformId ?? '-'}#${error.code}`)
      if (error instanceof ApiError && error.code === 'already-used') return redirect(reply, '/lti/refused/-#state')
      if (error instanceof ApiError && error.code === 'forbidden') return redirect(reply, '/lti/refused/-#blocked')
      throw error
    }
  }

  const begin = (request: FastifyRequest, reply: FastifyReply, parameters: LoginRequest) =>
    orRefuse(reply, async () => {
      await limitLogins(request)
      const { location, state } = await lti.logins.begin(parameters, originOf(request))
      reply.setCookie(stateCookie(state), state, { ...IN_FRAME, maxAge: COOKIE_LIFETIME_S })
      return redirect(reply, location)
    })

  /** Sets the cookies of an entrance, and leads there. `platformId`: the platform in whose frame it is; null in a tab of its own. */
  const enter = async (request: FastifyRequest, reply: FastifyReply, entrance: Entrance, platformId: string | null) => {
    const cookies: readonly SetCookie[] =
      'teacher' in entrance
        ? [await auth.createTeacherCookie(entrance.teacher, request.headers['user-agent'] ?? '')]
        : await auth.createParticipantCookies(entrance.participant, request.cookies)
    for (const { name, value, options } of cookies)
      reply.setCookie(name, value, platformId === null ? options : { ...options, ...IN_FRAME })
    if (platformId !== null) reply.setCookie(FRAME_COOKIE, platformId, { ...IN_FRAME, maxAge: FRAME_LIFETIME_S })
    return redirect(reply, entrance.path)
  }

  /** Who asks about a launch. */
  const browserOf = ({ principal, cookies }: FastifyRequest, ticket: string) => ({
    teacherId: principal?.id ?? null,
    isProven: cookies[TICKET_COOKIE] === ticket,
  })

  return {
    'GET /.well-known/jwks.json': (_request, reply) => {
      reply.header('cache-control', 'public, max-age=3600')
      return lti.keys.readKeySet()
    },

    'GET /lti/login': (request, reply) => begin(request, reply, request.query),
    'POST /lti/login': (request, reply) => begin(request, reply, request.body),

    'POST /lti/launch': (request, reply) =>
      orRefuse(reply, async () => {
        const { state = '', id_token, error } = request.body
        if (id_token === undefined || error !== undefined)
          throw new LaunchError('platform', 'The platform refused the login.', await lti.logins.abandon(state))
        // Without this cookie the launch may have been begun in another browser: then nobody is let in before they have said so.
        const isBound = request.cookies[stateCookie(state)] === state
        const { platform, launch } = await lti.logins.finish({ state, idToken: id_token })
        reply.clearCookie(stateCookie(state), IN_FRAME)
        const isInFrame = request.headers['sec-fetch-dest'] !== 'document'
        // The teacher's pages are not for frames.
        if (isBound && (!isInFrame || launch.role === 'student')) {
          const entrance = await lti.launches.enter(platform, launch, await auth.verifyParticipants(request.cookies))
          if (entrance) return enter(request, reply, entrance, isInFrame ? platform.id : null)
        }
        const ticket = await lti.launches.keep(platform, launch, isBound)
        if (isBound) reply.setCookie(TICKET_COOKIE, ticket, { ...IN_FRAME, maxAge: COOKIE_LIFETIME_S })
        return redirect(reply, `/lti/launched/${platform.id}#${ticket}`)
      }),

    'POST /lti/continue': (request, reply) =>
      orRefuse(reply, async () => {
        await limitTickets(request)
        const { ticket } = request.body
        const next = await lti.launches.goOn(ticket, await auth.verifyParticipants(request.cookies))
        if (!('platformId' in next)) return enter(request, reply, next, null)
        // This form is sent by this site's own page only, so the browser is the one in which the launch was seen.
        reply.setCookie(TICKET_COOKIE, ticket, { ...auth.clearedTeacherCookie.options, maxAge: COOKIE_LIFETIME_S })
        return redirect(reply, `/lti/launched/${next.platformId}#${ticket}`)
      }),

    'GET /lti/register/:token': async (request, reply) => {
      await limitRegistrations(request)
      const { token } = request.params
      try {
        const platform = await lti.registration.register({ token, ...request.query }, originOf(request))
        return redirect(reply, `/lti/registered/${platform.id}`)
      } catch (error) {
        const isPlatforms = error instanceof PlatformError || (error instanceof ApiError && REGISTRATION_FAULTS.has(error.code))
        if (!isPlatforms) throw error
        // The link was good: whoever opened it, in a frame of the platform that it is about to register, should read what is wrong.
        const { openid_configuration = '' } = request.query
        if (URL.canParse(openid_configuration)) allowFraming(reply, [new URL(openid_configuration).origin])
        reply.code(502).type('text/plain; charset=utf-8')
        return `${error.message}\n`
      }
    },

    'POST /api/launches/read': async (request) => {
      await limitTickets(request)
      return lti.launches.read(request.body.ticket, browserOf(request, request.body.ticket))
    },
    'POST /api/launches/choice': async (request) => {
      await limitTickets(request)
      return lti.launches.choose(request.body, browserOf(request, request.body.ticket))
    },
    'POST /api/launches/content': async (request) => {
      await limitTickets(request)
      return lti.launches.answerContent(request.body.ticket, request.body.sessions, originOf(request))
    },
  }
}
