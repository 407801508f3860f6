/** Reads a text as a table: comma, semicolon or tab between cells, quotes around those that hold one. */
import { CsvError, parse } from 'csv-parse/sync'
import type { RosterSeparator } from '../../../contract/courses.ts'

/** One record of a table. */
export interface TableRow {
  /** The line of the file where it begins, from 1. */
  readonly line: number
  /** Without spaces around them. */
  readonly cells: readonly string[]
}

/** A table, without its empty rows. */
export interface Table {
  readonly separator: RosterSeparator
  readonly rows: readonly TableRow[]
  /** Lines where a quote opens that nothing closes. They are no rows. */
  readonly brokenLines: readonly number[]
}

const SEPARATORS: readonly RosterSeparator[] = [',', ';', '\t']
/** Excel's own way to say which separator follows. */
const SEPARATOR_LINE = /^sep=(.)\n/i
/** Maximum number of broken lines: the rest of the file is read anew after each. */
const MAX_BROKEN_LINES = 50

/** Reads a table. Without `wanted`, the separator is the one that the first line has most often outside of quotes. */
export function readTable(text: string, wanted?: RosterSeparator): Table {
  const normalized = text.replace(/\r\n?/g, '\n')
  const said = SEPARATOR_LINE.exec(normalized)
  const body = said ? normalized.slice(said[0].length) : normalized
  const separator = wanted ?? SEPARATORS.find((each) => each === said?.[1]) ?? guessSeparator(body)

  const lines = body.split('\n')
  const rows: TableRow[] = []
  const broken: number[] = []
  // Where a quote is not closed, its line is broken, and reading goes on behind it.
  for (let from = 0; from < lines.length && broken.length < MAX_BROKEN_LINES;) {
    const { read, brokenAt } = readRows(lines.slice(from).join('\n'), separator)
    rows.push(...read.map(({ line, cells }) => ({ line: from + line, cells })))
    if (brokenAt === null) break
    broken.push(from + brokenAt)
    from += brokenAt
  }

  const offset = said ? 1 : 0
  return {
    separator,
    rows: rows.filter(({ cells }) => cells.some((cell) => cell !== '')).map(({ line, cells }) => ({ line: line + offset, cells })),
    brokenLines: broken.map((line) => line + offset),
  }
}

/** Reads rows up to the first one whose quote is not closed: its line, from 1; null if there is none. */
function readRows(text: string, separator: RosterSeparator): { read: TableRow[]; brokenAt: number | null } {
  const read: TableRow[] = []
  let lastLine = 0
  let brokenAt: number | null = null
  try {
    parse(text, {
      delimiter: separator,
      record_delimiter: '\n',
      trim: separator !== '\t',
      relax_column_count: true,
      relax_quotes: true,
      on_record(cells, { lines }) {
        // A cell that holds both has most likely lost its closing quote.
        const swallowed = lines > lastLine + 1 && cells.some((cell) => cell.includes('\n') && cell.includes(separator))
        if (swallowed) brokenAt ??= lastLine + 1
        if (brokenAt === null) read.push({ line: lastLine + 1, cells: cells.map((cell) => cell.trim()) })
        lastLine = lines
        return null
      },
    })
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    brokenAt ??= lastLine + 1
  }
  return { read, brokenAt }
}

function guessSeparator(text: string): RosterSeparator {
  const [first = ''] = text.trimStart().split('\n')
  const bare = first.replace(/"[^"]*"/g, '')
  const count = (separator: string) => bare.split(separator).length
  return SEPARATORS.reduce((best, each) => (count(each) > count(best) ? each : best))
}
