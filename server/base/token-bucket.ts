/** Token bucket: allows a burst, then a steady rate. */

/** The bucket's size (`burst`, in tokens) and the rate at which it is refilled (`perSecond`, in tokens per real second). Both are finite. */
export interface Rate {
  readonly burst: number
  readonly perSecond: number
}

/** A bucket, initially full. */
export interface TokenBucket {
  /**
   * Takes `cost` tokens (default 1) and returns 0; the balance may become negative. With less than one token left it takes
   * nothing and returns the seconds until there is one.
   */
  take(cost?: number): number
}

/** `now` returns ms. A clock that steps back neither adds tokens nor removes any. */
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
