/** Whether this node can work: everything that it needs is asked, and one answer that does not come counts as none. */
import { ApiError } from '../base/api-error.ts'
import type { After } from '../base/timer.ts'

/** Real ms; `GET /readyz` answers within two seconds. */
const ANSWER_TIMEOUT_MS = 1_500

export interface Readiness {
  /** Resolves where all is well; otherwise rejects, within two seconds, with an `unavailable` that names what is missing. */
  check(): Promise<void>
  /** From now on the node is not ready, whatever it needs is: it stops, and a load balancer should look elsewhere. */
  stop(): void
}

/** `needs`: by name, such as "the database", what rejects where it does not answer. */
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
