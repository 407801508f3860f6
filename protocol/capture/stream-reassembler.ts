/** Reassembles one direction of a connection: returns its octets in order, without duplicates. */
import { add, gt, le, lt, sub } from '../seq.ts'

/** Maximum number of octets that are held out of order. */
const MAX_HELD_OCTETS = 2 ** 18

interface HeldRange {
  readonly seq: number
  readonly octets: Uint8Array
}

/** The reassembly of one direction of a connection. */
export class StreamReassembler {
  /** The sequence number of the next octet to read; null until known. */
  #next: number | null = null
  #held: HeldRange[] = []
  #size = 0
  /** Nothing more can be read: octets are missing from the capture, or too many are held behind a gap. */
  broken = false

  /** Sets the sequence number of the first octet, which is the number after the SYN. */
  begin(seq: number): void {
    this.#next ??= seq
  }

  /** Whether every octet before this number has been read. */
  hasReadUpTo(seq: number): boolean {
    return this.#next === seq && !this.broken
  }

  /** Whether `ack` acknowledges octets that have not been read here. It may also count the FIN, hence one more than the next octet. */
  lacksBefore(ack: number): boolean {
    return this.#next === null || gt(ack, add(this.#next, 1))
  }

  /** Adds octets at `seq`; returns copies of all octets that can be read now. `whole`: the segment's payload was captured completely. */
  take(seq: number, octets: Uint8Array, whole: boolean): readonly Uint8Array[] {
    this.#next ??= seq
    const end = add(seq, octets.length)
    if (this.broken || (whole && le(end, this.#next))) return []
    if (gt(seq, this.#next)) {
      this.#hold({ seq, octets: octets.slice() }, whole)
      return []
    }
    const ready = lt(this.#next, end) ? [octets.slice(sub(this.#next, seq))] : []
    if (lt(this.#next, end)) this.#next = end
    if (!whole) this.#break()
    else this.#release(ready)
    return ready
  }

  #hold(piece: HeldRange, whole: boolean): void {
    this.#size += piece.octets.length
    if (!whole || this.#size > MAX_HELD_OCTETS) this.#break()
    else this.#held.push(piece)
  }

  /** Moves held octets that can be read now to `ready`. */
  #release(ready: Uint8Array[]): void {
    for (;;) {
      const at = this.#held.findIndex(({ seq }) => le(seq, this.#next!))
      if (at < 0) return
      const [piece] = this.#held.splice(at, 1) as [HeldRange]
      this.#size -= piece.octets.length
      const end = add(piece.seq, piece.octets.length)
      if (le(end, this.#next!)) continue
      ready.push(piece.octets.subarray(sub(this.#next!, piece.seq)))
      this.#next = end
    }
  }

  #break(): void {
    this.broken = true
    this.#held = []
    this.#size = 0
  }
}
