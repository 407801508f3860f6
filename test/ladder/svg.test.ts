import { describe, expect, it } from 'vitest'
import { computeLayout } from '../../client/src/ladder/layout.ts'
import { createPart } from '../../client/src/ladder/segment-label.ts'
import { renderSvg } from '../../client/src/ladder/svg.ts'
import type { LadderRow } from '../../client/src/ladder/rows.ts'

const rows: LadderRow[] = [
  { kind: 'state', seat: 'client', at: 0, state: 'CLOSED' },
  { kind: 'state', seat: 'server', at: 0, state: 'LISTEN' },
]

describe('the ladder as a file', () => {
  const heads = { client: '<client> & "co"', server: 'server' }
  const drawing = computeLayout(rows, {
    width: 720,
    perspective: 'all',
    heads,
    label: (row) => ({ parts: [createPart(row.kind === 'state' ? row.state : '')], note: null }),
  })
  const svg = renderSvg(drawing, 'A & B')

  it('stands by itself: its size, its title, no variable of the pages', () => {
    expect(svg).toMatch(
      /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" width="720" height="\d+" viewBox="0 0 720 \d+" role="img"><title>A &amp; B<\/title>/,
    )
    expect(svg).not.toMatch(/var\(|currentColor|class=|NaN|undefined/)
    expect(svg).toContain('LISTEN')
  })

  it('escapes what people have written', () => {
    expect(svg).toContain('&lt;client&gt; &amp; &quot;co&quot;')
    expect(svg.replace(/<\/?(svg|title|rect|g|line|path|text|tspan)\b[^<>]*>/g, '')).not.toMatch(/[<>]/)
  })
})
