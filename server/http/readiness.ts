/** Readiness of this node: it is ready if every service that it needs answers in time. */
import { ApiError } from '../base/api-error.ts'
import type { After } from '../base/timer.ts'

/** Real ms. `GET /readyz` answers within two seconds. */
const ANSWER_TIMEOUT_MS = 1_500

/** The readiness of this node. */
export interface Readiness {
  /**
   * Resolves if all services answer. Otherwise rejects within two seconds with `unavailable`; the message names what does not
   * answer.
   */
  check(): Promise<void>
  /** Makes the node permanently not ready, because it is stopping and a load balancer should use another node. */
  stop(): void
}

/** `needs`: checks of the required services by name, such as "the database". A check rejects if its service does not answer. */
export function createReadiness(needs: Readonly<Record<string, () => Promise<unknown>>>, after: After): Readiness {
  let stopping = false

  const requireAnswer = (name: string, ask: () => Promise<unknown>): Promise<void> =>
    new Promise((resolve, reject) => {
      const fail = () => reject(new ApiError('unavailable', `Not ready: ${name} does not answer.`))
      const cancel = after(ANSWER_TIMEOUT_MS, fail)
      ask().then(
        () => (cancel(), resolve()),
        () => (cancel(), fail()),
      )
    })

  return {
    async check() {
      if (stopping) throw new ApiError('unavailable', 'Not ready: this node is stopping.')
      await Promise.all(Object.entries(needs).map(([name, ask]) => requireAnswer(name, ask)))
    },
    stop: () => void (stopping = true),
  }
}
