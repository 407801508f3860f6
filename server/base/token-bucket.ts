/** Token bucket: burst, then a steady rate. */

export interface Rate {
  readonly burst: number
  readonly perSecond: number
}

export interface TokenBucket {
  /** Takes one. Returns 0, or where there is none the seconds until there is. */
  take(): number
}

/** `now` in ms. */
export function createTokenBucket({ burst, perSecond }: Rate, now: () => number): TokenBucket {
  let tokens = burst
  let refilledAt = now()
  return {
    take() {
      const time = now()
      tokens = Math.min(burst, tokens + ((time - refilledAt) / 1000) * perSecond)
      refilledAt = time
      if (tokens < 1) return (1 - tokens) / perSecond
      tokens--
      return 0
    },
  }
}
