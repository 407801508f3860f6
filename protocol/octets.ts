/** Helpers for octet strings: concatenation, comparison, conversion to and from text. */

export const NO_OCTETS: Uint8Array = new Uint8Array(0)

/** Concatenates octet strings into a new one. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** Whether two octet strings are equal. Not constant-time. */
export const equalOctets = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((octet, i) => octet === b[i])

/** Encodes text in UTF-8, as applications send it. */
export const encodeUtf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

/** Decodes UTF-8. Octets that are not valid UTF-8 become U+FFFD. */
export const decodeUtf8 = (octets: Uint8Array): string => new TextDecoder().decode(octets)

const DIGITS: readonly string[] = Array.from({ length: 256 }, (_, octet) => octet.toString(16).padStart(2, '0'))
/** The value of each hexadecimal digit, upper or lower case, indexed by its character code; 0 for all other characters. */
const VALUES = Uint8Array.from({ length: 128 }, (_, code) => Number.parseInt(String.fromCharCode(code), 16))

/** Encodes octets as lower-case hexadecimal digits, the form in which JSON stores them. */
export function toHex(octets: Uint8Array): string {
  let text = ''
  for (const octet of octets) text += DIGITS[octet]
  return text
}

/** Decodes an even number of hexadecimal digits, upper or lower case. Other characters count as 0. */
export function fromHex(text: string): Uint8Array {
  const value = (at: number) => VALUES[text.charCodeAt(at)] ?? 0
  const octets = new Uint8Array(text.length / 2)
  for (let i = 0; i < octets.length; i++) octets[i] = 16 * value(2 * i) + value(2 * i + 1)
  return octets
}
