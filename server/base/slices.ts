/** Runs long computations in short slices, so that the event loop stays free. */
import { setImmediate } from 'node:timers/promises'

export interface WorkLimits {
  /** Real ms at a stretch, after which others have their turn. */
  readonly sliceMs: number
  /** Real ms of work altogether. */
  readonly totalMs: number
}

/** A computation has taken the most that it may. */
export class WorkLimitError extends Error {
  override readonly name = 'WorkLimitError'
}

/**
 * Works off `steps`, one computation at a time, so that everything else waits for a slice and one step at most. Rejects with
 * `WorkLimitError`, or what a step throws.
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
