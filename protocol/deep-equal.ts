/** Equality by value of what JSON can hold. */
export function deepEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || !a || !b) return false
  const [fields, others] = [Object.entries(a), Object.keys(b)]
  return (
    fields.length === others.length && fields.every(([field, value]) => deepEqual(value, (b as Record<string, unknown>)[field]))
  )
}
