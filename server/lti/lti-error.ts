/** What can go wrong between this tool and a platform. */
import type { LaunchRefusal } from '../../contract/launch-refusals.ts'

/** A login or launch that is refused. `code` is what the page says; `platformId` is null if no registered platform is known to be behind it. */
export class LaunchError extends Error {
  readonly code: LaunchRefusal
  readonly platformId: string | null

  constructor(code: LaunchRefusal, message: string, platformId: string | null = null) {
    super(message)
    this.name = 'LaunchError'
    this.code = code
    this.platformId = platformId
  }
}

/** A service of a platform that cannot be used. The message is for the teacher: one line of English without secrets. */
export class PlatformError extends Error {
  /** The HTTP status of its answer; null if there was none. */
  readonly status: number | null
  /** Seconds after which it wants to be asked again. */
  readonly retryAfter: number | null

  constructor(message: string, { status = null, retryAfter = null }: { status?: number | null; retryAfter?: number | null } = {}) {
    super(message)
    this.name = 'PlatformError'
    this.status = status
    this.retryAfter = retryAfter
  }
}
