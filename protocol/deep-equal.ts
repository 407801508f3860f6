/** Deep equality of JSON values. It counts the fields instead of building lists of them, which would be most of the cost. */
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
