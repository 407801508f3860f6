/** Names that people type: their own, and those of lessons. */
import unhomoglyph from 'unhomoglyph'
import { ApiError } from '../base/api-error.ts'

/**
 * Characters that are removed: control characters, unpaired surrogates, and characters that are not drawn. Joiners, the emoji
 * variation selector and Mongolian's variation selectors are kept, because scripts and emoji need them. They cannot be used to
 * imitate a name: the skeleton ignores them.
 */
const INVISIBLE_CHARACTERS = /[\p{Cc}\p{Cs}]|(?!\u200C|\u200D|\uFE0F|[\u180B-\u180F])\p{DI}/gu
/** Characters without a visible shape, including the blank braille pattern. */
const DRAWS_NOTHING = /[\s\p{C}\p{DI}\u2800]/gu

/** Normalizes typed text to one line of NFC with single spaces. Throws `malformed` if no visible character is left. */
export function normalizeText(typed: string): string {
  const text = typed.normalize('NFC').replace(/\s/gu, ' ').replace(INVISIBLE_CHARACTERS, '').replace(/ +/g, ' ').trim()
  if (text.replace(DRAWS_NOTHING, '') === '') throw new ApiError('malformed', 'There is no text in it: type at least one letter.')
  return text
}

/**
 * What a name looks like: two names that are hard to tell apart have the same skeleton (UTS 39, section 4). Full-width characters
 * count as the ordinary ones, even if Unicode's table of confusables leaves that to the normalization form. Not for display.
 */
export const skeletonOf = (name: string): string =>
  unhomoglyph(
    name
      .normalize('NFKC')
      .normalize('NFD')
      .replace(/\p{DI}/gu, ''),
  ).normalize('NFD')

/** How many numbers are looked up at once. */
const NUMBERS_AT_ONCE = 50

/**
 * The name with the lowest number that makes it free: `Heron 2`. `findTaken` returns those of the given skeletons that are in
 * use.
 */
export async function findFreeName(
  name: string,
  findTaken: (skeletons: readonly string[]) => Promise<ReadonlySet<string>>,
): Promise<string> {
  const base = skeletonOf(`${name} `)
  // The loop ends, because a session has a finite number of people.
  for (let from = 2; ; from += NUMBERS_AT_ONCE) {
    const skeletons = Array.from({ length: NUMBERS_AT_ONCE }, (_, i) => `${base}${skeletonOf(`${from + i}`)}`)
    const taken = await findTaken(skeletons)
    const free = skeletons.findIndex((skeleton) => !taken.has(skeleton))
    if (free >= 0) return `${name} ${from + free}`
  }
}
