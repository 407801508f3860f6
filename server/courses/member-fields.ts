/** The fields of a roster's row as people and spreadsheets write them. */
import { ApiError } from '../base/api-error.ts'
import { normalizeText } from '../lessons/names.ts'

/** One `@`, something on either side, and a dot in the domain: only what is certainly no address is refused. */
const EMAIL_PATTERN = /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/u

/** A student number in its stored form: characters of any width count as the ordinary ones. Throws `malformed`. */
export const normalizeNumber = (typed: string): string => normalizeText(typed.normalize('NFKC')).replace(/ /g, '')

export const isEmail = (text: string): boolean => EMAIL_PATTERN.test(text)

/** An e-mail address in its stored form. Throws `malformed` for text that is none. */
export function normalizeEmail(typed: string): string {
  const email = normalizeText(typed.normalize('NFKC')).toLowerCase()
  if (!isEmail(email)) throw new ApiError('malformed', `This is no e-mail address: ${email}`)
  return email
}
