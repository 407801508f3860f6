import type { After } from './timer.ts'

/**
 * Does the work now, and where it fails again after growing delays, for about ten minutes: a database that is away that long has stopped the
 * lesson in any case. Each failure is reported.
 */
export type Retry = (work: () => Promise<void>) => void

/** Real ms. The delay doubles with each failure. */
const MIN_DELAY_MS = 2_000
const MAX_DELAY_MS = 30_000
const MAX_ATTEMPTS = 24

/** `stop`: what has failed is not tried again. */
export function createRetry({ report, after }: { report: (error: unknown) => void; after: After }): {
  readonly retry: Retry
  readonly stop: () => void
} {
  let stopped = false
  const attempt = (work: () => Promise<void>, attemptsLeft: number, delayMs: number): void => {
    work().catch((error: unknown) => {
      report(error)
      if (attemptsLeft > 1)
        after(delayMs, () => stopped || attempt(work, attemptsLeft - 1, Math.min(2 * delayMs, MAX_DELAY_MS)))
    })
  }
  return {
    retry: (work) => attempt(work, MAX_ATTEMPTS, MIN_DELAY_MS),
    stop: () => void (stopped = true),
  }
}
