/** Properties of the engine. The seed is fixed; fast-check prints it, and the path to the smallest counterexample, on failure. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type NotationContext, formatNumber, parseNumber, parseState } from '../../protocol/notation.ts'
import { ACK, BITS, FIN, has, PSH, RST, type Segment, SYN } from '../../protocol/segment.ts'
import { add, ge, gt, le, lt, sub, within } from '../../protocol/seq.ts'
import { judgeClaim, judgeDiscard } from '../../protocol/tcp/claims.ts'
import type { Finding } from '../../protocol/tcp/findings.ts'
import { maySend } from '../../protocol/tcp/may-send.ts'
import { pay } from '../../protocol/tcp/pay.ts'
import { RFC_9293 } from '../../protocol/tcp/rules.ts'
import { segmentArrives } from '../../protocol/tcp/segment-arrives.ts'
import { closed, type Debt, type State, STATES, type Tcb, type Timer } from '../../protocol/tcp/tcb.ts'
import { timeout } from '../../protocol/tcp/timeouts.ts'
import { userCall } from '../../protocol/tcp/user-calls.ts'
import { type Call, NOTATIONS, peerOf, type Seat, SEATS } from '../../protocol/world/exercise.ts'

const seed = 9293
const rules = RFC_9293
const number = fc.oneof(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.constantFrom(0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1))
const state = fc.constantFrom(...STATES)
const TIMERS: Timer[] = ['user', 'retransmission', 'persist', 'time-wait']

/** Two endpoints and a wire that loses nothing and keeps the order of each direction. */
class Pair {
  readonly tcb: Record<Seat, Tcb>
  readonly wire: Record<Seat, Segment[]> = { client: [], server: [] }
  readonly delivered: Record<Seat, number> = { client: 0, server: 0 }

  /** Whose application reads at once what arrives; the other one's does when nothing else is left to do. */
  readonly reads: Record<Seat, boolean>

  constructor(iss: Record<Seat, number>, window: Record<Seat, number>, reads: Record<Seat, boolean>) {
    this.reads = reads
    this.tcb = { client: closed(iss.client, window.client), server: closed(iss.server, window.server) }
  }

  call(seat: Seat, call: Call): void {
    const result = userCall(this.tcb[seat], call, rules)
    if (!result.ok) throw new Error(`${call.call}: ${result.error}`)
    this.tcb[seat] = result.tcb
  }

  /** True where it was legal and left. */
  send(seat: Seat, segment: Segment): boolean {
    const permission = maySend(this.tcb[seat], segment, { rules, calls: 'given' })
    if (!permission.ok) return false
    this.tcb[seat] = permission.tcb
    this.wire[seat].push(segment)
    return true
  }

  deliver(from: Seat): boolean {
    const segment = this.wire[from].shift()
    if (!segment) return false
    const to = peerOf(from)
    const { tcb, took } = segmentArrives(this.tcb[to], segment, rules)
    this.tcb[to] = tcb
    this.delivered[to] += took.octets
    if (this.reads[to]) this.read(to)
    return true
  }

  /** The application takes what has arrived. */
  read(seat: Seat): void {
    const result = userCall(this.tcb[seat], { call: 'RECEIVE' }, rules)
    if (this.tcb[seat].unread > 0 && result.ok) this.tcb[seat] = result.tcb
  }

  /**
   * Pays whatever is owed and delivers whatever is on the wire, until nothing is left to do. Then the timers go off and the slow read: an
   * acknowledgment that rode on a repeated FIN is dropped with it (3.10.7.4, first check), and only they bring it again.
   */
  finish(): void {
    let moved = true
    while (moved) {
      moved = false
      const idle = SEATS.every((seat) => this.wire[seat].length === 0 && !pay(this.tcb[seat]))
      for (const seat of idle ? SEATS : []) {
        this.tcb[seat] = timeout(timeout(this.tcb[seat], 'retransmission', rules), 'persist', rules)
        this.read(seat)
      }
      for (const seat of SEATS) {
        if (this.deliver(seat)) moved = true
        const segment = pay(this.tcb[seat])
        if (!segment) continue
        expect(this.send(seat, segment), `${seat} may send what pay gives`).toBe(true)
        moved = true
      }
    }
  }
}

/** A segment that may well be legal now; `a` and `b` choose numbers. */
function guess(tcb: Tcb, kind: number, a: number, b: number): Segment {
  const { una, nxt } = tcb.snd
  const window = tcb.rcv.wnd
  const ack = tcb.rcv.nxt
  const outstanding = sub(nxt, una)
  const back = add(una, outstanding > 0 ? a % outstanding : 0)
  switch (kind) {
    case 0:
      return { bits: ACK, seq: nxt, ack, window, length: 0 }
    case 1:
      return { bits: ACK | PSH, seq: nxt, ack, window, length: 1 + (a % Math.max(1, tcb.queued)) }
    case 2:
      return { bits: ACK | FIN, seq: nxt, ack, window, length: tcb.queued }
    case 3:
      return { bits: ACK, seq: back, ack, window, length: b % 50 }
    case 4:
      return { bits: ACK | FIN, seq: back, ack, window, length: sub(tcb.finSent ?? back, back) }
    case 5:
      return { bits: SYN | ACK, seq: tcb.iss, ack, window, length: 0 }
    case 6:
      return { bits: SYN, seq: tcb.iss, ack: null, window, length: a % (tcb.queued + 1) }
    default:
      return pay(tcb) ?? { bits: ACK, seq: nxt, ack, window, length: 0 }
  }
}

interface Move {
  readonly seat: Seat
  readonly act: 'call' | 'deliver' | 'send'
  readonly kind: number
  readonly a: number
  readonly b: number
}

const plan = fc.record({
  iss: fc.record({ client: number, server: number }),
  window: fc.record({ client: fc.integer({ min: 2, max: 65_535 }), server: fc.integer({ min: 2, max: 65_535 }) }),
  reads: fc.record({ client: fc.boolean(), server: fc.boolean() }),
  both: fc.boolean(),
  sends: fc.record({
    client: fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 3 }),
    server: fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 3 }),
  }),
  moves: fc.array(
    fc.record<Move>({
      seat: fc.constantFrom(...SEATS),
      act: fc.constantFrom('call', 'deliver', 'deliver', 'send', 'send', 'send'),
      kind: fc.integer({ min: 0, max: 8 }),
      a: fc.nat(400),
      b: fc.nat(400),
    }),
    { minLength: 30, maxLength: 60 },
  ),
})
type Plan = typeof plan extends fc.Arbitrary<infer T> ? T : never

/** Plays the plan; `watch` sees each TCB with the legal segment that is about to leave it. */
function play(
  { iss, window, reads, both, sends, moves }: Plan,
  watch: (tcb: Tcb, segment: Segment) => void = () => undefined,
): Pair {
  const pair = new Pair(iss, window, reads)
  pair.call('server', { call: 'OPEN', mode: both ? 'active' : 'passive' })
  pair.call('client', { call: 'OPEN', mode: 'active' })
  const toCall: Record<Seat, Call[]> = { client: [], server: [] }
  for (const seat of SEATS) toCall[seat] = [...sends[seat].map((octets) => ({ call: 'SEND', octets }) as const), { call: 'CLOSE' }]
  const mayCall = (seat: Seat) => !['CLOSED', 'LISTEN', 'SYN-SENT'].includes(pair.tcb[seat].state)
  for (const { seat, act, kind, a, b } of moves) {
    if (act === 'deliver') pair.deliver(seat)
    else if (act === 'send') {
      const segment = guess(pair.tcb[seat], kind, a, b)
      const before = pair.tcb[seat]
      if (pair.send(seat, segment)) watch(before, segment)
    } else if (mayCall(seat)) {
      const call = toCall[seat].shift()
      if (call) pair.call(seat, call)
    }
  }
  pair.finish()
  // What the plan has not called is called now, one at a time.
  while (SEATS.some((seat) => toCall[seat].length > 0)) {
    for (const seat of SEATS) {
      const call = toCall[seat].shift()
      if (call) pair.call(seat, call)
    }
    pair.finish()
  }
  return pair
}

describe('RFC 9293: two endpoints over a wire that loses nothing', () => {
  it('always end, closed on both sides, with every octet delivered, whatever legal choices they make', () => {
    const total = (octets: readonly number[]) => octets.reduce((sum, n) => sum + n, 0)
    fc.assert(
      fc.property(plan, (what) => {
        const pair = play(what)
        for (const seat of SEATS) {
          expect(['CLOSED', 'TIME-WAIT']).toContain(pair.tcb[seat].state)
          expect(pair.tcb[seat].owes).toEqual([])
          expect(pair.delivered[seat]).toBe(total(what.sends[peerOf(seat)]))
        }
      }),
      { seed, numRuns: 600 },
    )
  })

  it('a legal segment with one field changed is refused for one reason, and mending that makes it legal, or it has a name of its own', () => {
    let refused = 0
    fc.assert(
      fc.property(
        plan,
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
      { seed, numRuns: 600 },
    )
    expect(refused).toBeGreaterThan(1000)
  })
})

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

/** The segment with what the finding wanted in place of what it was given. */
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
  BITS.filter(([name]) => names.split(',').includes(name)).reduce((bits, [, bit]) => bits | bit, 0)

function freeze(value: object): void {
  Object.freeze(value)
  for (const inner of Object.values(value)) if (typeof inner === 'object' && inner !== null) freeze(inner as object)
}

describe('no input makes the engine throw', () => {
  const debt: fc.Arbitrary<Debt> = fc.oneof(
    fc.constantFrom<Debt>(
      { kind: 'SYN' },
      { kind: 'SYN,ACK' },
      { kind: 'FIN' },
      { kind: 'data' },
      { kind: 'retransmission' },
      { kind: 'probe' },
    ),
    fc.constantFrom('SYN', 'data', 'FIN', 'gap', 'window', 'unacceptable').map((why): Debt => ({ kind: 'ACK', why: why as 'SYN' })),
    fc.record({ seq: number, ack: fc.option(number) }).map(({ seq, ack }): Debt => ({ kind: 'RST', seq, ack })),
  )
  const segment: fc.Arbitrary<Segment> = fc.record({
    bits: fc.nat(255),
    seq: number,
    ack: fc.option(number),
    window: fc.nat(65_535),
    length: fc.nat(65_535),
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
    unread: fc.nat(100_000),
    held: fc.array(fc.record({ from: number, to: number }), { maxLength: 3 }),
    finHeld: fc.option(number),
    aborted: fc.boolean(),
    owes: fc.array(debt, { maxLength: 4 }),
    timers: fc.subarray(TIMERS),
    backoff: fc.nat(10),
    heard: fc.option(segment),
    said: fc.option(segment),
  })
  const call: fc.Arbitrary<Call> = fc.oneof(
    fc.constantFrom('active', 'passive').map((mode): Call => ({ call: 'OPEN', mode: mode as 'active' })),
    fc.nat(70_000).map((octets): Call => ({ call: 'SEND', octets })),
    fc.constantFrom<Call>({ call: 'RECEIVE' }, { call: 'CLOSE' }, { call: 'ABORT' }),
  )

  it('whatever position, segment, call, timer and claim it is asked about', () => {
    fc.assert(
      fc.property(tcb, segment, call, state, state, (t, s, c, was, given) => {
        // Nor does it change what it is given.
        freeze(t)
        freeze(s)
        const arrival = segmentArrives(t, s, rules)
        for (const calls of ['given', 'assumed'] as const) {
          const permission = maySend(t, s, { rules, calls, state: given, goal: 'sends' })
          if (!permission.ok) expect(permission.findings.length).toBeGreaterThan(0)
        }
        userCall(t, c, rules)
        for (const timer of TIMERS) timeout(t, timer, rules)
        judgeClaim({ was, is: t.state, given, tcb: t })
        judgeDiscard(arrival.owed, false, arrival.tcb)
        pay(t)
      }),
      { seed, numRuns: 5000 },
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
      { seed, numRuns: 5000 },
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
        expect([within(a, a, b), within(b, a, b), within(a, a, a)]).toEqual([true, false, false])
      }),
      { seed },
    )
  })
})

it('what pay gives covers the oldest debt', () => {
  fc.assert(
    fc.property(plan, (what) => {
      play(what, (tcb) => {
        const segment = pay(tcb)
        if (!segment) return
        const permission = maySend(tcb, segment, { rules, calls: 'given' })
        expect(permission.ok).toBe(true)
        if (permission.ok && !has(segment.bits, RST)) expect(permission.paid.length > 0 || segment.length > 0).toBe(true)
      })
    }),
    { seed, numRuns: 500 },
  )
})
