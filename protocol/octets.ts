/** Octets as text: what people type, and what applications mean. */

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

/** What is no UTF-8 becomes U+FFFD. */
export const fromUtf8 = (octets: Uint8Array): string => new TextDecoder().decode(octets)
