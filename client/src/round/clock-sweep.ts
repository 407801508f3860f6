/** A segment's way takes 50 world ms, which nobody needs to see pass. */
const MIN_SWEEP_WORLD_MS = 500
const MAX_SWEEP_MS = 1500

/** How long (real ms) the clock takes to sweep over this much world time (ms): 0.3 s for a second, 1.5 s for the 240 s of TIME-WAIT. */
export const sweepDuration = (elapsed: number): number =>
  elapsed < MIN_SWEEP_WORLD_MS ? 0 : Math.min(MAX_SWEEP_MS, 300 * Math.log2(1 + elapsed / 1000))
