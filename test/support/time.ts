/** Time that passes only when a test moves it. */
import type { After } from '../../server/base/timer.ts'

export interface ManualTime {
  readonly now: () => Date
  readonly after: After
  /** Lets so many ms pass. Due timers run in order. */
  pass(ms: number): void
}

/** Creates a clock. `start`: ms since the epoch. */
export function manualTime(start = Date.parse('2026-01-02T03:04:05.000Z')): ManualTime {
  let time = start
  const due = new Set<{ readonly at: number; readonly run: () => void }>()
  return {
    now: () => new Date(time),
    after(ms, run) {
      const timer = { at: time + ms, run }
      due.add(timer)
      return () => due.delete(timer)
    },
    pass(ms) {
      const end = time + ms
      for (;;) {
        const [next] = [...due].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)
        if (!next) break
        due.delete(next)
        time = Math.max(time, next.at)
        next.run()
      }
      time = end
    },
  }
}
