/** Generates the OpenAPI document from the schemas that validate requests: `app.swagger()`. */
import swagger from '@fastify/swagger'
import plugin from 'fastify-plugin'

export const openapi = plugin(
  async (app) => {
    await app.register(swagger, {
      openapi: {
        openapi: '3.1.0',
        info: {
          title: 'Handshake Classroom',
          description:
            'Sessions, pairs and scores. Rounds are played over Socket.IO. Every failure is `{ "ok": false, "error": … }`.',
          version: '1',
        },
        components: {
          securitySchemes: {
            cookie: {
              type: 'apiKey',
              in: 'cookie',
              name: 't',
              description: 'Of a teacher who is signed in; each participant has a cookie `p_` with their id.',
            },
            token: { type: 'http', scheme: 'bearer', description: 'A token of a teacher, with the scope that the route names.' },
          },
        },
      },
    })
  },
  { name: 'openapi' },
)
