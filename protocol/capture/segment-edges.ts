/** Remembers where the last few segments of a side begin and end: these are the numbers that the peer may acknowledge. */
import { FIN, hasBit, type Segment, segmentLength, SYN } from '../segment.ts'
import { add, gt, lt, sub } from '../seq.ts'

/** Number of segments remembered. */
const MAX_EDGES = 16
/** In octets. A longer segment was captured before the network card split it, or after several segments were merged. */
const MAX_WIRE_SEGMENT_OCTETS = 1460

/** The edges of the last `MAX_EDGES` segments of one side, in a ring buffer. */
export class SegmentEdges {
  readonly #begins: Uint32Array
  readonly #ends: Uint32Array
  /** The checksums of their payloads; -1 if a payload was not captured completely. */
  readonly #digests: Int32Array
  #count: number

  constructor(
    begins = new Uint32Array(MAX_EDGES),
    ends = new Uint32Array(MAX_EDGES),
    digests = new Int32Array(MAX_EDGES),
    count = 0,
  ) {
    this.#begins = begins
    this.#ends = ends
    this.#digests = digests
    this.#count = count
  }

  fork(): SegmentEdges {
    return new SegmentEdges(this.#begins.slice(), this.#ends.slice(), this.#digests.slice(), this.#count)
  }

  /** `digest`: the checksum of the payload, or -1 if unknown. */
  add(segment: Segment, digest: number): void {
    const at = this.#count % MAX_EDGES
    // The octets that a SYN carries may be accepted later than the SYN, so its begin is the number after the SYN.
    this.#begins[at] = segment.seq + (hasBit(segment.bits, SYN) ? 1 : 0)
    this.#ends[at] = segment.seq + segmentLength(segment)
    this.#digests[at] = digest
    this.#count += 1
  }

  /** Whether a remembered segment had different octets at the same numbers. The single octet of a keep-alive is not compared. */
  contradicts({ bits, seq, length }: Segment, digest: number): boolean {
    if (digest < 0 || length < 2 || hasBit(bits, SYN)) return false
    const end = add(seq, length + (hasBit(bits, FIN) ? 1 : 0))
    for (let i = Math.min(this.#count, MAX_EDGES) - 1; i >= 0; i--) {
      if (this.#begins[i] === seq && this.#ends[i] === end && this.#digests[i]! >= 0 && this.#digests[i] !== digest) return true
    }
    return false
  }

  /** Whether a remembered segment begins or ends here. */
  has(seq: number): boolean {
    for (let i = Math.min(this.#count, MAX_EDGES) - 1; i >= 0; i--)
      if (this.#begins[i] === seq || this.#ends[i] === seq) return true
    return false
  }

  /** Whether this number is inside a remembered segment and at no segment's edge. A receiver does not accept half a segment. */
  splits(seq: number): boolean {
    let split = false
    for (let i = Math.min(this.#count, MAX_EDGES) - 1; i >= 0; i--) {
      const begin = this.#begins[i]!
      const end = this.#ends[i]!
      if (begin === seq || end === seq) return false
      if (gt(seq, begin) && lt(seq, end) && sub(end, begin) <= MAX_WIRE_SEGMENT_OCTETS) split = true
    }
    return split
  }
}
