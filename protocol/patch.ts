/** Computes the difference between two JSON values, and applies it to the earlier one to restore the later one. */

/**
 * `{ field: patch }` changes or adds the named fields (in an array: elements) and leaves the others unchanged. `[value]` replaces the old
 * value by `value`. A patch that is not an object is itself the new value.
 */
export type Patch<T> = T extends object ? readonly [T] | { readonly [F in keyof T]?: Patch<T[F]> } : T

type Fields = { readonly [field: string]: unknown }

/** The patch that turns `before` into `after`; undefined if they are equal. */
export function makePatch<T>(before: T | undefined, after: T): Patch<T> | undefined {
  return diff(before, after) as Patch<T> | undefined
}

function diff(before: unknown, after: unknown): unknown {
  if (before === after) return undefined
  if (typeof after !== 'object' || !after) return after
  if (typeof before !== 'object' || !before || Array.isArray(before) !== Array.isArray(after)) return [after]
  let patch: { [field: string]: unknown } | undefined
  let removed = 0
  for (const _ in before) removed++
  for (const field in after) {
    const was = (before as Fields)[field]
    const is = (after as Fields)[field]
    if (was !== undefined) removed--
    const change = was === is ? undefined : diff(was, is)
    if (change !== undefined) (patch ??= {})[field] = change
  }
  if (!patch && removed === 0) return undefined
  // A patch cannot remove a field or an element. A list of one is replaced, since `{ 0: … }` would occupy ten times as much memory.
  return removed > 0 || (Array.isArray(after) && after.length === 1) ? [after] : patch
}

/** Returns `before` with the patch applied. Neither argument is modified. */
export function applyPatch<T>(before: T | undefined, patch: Patch<T>): T {
  if (typeof patch !== 'object' || !patch) return patch as T
  if (Array.isArray(patch)) return patch[0] as T
  const after = (Array.isArray(before) ? [...(before as unknown[])] : { ...before }) as { [field: string]: unknown }
  for (const field in patch) after[field] = applyPatch(after[field], (patch as Fields)[field])
  return after as T
}
