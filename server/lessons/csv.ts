/** Tables as CSV for spreadsheets. */
import { stringify } from 'csv-stringify/sync'

/**
 * Cells to be quoted. A spreadsheet may use a separator other than the comma; quotes prevent a formula after such a character
 * from becoming a cell of its own.
 */
const FORMULA_BEHIND_SEPARATOR = /[;|:\t ,]["'\s]*[=+\-@＝＋－＠]/

/** CSV that begins with a byte order mark for UTF-8, in which no text becomes a formula. */
export const toCsv = (rows: readonly (readonly (string | number | null)[])[]): string =>
  stringify(rows as (string | number | null)[][], {
    bom: true,
    escape_formulas: true,
    quoted_match: FORMULA_BEHIND_SEPARATOR,
    record_delimiter: 'windows',
  })

/** The percentage with one decimal. */
export const percent = (share: number | null): number | null => (share === null ? null : Math.round(share * 1000) / 10)
