/** Equality by value of what JSON can hold. Counts fields rather than listing them: that is most of its cost. */
export function deepEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || !a || !b) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  let more = 0
  for (const field in a) {
    if (!deepEqual((a as Record<string, unknown>)[field], (b as Record<string, unknown>)[field])) return false
    more++
  }
  for (const _ in b) more--
  return more === 0
}
