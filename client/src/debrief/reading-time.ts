/** How long playback shows a step, estimated from the length of its sentence. */

/** Real ms of reading time per character: an ideograph carries as much as three or four letters. */
const LETTER_MS = 55
const IDEOGRAPH_MS = 170
/** Real ms to find what has changed. */
const LOOK_MS = 1_500

/** Real ms to read a text and to look at what it describes. */
export const estimateReadingMs = (text: string): number =>
  [...text].reduce((sum, sign) => sum + (/[\u2e80-\u9fff]/.test(sign) ? IDEOGRAPH_MS : LETTER_MS), LOOK_MS)
