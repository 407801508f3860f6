/** Every failure is the contract's `Failure` as JSON, with a fitting status and never anything of the server's inside. */
import type { FastifyError } from 'fastify'
import plugin from 'fastify-plugin'
import { Failed, failure } from '../failed.ts'

/** What Fastify and its plugins refuse by themselves: a body that is no JSON, is too long, or does not fit its schema; a directory. */
const refused = (error: FastifyError): Failed | null => {
  const status = error.statusCode ?? 500
  if (status >= 500) return null
  return new Failed(status === 403 ? 'forbidden' : 'malformed', error.message, { status })
}

export const failures = plugin(
  (app, _options, done) => {
    app.setErrorHandler((error: FastifyError | Failed, _request, reply) => {
      const failed = error instanceof Failed ? error : refused(error)
      if (!failed) app.fault(error)
      if (failed?.retryAfter !== undefined) reply.header('retry-after', failed.retryAfter)
      return reply.code(failed?.status ?? 503).send(failure(failed))
    })
    done()
  },
  { name: 'failures', dependencies: ['faults'] },
)
