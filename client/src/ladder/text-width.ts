/** Estimates text widths without a browser, precisely enough to break lines and to keep labels apart. Sizes and widths are px. */
import type { LabelPart } from './segment-label.ts'

/** Ideographs and full-width characters are one em wide. */
const WIDE_CHARACTER = /[\u2e80-\u9fff\uff00-\uffef]/
const EM_PER_CHARACTER = { mono: 0.61, text: 0.56, head: 0.82 }

export type Face = keyof typeof EM_PER_CHARACTER

/** The estimated width of a text in px; `size`: font size in px. */
export const measureText = (text: string, size: number, face: Face): number =>
  size * [...text].reduce((sum, char) => sum + (WIDE_CHARACTER.test(char) ? 1 : EM_PER_CHARACTER[face]), 0)

/** The width of parts in one line, separated by two spaces. */
export const measureParts = (parts: readonly LabelPart[], size: number): number =>
  measureText(parts.map(({ text }) => text).join('  '), size, 'mono')

/** Breaks parts into lines of at most `room` px; a part that is wider gets a line to itself. */
export function wrapParts(parts: readonly LabelPart[], size: number, room: number): LabelPart[][] {
  const lines: LabelPart[][] = []
  for (const part of parts) {
    const line = lines.at(-1)
    if (line && measureParts([...line, part], size) <= room) line.push(part)
    else lines.push([part])
  }
  return lines
}

/** A word or a single ideograph, with the closing punctuation and the spaces after it. */
const WORD = /(?:[\u2e80-\u9fff\uff00-\uffef]|[^\s\u2e80-\u9fff\uff00-\uffef]+)[，。：；、）]*\s*/g

/** Breaks a text at spaces and between ideographs into lines of at most `room` px. */
export function wrapText(text: string, size: number, room: number): string[] {
  const lines: string[] = []
  for (const word of text.match(WORD) ?? []) {
    const line = lines.pop()
    if (line === undefined) lines.push(word)
    else if (measureText((line + word).trimEnd(), size, 'text') <= room) lines.push(line + word)
    else lines.push(line, word)
  }
  return lines.map((line) => line.trimEnd())
}
