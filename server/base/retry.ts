import type { After } from './timer.ts'

/** Does the work now, and where it fails again after a delay, a limited number of times. Each failure is reported. */
export type Retry = (work: () => Promise<void>) => void

/** Real ms. */
const RETRY_DELAY_MS = 2_000
const MAX_ATTEMPTS = 5

/** `stop`: failed work is neither retried nor reported any more. Resolves when running work has finished. */
export function createRetry({ report, after }: { report: (error: unknown) => void; after: After }): {
  readonly retry: Retry
  readonly stop: () => Promise<void>
} {
  let stopped = false
  const underWay = new Set<Promise<void>>()
  const attempt = (work: () => Promise<void>, attemptsLeft: number): void => {
    const done: Promise<void> = work()
      .catch((error: unknown) => {
        if (stopped) return
        report(error)
        if (attemptsLeft > 1) after(RETRY_DELAY_MS, () => stopped || attempt(work, attemptsLeft - 1))
      })
      .finally(() => underWay.delete(done))
    underWay.add(done)
  }
  return {
    retry: (work) => attempt(work, MAX_ATTEMPTS),
    async stop() {
      stopped = true
      while (underWay.size > 0) await Promise.all(underWay)
    },
  }
}
