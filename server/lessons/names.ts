/** Names that people type: of themselves, and of a lesson. */
import { ApiError } from '../base/api-error.ts'

/** Control characters, halves of surrogates, and the invisible ones that turn or hide text. (Joiners stay: scripts and emoji need them.) */
const INVISIBLE_CHARACTERS = /[\p{Cc}\p{Cs}\u00AD\u200B\u200E\u200F\u202A-\u202E\u2060-\u206F\uFEFF]/gu

/** One line of NFC text with single spaces. Throws `malformed` where nothing is left. */
export function normalizeText(typed: string): string {
  const text = typed.normalize('NFC').replace(/\s/gu, ' ').replace(INVISIBLE_CHARACTERS, '').replace(/ +/g, ' ').trim()
  if (text === '') throw new ApiError('malformed', 'There is no text in it: type at least one letter.')
  return text
}

/** The name itself, or with the lowest number that makes it nobody's: `Heron`, `Heron 2`. */
export function makeUniqueName(name: string, taken: ReadonlySet<string>): string {
  if (!taken.has(name)) return name
  let number = 2
  while (taken.has(`${name} ${number}`)) number++
  return `${name} ${number}`
}
