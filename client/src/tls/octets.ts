/** Which octets of a segment are whose. Pure. */
import type { Piece } from '../../../protocol/world/pieces.ts'

/** Octets of a TCP header without options (RFC 9293 3.1). */
const TCP_HEADER = 20

export interface Stretch {
  readonly layer: 'tcp' | Piece['layer']
  /** Null for TCP's own header. */
  readonly piece: Piece | null
  readonly octets: number
  /** The sequence numbers of its first and last octet; null for what has none. */
  readonly from: string | null
  readonly to: string | null
}

/** A segment from its first octet to its last. */
export function stretchesOf(seq: string, length: number, pieces: readonly Piece[]): readonly Stretch[] {
  let at = 0
  const stretches: Stretch[] = [{ layer: 'tcp', piece: null, octets: TCP_HEADER, from: null, to: null }]
  for (const piece of pieces) {
    const { layer, octets } = piece
    stretches.push({ layer, piece, octets, from: further(seq, at), to: further(seq, at + octets - 1) })
    at += octets
  }
  if (at > length) throw new Error(`${at} octets in a segment of ${length}`)
  return stretches
}

/** So many octets on from a number as it is written: `x+1`, or digits alone, which go round at 2^32. */
function further(number: string, octets: number): string {
  const [, name = '', digits = '0'] = /^(?:([^\d+]+)\+?)?(\d*)$/.exec(number.trim()) ?? []
  const sum = Number(digits || '0') + octets
  if (name === '') return String(sum % 2 ** 32)
  return sum === 0 ? name : `${name}+${sum}`
}
