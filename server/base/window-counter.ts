/**
 * Counts events per key within a time window. It measures elapsed time with a monotonic clock, so that changes of the system's
 * clock have no effect.
 */

/** The count of a key in its current window. */
export interface Count {
  readonly current: number
  /** Real ms until the window ends and counting begins again. */
  readonly ttl: number
}

/** Counts events per key. */
export interface WindowCounter {
  /** Counts one event. A key's window opens with its first event. */
  count(key: string): Count
}

/** `now` returns ms since an arbitrary moment and must be monotonic. Only the newest `maxKeys` keys are kept. */
export function createWindowCounter(windowMs: number, now = () => performance.now(), maxKeys = 20_000): WindowCounter {
  const windows = new Map<string, { current: number; readonly openedAt: number }>()
  return {
    count(key) {
      const time = now()
      let window = windows.get(key)
      if (!window || time - window.openedAt >= windowMs) {
        windows.delete(key) // inserting it again makes it the newest
        for (const oldest of windows.keys()) {
          if (windows.size < maxKeys) break
          windows.delete(oldest)
        }
        window = { current: 0, openedAt: time }
        windows.set(key, window)
      }
      window.current++
      return { current: window.current, ttl: windowMs - (time - window.openedAt) }
    },
  }
}
