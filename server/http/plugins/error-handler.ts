/** Every failure is the contract's `Failure` as JSON, with a fitting status and never anything of the server's inside. */
import type { FastifyError } from 'fastify'
import plugin from 'fastify-plugin'
import { ApiError, toFailure } from '../../base/api-error.ts'

/** What Fastify and its plugins refuse by themselves: a body that is no JSON, is too long, or does not fit its schema; a directory. */
const toApiError = (error: FastifyError): ApiError | null => {
  const status = error.statusCode ?? 500
  if (status >= 500) return null
  return new ApiError(status === 403 ? 'forbidden' : 'malformed', error.message, { status })
}

export const errorHandler = plugin(
  (app, _options, done) => {
    app.setErrorHandler((error: FastifyError | ApiError, _request, reply) => {
      const apiError = error instanceof ApiError ? error : toApiError(error)
      if (!apiError) app.fault(error)
      if (apiError?.retryAfter !== undefined) reply.header('retry-after', apiError.retryAfter)
      return reply.code(apiError?.status ?? 503).send(toFailure(apiError))
    })
    done()
  },
  { name: 'failures', dependencies: ['faults'] },
)
