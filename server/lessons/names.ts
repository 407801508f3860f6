/** Names that people type: of themselves, and of a lesson. */
import unhomoglyph from 'unhomoglyph'
import { ApiError } from '../base/api-error.ts'

/**
 * Control characters, halves of surrogates, and what is not drawn. (Joiners, the emoji's variation selector and Mongolian's stay: scripts and
 * emoji need them. Whoever has the same name without them has a name that looks the same.)
 */
const INVISIBLE_CHARACTERS = /[\p{Cc}\p{Cs}]|(?!\u200C|\u200D|\uFE0F|[\u180B-\u180F])\p{DI}/gu
/** Characters that draw nothing, the braille blank among them. */
const DRAWS_NOTHING = /[\s\p{C}\p{DI}\u2800]/gu

/** One line of NFC text with single spaces. Throws `malformed` where nothing that can be seen is left. */
export function normalizeText(typed: string): string {
  const text = typed.normalize('NFC').replace(/\s/gu, ' ').replace(INVISIBLE_CHARACTERS, '').replace(/ +/g, ' ').trim()
  if (text.replace(DRAWS_NOTHING, '') === '') throw new ApiError('malformed', 'There is no text in it: type at least one letter.')
  return text
}

/**
 * What a name looks like: two names that are hard to tell apart have the same skeleton (UTS 39, section 4). Full width counts as what it is
 * the width of, also where Unicode's table of confusables leaves that to the normal form. Not for display.
 */
export const skeletonOf = (name: string): string =>
  unhomoglyph(
    name
      .normalize('NFKC')
      .normalize('NFD')
      .replace(/\p{DI}/gu, ''),
  ).normalize('NFD')

/** How many numbers are asked for at once. */
const NUMBERS_AT_ONCE = 50

/** The name with the lowest number that makes it nobody's: `Heron 2`. `findTaken` gives those of these skeletons that somebody has. */
export async function findFreeName(
  name: string,
  findTaken: (skeletons: readonly string[]) => Promise<ReadonlySet<string>>,
): Promise<string> {
  const base = skeletonOf(`${name} `)
  // It ends: a session has so many people only.
  for (let from = 2; ; from += NUMBERS_AT_ONCE) {
    const skeletons = Array.from({ length: NUMBERS_AT_ONCE }, (_, i) => `${base}${skeletonOf(`${from + i}`)}`)
    const taken = await findTaken(skeletons)
    const free = skeletons.findIndex((skeleton) => !taken.has(skeleton))
    if (free >= 0) return `${name} ${from + free}`
  }
}
