/** Runs long computations in short slices and one after another, so that the event loop stays free. */
import { setImmediate } from 'node:timers/promises'

/** Creates a queue for long work: each caller goes on in an iteration of the event loop of its own, so that others are served in between. */
export function createTurns(): () => Promise<void> {
  let last = Promise.resolve()
  return () => (last = last.then(() => setImmediate()))
}

/** Limits of one computation. */
export interface WorkLimits {
  /** Real ms for which work may run without interruption; then the event loop gets a turn. */
  readonly sliceMs: number
  /** Real ms of work in total. */
  readonly totalMs: number
}

/** A computation has exceeded `totalMs`. */
export class WorkLimitError extends Error {
  override readonly name = 'WorkLimitError'
}

/**
 * Runs the steps of each generator, one computation at a time, so that everything else waits for one slice and one step at most.
 * Rejects with `WorkLimitError` or with what a step throws.
 */
export function createTimeSlicer({ sliceMs, totalMs }: WorkLimits): <T>(steps: Generator<void, T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  const work = async <T>(steps: Generator<void, T>): Promise<T> => {
    for (let spent = 0; spent < totalMs; await setImmediate()) {
      const begun = performance.now()
      do {
        const { done, value } = steps.next()
        if (done) return value
      } while (performance.now() - begun < sliceMs)
      spent += performance.now() - begun
    }
    throw new WorkLimitError(`more than ${totalMs} ms of work`)
  }
  return (steps) => {
    const run = last.then(() => work(steps))
    last = run.catch(() => {})
    return run
  }
}
