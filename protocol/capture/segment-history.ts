/** Remembers the last segments of one side: where they begin and end, what they acknowledged, and where their octets are kept. */
import { ACK, FIN, hasBit, RST, type Segment, segmentLength, SYN } from '../segment.ts'
import { add, ge, gt, le, lt, sub } from '../seq.ts'
import type { CapturedSegment } from './captured-segment.ts'
import type { RecentOctets } from './recent-octets.ts'

/** Number of segments remembered. */
const MAX_SEGMENTS = 64

/** The fields of one segment in the array. `begin` is the number of the first octet: the one after the SYN, if there is a SYN. */
const BEGIN = 0
const END = 1
const ACK_NUMBER = 2
const BITS = 3
const DIGEST = 4
const POSITION = 5
const FIELDS = 6

/** The last `MAX_SEGMENTS` accepted segments of one side, in a ring buffer that grows as it is filled. */
export class SegmentHistory {
  readonly #fields: number[]
  #count: number

  constructor(fields: number[] = [], count = 0) {
    this.#fields = fields
    this.#count = count
  }

  fork(): SegmentHistory {
    return new SegmentHistory(this.#fields.slice(), this.#count)
  }

  add({ segment, digest, position }: CapturedSegment): void {
    const { bits, seq, ack } = segment
    const at = (this.#count % MAX_SEGMENTS) * FIELDS
    const fields = this.#fields
    fields[at + BEGIN] = hasBit(bits, SYN) ? add(seq, 1) : seq
    fields[at + END] = add(seq, segmentLength(segment))
    fields[at + ACK_NUMBER] = ack ?? -1
    fields[at + BITS] = bits
    fields[at + DIGEST] = digest
    fields[at + POSITION] = position
    this.#count += 1
  }

  /** Whether a remembered segment begins or ends here. */
  hasEdge(seq: number): boolean {
    const fields = this.#fields
    for (let at = 0; at < fields.length; at += FIELDS) if (fields[at + BEGIN] === seq || fields[at + END] === seq) return true
    return false
  }

  /** Whether this is one number beside the edge of a remembered segment, and no edge itself: an edge that was miscounted. */
  isBesideEdge(seq: number): boolean {
    return (this.hasEdge(add(seq, 1)) || this.hasEdge(add(seq, -1))) && !this.hasEdge(seq)
  }

  /** Whether a segment other than a RST acknowledged this number. */
  hasAcknowledged(ack: number): boolean {
    const fields = this.#fields
    for (let at = 0; at < fields.length; at += FIELDS)
      if (fields[at + ACK_NUMBER] === ack && hasBit(fields[at + BITS]!, ACK) && !hasBit(fields[at + BITS]!, RST)) return true
    return false
  }

  /** The lowest acknowledgment among the remembered segments that took up numbers from `seq` on; null if there is none. */
  lowestAckFrom(seq: number): number | null {
    const fields = this.#fields
    let lowest: number | null = null
    for (let at = 0; at < fields.length; at += FIELDS) {
      if (!hasBit(fields[at + BITS]!, ACK) || fields[at + BEGIN] === fields[at + END] || lt(fields[at + BEGIN]!, seq)) continue
      if (lowest === null || lt(fields[at + ACK_NUMBER]!, lowest)) lowest = fields[at + ACK_NUMBER]!
    }
    return lowest
  }

  /** Whether a FIN at this number was sent after text in the same segment. */
  hasTextBeforeFin(fin: number): boolean {
    return this.#hasFin(fin, (begin) => lt(begin, fin))
  }

  /** Whether a FIN at this number was sent in a segment without text. */
  hasBareFin(fin: number): boolean {
    return this.#hasFin(fin, (begin) => begin === fin)
  }

  #hasFin(fin: number, fits: (begin: number) => boolean): boolean {
    const fields = this.#fields
    for (let at = 0; at < fields.length; at += FIELDS)
      if (hasBit(fields[at + BITS]!, FIN) && fields[at + END] === add(fin, 1) && fits(fields[at + BEGIN]!)) return true
    return false
  }

  /** Whether a remembered segment is the same: control bits, numbers and payload. */
  holdsCopyOf({ segment, digest }: CapturedSegment): boolean {
    const { bits, seq, ack } = segment
    const fields = this.#fields
    const begin = hasBit(bits, SYN) ? add(seq, 1) : seq
    const end = add(seq, segmentLength(segment))
    for (let at = 0; at < fields.length; at += FIELDS)
      if (
        fields[at + BEGIN] === begin &&
        fields[at + END] === end &&
        fields[at + BITS] === bits &&
        fields[at + ACK_NUMBER] === (ack ?? -1) &&
        fields[at + DIGEST] === digest
      )
        return true
    return false
  }

  /** Whether remembered segments had different octets at the same numbers. The single octet of a keep-alive is not compared. */
  contradicts({ segment, digest, position }: CapturedSegment, octets: RecentOctets): boolean {
    const { bits, seq, length } = segment
    if (length < 2 || hasBit(bits, SYN)) return false
    const fields = this.#fields
    const end = add(seq, length)
    for (let at = 0; at < fields.length; at += FIELDS) {
      const begin = fields[at + BEGIN]!
      const theirEnd = hasBit(fields[at + BITS]!, FIN) ? add(fields[at + END]!, -1) : fields[at + END]!
      if (le(theirEnd, seq) || ge(begin, end) || sub(theirEnd, begin) < 2) continue
      if (begin === seq && theirEnd === end && digest >= 0 && fields[at + DIGEST]! >= 0 && fields[at + DIGEST] !== digest)
        return true
      const theirPosition = fields[at + POSITION]!
      if (position < 0 || theirPosition < 0) continue
      const from = gt(begin, seq) ? begin : seq
      const to = lt(theirEnd, end) ? theirEnd : end
      if (octets.differ(position + sub(from, seq), theirPosition + sub(from, begin), sub(to, from))) return true
    }
    return false
  }
}

/** Whether this segment carries octets that may have been sent before: only these need to be compared. */
export const repeatsOctets = ({ seq, length }: Segment, nxt: number): boolean =>
  length > 0 && seq !== nxt && sub(nxt, seq) <= MAX_REPEATED_NUMBERS

/** How far back numbers are compared: the largest window (RFC 7323 2.3). */
const MAX_REPEATED_NUMBERS = 2 ** 30
