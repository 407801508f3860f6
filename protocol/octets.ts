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

/** Hexadecimal digits: what is stored is JSON. */
export const toHex = (octets: Uint8Array): string => Array.from(octets, (octet) => octet.toString(16).padStart(2, '0')).join('')

export const fromHex = (text: string): Uint8Array =>
  Uint8Array.from({ length: text.length / 2 }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16))
