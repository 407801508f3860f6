/** A token bucket: so many at once, so many a second in the long run. */

export interface Rate {
  readonly burst: number
  readonly perSecond: number
}

export interface Bucket {
  /** Takes one. Returns 0, or where there is none the seconds until there is. */
  take(): number
}

/** `now` in ms. */
export function createBucket({ burst, perSecond }: Rate, now: () => number): Bucket {
  let tokens = burst
  let at = now()
  return {
    take() {
      const time = now()
      tokens = Math.min(burst, tokens + ((time - at) / 1000) * perSecond)
      at = time
      if (tokens < 1) return (1 - tokens) / perSecond
      tokens--
      return 0
    },
  }
}
