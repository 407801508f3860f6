import type { After } from './timer.ts'

/** Does the work now, and where it fails again after a delay, a limited number of times. Each failure is reported. */
export type Retry = (work: () => Promise<void>) => void

/** Real ms. */
const RETRY_DELAY_MS = 2_000
const MAX_ATTEMPTS = 5

/** `stop`: what has failed is not tried again. */
export function createRetry({ report, after }: { report: (error: unknown) => void; after: After }): {
  readonly retry: Retry
  readonly stop: () => void
} {
  let stopped = false
  const attempt = (work: () => Promise<void>, attemptsLeft: number): void => {
    work().catch((error: unknown) => {
      report(error)
      if (attemptsLeft > 1) after(RETRY_DELAY_MS, () => stopped || attempt(work, attemptsLeft - 1))
    })
  }
  return {
    retry: (work) => attempt(work, MAX_ATTEMPTS),
    stop: () => void (stopped = true),
  }
}
