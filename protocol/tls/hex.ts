/** Bytes as text: what is stored is JSON. */
import type { Bytes } from './crypto.ts'

export const hex = (bytes: Bytes): string => Array.from(bytes, (octet) => octet.toString(16).padStart(2, '0')).join('')

export const unhex = (text: string): Bytes =>
  Uint8Array.from({ length: text.length / 2 }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16))
