import { peerOf, type Seat } from '../../protocol/seat.ts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { computeLayout, type Figure, type Label, type Layout } from '../../client/src/ladder/layout.ts'
import { createPart, formatSegmentParts } from '../../client/src/ladder/segment-label.ts'
import { measureText, measureParts, wrapText } from '../../client/src/ladder/text-width.ts'
import type { LadderRow, LadderSegment } from '../../client/src/ladder/rows.ts'
import type { LineShape, TextShape } from '../../client/src/ladder/shapes.ts'
import { ACK, SYN } from '../../protocol/segment.ts'
import { STATES } from '../../protocol/tcp/states.ts'
import { runs } from '../support/volume.ts'

const label = (row: LadderRow): Label => {
  switch (row.kind) {
    case 'sent':
      return { parts: formatSegmentParts(row.segment), note: row.useless ? 'legal, but it served nothing' : null }
    case 'arrived':
      return { parts: formatSegmentParts(row.segment), note: null }
    case 'refused':
      return row.act.kind === 'send'
        ? { parts: formatSegmentParts(row.act.segment, ['ack']), note: 'not sent: control bits, seq, ack, wanted 2147480000' }
        : { parts: [createPart('FIN-WAIT-2', true)], note: '未通过：确认号 ack（应为 2147480000）' }
    case 'state':
      return { parts: [createPart(row.state)], note: null }
    case 'clock':
      return { parts: [], note: `过了 ${row.elapsedMs / 1000} 秒` }
    case 'lost':
      return { parts: formatSegmentParts(row.segment), note: 'lost on the way' }
    default:
      return { parts: [], note: row.kind === 'fired' ? '时间等待计时器（2MSL）到期' : 'passive OPEN' }
  }
}

const draw = (rows: readonly LadderRow[], perspective: Seat | 'all' = 'all', width = 720): Layout =>
  computeLayout(rows, { width, perspective, heads: { client: 'CLIENT', server: 'SERVER' }, label })

const segment = (id: number, more: Partial<LadderSegment> = {}): LadderSegment => ({
  id,
  bits: SYN | ACK,
  seq: '2147480000',
  ack: '2147480001',
  length: 0,
  ...more,
})
const sent = (seat: Seat, id: number, at = 0): LadderRow => ({
  kind: 'sent',
  seat,
  at,
  segment: segment(id),
  by: 'seat',
  useless: false,
})
const arrived = (seat: Seat, id: number, at = 50): LadderRow => ({ kind: 'arrived', seat, at, segment: segment(id) })
const lost = (seat: Seat, id: number): LadderRow => ({ kind: 'lost', seat, at: 50, segment: segment(id), why: 'dropped' })
const refused = (seat: Seat): LadderRow => ({
  kind: 'refused',
  seat,
  at: 0,
  act: { kind: 'send', segment: { bits: ACK, seq: 'x+1', ack: 'y', length: 0 }, state: 'ESTABLISHED' },
  faults: [{ field: 'ack', want: null }],
})

type Stroke = LineShape & { y2: number }
const lines = ({ shapes }: Pick<Figure, 'shapes'>) => shapes.filter((s): s is Stroke => s.kind === 'line')
const lanes = ({ lifelines }: Layout): [number, number] => [
  Math.min(...lifelines.map((l) => l.x1)),
  Math.max(...lifelines.map((l) => l.x1)),
]

describe('arrows', () => {
  it('are whole where departure and arrival are known, and fall as they fly', () => {
    const drawing = draw([sent('client', 1), arrived('server', 1), sent('server', 2), arrived('client', 2)])
    const [client, server] = lanes(drawing)
    expect(drawing.figures).toHaveLength(2)
    const [there, back] = drawing.figures.flatMap(lines)
    expect(there).toMatchObject({ x1: client, x2: server, tone: 'client' })
    expect(back).toMatchObject({ x1: server, x2: client, tone: 'server' })
    expect(there!.y2).toBeGreaterThan(there!.y1)
    expect(back!.y1).toBeGreaterThanOrEqual(there!.y2)
    expect(drawing.figures.map(({ flight }) => Math.sign(flight!.to.x - flight!.from.x))).toEqual([1, -1])
  })

  it('end in mid-wire where only the departure is known, and come out of it where only the arrival is', () => {
    const drawing = draw([sent('client', 1), arrived('client', 2)], 'client')
    const [client, server] = lanes(drawing)
    const [own, peers] = drawing.figures.map(lines)
    expect(own![0]!.x1).toBe(client)
    expect(Math.max(...own!.map((l) => l.x2))).toBeLessThan(server - 100)
    expect(peers!.at(-1)!.x2).toBe(client)
    expect(Math.max(...peers!.map((l) => l.x1))).toBeLessThan(server - 100)
    expect(own!.map((l) => l.tone)).toEqual(['client', 'client'])
    expect(peers!.map((l) => l.tone)).toEqual(['server', 'server'])
  })

  it('cross where both left before either arrived', () => {
    const drawing = draw([sent('client', 1), sent('server', 2), arrived('server', 1), arrived('client', 2)])
    const [a, b] = drawing.figures.flatMap(lines)
    expect(b!.y1).toBeLessThan(a!.y2)
    expect(a!.y1).toBeLessThan(b!.y2)
  })

  it('of a segment that is lost end in mid-wire, and a cross stands there', () => {
    const drawing = draw([sent('client', 1), lost('client', 1), lost('client', 2)])
    const [client, server] = lanes(drawing)
    const [left, gone, unsent] = drawing.figures
    const crossOf = ({ shapes }: Figure) => {
      const paths = shapes.flatMap((shape) => (shape.kind === 'path' && !shape.filled ? [shape.d] : []))
      return Number(/^M(\S+)/.exec(paths[0] ?? '')?.[1])
    }
    expect(crossOf(gone!)).toBeGreaterThan(Math.max(...lines(left!).map((l) => l.x2)) - 5)
    expect(crossOf(gone!)).toBeLessThan(server - 100)
    expect(Math.max(...lines(unsent!).map((l) => l.x2)), 'one that no seat has sent is lost before it comes').toBeLessThan(server)
    expect(Math.min(...lines(unsent!).map((l) => l.x1))).toBeGreaterThan(client + 100)
  })

  it('of a refused segment are dashed stubs that never cross', () => {
    for (const seat of ['client', 'server'] as const) {
      const drawing = draw([refused(seat)], seat, 358)
      const [client, server] = lanes(drawing)
      const [stub] = lines(drawing.figures[0]!)
      expect(stub).toMatchObject({ tone: 'refused', stroke: 'dashed', x1: seat === 'client' ? client : server })
      expect(Math.abs(stub!.x2 - stub!.x1)).toBeLessThan((server - client) / 3)
    }
  })
})

describe('lanes', () => {
  it('break where the clock goes on, wider for longer, but never as long as the wait', () => {
    const height = (elapsed: number) => {
      const drawing = draw([{ kind: 'clock', at: elapsed, elapsedMs: elapsed }])
      const gap = drawing.lifelines.find((l): l is Stroke => l.stroke === 'dotted')!
      return gap.y2 - gap.y1
    }
    expect(height(240_000)).toBeGreaterThan(height(1_000))
    expect(height(240_000)).toBeLessThan(2 * height(1_000))
  })

  it('leave the states of both hosts room on a phone, and a student’s wire the peer’s part', () => {
    const wire = (perspective: Seat | 'all') => {
      const [client, server] = lanes(draw([], perspective, 358))
      return server - client
    }
    expect(wire('client')).toBe(wire('server'))
    expect(wire('client')).toBeGreaterThan(wire('all') + 50)
    expect(wire('all')).toBeGreaterThan(130)
  })
})

/** Random rows, as one seat or the teacher may see them. */
const anyRows = (perspective: Seat | 'all'): fc.Arbitrary<LadderRow[]> => {
  const seat: fc.Arbitrary<Seat> = perspective === 'all' ? fc.constantFrom('client', 'server') : fc.constant(perspective)
  const bits = fc.record({
    seq: fc.constantFrom('x+1', '2147480000'),
    ack: fc.constantFrom(null, 'y+1', '2147480001'),
    length: fc.constantFrom(0, 137),
  })
  const step = fc.tuple(
    fc.constantFrom(
      'sent',
      'arrived',
      'lost',
      'lost at last',
      'flight',
      'cross',
      'refused',
      'claim',
      'called',
      'fired',
      'discarded',
      'state',
      'clock',
    ),
    seat,
    bits,
    fc.constantFrom(...STATES),
    fc.boolean(),
  )
  return fc.array(step, { maxLength: 40 }).map((steps) =>
    steps.flatMap(([kind, seat, more, state, flag], i): LadderRow[] => {
      const base = { seat, at: 0 }
      const left = (seat: Seat, id: number): LadderRow => ({
        seat,
        at: 0,
        kind: 'sent',
        segment: segment(id, more),
        by: 'seat',
        useless: flag,
      })
      const came = (seat: Seat, id: number): LadderRow => ({ seat, at: 0, kind: 'arrived', segment: segment(id, more) })
      switch (kind) {
        case 'sent':
          return [left(seat, 2 * i)]
        case 'arrived':
          return [came(seat, 2 * i)]
        case 'lost':
          return [...(flag ? [left(seat, 2 * i)] : []), lost(seat, 2 * i)]
        case 'lost at last': {
          const since = { ...base, kind: 'called', call: { call: 'CLOSE' }, by: 'seat' } as const
          return [left(seat, 2 * i), left(peerOf(seat), 2 * i + 1), since, lost(seat, 2 * i)]
        }
        case 'flight':
          return perspective === 'all' ? [left(seat, 2 * i), came(peerOf(seat), 2 * i)] : []
        case 'cross': {
          const [a, b] = [2 * i, 2 * i + 1]
          return perspective === 'all' ? [left(seat, a), left(peerOf(seat), b), came(peerOf(seat), a), came(seat, b)] : []
        }
        case 'refused':
          return [refused(seat)]
        case 'claim':
          return [{ ...base, kind: 'refused', act: { kind: 'claim', event: 1, state }, faults: [] }]
        case 'called':
          return [{ ...base, kind: 'called', call: { call: 'CLOSE' }, by: 'seat' }]
        case 'fired':
          return [{ ...base, kind: 'fired', timer: 'time-wait' }]
        case 'discarded':
          return [{ ...base, kind: 'discarded' }]
        case 'state':
          return [{ ...base, kind: 'state', state }]
        case 'clock':
          return [{ kind: 'clock', at: 0, elapsedMs: flag ? 1_000 : 240_000 }]
      }
    }),
  )
}

/** The box that a text's letters occupy. */
const boxOf = (text: TextShape) => {
  const width = text.face === 'mono' ? measureParts(text.parts, text.size) : measureText(text.parts[0]!.text, text.size, 'text')
  const left = text.anchor === 'start' ? text.x : text.anchor === 'middle' ? text.x - width / 2 : text.x - width
  return {
    left,
    right: left + width,
    top: text.y - text.size * 0.7,
    bottom: text.y + text.size * 0.15,
    text: text.parts.map((p) => p.text).join(' '),
  }
}

describe.each(['client', 'server', 'all'] as const)('any ladder of %s', (perspective) => {
  const holds = (check: (drawing: Layout, width: number) => void) =>
    fc.assert(
      fc.property(anyRows(perspective), fc.constantFrom(328, 358, 520, 700, 1000), (rows, width) =>
        check(draw(rows, perspective, width), width),
      ),
      runs('ladders'),
    )

  it('keeps every text within the width', () => {
    holds((drawing, width) => {
      for (const shape of [...drawing.heads, ...drawing.figures.flatMap((f) => f.shapes)]) {
        if (shape.kind !== 'text') continue
        const box = boxOf(shape)
        expect(box.left, box.text).toBeGreaterThanOrEqual(-1)
        expect(box.right, box.text).toBeLessThanOrEqual(width + 1)
        expect(box.bottom).toBeLessThan(drawing.height)
      }
    })
  })

  it('lets no text touch another', () => {
    holds((drawing) => {
      const boxes = drawing.figures.flatMap((f) => f.shapes.flatMap((s) => (s.kind === 'text' ? [boxOf(s)] : [])))
      boxes.forEach((a, i) => {
        for (const b of boxes.slice(i + 1)) {
          const apart = a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top
          expect(apart, `${JSON.stringify(a)} and ${JSON.stringify(b)}`).toBe(true)
        }
      })
    })
  })

  it('never goes back in time', () => {
    holds((drawing) => {
      const departures = drawing.figures
        .filter((f) => f.kind === 'sent' || f.kind === 'refused')
        .flatMap((f) => lines(f).slice(0, 1))
      departures.reduce((before, { y1 }) => {
        expect(y1).toBeGreaterThanOrEqual(before)
        return y1
      }, 0)
      for (const { y1, y2 } of drawing.figures.flatMap(lines)) expect(y2).toBeGreaterThanOrEqual(y1)
    })
  })
})

describe('a text longer than the width it is given', () => {
  it('breaks at spaces, and between ideographs but before no closing sign', () => {
    expect(wrapText('not sent: seq, ack', 10, 60)).toEqual(['not sent:', 'seq, ack'])
    expect(wrapText('未发出：确认号', 10, 40)).toEqual(['未发出：', '确认号'])
    expect(wrapText('未发出：确认号', 10, 30)).toEqual(['未发', '出：确', '认号'])
    expect(wrapText('确认号 ack，应为', 10, 40)).toEqual(['确认号', 'ack，应', '为'])
  })
})
