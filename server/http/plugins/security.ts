/** Security headers, and the check of a request's origin. Over plain HTTP, headers that require a secure context are left out. */
import helmet from '@fastify/helmet'
import plugin from 'fastify-plugin'
import { ApiError } from '../../base/api-error.ts'
import { isSameOrigin } from '../../base/origin.ts'

export interface SecurityOptions {
  /** BASE_URL; null if people use the machine's own addresses. */
  readonly baseUrl: string | null
}

const SELF = ["'self'"]
const NONE = ["'none'"]

const DENIED_FEATURES = [
  'accelerometer',
  'camera',
  'display-capture',
  'geolocation',
  'gyroscope',
  'microphone',
  'midi',
  'payment',
  'usb',
]

export const security = plugin<SecurityOptions>(
  async (app, { baseUrl }) => {
    const secure = baseUrl?.startsWith('https:') ?? false

    await app.register(helmet, {
      contentSecurityPolicy: {
        useDefaults: false, // the defaults upgrade insecure requests
        directives: {
          defaultSrc: SELF,
          imgSrc: [...SELF, 'data:'],
          objectSrc: NONE,
          baseUri: NONE,
          formAction: SELF,
          frameAncestors: NONE,
        },
      },
      frameguard: { action: 'deny' },
      referrerPolicy: { policy: 'same-origin' },
      strictTransportSecurity: secure,
      crossOriginOpenerPolicy: secure,
      originAgentCluster: secure,
    })

    app.addHook('onRequest', async (request, reply) => {
      reply.header('permissions-policy', DENIED_FEATURES.map((feature) => `${feature}=()`).join(', '))
      if (request.url.startsWith('/api/')) reply.header('cache-control', 'no-store')

      // Browsers add the cookies by themselves, so a page of another site must not be able to act with them, except where a route
      // is made for other sites. Clients that are not browsers send no Origin.
      const { origin, host } = request.headers
      const safe = request.method === 'GET' || request.method === 'HEAD'
      if (!safe && !request.routeOptions.config.isForAnySite && origin !== undefined && !isSameOrigin(origin, host, baseUrl)) {
        throw new ApiError('forbidden', `A page of ${origin} may not do this here.`)
      }
    })
  },
  { name: 'security' },
)
