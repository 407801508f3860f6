/**
 * Keeps the payloads captured last, of all connections together, so that what is sent again can be compared octet for octet however it is
 * cut. The memory is fixed: new payloads overwrite the oldest.
 */

/** Octets kept. */
const CAPACITY = 2 ** 23

export class RecentOctets {
  readonly #ring = new Uint8Array(CAPACITY)
  /** The number of octets ever written. An octet written at position p is at p modulo `CAPACITY` until CAPACITY more have been written. */
  #written = 0

  /** Keeps a copy; returns its position. */
  keep(octets: Uint8Array): number {
    const left = CAPACITY - (this.#written % CAPACITY)
    if (octets.length > left) this.#written += left
    const position = this.#written
    this.#ring.set(octets, position % CAPACITY)
    this.#written += octets.length
    return position
  }

  /** Whether both positions still hold these octets, and any of the `length` octets differs. */
  differ(a: number, b: number, length: number): boolean {
    if (this.#written - Math.min(a, b) > CAPACITY) return false
    const [from, other] = [a % CAPACITY, b % CAPACITY]
    for (let i = 0; i < length; i++) if (this.#ring[from + i] !== this.#ring[other + i]) return true
    return false
  }
}
