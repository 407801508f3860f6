/** Moving items of a list. Pure. */

/** The list with the item at `from` moved to `to`; unchanged if either is outside the list. */
export function moveItem<T>(list: readonly T[], from: number, to: number): readonly T[] {
  const item = list[from]
  if (item === undefined || from === to || to < 0 || to >= list.length) return list
  const rest = list.filter((_, i) => i !== from)
  return [...rest.slice(0, to), item, ...rest.slice(to)]
}

/** Where an item that is dragged to `y` belongs, among the other items with these vertical middles. */
export const placeAt = (middlesOfOthers: readonly number[], y: number): number =>
  middlesOfOthers.filter((middle) => middle < y).length
