/** About how wide texts run, without asking a browser: enough to break lines and to keep labels apart. Sizes and widths in px. */
import type { LabelPart } from './segment-label.ts'

/** Ideographs and full-width signs, one em each. */
const WIDE_CHARACTER = /[\u2e80-\u9fff\uff00-\uffef]/
const EM_PER_CHARACTER = { mono: 0.61, text: 0.56, head: 0.82 }

export type Face = keyof typeof EM_PER_CHARACTER

export const measureText = (text: string, size: number, face: Face): number =>
  size * [...text].reduce((sum, char) => sum + (WIDE_CHARACTER.test(char) ? 1 : EM_PER_CHARACTER[face]), 0)

/** Parts in one line, two spaces apart. */
export const measureParts = (parts: readonly LabelPart[], size: number): number =>
  measureText(parts.map(({ text }) => text).join('  '), size, 'mono')

/** Fills lines with parts; one that is too long for any stands alone. */
export function wrapParts(parts: readonly LabelPart[], size: number, room: number): LabelPart[][] {
  const lines: LabelPart[][] = []
  for (const part of parts) {
    const line = lines.at(-1)
    if (line && measureParts([...line, part], size) <= room) line.push(part)
    else lines.push([part])
  }
  return lines
}

/** Words and single ideographs, with closing punctuation and the blanks behind them. */
const WORD = /(?:[\u2e80-\u9fff\uff00-\uffef]|[^\s\u2e80-\u9fff\uff00-\uffef]+)[，。：；、）]*\s*/g

/** Breaks at spaces and between ideographs. */
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
