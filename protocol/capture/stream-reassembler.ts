/** Reassembles one direction of a connection: returns its octets in order, without duplicates. */
import { add, gt, le, lt, sub } from '../seq.ts'

/** What is held out of order in all streams together. In octets, of which each range costs some for itself. */
const MAX_HELD_OCTETS = 2 ** 25
/** What a single stream may hold. */
const MAX_HELD_OCTETS_OF_STREAM = 2 ** 18
const MAX_HELD_RANGES_OF_STREAM = 2048
/** The memory that a range takes besides its octets, in octets. */
const RANGE_OCTETS = 200

/** Counts the octets that all streams of a capture hold together. */
export class HeldOctets {
  size = 0
}

interface HeldRange {
  readonly seq: number
  readonly octets: Uint8Array
}

/** The reassembly of one direction of a connection. */
export class StreamReassembler {
  /** The sequence number of the next octet to read; null until known. */
  #next: number | null = null
  /** Ordered by descending numbers: the range that is read next is the last one, and can be removed without moving the others. */
  readonly #held: HeldRange[] = []
  #size = 0
  readonly #all: HeldOctets
  /** Nothing more can be read: octets are missing from the capture, or too many are held behind a gap. */
  broken = false

  /** `all`: counts the octets held by all streams. */
  constructor(all = new HeldOctets()) {
    this.#all = all
  }

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
    if (!whole) this.abandon()
    else this.#release(ready)
    return ready
  }

  /** Gives the stream up: what it holds is dropped. */
  abandon(): void {
    this.broken = true
    this.#held.length = 0
    this.#count(-this.#size)
  }

  #hold(range: HeldRange, whole: boolean): void {
    const held = this.#held
    this.#count(range.octets.length + RANGE_OCTETS)
    const octets = this.#size - RANGE_OCTETS * (held.length + 1)
    if (
      !whole ||
      octets > MAX_HELD_OCTETS_OF_STREAM ||
      held.length >= MAX_HELD_RANGES_OF_STREAM ||
      this.#all.size > MAX_HELD_OCTETS
    ) {
      this.abandon()
      return
    }
    let low = 0
    let high = held.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (gt(held[middle]!.seq, range.seq)) low = middle + 1
      else high = middle
    }
    held.splice(low, 0, range)
  }

  /** Moves held octets that can be read now to `ready`. */
  #release(ready: Uint8Array[]): void {
    for (let range = this.#held.at(-1); range !== undefined && le(range.seq, this.#next!); range = this.#held.at(-1)) {
      this.#held.pop()
      this.#count(-range.octets.length - RANGE_OCTETS)
      const end = add(range.seq, range.octets.length)
      if (le(end, this.#next!)) continue
      ready.push(range.octets.subarray(sub(this.#next!, range.seq)))
      this.#next = end
    }
  }

  #count(octets: number): void {
    this.#size += octets
    this.#all.size += octets
  }
}
