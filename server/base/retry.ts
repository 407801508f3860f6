import type { After } from './timer.ts'

/**
 * Starts the work now. If it fails, tries again with growing delays for about ten minutes; a database that is unavailable for
 * longer has stopped the lesson in any case. Each failure is reported.
 */
export type Retry = (work: () => Promise<void>) => void

/** Real ms. The delay doubles with each failure, up to the maximum. */
const MIN_DELAY_MS = 2_000
const MAX_DELAY_MS = 30_000
const MAX_ATTEMPTS = 24

/**
 * Creates a `retry`. After `stop`, failed work is neither retried nor reported; `stop` resolves when running work has finished.
 */
export function createRetry({ report, after }: { report: (error: unknown) => void; after: After }): {
  readonly retry: Retry
  readonly stop: () => Promise<void>
} {
  let stopped = false
  const underWay = new Set<Promise<void>>()
  const attempt = (work: () => Promise<void>, attemptsLeft: number, delayMs: number): void => {
    const done: Promise<void> = work()
      .catch((error: unknown) => {
        if (stopped) return
        report(error)
        if (attemptsLeft === 1) return
        after(delayMs, () => stopped || attempt(work, attemptsLeft - 1, Math.min(2 * delayMs, MAX_DELAY_MS)))
      })
      .finally(() => underWay.delete(done))
    underWay.add(done)
  }
  return {
    retry: (work) => attempt(work, MAX_ATTEMPTS, MIN_DELAY_MS),
    async stop() {
      stopped = true
      while (underWay.size > 0) await Promise.all(underWay)
    },
  }
}
