/** Octets: put together, and written as text. */

export const NO_OCTETS: Uint8Array = new Uint8Array(0)

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

export const equalOctets = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((octet, i) => octet === b[i])

/** What people type, and what applications mean. */
export const encodeUtf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

/** What is no UTF-8 becomes U+FFFD. */
export const decodeUtf8 = (octets: Uint8Array): string => new TextDecoder().decode(octets)

const DIGITS: readonly string[] = Array.from({ length: 256 }, (_, octet) => octet.toString(16).padStart(2, '0'))
/** What each digit, of either case, stands for, by its character's code; 0 for what is no digit. */
const VALUES = Uint8Array.from({ length: 128 }, (_, code) => Number.parseInt(String.fromCharCode(code), 16))

/** Hexadecimal digits: what is stored is JSON. */
export function toHex(octets: Uint8Array): string {
  let text = ''
  for (const octet of octets) text += DIGITS[octet]
  return text
}

export function fromHex(text: string): Uint8Array {
  const value = (at: number) => VALUES[text.charCodeAt(at)] ?? 0
  const octets = new Uint8Array(text.length / 2)
  for (let i = 0; i < octets.length; i++) octets[i] = 16 * value(2 * i) + value(2 * i + 1)
  return octets
}
