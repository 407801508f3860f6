/** Splits a drawing into printed pages without cutting through a figure. Pure; all lengths are px. */
import type { Layout } from '../ladder/layout.ts'
import type { Shape } from '../ladder/shapes.ts'

/** The part of a drawing on one page: from y `from` to y `to`. */
export interface PrintPage {
  readonly from: number
  readonly to: number
}

/** The pages from top to bottom. A page is higher than `maxHeight` only if a single figure, or overlapping ones, are. */
export function splitIntoPages({ figures, height }: Pick<Layout, 'figures' | 'height'>, maxHeight: number): PrintPage[] {
  const spans = figures.flatMap(({ shapes }) => (shapes.length > 0 ? [measureSpan(shapes)] : []))
  const places = spans.map(({ from }) => from).filter((y) => !spans.some(({ from, to }) => from < y && y < to))
  const pieces: PrintPage[] = []
  let from = 0
  let last = 0
  for (const y of [...places.sort((a, b) => a - b), height]) {
    if (y - from > maxHeight && last > from) {
      pieces.push({ from, to: last })
      from = last
    }
    last = y
  }
  return [...pieces, { from, to: height }]
}

/** Half the height that is reserved for a mark or arrowhead. */
const MARK_PX = 12

function measureSpan(shapes: readonly Shape[]): PrintPage {
  const spans = shapes.map((shape) => {
    switch (shape.kind) {
      case 'line':
        return shape.y2 === '100%' ? [shape.y1] : [shape.y1, shape.y2]
      case 'text':
        return [shape.y - shape.size, shape.y + shape.size * 0.4]
      case 'path': {
        const y = Number(/^M\S+ (\S+?)[a-zA-Z]/.exec(shape.d)?.[1])
        return [y - MARK_PX, y + MARK_PX]
      }
    }
  })
  return { from: Math.floor(Math.min(...spans.flat())), to: Math.ceil(Math.max(...spans.flat())) }
}
