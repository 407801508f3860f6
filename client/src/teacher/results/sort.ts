/** Sorting the rows of a table by one of its columns. Pure. */

export interface SortOrder<Column extends string> {
  readonly by: Column
  readonly descending: boolean
}

/** What a cell is sorted by; null comes last in either direction. */
export type SortValue = string | number | null

/** The rows in the order of a column. Equal rows keep their order. */
export function sortRows<Row>(rows: readonly Row[], valueOf: (row: Row) => SortValue, descending: boolean): readonly Row[] {
  const compare = (a: SortValue, b: SortValue): number => {
    if (a === null || b === null) return Number(a === null) - Number(b === null)
    const order = typeof a === 'string' && typeof b === 'string' ? a.localeCompare(b) : Number(a) - Number(b)
    return descending ? -order : order
  }
  return [...rows].sort((a, b) => compare(valueOf(a), valueOf(b)))
}

/** The order after a click on a column: again on the same one turns it round. Numbers begin with the largest. */
export const nextOrder = <Column extends string>(
  { by, descending }: SortOrder<Column>,
  column: Column,
  isText: boolean,
): SortOrder<Column> => ({ by: column, descending: by === column ? !descending : !isText })
