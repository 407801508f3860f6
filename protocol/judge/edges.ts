/** Where a side's last few segments began and ended: the numbers that its peer may acknowledge. */
import { FIN, has, type Segment, segmentLength, SYN } from '../segment.ts'
import { add, gt, lt, sub } from '../seq.ts'

/** So many segments are remembered. Of those before them nothing is said. */
const KEPT = 16
/** A longer one was captured before the network card cut it up, or after another had joined it. */
const LONGEST_ON_WIRE = 1460

export class Edges {
  readonly #begins: Uint32Array
  readonly #ends: Uint32Array
  /** The sums of their payloads; -1 where not all of it was captured. */
  readonly #digests: Int32Array
  #count: number

  constructor(begins = new Uint32Array(KEPT), ends = new Uint32Array(KEPT), digests = new Int32Array(KEPT), count = 0) {
    this.#begins = begins
    this.#ends = ends
    this.#digests = digests
    this.#count = count
  }

  fork(): Edges {
    return new Edges(this.#begins.slice(), this.#ends.slice(), this.#digests.slice(), this.#count)
  }

  /** `digest`: its payload's sum, or -1. */
  add(segment: Segment, digest: number): void {
    const at = this.#count % KEPT
    // Octets that come with a SYN may be left for later.
    this.#begins[at] = segment.seq + (has(segment.bits, SYN) ? 1 : 0)
    this.#ends[at] = segment.seq + segmentLength(segment)
    this.#digests[at] = digest
    this.#count += 1
  }

  /** Has one of them carried other octets under the same numbers? A keep-alive's one octet may be any. */
  contradict({ bits, seq, length }: Segment, digest: number): boolean {
    if (digest < 0 || length < 2 || has(bits, SYN)) return false
    const end = add(seq, length + (has(bits, FIN) ? 1 : 0))
    for (let i = Math.min(this.#count, KEPT) - 1; i >= 0; i--) {
      if (this.#begins[i] === seq && this.#ends[i] === end && this.#digests[i]! >= 0 && this.#digests[i] !== digest) return true
    }
    return false
  }

  /** Does one of them begin or end here? */
  has(seq: number): boolean {
    for (let i = Math.min(this.#count, KEPT) - 1; i >= 0; i--) if (this.#begins[i] === seq || this.#ends[i] === seq) return true
    return false
  }

  /** Does this number part one of them in two, and no other end there? Nobody takes in half of what the wire carries whole. */
  splits(seq: number): boolean {
    let split = false
    for (let i = Math.min(this.#count, KEPT) - 1; i >= 0; i--) {
      const begin = this.#begins[i]!
      const end = this.#ends[i]!
      if (begin === seq || end === seq) return false
      if (gt(seq, begin) && lt(seq, end) && sub(end, begin) <= LONGEST_ON_WIRE) split = true
    }
    return split
  }
}
