/** TLS's presentation language (RFC 8446 3): big-endian numbers, and vectors preceded by their length. */
import { concat } from '../../octets.ts'
import type { Bytes } from './crypto.ts'

/** The reason why octets cannot be decoded. The receiver answers with decode_error (RFC 5246 7.2.2, RFC 8446 6.2). */
export interface DecodeFault {
  /** `ended`: there are fewer octets than announced. `left`: octets are left over. `range`: the field's length or value is not allowed. */
  readonly why: 'ended' | 'left' | 'range'
  /** The field, by its name in the RFC. */
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

/** A decoded value, or the fault that prevents decoding. */
export type DecodeResult<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: DecodeFault }

/** Decodes `octets` as one structure. It is a fault if octets are left over. */
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

/** Reads one field after another, and throws `Malformed` at the first malformed one. Returned octets are copies. */
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

  /** The octets of a vector, whose length field has `size` octets. Their number must be between `least` and `most`. */
  vector(size: 1 | 2 | 3, field: string, least = 0, most = Infinity): Bytes {
    const length = this.uint(size, field)
    if (length < least || length > most) this.fail('range', field)
    return this.take(length, field)
  }

  /** A vector of items of one type. `least`: the minimum length in octets. */
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

/** Encodes a number as `size` octets, big-endian. */
export function uint(size: number, value: number): Bytes {
  const bytes = new Uint8Array(size)
  for (let i = size - 1, rest = value; i >= 0; i--, rest = Math.floor(rest / 256)) bytes[i] = rest % 256
  return bytes
}

/** Encodes a vector preceded by its length in `size` octets. Throws `RangeError` if the length does not fit. */
export function vector(size: 1 | 2 | 3, ...parts: readonly Bytes[]): Bytes {
  const body = concat(...parts)
  if (body.length >= 256 ** size) throw new RangeError(`${body.length} octets do not fit a length of ${size} octets`)
  return concat(uint(size, body.length), body)
}

/** Convert between ASCII text and octets, one octet per character. */
export const encodeAscii = (text: string): Bytes => Uint8Array.from(text, (character) => character.charCodeAt(0))
export const decodeAscii = (octets: Bytes): string => String.fromCharCode(...octets)
