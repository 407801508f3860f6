/**
 * A TCP segment as the engine sees it (RFC 9293 3.1): the header fields that the rules use, as plain data.
 *
 * The control bits are one number. Each bit has its position in the header's octet, so the octet of a captured header can be used as it is.
 */

export const FIN = 0x01
export const SYN = 0x02
export const RST = 0x04
export const PSH = 0x08
export const ACK = 0x10
export const URG = 0x20
export const ECE = 0x40
export const CWR = 0x80

/** Every control bit with its name, in the order of the JSON lines of `handshake judge`. */
export const CONTROL_BITS = [
  ['SYN', SYN],
  ['ACK', ACK],
  ['FIN', FIN],
  ['RST', RST],
  ['PSH', PSH],
  ['URG', URG],
  ['ECE', ECE],
  ['CWR', CWR],
] as const

/** The control bits as books and Wireshark print them, from the lowest up, so that it reads `SYN,ACK`, `FIN,ACK` and `RST,ACK`. */
const PRINTED_BITS = [...CONTROL_BITS].sort(([, one], [, other]) => one - other)

export type BitName = (typeof CONTROL_BITS)[number][0]

/** A TCP segment, without its payload's contents. */
export interface Segment {
  /** Control bits: the bitwise OR of the constants above. */
  readonly bits: number
  /** SEG.SEQ, absolute, 0 … 2^32-1. */
  readonly seq: number
  /** SEG.ACK, absolute; null if the ACK bit is off. */
  readonly ack: number | null
  /** SEG.WND in octets, unscaled. */
  readonly window: number
  /** Octets of payload. SEG.LEN counts SYN and FIN as well: see `segmentLength`. */
  readonly length: number
  /** Absent if no option matters, as in all classroom exercises. */
  readonly options?: Options
}

/** The TCP options that can affect a judgement. A field is absent if the segment does not carry the option. */
export interface Options {
  /** Maximum segment size in octets (RFC 9293 3.7.1). Not judged: captures taken above offload show larger segments. */
  readonly mss?: number
  /** Window scale: a shift count (RFC 7323 2.2). */
  readonly windowScale?: number
  readonly sackPermitted?: boolean
  /** The blocks of sequence numbers [from, to) that the sender of this option has received beyond SEG.ACK (RFC 2018 3). */
  readonly sack?: readonly { readonly from: number; readonly to: number }[]
  /** TSval and TSecr (RFC 7323 3.2). */
  readonly timestamps?: { readonly value: number; readonly echo: number }
  /** A Fast Open cookie, or the request for one (RFC 7413 4.1.1). */
  readonly fastOpen?: boolean
}

/** Whether any of the bits in `bit` is set in `bits`. */
export const hasBit = (bits: number, bit: number): boolean => (bits & bit) !== 0

/** SEG.LEN: the octets of payload, plus one each for SYN and FIN (RFC 9293 3.4). */
export const segmentLength = (s: Segment): number => s.length + (hasBit(s.bits, SYN) ? 1 : 0) + (hasBit(s.bits, FIN) ? 1 : 0)

/** The names of the control bits that are set, such as `FIN,ACK`; the empty string if none is. */
export const bitNames = (bits: number): string =>
  PRINTED_BITS.filter(([, bit]) => hasBit(bits, bit))
    .map(([name]) => name)
    .join(',')

/** The set of control bits with these names. */
export const bitsOf = (names: readonly BitName[]): number =>
  CONTROL_BITS.reduce((bits, [name, bit]) => (names.includes(name) ? bits | bit : bits), 0)

export const SEGMENT_KINDS = ['SYN', 'data', 'FIN', 'RST', 'ACK'] as const
/** What a segment carries. `ACK` means that it carries nothing but an acknowledgment. */
export type SegmentKind = (typeof SEGMENT_KINDS)[number]

const ONLY_DATA: readonly SegmentKind[] = ['data']
const NOTHING: readonly SegmentKind[] = ['ACK']

/** Lists what a segment carries, in the order of `SEGMENT_KINDS`. */
export function segmentKindsOf({ bits, length }: Segment): readonly SegmentKind[] {
  if (!hasBit(bits, SYN | FIN | RST)) return length > 0 ? ONLY_DATA : NOTHING
  const found: SegmentKind[] = []
  if (hasBit(bits, SYN)) found.push('SYN')
  if (length > 0) found.push('data')
  if (hasBit(bits, FIN)) found.push('FIN')
  if (hasBit(bits, RST)) found.push('RST')
  return found
}
