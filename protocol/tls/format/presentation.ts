/** TLS's presentation language (RFC 8446 3): big-endian numbers, and vectors after their length. */
import { concat } from '../../octets.ts'
import type { Bytes } from './crypto.ts'

/** What is wrong with octets that cannot be decoded: the answer is decode_error (RFC 5246 7.2.2, RFC 8446 6.2). */
export interface DecodeFault {
  /** `ended`: fewer octets than announced. `left`: octets are left over. `range`: a length or value that the field cannot have. */
  readonly why: 'ended' | 'left' | 'range'
  /** The field, as the RFC names it. */
  readonly field: string
}

/** Thrown by `Reader`, caught by `tryDecode`. */
class Malformed extends Error {
  readonly fault: DecodeFault
  constructor(fault: DecodeFault) {
    super(`${fault.field}: ${fault.why}`)
    this.fault = fault
  }
}

export type DecodeResult<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: DecodeFault }

/** Reads the whole of `octets` as one structure. */
export function tryDecode<T>(octets: Bytes, field: string, parse: (reader: Reader) => T): DecodeResult<T> {
  try {
    const reader = new Reader(octets)
    const value = parse(reader)
    reader.end(field)
    return { ok: true, value }
  } catch (error) {
    if (error instanceof Malformed) return { ok: false, fault: error.fault }
    throw error
  }
}

/** Reads field after field, and throws `Malformed` at the first that does not fit. What it returns is a copy. */
export class Reader {
  readonly #bytes: Bytes
  #at = 0

  constructor(bytes: Bytes) {
    this.#bytes = bytes
  }

  get left(): number {
    return this.#bytes.length - this.#at
  }

  /** A number of 1, 2, 3 or 4 octets. */
  uint(size: 1 | 2 | 3 | 4, field: string): number {
    if (this.left < size) this.fail('ended', field)
    let value = 0
    for (let i = 0; i < size; i++) value = value * 256 + this.#bytes[this.#at++]!
    return value
  }

  take(length: number, field: string): Bytes {
    if (this.left < length) this.fail('ended', field)
    this.#at += length
    return this.#bytes.slice(this.#at - length, this.#at)
  }

  /** The octets of a vector whose length stands in `size` octets: between `least` and `most` of them. */
  vector(size: 1 | 2 | 3, field: string, least = 0, most = Infinity): Bytes {
    const length = this.uint(size, field)
    if (length < least || length > most) this.fail('range', field)
    return this.take(length, field)
  }

  /** A vector of items of one type. */
  list<T>(size: 1 | 2 | 3, field: string, least: number, item: (reader: Reader) => T): T[] {
    const reader = new Reader(this.vector(size, field, least))
    const items: T[] = []
    while (reader.left > 0) items.push(item(reader))
    return items
  }

  end(field: string): void {
    if (this.left > 0) this.fail('left', field)
  }

  fail(why: DecodeFault['why'], field: string): never {
    throw new Malformed({ why, field })
  }
}

/** A number as `size` octets, big-endian. */
export function uint(size: number, value: number): Bytes {
  const bytes = new Uint8Array(size)
  for (let i = size - 1, rest = value; i >= 0; i--, rest = Math.floor(rest / 256)) bytes[i] = rest % 256
  return bytes
}

/** A vector behind its length of `size` octets. Throws `RangeError` where the length does not fit. */
export function vector(size: 1 | 2 | 3, ...parts: readonly Bytes[]): Bytes {
  const body = concat(...parts)
  if (body.length >= 256 ** size) throw new RangeError(`${body.length} octets do not fit a length of ${size} octets`)
  return concat(uint(size, body.length), body)
}

/** The octets of an ASCII text, and the text of octets (each octet one character). */
export const encodeAscii = (text: string): Bytes => Uint8Array.from(text, (character) => character.charCodeAt(0))
export const decodeAscii = (octets: Bytes): string => String.fromCharCode(...octets)
