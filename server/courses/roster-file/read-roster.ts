/** Reads a roster from the bytes of a file. Pure: nothing is stored, and every line that cannot be a member is named with its reason. */
import type { RosterColumn, RosterEncoding, RosterFault, RosterSeparator } from '../../../contract/courses.ts'
import { ApiError } from '../../base/api-error.ts'
import { normalizeText } from '../../lessons/names.ts'
import { isEmail, normalizeNumber } from '../member-fields.ts'
import { guessColumns, recognizeColumns } from './columns.ts'
import { decodeText } from './decode-text.ts'
import { readTable, type TableRow } from './read-table.ts'

/** What a teacher may correct about how a file is read; what is absent is guessed. */
export interface RosterReading {
  readonly encoding?: RosterEncoding | undefined
  readonly separator?: RosterSeparator | undefined
  /** Whether the first row has titles. */
  readonly header?: boolean | undefined
  /** What each column holds. */
  readonly columns?: readonly RosterColumn[] | undefined
}

/** A member as the file has them. A field that has no column is absent, and null or empty where its cell is empty. */
export interface RosterRow {
  /** The line of the file, from 1. */
  readonly line: number
  readonly number: string
  readonly name: string
  readonly email?: string | null
  readonly group?: string | null
  readonly remarks?: string
}

/** A roster that has been read. */
export interface ReadRoster {
  readonly encoding: RosterEncoding
  readonly separator: RosterSeparator
  readonly header: boolean
  /** `title` is empty without a header; `samples`: up to three cells that are not empty. */
  readonly columns: readonly { readonly title: string; readonly column: RosterColumn; readonly samples: readonly string[] }[]
  readonly rows: readonly RosterRow[]
  /** The numbers of all lines that have one, the faulty ones too: none of these members is gone. */
  readonly numbers: ReadonlySet<string>
  /** In the order of their lines. */
  readonly faults: readonly RosterFault[]
}

/** Maximum number of members in a file. */
const MAX_ROSTER_ROWS = 3000

/** Maximum characters of each field: those of `NewMember` in the contract. */
const MAX_LENGTHS = { number: 40, name: 40, email: 200, group: 60, remarks: 2000 } as const

/** A long number that a spreadsheet has rounded: `2.02E+11`. Its digits are lost. */
const ROUNDED_NUMBER = /^\d+([.,]\d+)?E\+\d+$/i
/** A spreadsheet's ways to keep text from being taken for a number or a formula: `="007"`, and an apostrophe before `=`. */
const TEXT_FORMULA = /^="(.*)"$/
const ESCAPED_FORMULA = /^'(?=[=+\-@＝＋－＠\t])/
const HAN = /\p{Script=Han}/u

/** Reads a roster. Throws `malformed` if the bytes are no text of this encoding, or have no row or too many. */
export function readRoster(bytes: Uint8Array, wanted: RosterReading = {}): ReadRoster {
  const decoded = decodeText(bytes, wanted.encoding)
  if (!decoded) throw new ApiError('malformed', 'This file is no text of this encoding.')
  const { separator, rows, brokenLines } = readTable(decoded.text, wanted.separator)
  if (rows.length === 0 && brokenLines.length === 0) throw new ApiError('malformed', 'This file is empty.')
  if (rows.length > MAX_ROSTER_ROWS) throw new ApiError('malformed', `A roster has ${MAX_ROSTER_ROWS} rows at most.`)

  const titles = rows[0]?.cells ?? []
  const recognized = recognizeColumns(titles)
  const header = wanted.header ?? recognized.some((column) => column !== 'none')
  const body = header ? rows.slice(1) : rows
  const width = header ? titles.length : Math.max(0, ...rows.map(({ cells }) => cells.length))
  const guessed = header ? recognized : guessColumns(body.map(({ cells }) => cells))
  const columns = Array.from({ length: width }, (_, i) => wanted.columns?.[i] ?? guessed[i] ?? 'none')

  const faults: RosterFault[] = brokenLines.map((line) => ({ line, reason: 'quote', value: '' }))
  const members: RosterRow[] = []
  const lineOf = new Map<string, number>()
  const numbers = new Set<string>()
  for (const row of body) {
    const number = textOf(row, columns, 'number')
    if (number !== '') numbers.add(normalizeNumber(number))
    const read = readRow(row, columns)
    const first = 'reason' in read ? undefined : lineOf.get(read.number)
    if ('reason' in read) faults.push(read)
    else if (first !== undefined) faults.push({ line: row.line, reason: 'number-twice', value: read.number, other: first })
    else {
      lineOf.set(read.number, row.line)
      members.push(read)
    }
  }
  return {
    encoding: decoded.encoding,
    separator,
    header,
    columns: columns.map((column, i) => ({
      title: header ? (titles[i] ?? '') : '',
      column,
      samples: body
        .map(({ cells }) => cells[i] ?? '')
        .filter((cell) => cell !== '')
        .slice(0, 3),
    })),
    rows: members,
    numbers,
    faults: faults.sort((a, b) => a.line - b.line),
  }
}

function readRow(row: TableRow, columns: readonly RosterColumn[]): RosterRow | RosterFault {
  const { line, cells } = row
  const fault = (reason: RosterFault['reason'], value = ''): RosterFault => ({ line, reason, value: value.slice(0, 80) })
  // A separator inside a cell without quotes moves all cells behind it.
  if (cells.slice(columns.length).some((cell) => cell !== '')) return fault('too-many-cells', cells.join(' | '))

  const text = (column: RosterColumn) => textOf(row, columns, column)
  const typedNumber = text('number')
  if (typedNumber === '') return fault('no-number')
  if (ROUNDED_NUMBER.test(typedNumber)) return fault('rounded-number', typedNumber)
  const name = text('name') || joinNames(text('familyName'), text('givenName'))
  if (name === '') return fault('no-name', typedNumber)
  const fields = {
    number: normalizeNumber(typedNumber),
    name,
    ...(columns.includes('email') ? { email: text('email').normalize('NFKC').toLowerCase() || null } : {}),
    ...(columns.includes('group') ? { group: text('group') || null } : {}),
    ...(columns.includes('remarks') ? { remarks: text('remarks') } : {}),
  }
  for (const [field, max] of Object.entries(MAX_LENGTHS)) {
    const value = fields[field as keyof typeof fields] ?? ''
    if ([...value].length > max) return fault('too-long', value)
  }
  if (fields.email != null && !isEmail(fields.email)) return fault('bad-email', fields.email)
  return { line, ...fields }
}

/** The cell of this column as one line of text; empty if there is none. */
function textOf({ cells }: TableRow, columns: readonly RosterColumn[], column: RosterColumn): string {
  const cell = cells[columns.indexOf(column)] ?? ''
  return normalizeCell(TEXT_FORMULA.exec(cell)?.[1] ?? cell.replace(ESCAPED_FORMULA, ''))
}

/** A cell as one line of text; empty if nothing in it is drawn. */
function normalizeCell(cell: string): string {
  try {
    return cell === '' ? '' : normalizeText(cell)
  } catch {
    return ''
  }
}

/** `张` and `伟` are written together, `Lovelace` and `Ada` the other way round. */
const joinNames = (family: string, given: string): string =>
  HAN.test(family + given) ? family + given : [given, family].filter(Boolean).join(' ')
