/** The code with which a class joins a session. */
import { randomInt } from 'node:crypto'

/** No vowels, so that no code is a word, and nothing that is read as something else from the back row (B 8, S 5, Z 2, O 0, I 1 L). */
const ALPHABET = 'CDFGHJKMNPQRTVWXY234679'

/** Six characters; shown in two groups of three. */
export const generateCode = (): string => Array.from({ length: 6 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')

/** A code as it was typed, in the form in which it is kept: letters and digits of any width and case, without what stands between them. */
export const normalizeCode = (typed: string): string =>
  typed
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^0-9A-Z]/g, '')
