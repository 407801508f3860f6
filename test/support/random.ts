/** Numbers in [0, 1) that are the same for the same seed (the linear congruential generator of Numerical Recipes). */
export const numbers = (seed: number) => () => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
  return seed / 2 ** 32
}
