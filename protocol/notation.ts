/** Parses sequence numbers and states as people type them, and formats numbers for display. */
import { peerOf, type Seat } from './seat.ts'
import { add, sub } from './seq.ts'
import { type State, STATES } from './tcp/states.ts'

/** The notations in which an exercise can write sequence numbers; `parseNumber` explains them. */
export const NOTATIONS = ['textbook', 'relative', 'absolute'] as const
export type NotationKind = (typeof NOTATIONS)[number]

/** The context of parsing and formatting: the kind of notation, the bound names with their absolute numbers, and both ISSs. */
export interface NotationContext {
  readonly kind: NotationKind
  readonly names: { readonly [name: string]: { readonly of: Seat; readonly value: number } }
  readonly iss: { readonly [S in Seat]: number }
}

/**
 * Parses what a seat has typed into `seq` or `ack`. Returns the absolute number, or null if the text cannot be parsed.
 *
 * The exercise determines the notation; it is never guessed from the text:
 * - `textbook`: exactly one bound name, and numbers added to or subtracted from it: `x+1`, `x+1+20`, `1+x`. Any bound name may be used in
 *   either field. A number without a name is read if it is a bound name's number, which the page shows, or lies at most `MAX_OFFSET`
 *   above one, and so is `0`: the absolute zero that the RFC itself writes as <SEQ=0>. Any other is rejected.
 * - `relative`: a sum of numbers, relative to the seat's own ISS in `seq` and to the peer's ISS in `ack`.
 * - `absolute`: a sum of numbers, such as `2147480000+137`.
 *
 * The text is normalised with NFKC; case and spaces do not matter. Digits may be grouped in threes by space, comma, dot, apostrophe or
 * underscore. Each number must be below 2^32; sums wrap modulo 2^32.
 */
export function parseNumber(text: string, notation: NotationContext, field: 'seq' | 'ack', seat: Seat): number | null {
  const terms = parseTerms(text)
  if (terms === null) return null
  let number = 0
  let named = 0
  for (const { sign, word } of terms) {
    const value = isDigits(word) ? parseLiteral(word) : findBoundValue(word, notation)
    if (value === null) return null
    if (!isDigits(word)) {
      // Subtracting a name is meaningless: a name is a position in the sequence space, not a distance.
      if (sign < 0) return null
      named++
    }
    number = add(number, sign * value)
  }
  switch (notation.kind) {
    case 'textbook':
      if (named === 1) return number
      return named === 0 && (number === 0 || isNearName(number, notation)) ? number : null
    case 'relative':
      return named === 0 ? add(number, notation.iss[numberOwnerOf(field, seat)]) : null
    case 'absolute':
      return named === 0 ? number : null
  }
}

/**
 * Formats an absolute number in the exercise's notation, for this field of this seat's segments. In `textbook` the number is written as an
 * offset from the nearest bound name below it, such as `x+1`. Only names of the number's owner count: the seat itself for `seq`, its peer
 * for `ack`. If the owner has no name, or the number is 0, the absolute number is written.
 */
export function formatNumber(value: number, notation: NotationContext, field: 'seq' | 'ack', seat: Seat): string {
  const owner = numberOwnerOf(field, seat)
  switch (notation.kind) {
    case 'textbook': {
      let nearest: { name: string; above: number } | null = null
      for (const [name, { of, value: base }] of Object.entries(notation.names)) {
        const above = sub(value, base)
        if (of === owner && (nearest === null || above < nearest.above)) nearest = { name, above }
      }
      if (nearest === null || value === 0) return String(value)
      return nearest.above === 0 ? nearest.name : `${nearest.name}+${nearest.above}`
    }
    case 'relative':
      return String(sub(value, notation.iss[owner]))
    case 'absolute':
      return String(value)
  }
}

/** Parses a state's name in any usual spelling: `SYN-RCVD`, `SYN_RECV`, `fin wait 1`, `TIME_WAIT`. Returns null if it names no state. */
export function parseState(text: string): State | null {
  const key = stateKey(text.normalize('NFKC'))
  return STATES.find((state) => stateKey(state) === key) ?? STATE_SYNONYMS[key] ?? null
}

const stateKey = (text: string): string => text.toUpperCase().replace(/[^A-Z0-9]/g, '')

const STATE_SYNONYMS: { readonly [key: string]: State } = {
  SYNRCVD: 'SYN-RECEIVED',
  SYNRECV: 'SYN-RECEIVED',
  ESTAB: 'ESTABLISHED',
  CLOSE: 'CLOSED',
}

/** The seat whose sequence numbers the field holds: `seq` is in the sender's own space, `ack` in the peer's. */
const numberOwnerOf = (field: 'seq' | 'ack', seat: Seat): Seat => (field === 'seq' ? seat : peerOf(seat))

interface Term {
  readonly sign: 1 | -1
  /** A name in lower case, or a string of digits without separators. */
  readonly word: string
}

/** Splits a sum such as `x + 1 - 2` into its terms. Returns null if the text is not a sum. */
function parseTerms(text: string): readonly Term[] | null {
  if (isDigits(text)) return [{ sign: 1, word: text }] // the usual case
  const plain = text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\u2212\u2010-\u2014]/g, '-')
    .trim()
  const [first = '', ...rest] = plain.split(/([+-])/)
  const terms: Term[] = []
  const push = (sign: 1 | -1, part: string): boolean => {
    const word = part.trim()
    const digits = word.replace(DIGIT_SEPARATORS, '')
    if (isDigits(digits) ? word !== digits && !GROUPED_DIGITS.test(word) : !NAME.test(word)) return false
    terms.push({ sign, word: isDigits(digits) ? digits : word })
    return true
  }
  // If the text begins with a sign, the part before that sign is empty.
  if ((first !== '' || rest.length === 0) && !push(1, first)) return null
  for (let i = 0; i < rest.length; i += 2) if (!push(rest[i] === '-' ? -1 : 1, rest[i + 1] ?? '')) return null
  return terms
}

const NAME = /^[a-z][a-z0-9_]*$/
const DIGIT_SEPARATORS = /[\s,.'’_]/g
const GROUPED_DIGITS = /^\d{1,3}(?:[\s,.'’_]\d{3})+$/

const isDigits = (word: string): boolean => /^\d+$/.test(word)

function parseLiteral(digits: string): number | null {
  const value = Number(digits)
  return value < 2 ** 32 ? value : null
}

/** How far above a name's number a number is still taken to be counted from it: what one round sends is less. */
const MAX_OFFSET = 65_535

const isNearName = (number: number, { names }: NotationContext): boolean =>
  Object.values(names).some(({ value }) => sub(number, value) <= MAX_OFFSET)

function findBoundValue(word: string, { names }: NotationContext): number | null {
  for (const [name, { value }] of Object.entries(names)) if (name.toLowerCase() === word) return value
  return null
}
