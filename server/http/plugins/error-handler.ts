/** Answers every failure with the contract's `Failure` as JSON and a matching status, without internal details. */
import type { FastifyError } from 'fastify'
import plugin from 'fastify-plugin'
import { ApiError, toFailure } from '../../base/api-error.ts'

/**
 * Converts rejections by Fastify and its plugins (a body that is not JSON, is too long, or does not fit its schema; a directory).
 * Null for internal errors.
 */
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
      // So that a client that goes on has to connect again each time.
      if (apiError?.code === 'too-many') reply.header('connection', 'close')
      return reply.code(apiError?.status ?? 503).send(toFailure(apiError))
    })
    done()
  },
  { name: 'failures', dependencies: ['faults'] },
)
