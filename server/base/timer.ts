/** Timers that tests can replace. */

/** Runs `run` once after `ms` real milliseconds. The returned function cancels it. */
export type After = (ms: number, run: () => void) => () => void

/** The system's timer. It does not keep the process alive. */
export const after: After = (ms, run) => {
  const timer = setTimeout(run, ms)
  timer.unref()
  return () => clearTimeout(timer)
}

/**
 * Limits `run` to one call per `ms`: it is called at once, and once more at the end of the interval if it was requested
 * meanwhile, so that the last request is never lost.
 */
export function throttle(ms: number, run: () => void, after: After): () => void {
  let waiting = false
  let requested = false
  return function ask() {
    requested = true
    if (waiting) return
    requested = false
    waiting = true
    run()
    after(ms, () => {
      waiting = false
      if (requested) ask()
    })
  }
}
