/**
 * Keeps the payloads captured last, of all connections together, so that what is sent again can be compared octet for octet however it is
 * cut. The memory is fixed: new payloads overwrite the oldest.
 */

/** Octets kept. Until then the memory grows with what is kept. */
const CAPACITY = 2 ** 23
const INITIAL_CAPACITY = 2 ** 12

export class RecentOctets {
  #ring = new Uint8Array(INITIAL_CAPACITY)
  /** The number of octets ever written. An octet written at position p is at p modulo `CAPACITY` until CAPACITY more have been written. */
  #written = 0

  /** Keeps a copy; returns its position. */
  keep(octets: Uint8Array): number {
    const left = CAPACITY - (this.#written % CAPACITY)
    if (octets.length > left) this.#written += left
    const position = this.#written
    if (position + octets.length > this.#ring.length && this.#ring.length < CAPACITY) this.#grow(position + octets.length)
    this.#ring.set(octets, position % CAPACITY)
    this.#written += octets.length
    return position
  }

  #grow(least: number): void {
    let length = this.#ring.length
    while (length < least && length < CAPACITY) length *= 2
    const grown = new Uint8Array(length)
    grown.set(this.#ring)
    this.#ring = grown
  }

  /** Whether both positions still hold these octets, and any of the `length` octets differs. */
  differ(a: number, b: number, length: number): boolean {
    if (this.#written - Math.min(a, b) > CAPACITY) return false
    const [from, other] = [a % CAPACITY, b % CAPACITY]
    for (let i = 0; i < length; i++) if (this.#ring[from + i] !== this.#ring[other + i]) return true
    return false
  }
}
