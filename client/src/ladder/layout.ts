/**
 * Layout of the ladder: turns rows into figures, which are made of positioned shapes. Pure and complete: a renderer, on a page or
 * into a file, only chooses the colours for the tones.
 *
 * World time runs downwards, not to scale: a later row is never placed above an earlier one, each row is as high as its label needs,
 * and a long wait is drawn as a short break of the lanes. All lengths are px.
 */
import { SEATS, peerOf, type Seat } from '../../../protocol/seat.ts'
import { createPart, type LabelPart } from './segment-label.ts'
import { measureText, measureParts, wrapParts, wrapText } from './text-width.ts'
import type { LadderRow, LadderSegment, SeatRow } from './rows.ts'
import {
  LINE_HEIGHT_RATIO,
  createArrowhead,
  createClockFace,
  createCross,
  createDisc,
  createLine,
  createTextLines,
  type LineShape,
  type Point,
  type Shape,
  type TextShape,
  type Tone,
} from './shapes.ts'

/** The drawing of one row. A complete arrow belongs to the row in which its segment was sent. */
export interface Figure {
  /** The index of the row. */
  readonly row: number
  readonly kind: LadderRow['kind']
  /** The arrow, along which a new segment is seen to travel; null if the row has none. */
  readonly flight: Flight | null
  readonly shapes: readonly Shape[]
}

export interface Flight {
  readonly from: Point
  readonly to: Point
  readonly tone: Tone
  /** Whether it ends at the lane of its receiver. */
  readonly arrives: boolean
}

/** A complete drawing. `heads` are the names of the lanes; their y counts in a strip of `HEAD_HEIGHT` above the rest. */
export interface Layout {
  readonly width: number
  readonly height: number
  readonly heads: readonly TextShape[]
  readonly lifelines: readonly LineShape[]
  readonly figures: readonly Figure[]
}

/** The text at a row: `parts` is a segment or a state in protocol notation, `note` a remark in small print. */
export interface Label {
  readonly parts: readonly LabelPart[]
  readonly note: string | null
}

export interface LayoutOptions {
  /** At least 280. */
  readonly width: number
  /** Whose view is drawn: one seat's (the peer's states are unknown) or 'all'. */
  readonly perspective: Seat | 'all'
  /** By how much text and gaps are larger than usual; 1 by default. */
  readonly scale?: number
  readonly heads: { readonly [S in Seat]: string }
  readonly label: (row: LadderRow) => Label
}

type Sizes = { readonly [S in 'label' | 'state' | 'note' | 'head' | 'gap' | 'edge']: number }
/** `gap`: the space between two rows. `edge`: the distance between a text and a lane. The others are font sizes. */
const ROOMY: Sizes = { label: 17, state: 14, note: 14, head: 16, gap: 16, edge: 18 }
const COMPACT: Sizes = { label: 14, state: 14, note: 14, head: 14, gap: 11, edge: 10 }
/** The smallest width at which the large font sizes fit, at the scale of 1. */
const ROOMY_MIN_WIDTH = 500
const MAX_WIRE_WIDTH = 640
/** Height of the strip with the names of the lanes. */
export const HEAD_HEIGHT = 40
const TOP = 6
const FOOT = 24

/** Vertical drop of an arrow per horizontal px. */
const SLOPE = 0.08
/** Fractions of the wire's width: the length of a half arrow, the point where it fades, and the length of a refused segment's stub. */
const HALF_ARROW_RATIO = 0.64
const FADE_RATIO = 0.48
const STUB_RATIO = 0.16

/** Lays out all rows of a ladder, from the first on. */
export function computeLayout(rows: readonly LadderRow[], options: LayoutOptions): Layout {
  const placer = new Placer(options, new Set(rows.flatMap((row) => (row.kind === 'arrived' ? [row.segment.id] : []))))
  rows.forEach((row, index) => placer.place(row, index))
  return placer.finish()
}

type RowOf<K extends SeatRow['kind']> = Extract<SeatRow, { kind: K }>
/** A figure that is still being drawn. */
type FigureDraft = { -readonly [F in keyof Figure]: Figure[F] } & { readonly shapes: Shape[] }
type PerSeat<T> = { [S in Seat]: T }

class Placer {
  readonly #options: LayoutOptions
  readonly #size: Sizes
  readonly #lanes: PerSeat<number>
  readonly #wire: number
  /** Ids of segments whose arrival is known. */
  readonly #delivered: ReadonlySet<number>
  /** Where those segments were sent, by id, and the shapes to which the arrow is added on arrival. */
  readonly #flights = new Map<number, { readonly from: Point; readonly figure: FigureDraft }>()
  /** Where the half arrow ends, by the id of a segment whose arrival is not known. */
  readonly #ends = new Map<number, Point>()
  readonly #figures: FigureDraft[] = []
  readonly #breaks: { readonly from: number; readonly to: number }[] = []
  /** y of the last row; later rows are never placed above it. */
  #lastMomentY = TOP
  /** y below which the space between the lanes is free. */
  #wireBottom = TOP
  /** y below which the space outside each lane is free. */
  readonly #laneBottom: PerSeat<number> = { client: TOP, server: TOP }

  constructor(options: LayoutOptions, delivered: ReadonlySet<number>) {
    this.#options = options
    const { width, scale = 1 } = options
    const isRoomy = width >= ROOMY_MIN_WIDTH * scale
    this.#size = scaleSizes(isRoomy ? ROOMY : COMPACT, scale)
    this.#lanes = placeLanes(options, this.#size, isRoomy)
    this.#wire = this.#lanes.server - this.#lanes.client
    this.#delivered = delivered
  }

  place(row: LadderRow, index: number): void {
    const label = this.#options.label(row)
    const draft: FigureDraft = { row: index, kind: row.kind, flight: null, shapes: [] }
    this.#figures.push(draft)
    const { shapes } = draft
    switch (row.kind) {
      case 'clock':
        return this.#wait(row.elapsedMs, label, shapes)
      case 'scene':
        return this.#scene(label, shapes)
      case 'state':
        return this.#state(row.seat, label, shapes)
      case 'sent':
        return this.#sent(row, label, draft)
      case 'arrived': {
        const flight = this.#flights.get(row.segment.id)
        if (!flight) return this.#arrived(row.seat, row.segment, label, draft)
        this.#figures.pop()
        return this.#placeArrival(row.seat, label, flight)
      }
      case 'lost':
        return this.#lost(row, label, draft)
      case 'refused':
        return this.#refused(row, label, shapes)
      case 'called':
      case 'fired':
      case 'discarded':
        return this.#placeMark(row, label, shapes)
    }
  }

  finish(): Layout {
    const { width, perspective, heads } = this.#options
    return {
      width,
      height: Math.ceil(Math.max(this.#lastMomentY, this.#wireBottom, this.#laneBottom.client, this.#laneBottom.server) + FOOT),
      heads: SEATS.map((seat) => this.#head(seat, heads[seat])),
      lifelines: SEATS.flatMap((seat) => this.#lifeline(seat, perspective === 'all' || perspective === seat)),
      figures: this.#figures,
    }
  }

  /** Writes a state's name outside its lane, level with the row that led to it. */
  #state(seat: Seat, { parts }: Label, shapes: Shape[]): void {
    const size = this.#size.state
    const y = Math.max(this.#lastMomentY + size * 1.1, this.#laneBottom[seat] + size * LINE_HEIGHT_RATIO)
    const anchor = seat === 'client' ? 'end' : 'start'
    shapes.push(
      ...createTextLines([parts], {
        ...this.#pointFrom(seat, -this.#size.edge * 0.6, y),
        anchor,
        size,
        face: 'mono',
        tone: 'soft',
      }),
    )
    this.#lastMomentY = Math.max(this.#lastMomentY, y - size * 1.1)
    this.#laneBottom[seat] = y
  }

  /** Breaks the lanes; the break grows with the logarithm of the wait. `elapsed`: world ms. */
  #wait(elapsed: number, { note }: Label, shapes: Shape[]): void {
    const { note: size, gap, edge } = this.#size
    const lines = wrapNote(note, size, this.#wire - edge)
    const from = Math.max(this.#lastMomentY, this.#wireBottom, this.#laneBottom.client, this.#laneBottom.server) + gap
    const to = from + 16 + 4 * Math.log2(1 + elapsed / 1000) + lines.length * size * LINE_HEIGHT_RATIO
    const y = (from + to) / 2 + size * (0.35 - ((lines.length - 1) * LINE_HEIGHT_RATIO) / 2)
    const x = this.#lanes.client + this.#wire / 2
    shapes.push(...createTextLines(lines, { x, y, anchor: 'middle', size, face: 'text', tone: 'soft' }))
    this.#breaks.push({ from, to })
    this.#lastMomentY = this.#wireBottom = this.#laneBottom.client = this.#laneBottom.server = to
  }

  /** A line between the lanes: the scenes above and below it are independent. */
  #scene({ note }: Label, shapes: Shape[]): void {
    const { note: size, gap } = this.#size
    const y = Math.max(this.#lastMomentY, this.#wireBottom, this.#laneBottom.client, this.#laneBottom.server) + 2 * gap
    const { client, server } = this.#lanes
    const below = y + size * LINE_HEIGHT_RATIO
    shapes.push(createLine({ x: client, y }, { x: server, y }, 'soft'))
    const at = {
      x: client + this.#wire / 2,
      y: below,
      anchor: 'middle' as const,
      size,
      face: 'text' as const,
      tone: 'soft' as const,
    }
    shapes.push(...createTextLines(wrapNote(note, size, this.#wire), at))
    this.#lastMomentY = this.#wireBottom = this.#laneBottom.client = this.#laneBottom.server = below + size * 0.3
  }

  /** A mark at the lane with its label: a call, a timer that fired, or a discarded segment. */
  #placeMark(row: RowOf<'called' | 'fired' | 'discarded'>, label: Label, shapes: Shape[]): void {
    const { gap, edge, note } = this.#size
    const y = Math.max(this.#lastMomentY + gap / 2, this.#wireBottom + gap + note * 0.5)
    this.#lastMomentY = y
    if (row.kind === 'called') shapes.push(createDisc(this.#pointFrom(row.seat, 0, y), row.seat))
    else if (row.kind === 'fired') shapes.push(createClockFace(this.#pointFrom(row.seat, edge + 2, y), row.seat))
    else shapes.push(createCross(this.#pointFrom(row.seat, edge, y), 'soft'))
    shapes.push(...this.#beside(row.seat, label, row.kind === 'called' ? edge : edge + 16, y, note, 'soft'))
  }

  /** A dashed stub with a cross; only the cross if the attempt was not a segment. */
  #refused({ seat, act }: RowOf<'refused'>, label: Label, shapes: Shape[]): void {
    const { gap, edge, label: size } = this.#size
    const reach = act.kind === 'send' ? Math.max(30, this.#wire * STUB_RATIO) : edge
    const y = Math.max(this.#lastMomentY + gap / 2, this.#wireBottom + gap + size * 0.5)
    const end = this.#pointFrom(seat, reach, y + reach * SLOPE)
    this.#lastMomentY = y
    if (act.kind === 'send') shapes.push(createLine(this.#pointFrom(seat, 0, y), end, 'refused', 'dashed'))
    shapes.push(createCross(end, 'refused'))
    shapes.push(...this.#beside(seat, label, reach + 16, end.y, size, 'refused'))
  }

  #sent({ seat, segment }: RowOf<'sent'>, label: Label, figure: FigureDraft): void {
    const { shapes } = figure
    const over = this.#over(seat, label)
    // The line falls away from this lane, so it comes closest to the label at the label's near end.
    const lift = over.near * SLOPE - over.clear
    const y = Math.max(this.#lastMomentY + this.#size.gap, this.#wireBottom + this.#size.gap + over.height - lift)
    const from = this.#pointFrom(seat, 0, y)
    shapes.push(...over.texts(y + lift))
    this.#lastMomentY = y
    this.#wireBottom = Math.max(this.#wireBottom, y)
    if (this.#delivered.has(segment.id)) this.#flights.set(segment.id, { from, figure })
    else {
      const [fade, reach] = [this.#wire * FADE_RATIO, this.#wire * HALF_ARROW_RATIO]
      const fades = this.#pointFrom(seat, fade, y + fade * SLOPE)
      const end = this.#pointFrom(seat, reach, y + reach * SLOPE)
      shapes.push(createLine(from, fades, seat), createLine(fades, end, seat, 'dotted'), createArrowhead(from, end, seat))
      figure.flight = { from, to: end, tone: seat, arrives: false }
      this.#wireBottom = end.y
      this.#ends.set(segment.id, end)
    }
    shapes.push(...this.#under(seat, label, y))
  }

  /** A cross at the tip of the half arrow that was drawn; if there is none, a half arrow that ends in a cross before the peer's lane. */
  #lost({ seat, segment }: RowOf<'lost'>, label: Label, figure: FigureDraft): void {
    const { shapes } = figure
    const { note: size, edge } = this.#size
    const end = this.#ends.get(segment.id)
    if (!end) return this.#arrived(peerOf(seat), segment, label, figure, edge * 2)
    shapes.push(createCross(this.#pointFrom(seat, this.#wire * HALF_ARROW_RATIO + edge * 0.6, end.y + edge * 0.6 * SLOPE), 'ink'))
    const reach = this.#wire * HALF_ARROW_RATIO
    const y = Math.max(end.y + size * 1.5, this.#wireBottom + size * 1.1)
    // If other rows were drawn in between, repeat which segment it was.
    const which = y > end.y + size * 4 ? wrapParts(label.parts, size, reach - edge) : []
    const at = { ...this.#pointFrom(seat, reach, y), anchor: selectAnchor(peerOf(seat)), size, tone: 'soft' as const }
    const lines = createTextLines(which, { ...at, face: 'mono' })
    const below = { ...at, y: y + lines.length * size * LINE_HEIGHT_RATIO }
    shapes.push(
      ...this.#reserve([...lines, ...createTextLines(wrapNote(label.note, size, reach - edge), { ...below, face: 'text' })]),
    )
  }

  /** The half of an arrow that its receiver sees. `short`: for a lost segment, the arrow ends that far before the lane, with a cross. */
  #arrived(seat: Seat, { stranger }: LadderSegment, label: Label, figure: FigureDraft, short = 0): void {
    const { shapes } = figure
    const over = this.#over(seat, label)
    // The line falls towards this lane, so it comes closest to the label at the label's far end.
    const lift = -over.far * SLOPE - over.clear
    const [fade, reach] = [this.#wire * FADE_RATIO, this.#wire * HALF_ARROW_RATIO]
    const room = Math.max(over.height - lift, reach * SLOPE)
    const y = Math.max(this.#lastMomentY + this.#size.gap, this.#wireBottom + this.#size.gap + room)
    const from = stranger === undefined ? peerOf(seat) : 'soft'
    const start = this.#pointFrom(seat, reach, y - reach * SLOPE)
    const fades = this.#pointFrom(seat, fade, y - fade * SLOPE)
    const end = this.#pointFrom(seat, short, y - short * SLOPE)
    figure.flight = { from: start, to: end, tone: from, arrives: short === 0 }
    shapes.push(...over.texts(y + lift))
    shapes.push(createLine(start, fades, from, 'dotted'), createLine(fades, end, from), createArrowhead(start, end, from))
    if (short > 0) shapes.push(createCross(this.#pointFrom(seat, short / 2, y), 'ink'))
    this.#lastMomentY = this.#wireBottom = y
    shapes.push(...this.#below(seat, label, y))
  }

  /** Draws the complete arrow, now that both of its ends are known. */
  #placeArrival(seat: Seat, label: Label, { from, figure }: { readonly from: Point; readonly figure: FigureDraft }): void {
    const y = Math.max(this.#lastMomentY, from.y + this.#wire * SLOPE)
    const to = this.#pointFrom(seat, 0, y)
    figure.flight = { from, to, tone: peerOf(seat), arrives: true }
    figure.shapes.push(createLine(from, to, peerOf(seat)), createArrowhead(from, to, peerOf(seat)))
    this.#lastMomentY = y
    this.#wireBottom = Math.max(this.#wireBottom, y)
    figure.shapes.push(...this.#below(seat, label, y))
  }

  /** Small print under an arrow that arrives at `seat` at `y`. */
  #below(seat: Seat, { note }: Label, y: number): TextShape[] {
    const { note: size, edge } = this.#size
    const at = { ...this.#pointFrom(seat, edge, y + size * 1.5), anchor: selectAnchor(seat), size }
    return this.#reserve(createTextLines(wrapNote(note, size, this.#wire - edge), { ...at, face: 'text', tone: 'soft' }))
  }

  /** A label over the half of an arrow next to `seat`; `near` and `far` are the distances of its two ends from that lane. */
  #over(seat: Seat, { parts }: Label) {
    const { label: size, edge } = this.#size
    const lines = wrapParts(parts, size, this.#wire - edge)
    const span = Math.max(...lines.map((parts) => measureParts(parts, size)))
    const middle = Math.max(this.#wire * (HALF_ARROW_RATIO / 2), span / 2 + Math.min(edge, (this.#wire - span) / 2))
    const rest = (lines.length - 1) * size * LINE_HEIGHT_RATIO
    return {
      near: middle - span / 2,
      far: middle + span / 2,
      /** The distance between its last baseline and the line. */
      clear: size * 0.5,
      /** Its height above its last baseline. */
      height: rest + size * 0.75,
      texts: (last: number): TextShape[] =>
        createTextLines(lines, {
          ...this.#pointFrom(seat, middle, last - rest),
          anchor: 'middle',
          size,
          face: 'mono',
          tone: 'ink',
        }),
    }
  }

  /** Small print under an arrow that leaves `seat` at `y`. */
  #under(seat: Seat, { note }: Label, y: number): TextShape[] {
    const { note: size, edge } = this.#size
    const lines = wrapNote(note, size, this.#wire - edge)
    const span = Math.max(0, ...lines.flat().map(({ text }) => measureText(text, size, 'text')))
    const at = this.#pointFrom(seat, edge, y + (edge + span) * SLOPE + size * 1.3)
    return this.#reserve(createTextLines(lines, { ...at, anchor: selectAnchor(seat), size, face: 'text', tone: 'soft' }))
  }

  /** A label in font size `size` beside a lane, with its small print below, both between the lanes. */
  #beside(seat: Seat, { parts, note }: Label, distance: number, y: number, size: number, tone: 'refused' | 'soft'): TextShape[] {
    const room = this.#wire - distance - this.#size.edge
    const at = { ...this.#pointFrom(seat, distance, y + size * 0.35), anchor: selectAnchor(seat), tone }
    const lines = createTextLines(wrapParts(parts, size, room), { ...at, size, face: 'mono' })
    const below = { ...at, y: at.y + lines.length * size * LINE_HEIGHT_RATIO, size: this.#size.note, face: 'text' as const }
    return this.#reserve([...lines, ...createTextLines(wrapNote(note, below.size, room), below)])
  }

  /** Marks the space between the lanes as used down to the last of these lines, and returns them. */
  #reserve(lines: TextShape[]): TextShape[] {
    const last = lines.at(-1)
    if (last) this.#wireBottom = Math.max(this.#wireBottom, last.y + last.size * 0.3)
    return lines
  }

  #head(seat: Seat, text: string): TextShape {
    const { head: size } = this.#size
    const half = measureText(text, size, 'head') / 2
    const x = Math.min(Math.max(this.#lanes[seat], half), this.#options.width - half)
    return {
      kind: 'text',
      x,
      y: HEAD_HEIGHT / 2 + size * 0.35,
      anchor: 'middle',
      size,
      face: 'head',
      tone: seat,
      parts: [createPart(text)],
    }
  }

  /** A lane down to the bottom of the drawing: dotted in the breaks, dashed if the host's states are not known. */
  #lifeline(seat: Seat, known: boolean): LineShape[] {
    const x = this.#lanes[seat]
    const ends = this.#breaks.flatMap(({ from, to }) => [from, to])
    const stroke = (i: number) => (i % 2 === 1 ? 'dotted' : known ? 'solid' : 'dashed')
    return [
      ...ends.map((y, i) => createLine({ x, y: ends[i - 1] ?? 0 }, { x, y }, 'lane', stroke(i))),
      { ...createLine({ x, y: ends.at(-1) ?? 0 }, { x, y: 0 }, 'lane', stroke(ends.length)), y2: '100%' },
    ]
  }

  /** The point at `distance` from a seat's lane towards the other lane; outside if negative. */
  #pointFrom(seat: Seat, distance: number, y: number): Point {
    return { x: this.#lanes[seat] + (seat === 'client' ? distance : -distance), y }
  }
}

const selectAnchor = (seat: Seat): TextShape['anchor'] => (seat === 'client' ? 'start' : 'end')

const wrapNote = (note: string | null, size: number, room: number): LabelPart[][] =>
  note === null ? [] : wrapText(note, size, room).map((text) => [createPart(text)])

const scaleSizes = ({ label, state, note, head, gap, edge }: Sizes, by: number): Sizes => ({
  label: label * by,
  state: state * by,
  note: note * by,
  head: head * by,
  gap: gap * by,
  edge: edge * by,
})

/** x of both lanes. The margin fits the longest state; at the peer's lane, where no states are shown, half of its name if there is room. */
function placeLanes({ width, perspective, heads, scale = 1 }: LayoutOptions, size: Sizes, isRoomy: boolean): PerSeat<number> {
  const states = measureText('SYN-RECEIVED', size.state, 'mono') + size.edge * 0.6 + 2
  const outside = (seat: Seat) => {
    if (perspective === 'all' || perspective === seat) return states
    return isRoomy ? Math.max(28, Math.min(states, measureText(heads[seat], size.head, 'head') / 2)) : 28
  }
  const spare = Math.max(0, width - outside('client') - outside('server') - MAX_WIRE_WIDTH * scale) / 2
  return { client: outside('client') + spare, server: width - outside('server') - spare }
}
