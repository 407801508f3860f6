/** The code with which a class joins a session. */
import { randomInt } from 'node:crypto'

/**
 * Without vowels, so that no code is a word, and without characters that are easily misread from the back row (B 8, S 5, Z 2, O
 * 0, I 1 L).
 */
const ALPHABET = 'CDFGHJKMNPQRTVWXY234679'

/** A random code of six characters, displayed in two groups of three. */
export const generateCode = (): string => Array.from({ length: 6 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')

/**
 * The stored form of a typed code: upper-case ASCII letters and digits. Accepts any width and case, and ignores everything else.
 */
export const normalizeCode = (typed: string): string =>
  typed
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^0-9A-Z]/g, '')
