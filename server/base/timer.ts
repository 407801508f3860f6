/** Timers that tests can replace. */

/** Runs `run` once, in `ms`; what it returns calls that off. */
export type After = (ms: number, run: () => void) => () => void

/** The system's own. It keeps no process alive. */
export const after: After = (ms, run) => {
  const timer = setTimeout(run, ms)
  timer.unref()
  return () => clearTimeout(timer)
}

/** `run`, at most once in `ms`: at once, and where it was asked for again meanwhile once more at the end, so that the last is never lost. */
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
