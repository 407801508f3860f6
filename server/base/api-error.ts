/** Errors with a code for the client; HTTP and sockets use the same codes. */
import type { ErrorCode } from '../../contract/errors.ts'
import type { Failure } from '../../contract/answers.ts'

/** The HTTP status of each code. */
const HTTP_STATUS: { readonly [C in ErrorCode]: number } = {
  malformed: 400,
  unauthenticated: 401,
  outdated: 409,
  'wrong-password': 401,
  forbidden: 403,
  'not-found': 404,
  'wrong-code': 404,
  'session-ended': 409,
  'members-only': 403,
  'unknown-number': 404,
  'other-device': 409,
  asleep: 409,
  'door-locked': 409,
  'not-over': 409,
  'not-released': 403,
  'id-reused': 409,
  'round-over': 409,
  'round-full': 409,
  conflict: 409,
  'already-used': 410,
  'too-many': 429,
  'bad-exercise': 422,
  'platform-failed': 502,
  unavailable: 503,
}

/**
 * Thrown when a request cannot be fulfilled. `message` is for people who read logs and raw answers; pages show their own text for
 * `code`.
 */
export class ApiError extends Error {
  readonly code: ErrorCode
  readonly status: number
  /** Seconds until it is worth trying again. */
  readonly retryAfter: number | undefined
  readonly problems: readonly string[] | undefined

  constructor(
    code: ErrorCode,
    detail: string,
    {
      retryAfter,
      problems,
      status = HTTP_STATUS[code],
    }: { retryAfter?: number; problems?: readonly string[]; status?: number } = {},
  ) {
    super(detail)
    this.name = 'ApiError'
    this.code = code
    this.status = status
    this.retryAfter = retryAfter
    this.problems = problems
  }
}

/** The reply for an error. Any error but an `ApiError` becomes `unavailable` and reveals no details. */
export function toFailure(error: unknown): Failure {
  if (!(error instanceof ApiError))
    return { ok: false, error: 'unavailable', detail: 'The server could not do this now. Try again.' }
  const { code, message, retryAfter, problems } = error
  return {
    ok: false,
    error: code,
    detail: message,
    ...(retryAfter === undefined ? {} : { retryAfter }),
    ...(problems ? { problems } : {}),
  }
}
