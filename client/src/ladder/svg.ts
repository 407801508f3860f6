/** Renders a ladder as a self-contained SVG file in the light theme, for print and for documents. Pure. */
import type { Layout } from './layout.ts'
import { HEAD_HEIGHT } from './layout.ts'
import type { Shape, Tone } from './shapes.ts'

/** The light colours of app.css, on white. */
const COLOURS: { readonly [T in Tone]: string } = {
  client: '#0b6e78',
  server: '#93510a',
  refused: '#b3261e',
  ink: '#1c2126',
  soft: '#59616a',
  lane: '#dcd9d1',
}
const DASHES = { solid: '', dashed: ' stroke-dasharray="5 4"', dotted: ' stroke-dasharray="0 5" stroke-linecap="round"' }
const FACES = {
  mono: 'font-family="ui-monospace,Consolas,DejaVu Sans Mono,monospace"',
  text: 'font-family="system-ui,Noto Sans CJK SC,sans-serif"',
  head: 'font-family="system-ui,Noto Sans CJK SC,sans-serif" font-weight="650"',
}

/** `title`: the accessible name of the drawing. */
export function renderSvg({ width, height, heads, lifelines, figures }: Layout, title: string): string {
  const total = HEAD_HEIGHT + height
  const body = [...lifelines, ...figures.flatMap(({ shapes }) => shapes)].map((shape) => renderShape(shape, height)).join('')
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${total}" viewBox="0 0 ${width} ${total}" role="img">` +
    `<title>${escapeXml(title)}</title><rect width="100%" height="100%" fill="#fff"/>` +
    `${heads.map((shape) => renderShape(shape, height)).join('')}<g transform="translate(0 ${HEAD_HEIGHT})">${body}</g></svg>\n`
  )
}

function renderShape(shape: Shape, height: number): string {
  const colour = COLOURS[shape.tone]
  switch (shape.kind) {
    case 'line': {
      const y2 = shape.y2 === '100%' ? height : shape.y2
      const stroke = `stroke="${colour}" stroke-width="2"${DASHES[shape.stroke]}`
      return `<line x1="${shape.x1}" y1="${shape.y1}" x2="${shape.x2}" y2="${y2}" ${stroke}/>`
    }
    case 'path':
      return `<path d="${shape.d}" ${shape.filled ? `fill="${colour}"` : `fill="none" stroke="${colour}" stroke-width="2"`}/>`
    case 'text': {
      const ground = shape.tone === 'refused' ? '' : ' paint-order="stroke" stroke="#fff" stroke-width="4" stroke-linejoin="round"'
      const parts = shape.parts.map(
        ({ text, wrong }) => `<tspan${wrong ? ' text-decoration="underline"' : ''}>${escapeXml(text)}</tspan>`,
      )
      return (
        `<text x="${shape.x}" y="${shape.y}" text-anchor="${shape.anchor}" font-size="${shape.size}" fill="${colour}"${ground} ` +
        `${FACES[shape.face]}>${parts.join('\u00a0\u00a0')}</text>`
      )
    }
  }
}

const ENTITIES: { readonly [sign: string]: string } = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escapeXml = (text: string): string => text.replace(/[&<>"]/g, (sign) => ENTITIES[sign] ?? sign)
