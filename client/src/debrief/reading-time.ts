/** How long playback shows a step, from the length of its sentence. */

/** Reading time in ms per character: a Chinese one says as much as three or four letters. */
const LETTER_MS = 55
const IDEOGRAPH_MS = 170
/** Time to find what has changed, in ms. */
const LOOK_MS = 1_500

/** ms to read this and to look at what it speaks of. */
export const estimateReadingMs = (text: string): number =>
  [...text].reduce((sum, sign) => sum + (/[\u2e80-\u9fff]/.test(sign) ? IDEOGRAPH_MS : LETTER_MS), LOOK_MS)
