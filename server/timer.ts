/** Time that a test can stand in for. */

/** Runs `run` once, in `ms`; what it returns calls that off. */
export type After = (ms: number, run: () => void) => () => void

/** The system's own. It keeps no process alive. */
export const after: After = (ms, run) => {
  const timer = setTimeout(run, ms)
  timer.unref()
  return () => clearTimeout(timer)
}

/** `run`, at most once in `ms`: at once, and where it was asked for again meanwhile once more at the end, so that the last is never lost. */
export function throttled(ms: number, run: () => void, wait: After): () => void {
  let resting = false
  let asked = false
  return function ask() {
    asked = true
    if (resting) return
    asked = false
    resting = true
    run()
    wait(ms, () => {
      resting = false
      if (asked) ask()
    })
  }
}
