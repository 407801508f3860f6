/** Token bucket: burst, then a steady rate. */

export interface Rate {
  readonly burst: number
  readonly perSecond: number
}

export interface TokenBucket {
  /** Takes `cost`, one where absent, and may leave a debt. Returns 0, or where not one is left the seconds until it is. */
  take(cost?: number): number
}

/** `now` in ms. A clock that steps back adds nothing and takes nothing. */
export function createTokenBucket({ burst, perSecond }: Rate, now: () => number): TokenBucket {
  let tokens = burst
  let refilledAt = now()
  return {
    take(cost = 1) {
      const time = now()
      tokens = Math.min(burst, tokens + (Math.max(0, time - refilledAt) / 1000) * perSecond)
      refilledAt = time
      if (tokens < 1) return (1 - tokens) / perSecond
      tokens -= cost
      return 0
    },
  }
}
