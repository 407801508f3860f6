/** Decodes a text file whose encoding nobody has said: what spreadsheets, editors and student systems write. */
import type { RosterEncoding } from '../../../contract/courses.ts'

/** The text, without a byte order mark, and the encoding by which it was read. */
export interface DecodedText {
  readonly encoding: RosterEncoding
  readonly text: string
}

const MARKS: readonly (readonly [RosterEncoding, readonly number[]])[] = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
]

/**
 * Decodes bytes by this encoding, or by the likeliest: that of the byte order mark; UTF-16 if there are zero bytes; UTF-8 if it is
 * valid; otherwise Windows-1252 or GB18030. Null if the bytes are not of that encoding.
 */
export function decodeText(bytes: Uint8Array, wanted?: RosterEncoding): DecodedText | null {
  for (const encoding of wanted ? [wanted] : guessEncodings(bytes)) {
    try {
      return { encoding, text: new TextDecoder(encoding, { fatal: true }).decode(bytes) }
    } catch {
      // not of this encoding
    }
  }
  return null
}

function guessEncodings(bytes: Uint8Array): RosterEncoding[] {
  const marked = MARKS.find(([, mark]) => mark.every((octet, i) => bytes[i] === octet))
  if (marked) return [marked[0]]
  const zeros = [0, 0]
  bytes.forEach((octet, i) => void (octet === 0 && (zeros[i % 2] = (zeros[i % 2] ?? 0) + 1)))
  const [even = 0, odd = 0] = zeros
  if (even + odd > 0) return odd > even ? ['utf-16le'] : ['utf-16be']
  return ['utf-8', ...(hasLoneHighOctets(bytes) ? (['windows-1252', 'gb18030'] as const) : (['gb18030', 'windows-1252'] as const))]
}

/**
 * Whether most octets above 127 stand alone, as accented letters of a European language do. The common Chinese characters of
 * GB18030 are pairs of such octets; in the rare ones of four octets, a digit follows each.
 */
function hasLoneHighOctets(bytes: Uint8Array): boolean {
  let [runs, lone] = [0, 0]
  for (let i = 0; i < bytes.length; i++) {
    if ((bytes[i] ?? 0) < 0x80) continue
    const from = i
    while ((bytes[i + 1] ?? 0) >= 0x80) i++
    runs++
    if (i === from && !isDigit(bytes[i + 1])) lone++
  }
  return lone * 2 > runs
}

const isDigit = (octet = 0) => octet >= 0x30 && octet <= 0x39
