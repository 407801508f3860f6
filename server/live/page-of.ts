/**
 * Pages of long answers. A round may have thousands of views and entries, of up to several kB each; an answer with all of them could exceed
 * what may wait to be sent to a connection, which would be ended each time it asks.
 */

/** The start of a list, and whether something follows it. `more` is absent at the end of the list. */
export interface Page<T> {
  readonly page: readonly T[]
  readonly more?: true
}

/**
 * Maximum characters of a page in JSON, unless its first item alone is longer. Nearly every round fits into one. It is so short because
 * nobody else is served while a page is made, and some hundred may be asked for in one moment.
 */
const MAX_PAGE_LENGTH = 64 * 1024
/** A list of so few items is short: each of them is about as long as a message may be. Nearly all answers are. */
export const FEW_ITEMS = 4

/** The longest start of `items` that fits into a page; at least one item, if there are any. */
export function pageOf<T>(items: readonly T[]): Page<T> {
  if (items.length <= FEW_ITEMS) return { page: items }
  let length = 0
  const end = items.findIndex((item, index) => {
    length += JSON.stringify(item).length
    return length > MAX_PAGE_LENGTH && index > 0
  })
  return end < 0 ? { page: items } : { page: items.slice(0, end), more: true }
}
