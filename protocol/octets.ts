/** Octets as text: in the log, and between layers that carry each other's. */

/** Two hexadecimal digits an octet. */
export const toHex = (octets: Uint8Array): string => Array.from(octets, (octet) => octet.toString(16).padStart(2, '0')).join('')

export const fromHex = (hex: string): Uint8Array =>
  Uint8Array.from({ length: hex.length / 2 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16))

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

/** What is no UTF-8 becomes U+FFFD. */
export const fromUtf8 = (octets: Uint8Array): string => new TextDecoder().decode(octets)

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let end = 0
  for (const part of parts) {
    all.set(part, end)
    end += part.length
  }
  return all
}
