/** Splits a segment into octet ranges by layer (TCP header, TLS record header, TLS, HTTP). Pure. */
import type { PayloadSpan } from '../../../protocol/round/fold/payload-layout.ts'

/** Octets of a TCP header without options (RFC 9293 3.1). */
const TCP_HEADER_OCTETS = 20

/** Consecutive octets of a segment that belong to the same layer and message. */
export interface OctetRange {
  readonly layer: 'tcp' | PayloadSpan['layer']
  /** Null for TCP's own header. */
  readonly piece: PayloadSpan | null
  readonly octets: number
  /** The sequence numbers of the first and last octet, in the round's notation; null for the TCP header. */
  readonly from: string | null
  readonly to: string | null
}

/** The ranges of a segment in order. Throws if the pieces have more octets than the segment. */
export function listOctetRanges(seq: string, length: number, pieces: readonly PayloadSpan[]): readonly OctetRange[] {
  let at = 0
  const stretches: OctetRange[] = [{ layer: 'tcp', piece: null, octets: TCP_HEADER_OCTETS, from: null, to: null }]
  for (const piece of pieces) {
    const { layer, octets } = piece
    stretches.push({ layer, piece, octets, from: advanceNumber(seq, at), to: advanceNumber(seq, at + octets - 1) })
    at += octets
  }
  if (at > length) throw new Error(`${at} octets in a segment of ${length}`)
  return stretches
}

/** Adds `octets` to a number in the round's notation: `x+1`, or plain digits modulo 2^32. */
function advanceNumber(number: string, octets: number): string {
  const [, name = '', digits = '0'] = /^(?:([^\d+]+)\+?)?(\d*)$/.exec(number.trim()) ?? []
  const sum = Number(digits || '0') + octets
  if (name === '') return String(sum % 2 ** 32)
  return sum === 0 ? name : `${name}+${sum}`
}
