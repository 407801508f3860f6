/** The shapes that a ladder is made of, as data. All lengths are px. */
import type { Seat } from '../../../protocol/seat.ts'
import type { LabelPart } from './segment-label.ts'
import type { Face } from './text-width.ts'

/** A colour, named by its meaning. */
export type Tone = Seat | 'refused' | 'ink' | 'soft' | 'lane'

export interface LineShape {
  readonly kind: 'line'
  readonly x1: number
  readonly y1: number
  readonly x2: number
  /** `100%`: down to the bottom of the drawing. */
  readonly y2: number | '100%'
  readonly tone: Tone
  readonly stroke: 'solid' | 'dashed' | 'dotted'
}

export interface PathShape {
  readonly kind: 'path'
  readonly d: string
  readonly tone: Tone
  /** If false, only the outline is drawn. */
  readonly filled: boolean
}

export interface TextShape {
  readonly kind: 'text'
  readonly x: number
  /** y of the baseline. */
  readonly y: number
  readonly anchor: 'start' | 'middle' | 'end'
  readonly size: number
  readonly face: Face
  readonly tone: Tone
  /** Separated by two spaces. */
  readonly parts: readonly LabelPart[]
}

export type Shape = LineShape | PathShape | TextShape

/** Distance between two baselines, as a multiple of the font size. */
export const LINE_HEIGHT_RATIO = 1.35

export interface Point {
  readonly x: number
  readonly y: number
}

const createPath = (tone: Tone, filled: boolean, d: string): PathShape => ({ kind: 'path', d, tone, filled })
/** A tenth of a px is precise enough, and keeps the markup short. */
const roundToTenth = (value: number): number => Math.round(value * 10) / 10

export const createLine = (from: Point, to: Point, tone: Tone, stroke: LineShape['stroke'] = 'solid'): LineShape => ({
  kind: 'line',
  x1: roundToTenth(from.x),
  y1: roundToTenth(from.y),
  x2: roundToTenth(to.x),
  y2: roundToTenth(to.y),
  tone,
  stroke,
})

/** One text per line, from top to bottom; `at.y` is the first baseline. */
export const createTextLines = (lines: readonly (readonly LabelPart[])[], at: Omit<TextShape, 'kind' | 'parts'>): TextShape[] =>
  lines.map((parts, i) => ({
    kind: 'text',
    ...at,
    x: roundToTenth(at.x),
    y: roundToTenth(at.y + i * at.size * LINE_HEIGHT_RATIO),
    parts,
  }))

/** An arrowhead with its tip at `to`. */
export function createArrowhead(from: Point, to: Point, tone: Tone): PathShape {
  const length = Math.hypot(to.x - from.x, to.y - from.y)
  const [ux, uy] = [(to.x - from.x) / length, (to.y - from.y) / length]
  const corner = (side: 1 | -1) =>
    `${roundToTenth(to.x - 11 * ux - side * 4.5 * uy)} ${roundToTenth(to.y - 11 * uy + side * 4.5 * ux)}`
  return createPath(tone, true, `M${roundToTenth(to.x)} ${roundToTenth(to.y)}L${corner(1)}L${corner(-1)}z`)
}

/** A cross, the mark of a loss, a refusal or a discard. */
export const createCross = ({ x, y }: Point, tone: Tone): PathShape =>
  createPath(tone, false, `M${roundToTenth(x - 5)} ${roundToTenth(y - 5)}l10 10m0 -10l-10 10`)

/** A disc, the mark of a user call. */
export const createDisc = ({ x, y }: Point, tone: Tone): PathShape =>
  createPath(tone, true, `M${roundToTenth(x - 4)} ${roundToTenth(y)}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z`)

/** A small clock, the mark of a timer. */
export const createClockFace = ({ x, y }: Point, tone: Tone): PathShape =>
  createPath(
    tone,
    false,
    `M${roundToTenth(x - 6)} ${roundToTenth(y)}a6 6 0 1 0 12 0a6 6 0 1 0 -12 0M${roundToTenth(x)} ${roundToTenth(y - 3.5)}v3.5h3`,
  )
