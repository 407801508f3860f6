/** What browsers are told to allow, and what the server refuses of them. Over plain HTTP nothing may ask for a secure context. */
import helmet from '@fastify/helmet'
import plugin from 'fastify-plugin'
import { ApiError } from '../../base/api-error.ts'
import { isSameOrigin } from '../../base/origin.ts'

export interface SecurityOptions {
  /** BASE_URL; null where people come by the machine's own addresses. */
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
        useDefaults: false, // they upgrade insecure requests
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

      // Cookies carry authority, so no page of another site may use it. What is no browser sends no Origin.
      const { origin, host } = request.headers
      const safe = request.method === 'GET' || request.method === 'HEAD'
      if (!safe && origin !== undefined && !isSameOrigin(origin, host, baseUrl)) {
        throw new ApiError('forbidden', `A page of ${origin} may not do this here.`)
      }
    })
  },
  { name: 'security' },
)
