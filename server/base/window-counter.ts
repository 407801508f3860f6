/** Counts what has happened within a window of time, for each key. A clock that steps changes nothing: time is measured, not told. */

export interface Count {
  readonly current: number
  /** Real ms until counting begins again. */
  readonly ttl: number
}

export interface WindowCounter {
  /** Counts one. The window opens with the first. */
  count(key: string): Count
}

/** `now` in ms since any moment: it must never step. Of the keys only the newest `maxKeys` are kept. */
export function createWindowCounter(windowMs: number, now = () => performance.now(), maxKeys = 20_000): WindowCounter {
  const windows = new Map<string, { current: number; readonly openedAt: number }>()
  return {
    count(key) {
      const time = now()
      let window = windows.get(key)
      if (!window || time - window.openedAt >= windowMs) {
        windows.delete(key) // so that it is the newest
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
