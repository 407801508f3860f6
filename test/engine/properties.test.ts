/** Property-based tests of the engine. */
import { NOTATIONS } from '../../protocol/notation.ts'
import { peerOf, SEATS } from '../../protocol/seat.ts'
import type { UserCall } from '../../protocol/tcp/user-calls.ts'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { type NotationContext, formatNumber, parseNumber, parseState } from '../../protocol/notation.ts'
import { CONTROL_BITS, hasBit, type Options, RST, type Segment, SEGMENT_KINDS } from '../../protocol/segment.ts'
import { add, ge, gt, le, lt, sub, isWithin } from '../../protocol/seq.ts'
import { judgeClaim, judgeDiscard } from '../../protocol/tcp/judge-claim.ts'
import type { Finding } from '../../protocol/findings.ts'
import { maySend } from '../../protocol/tcp/may-send.ts'
import { nextSegment } from '../../protocol/tcp/due-segment.ts'
import { RFC_9293, TCP_RULE_SETS, getTcpRules } from '../../protocol/tcp/rules.ts'
import { processArrival } from '../../protocol/tcp/segment-arrives.ts'
import { type State, STATES } from '../../protocol/tcp/states.ts'
import type { PendingSegment, Tcb, Timer } from '../../protocol/tcp/tcb.ts'
import { processTimeout } from '../../protocol/tcp/timeouts.ts'
import { processCall } from '../../protocol/tcp/user-calls.ts'
import { count, runs } from '../support/volume.ts'
import { faultyPlan, number, type Pair, plan, type Plan, play } from './pair.ts'

// The tests play many conversations, and the machine may be busy.
vi.setConfig({ testTimeout: 60_000 })
const rules = RFC_9293
const state = fc.constantFrom(...STATES)
const TIMERS: Timer[] = ['user', 'retransmission', 'persist', 'time-wait']

describe('RFC 9293: two endpoints over a wire that loses nothing', () => {
  it('always end, closed on both sides, with every octet delivered, whatever legal choices they make', () => {
    fc.assert(
      fc.property(plan, (what) => ended(play(what), what)),
      runs('losslessConversations'),
    )
  })

  it('a legal segment with one field changed is refused for one reason, and mending that makes it legal, or it has a name of its own', () => {
    let refused = 0
    fc.assert(
      fc.property(
        faultyPlan,
        fc.constantFrom('state', 'flags', 'seq', 'ack', 'payload', 'window'),
        number,
        state,
        (what, field, n, other) => {
          play(what, (tcb, segment) => {
            const legal = maySend(tcb, segment, { rules, calls: 'given' })
            if (!legal.ok) throw new Error('it left')
            const right = { segment, state: legal.tcb.state }
            const changed = change(right, field, n, other)
            const verdict = maySend(tcb, changed.segment, { rules, calls: 'given', state: changed.state })
            if (verdict.ok) return expect(verdict.meanings.length).toBeGreaterThan(0)
            refused++
            expect(verdict.findings, JSON.stringify({ tcb, changed })).toHaveLength(1)
            const mended = mend(changed, verdict.findings[0]!)
            expect(maySend(tcb, mended.segment, { rules, calls: 'given', state: mended.state }).ok).toBe(true)
          })
        },
      ),
      runs('changedConversations'),
    )
    expect(refused).toBeGreaterThan(7 * count('changedConversations'))
  })
})

describe('RFC 9293: two endpoints over a wire that loses, doubles, holds and reorders', () => {
  it('always end, closed on both sides, with every octet delivered', () => {
    fc.assert(
      fc.property(faultyPlan, (what) => ended(play(what), what)),
      runs('faultyConversations'),
    )
  })

  it('whatever is owed may be sent', () => {
    fc.assert(
      fc.property(faultyPlan, (what) => {
        play(what, (tcb) => {
          const segment = nextSegment(tcb)
          if (segment) expect(maySend(tcb, segment, { rules, calls: 'given' }), JSON.stringify(tcb)).toMatchObject({ ok: true })
        })
      }),
      runs('faultyConversations'),
    )
  })
})

describe.each(['two-way-handshake', 'no-time-wait'] as const)('%s: two endpoints over a wire that loses nothing', (set) => {
  it('end as under RFC 9293, and whatever is owed may be sent', () => {
    const rules = getTcpRules(set)
    fc.assert(
      fc.property(plan, (what) => {
        const watch = (tcb: Tcb) => {
          const segment = nextSegment(tcb)
          if (segment) expect(maySend(tcb, segment, { rules, calls: 'given' }), JSON.stringify(tcb)).toMatchObject({ ok: true })
        }
        ended(play(what, watch, rules), what)
      }),
      runs('losslessConversations'),
    )
  })
})

function ended(pair: Pair, { sends }: Plan): void {
  for (const seat of SEATS) {
    expect(processTimeout(pair.tcb[seat], 'time-wait')).toMatchObject({ state: 'CLOSED', owes: [] })
    expect(pair.delivered[seat]).toBe(sends[peerOf(seat)].reduce((sum, n) => sum + n, 0))
  }
}

interface Written {
  readonly segment: Segment
  readonly state: State
}

function change({ segment, state }: Written, field: string, n: number, other: State): Written {
  switch (field) {
    case 'state':
      return { segment, state: other }
    case 'flags':
      return { segment: { ...segment, bits: n & 0xff }, state }
    case 'seq':
      return { segment: { ...segment, seq: n % 2 ? n : add(segment.seq, (n % 9) - 4) }, state }
    case 'ack':
      return { segment: { ...segment, ack: n % 2 ? n : add(segment.ack ?? 0, (n % 9) - 4) }, state }
    case 'payload':
      return { segment: { ...segment, length: n & 0xffff }, state }
    default:
      return { segment: { ...segment, window: n & 0xffff }, state }
  }
}

/** The segment with the value that the finding wanted instead of the given one. */
function mend({ segment, state }: Written, { field, want }: Finding): Written {
  switch (field) {
    case 'state':
      return { segment, state: want as State }
    case 'flags':
      return { segment: { ...segment, bits: bitsOf(String(want)) }, state }
    case 'payload':
      return { segment: { ...segment, length: Number(want) }, state }
    default:
      return { segment: { ...segment, [field]: want }, state }
  }
}

const bitsOf = (names: string): number =>
  CONTROL_BITS.filter(([name]) => names.split(',').includes(name)).reduce((bits, [, bit]) => bits | bit, 0)

function freeze(value: object): void {
  Object.freeze(value)
  for (const inner of Object.values(value)) if (typeof inner === 'object' && inner !== null) freeze(inner as object)
}

describe('no input makes the engine throw', () => {
  const debt: fc.Arbitrary<PendingSegment> = fc.oneof(
    fc.constantFrom<PendingSegment>(
      { kind: 'SYN' },
      { kind: 'SYN,ACK' },
      { kind: 'FIN' },
      { kind: 'data' },
      { kind: 'retransmission' },
      { kind: 'probe' },
    ),
    fc.constantFrom('SYN', 'data', 'FIN', 'window').map((why): PendingSegment => ({ kind: 'ACK', why: why as 'SYN' })),
    fc
      .record({ why: fc.constantFrom('gap', 'unacceptable'), of: fc.subarray([...SEGMENT_KINDS]) })
      .map(({ why, of }): PendingSegment => ({ kind: 'ACK', why: why as 'gap', of })),
    fc.record({ seq: number, ack: fc.option(number) }).map(({ seq, ack }): PendingSegment => ({ kind: 'RST', seq, ack })),
  )
  const options: fc.Arbitrary<Options> = fc.record(
    {
      mss: fc.nat(65_535),
      windowScale: fc.nat(255),
      sackPermitted: fc.boolean(),
      sack: fc.array(fc.record({ from: number, to: number }), { maxLength: 4 }),
      timestamps: fc.record({ value: number, echo: number }),
      fastOpen: fc.boolean(),
    },
    { requiredKeys: [] },
  )
  const segment: fc.Arbitrary<Segment> = fc.record({
    bits: fc.nat(255),
    seq: number,
    ack: fc.option(number),
    window: fc.nat(65_535),
    length: fc.nat(65_535),
    options,
  })
  const tcb: fc.Arbitrary<Tcb> = fc.record({
    state,
    opened: fc.constantFrom('active', 'passive', null),
    iss: number,
    irs: fc.option(number),
    snd: fc.record({ una: number, nxt: number, wnd: fc.nat(65_535), wl1: number, wl2: number }),
    rcv: fc.record({ nxt: number, wnd: fc.nat(65_535), buff: fc.nat(65_535) }),
    queued: fc.nat(100_000),
    closing: fc.boolean(),
    finSent: fc.option(number),
    reads: fc.constantFrom('at-once', 'on-RECEIVE'),
    unread: fc.nat(100_000),
    held: fc.array(fc.record({ from: number, to: number }), { maxLength: 3 }),
    finHeld: fc.option(number),
    aborted: fc.boolean(),
    offers: options,
    peerOffers: options,
    tsRecent: fc.option(number),
    owes: fc.array(debt, { maxLength: 4 }),
    timers: fc.subarray(TIMERS),
    backoff: fc.nat(10),
    heard: fc.option(segment),
    said: fc.option(segment),
  })
  const call: fc.Arbitrary<UserCall> = fc.oneof(
    fc.constantFrom('active', 'passive').map((mode): UserCall => ({ call: 'OPEN', mode: mode as 'active' })),
    fc.nat(70_000).map((octets): UserCall => ({ call: 'SEND', octets })),
    fc.constantFrom<UserCall>({ call: 'RECEIVE' }, { call: 'CLOSE' }, { call: 'ABORT' }),
  )

  it('whatever position, segment, call, timer and claim it is asked about', () => {
    fc.assert(
      fc.property(fc.constantFrom(...TCP_RULE_SETS), tcb, segment, call, state, state, (set, t, s, c, was, given) => {
        const rules = getTcpRules(set)
        // The engine must not change its arguments.
        freeze(t)
        freeze(s)
        const arrival = processArrival(t, s, rules)
        for (const calls of ['given', 'assumed'] as const) {
          const permission = maySend(t, s, { rules, calls, state: given, goal: 'sends' })
          if (!permission.ok) expect(permission.findings.length).toBeGreaterThan(0)
        }
        processCall(t, c)
        for (const timer of TIMERS) processTimeout(t, timer)
        judgeClaim({ before: was, actual: t.state, claimed: given, tcb: t }, rules)
        judgeDiscard(arrival.newlyPending, false, arrival.tcb, rules)
        nextSegment(t)
      }),
      runs('judgedAnything'),
    )
  })

  it('whatever is typed', () => {
    const typed = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.string({ unit: fc.constantFrom(...'xyuv019+- ,_ｘ＋１−'), maxLength: 12 }),
    )
    const context = fc.record<NotationContext>({
      kind: fc.constantFrom(...NOTATIONS),
      names: fc
        .record({ x: number, v: number })
        .map(({ x, v }) => ({ x: { of: 'client', value: x }, V: { of: 'server', value: v } })),
      iss: fc.record({ client: number, server: number }),
    })
    fc.assert(
      fc.property(
        typed,
        context,
        fc.constantFrom('seq', 'ack'),
        fc.constantFrom(...SEATS),
        number,
        (text, notation, field, seat, n) => {
          const value = parseNumber(text, notation, field, seat)
          if (value !== null) expect(value).toBe(value >>> 0)
          parseState(text)
          expect(parseNumber(formatNumber(n, notation, field, seat), notation, field, seat)).toBe(n)
        },
      ),
      runs('typedAnything'),
    )
  })
})

describe('RFC 9293 3.4: arithmetic modulo 2^32', () => {
  it('add and sub undo each other, the comparisons are one order around the circle', () => {
    fc.assert(
      fc.property(number, fc.integer({ min: 1, max: 2 ** 31 - 1 }), (a, n) => {
        const b = add(a, n)
        expect(sub(b, a)).toBe(n)
        expect(add(b, -n)).toBe(a)
        expect([lt(a, b), le(a, b), gt(b, a), ge(b, a), lt(b, a), ge(a, b)]).toEqual([true, true, true, true, false, false])
        expect([lt(a, a), le(a, a), gt(a, a), ge(a, a)]).toEqual([false, true, false, true])
        expect([isWithin(a, a, b), isWithin(b, a, b), isWithin(a, a, a)]).toEqual([true, false, false])
      }),
      runs('arithmetic'),
    )
  })
})

it('what pay gives covers the oldest debt', () => {
  fc.assert(
    fc.property(plan, (what) => {
      play(what, (tcb) => {
        const segment = nextSegment(tcb)
        if (!segment) return
        const permission = maySend(tcb, segment, { rules, calls: 'given' })
        expect(permission.ok).toBe(true)
        if (permission.ok && !hasBit(segment.bits, RST)) expect(permission.satisfied.length > 0 || segment.length > 0).toBe(true)
      })
    }),
    runs('paidConversations'),
  )
})
