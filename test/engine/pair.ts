/**
 * Two endpoints that make legal choices, over a wire that may lose, duplicate, delay and reorder segments. The engine's
 * properties are about these.
 */
import type { UserCall } from '../../protocol/tcp/user-calls.ts'
import { peerOf, type Seat, SEATS } from '../../protocol/seat.ts'
import fc from 'fast-check'
import { expect } from 'vitest'
import { ACK, FIN, PSH, type Segment, SYN } from '../../protocol/segment.ts'
import { add, sub } from '../../protocol/seq.ts'
import { maySend } from '../../protocol/tcp/may-send.ts'
import { nextSegment } from '../../protocol/tcp/due-segment.ts'
import { RFC_9293, type TcpRules } from '../../protocol/tcp/rules.ts'
import { processArrival } from '../../protocol/tcp/segment-arrives.ts'
import { createTcb, type Tcb } from '../../protocol/tcp/tcb.ts'
import { processTimeout } from '../../protocol/tcp/timeouts.ts'
import { processCall } from '../../protocol/tcp/user-calls.ts'

/** A sequence number, often one at which the arithmetic may go wrong. */
export const number = fc.oneof(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.constantFrom(0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1))
/** More steps than any conversation here takes. */
const MANY = 5_000

/** Called with a TCB and the legal segment that is about to leave it. */
type Watch = (tcb: Tcb, segment: Segment) => void

/** Two endpoints and the segments on their way between them, oldest first. */
export class Pair {
  readonly tcb: Record<Seat, Tcb>
  readonly wire: Record<Seat, Segment[]> = { client: [], server: [] }
  readonly delivered: Record<Seat, number> = { client: 0, server: 0 }

  readonly #watch: Watch
  readonly #rules: TcpRules

  constructor({ iss, window, reads }: Plan, watch: Watch, rules: TcpRules) {
    this.#watch = watch
    this.#rules = rules
    const begin = (seat: Seat) => createTcb(iss[seat], window[seat], reads[seat] ? 'at-once' : 'on-RECEIVE')
    this.tcb = { client: begin('client'), server: begin('server') }
  }

  call(seat: Seat, call: UserCall): void {
    const result = processCall(this.tcb[seat], call)
    if (!result.ok) throw new Error(`${call.call}: ${result.error}`)
    this.tcb[seat] = result.tcb
  }

  /** Sends a segment. Returns true if it was legal and has left. */
  send(seat: Seat, segment: Segment): boolean {
    const permission = maySend(this.tcb[seat], segment, { rules: this.#rules, calls: 'given' })
    if (!permission.ok) return false
    this.#watch(this.tcb[seat], segment)
    this.tcb[seat] = permission.tcb
    this.wire[seat].push(segment)
    return true
  }

  /** Delivers the oldest segment, or the one at `at`. `doubled`: it also stays on the wire, to arrive once more. */
  deliver(from: Seat, at = 0, doubled = false): boolean {
    const segment = this.wire[from][at]
    if (!segment) return false
    if (!doubled) this.wire[from].splice(at, 1)
    const to = peerOf(from)
    const { tcb, takenIn } = processArrival(this.tcb[to], segment, this.#rules)
    this.tcb[to] = tcb
    this.delivered[to] += takenIn.octets
    return true
  }

  /** Fires this seat's timers, as if nothing had arrived for a while. */
  timers(seat: Seat): void {
    this.tcb[seat] = processTimeout(processTimeout(this.tcb[seat], 'retransmission'), 'persist')
  }

  /** The application takes what has arrived. */
  read(seat: Seat): void {
    const result = processCall(this.tcb[seat], { call: 'RECEIVE' })
    if (this.tcb[seat].unread > 0 && result.ok) this.tcb[seat] = result.tcb
  }

  /**
   * Applies the next fault to the seat's next segment, or delivers it if there are no faults left. Returns true if there was a
   * segment.
   */
  #goes(seat: Seat, faults: Fault[]): boolean {
    const wire = this.wire[seat]
    if (wire.length === 0) return false
    switch (faults.shift()) {
      case 'lost':
        wire.shift()
        return true
      case 'doubled':
        return this.deliver(seat, 0, true)
      case 'overtaken':
        return this.deliver(seat, wire.length - 1)
      case 'held':
        return true
      default:
        return this.deliver(seat)
    }
  }

  /**
   * Sends all pending segments and delivers everything on the wire until nothing is left to do. Then the timers fire and the
   * applications that read late read: an acknowledgment on a repeated FIN is dropped with that FIN (RFC 9293 3.10.7.4, first
   * check), and only these two cause it to be sent again.
   */
  finish(faults: Fault[] = []): void {
    let moved = true
    for (let steps = 0; moved; steps++) {
      if (steps > MANY) throw new Error(`it does not end: ${JSON.stringify(this.tcb)}`)
      moved = false
      const idle = SEATS.every((seat) => this.wire[seat].length === 0 && !nextSegment(this.tcb[seat]))
      for (const seat of idle ? SEATS : []) {
        this.timers(seat)
        this.read(seat)
      }
      for (const seat of SEATS) {
        if (this.#goes(seat, faults)) moved = true
        const segment = nextSegment(this.tcb[seat])
        if (!segment) continue
        // On a bad wire in pieces, so that more can be lost.
        const whole = faults.length === 0 || segment.length < 9
        const piece = whole ? segment : { ...segment, bits: segment.bits & ~FIN, length: segment.length >> 1 }
        expect(this.send(seat, piece), `${seat} may send what pay gives`).toBe(true)
        moved = true
      }
    }
  }
}

/** A segment that is probably legal now; `a` and `b` select numbers. */
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
      return nextSegment(tcb) ?? { bits: ACK, seq: nxt, ack, window, length: 0 }
  }
}

const ACTS = ['call', 'deliver', 'deliver', 'send', 'send', 'send'] as const
const FAULTS = ['lose', 'double', 'overtake', 'overtake', 'timers', 'read'] as const

const FATES = ['fine', 'fine', 'lost', 'doubled', 'overtaken', 'held'] as const
type Fault = (typeof FATES)[number]

interface Move {
  readonly seat: Seat
  readonly act: (typeof ACTS)[number] | (typeof FAULTS)[number]
  readonly kind: number
  readonly a: number
  readonly b: number
}

const planWith = (acts: readonly Move['act'][], most: number, faults: number) =>
  fc.record({
    iss: fc.record({ client: number, server: number }),
    window: fc.record({ client: fc.integer({ min: 2, max: 65_535 }), server: fc.integer({ min: 2, max: 65_535 }) }),
    /** Whether each application reads as soon as text arrives; otherwise it reads when nothing else is left to do. */
    reads: fc.record({ client: fc.boolean(), server: fc.boolean() }),
    both: fc.boolean(),
    /** Whether no faults occur before ESTABLISHED. */
    opened: fc.boolean(),
    sends: fc.record({
      client: fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 3 }),
      server: fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 3 }),
    }),
    faults: fc.array(fc.constantFrom(...FATES), { minLength: faults / 2, maxLength: faults }),
    moves: fc.array(
      fc.record<Move>({
        seat: fc.constantFrom(...SEATS),
        act: fc.constantFrom(...acts),
        kind: fc.integer({ min: 0, max: 8 }),
        a: fc.nat(400),
        b: fc.nat(400),
      }),
      { minLength: 30, maxLength: most },
    ),
  })

/** A plan for a wire that loses nothing and keeps the order in each direction. */
export const plan = planWith(ACTS, 60, 0)
/** A plan for a wire that loses and reorders segments. */
export const faultyPlan = planWith([...ACTS, ...FAULTS], 60, 80)
export type Plan = typeof plan extends fc.Arbitrary<infer T> ? T : never

/** Plays a plan. */
export function play(plan: Plan, watch: Watch = () => undefined, rules = RFC_9293): Pair {
  const { both, opened, sends, moves, faults } = plan
  const pair = new Pair(plan, watch, rules)
  const fates = [...faults]
  pair.call('server', { call: 'OPEN', mode: both ? 'active' : 'passive' })
  pair.call('client', { call: 'OPEN', mode: 'active' })
  if (opened) pair.finish()
  const toCall: Record<Seat, UserCall[]> = { client: [], server: [] }
  for (const seat of SEATS) toCall[seat] = [...sends[seat].map((octets) => ({ call: 'SEND', octets }) as const), { call: 'CLOSE' }]
  const mayCall = (seat: Seat) => !['CLOSED', 'LISTEN', 'SYN-SENT'].includes(pair.tcb[seat].state)
  for (const { seat, act, kind, a, b } of moves) {
    const onWire = pair.wire[seat].length
    if (act === 'deliver') pair.deliver(seat)
    else if (act === 'overtake') pair.deliver(seat, a % Math.max(1, onWire))
    else if (act === 'double') pair.deliver(seat, a % Math.max(1, onWire), true)
    else if (act === 'lose') pair.wire[seat].shift()
    else if (act === 'timers') pair.timers(seat)
    else if (act === 'read') pair.read(seat)
    else if (act === 'send') {
      const segment = guess(pair.tcb[seat], kind, a, b)
      pair.send(seat, segment)
    } else if (mayCall(seat)) {
      const call = toCall[seat].shift()
      if (call) pair.call(seat, call)
    }
  }
  pair.finish(fates)
  // The calls that the plan has not made are made now, one at a time.
  while (SEATS.some((seat) => toCall[seat].length > 0)) {
    for (const seat of SEATS) {
      const call = toCall[seat].shift()
      if (call) pair.call(seat, call)
    }
    pair.finish(fates)
  }
  return pair
}
