/** The teacher's platforms, and the courses that platforms open. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ApiError } from '../../base/api-error.ts'
import type { Lti } from '../../lti/lti.ts'
import { PlatformError } from '../../lti/lti-error.ts'
import { requireTeacher } from '../plugins/access-guard.ts'
import { createRateLimit } from '../plugins/rate-limits.ts'
import type { RouteHandlers, RoutesBelow } from './serve-routes.ts'

export interface PlatformHandlerDeps {
  readonly lti: Lti
  /** This server's origin, as the request has addressed it. */
  readonly originOf: (request: FastifyRequest) => string
}

export const platformHandlers = (
  app: FastifyInstance,
  { lti, originOf }: PlatformHandlerDeps,
): RouteHandlers<RoutesBelow<'/api/platforms'> | RoutesBelow<'/api/connections'>> => {
  const limitRequests = createRateLimit(app, 'requests to platforms', 30, (request) => requireTeacher(request).id)
  const read = (request: FastifyRequest) => lti.connections.read(requireTeacher(request).id, originOf(request))

  return {
    'GET /api/platforms': read,

    'POST /api/platforms': async (request) => {
      await limitRequests(request)
      await lti.platforms.register(requireTeacher(request).id, request.body)
      return read(request)
    },

    'POST /api/platforms/invitation': async (request) => {
      await limitRequests(request)
      const { token, expiresAt } = await lti.registration.invite(requireTeacher(request).id)
      return { url: `${originOf(request)}/lti/register/${token}`, expiresAt: expiresAt.toISOString() }
    },

    'PATCH /api/platforms/:platform': async (request) => {
      await lti.platforms.change(request.params.platform, request.body)
      return read(request)
    },

    'DELETE /api/platforms/:platform': async (request) => {
      await lti.platforms.remove(request.params.platform)
      return read(request)
    },

    'POST /api/platforms/:platform/deployments': async (request) => {
      const { platform } = request.params
      const { deployment, accepted } = request.body
      if (accepted) await lti.platforms.acceptDeployment(platform, deployment)
      else await lti.platforms.removeDeployment(platform, deployment)
      return read(request)
    },

    'POST /api/connections/:course/roster': async (request) => {
      await limitRequests(request)
      try {
        return await lti.fetchRoster(request.params.course)
      } catch (error) {
        // What the platform did wrong is for the teacher to read.
        if (error instanceof PlatformError) throw new ApiError('platform-failed', error.message, { problems: [error.message] })
        throw error
      }
    },

    'POST /api/connections/:course/proposals': async (request) => {
      const { member, same } = request.body
      await lti.people.decideProposal(request.params.course, member, same)
      return read(request)
    },

    'POST /api/connections/:course/scores': async (request) => {
      await limitRequests(request)
      await lti.outbox.retry(request.params.course)
      return read(request)
    },

    'DELETE /api/connections/:course/contexts/:context': async (request) => {
      await lti.connections.removeContext(request.params.course, request.params.context)
      return read(request)
    },

    'DELETE /api/connections/:course/links/:link': async (request) => {
      await lti.connections.removeLink(request.params.course, request.params.link)
      return read(request)
    },
  }
}
