/** Numbers in [0, 1) that are the same for the same seed (the linear congruential generator of Numerical Recipes). */
export const numbers = (seed: number) => () => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
  return seed / 2 ** 32
}

/** What a test that plays by chance begins with: say it in the test's title, so that `SEED=… npx vitest …` plays the same again. */
export const SEED = Number(process.env['SEED'] ?? 9293)
