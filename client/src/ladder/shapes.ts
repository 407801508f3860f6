/** The few shapes that a ladder is drawn with, as data. All lengths are px. */
import type { Seat } from '../../../protocol/world/exercise.ts'
import type { Part } from './label.ts'
import type { Face } from './measure.ts'

/** A colour by its meaning. */
export type Tone = Seat | 'refused' | 'ink' | 'soft' | 'lane'

export interface Line {
  readonly shape: 'line'
  readonly x1: number
  readonly y1: number
  readonly x2: number
  /** `100%`: to the bottom of what it is drawn on. */
  readonly y2: number | '100%'
  readonly tone: Tone
  readonly stroke: 'solid' | 'dashed' | 'dotted'
}

export interface Path {
  readonly shape: 'path'
  readonly d: string
  readonly tone: Tone
  /** Else its outline is drawn. */
  readonly filled: boolean
}

export interface Text {
  readonly shape: 'text'
  readonly x: number
  /** Of the baseline. */
  readonly y: number
  readonly anchor: 'start' | 'middle' | 'end'
  readonly size: number
  readonly face: Face
  readonly tone: Tone
  /** Two spaces apart. */
  readonly parts: readonly Part[]
}

export type Shape = Line | Path | Text

/** From one line's baseline to the next, in font sizes. */
export const LEADING = 1.35

export interface Point {
  readonly x: number
  readonly y: number
}

const path = (tone: Tone, filled: boolean, d: string): Path => ({ shape: 'path', d, tone, filled })
/** Tenths of a px are enough, and keep the markup short. */
const n = (value: number): number => Math.round(value * 10) / 10

export const line = (from: Point, to: Point, tone: Tone, stroke: Line['stroke'] = 'solid'): Line => ({
  shape: 'line',
  x1: n(from.x),
  y1: n(from.y),
  x2: n(to.x),
  y2: n(to.y),
  tone,
  stroke,
})

/** Lines of parts under each other; `y` is the first baseline. */
export const texts = (lines: readonly (readonly Part[])[], at: Omit<Text, 'shape' | 'parts'>): Text[] =>
  lines.map((parts, i) => ({ shape: 'text', ...at, x: n(at.x), y: n(at.y + i * at.size * LEADING), parts }))

/** Its tip at `to`. */
export function arrowhead(from: Point, to: Point, tone: Tone): Path {
  const length = Math.hypot(to.x - from.x, to.y - from.y)
  const [ux, uy] = [(to.x - from.x) / length, (to.y - from.y) / length]
  const corner = (side: 1 | -1) => `${n(to.x - 11 * ux - side * 4.5 * uy)} ${n(to.y - 11 * uy + side * 4.5 * ux)}`
  return path(tone, true, `M${n(to.x)} ${n(to.y)}L${corner(1)}L${corner(-1)}z`)
}

export const cross = ({ x, y }: Point, tone: Tone): Path => path(tone, false, `M${n(x - 5)} ${n(y - 5)}l10 10m0 -10l-10 10`)

export const disc = ({ x, y }: Point, tone: Tone): Path => path(tone, true, `M${n(x - 4)} ${n(y)}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z`)

/** A small clock. */
export const clockFace = ({ x, y }: Point, tone: Tone): Path =>
  path(tone, false, `M${n(x - 6)} ${n(y)}a6 6 0 1 0 12 0a6 6 0 1 0 -12 0M${n(x)} ${n(y - 3.5)}v3.5h3`)
