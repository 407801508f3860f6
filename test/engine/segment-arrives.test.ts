/** Clauses of SEGMENT ARRIVES that are never reached on a wire without losses. */
import { describe, expect, it } from 'vitest'
import { ACK, FIN, RST, type Segment, SYN, URG } from '../../protocol/segment.ts'
import { RFC_9293 } from '../../protocol/tcp/rules.ts'
import { processArrival } from '../../protocol/tcp/segment-arrives.ts'
import { createTcb, createEstablishedTcb, type State, type Tcb } from '../../protocol/tcp/tcb.ts'
import { processCall } from '../../protocol/tcp/user-calls.ts'

const open: Tcb = createEstablishedTcb({ iss: 999, irs: 69_999, sndWnd: 65_535, rcvWnd: 100 })
/** A TCB in this state with SND.NXT = 1000 and RCV.NXT = 70000; a FIN of ours would have the number 999. */
const at = (state: State, change: Partial<Tcb> = {}): Tcb => ({ ...open, state, ...change })
const segment = (bits: number, change: Partial<Segment> = {}): Segment => ({
  bits,
  seq: 70_000,
  ack: bits & ACK ? 1000 : null,
  window: 500,
  length: 0,
  ...change,
})
const arrives = (tcb: Tcb, what: Segment) => processArrival(tcb, what, RFC_9293)
const GAP = [{ kind: 'ACK', why: 'gap', of: ['data'] }]
const CHALLENGE = [expect.objectContaining({ kind: 'ACK', why: 'unacceptable' })]
const SYNCHRONIZED: readonly State[] = ['ESTABLISHED', 'FIN-WAIT-1', 'FIN-WAIT-2', 'CLOSE-WAIT', 'CLOSING', 'LAST-ACK', 'TIME-WAIT']

describe('RFC 9293 3.10.7.1: CLOSED', () => {
  it('discards a RST, and resets all else with numbers that the sender can accept', () => {
    const tcb = createTcb(7, 100)
    expect(arrives(tcb, segment(RST)).newlyPending).toEqual([])
    expect(arrives(tcb, segment(SYN | FIN, { length: 10 })).newlyPending).toEqual([{ kind: 'RST', seq: 0, ack: 70_012 }])
    expect(arrives(tcb, segment(SYN | ACK)).newlyPending).toEqual([{ kind: 'RST', seq: 1000, ack: null }])
  })
})

describe('RFC 9293 3.10.7.2: LISTEN', () => {
  const tcb: Tcb = { ...createTcb(7, 100), state: 'LISTEN', opened: 'passive' }
  it('ignores a RST, resets an ACK, drops what is neither SYN nor ACK', () => {
    expect(arrives(tcb, segment(RST | ACK)).newlyPending).toEqual([])
    expect(arrives(tcb, segment(SYN | ACK)).newlyPending).toEqual([{ kind: 'RST', seq: 1000, ack: null }])
    expect(arrives(tcb, segment(FIN)).newlyPending).toEqual([])
  })
})

describe('RFC 9293 3.10.7.3: SYN-SENT', () => {
  const tcb: Tcb = { ...createTcb(999, 100), state: 'SYN-SENT', opened: 'active', snd: { ...open.snd, una: 999, nxt: 1000 } }
  it.each([999, 1001])('first: an ACK of %i, which is not our SYN’s, is reset', (ack) => {
    expect(arrives(tcb, segment(SYN | ACK, { ack })).newlyPending).toEqual([{ kind: 'RST', seq: ack, ack: null }])
    expect(arrives(tcb, segment(RST | ACK, { ack }))).toMatchObject({ newlyPending: [], tcb: { state: 'SYN-SENT' } })
  })
  it('second: a RST counts only with an acceptable ACK', () => {
    expect(arrives(tcb, segment(RST)).tcb.state).toBe('SYN-SENT')
    expect(arrives(tcb, segment(RST | ACK))).toMatchObject({ tcb: { state: 'CLOSED' }, takenIn: { reset: true } })
  })
  it('fourth: a SYN,ACK may bring data and a FIN', () => {
    const { tcb: after, newlyPending } = arrives(tcb, segment(SYN | ACK | FIN, { length: 5 }))
    expect(after).toMatchObject({ state: 'CLOSE-WAIT', irs: 70_000, rcv: { nxt: 70_007 }, unread: 5 })
    expect(newlyPending.map((debt) => debt.kind === 'ACK' && debt.why)).toEqual(['SYN', 'data', 'FIN'])
  })
  it('fifth: an ACK alone is dropped', () => {
    expect(arrives(tcb, segment(ACK))).toMatchObject({ newlyPending: [], tcb: { state: 'SYN-SENT' } })
  })
})

describe('RFC 9293 3.10.7.4: first, check sequence number', () => {
  it.each([
    ['before the window', 69_999, 0, false],
    ['at RCV.NXT', 70_000, 0, true],
    ['at the window’s last number', 70_099, 0, true],
    ['at the right edge, empty', 70_100, 0, true],
    ['after it, empty', 70_101, 0, false],
    ['ending before RCV.NXT', 69_990, 10, false],
    ['ending at RCV.NXT', 69_990, 11, true],
    ['beginning in the window', 70_099, 50, true],
    ['beginning after it', 70_100, 1, false],
  ])('a segment %s', (_, seq, length, acceptable) => {
    const { newlyPending, takenIn } = arrives(open, segment(ACK, { seq, length }))
    if (acceptable) expect(newlyPending.some((debt) => debt.kind === 'ACK' && debt.why === 'unacceptable')).toBe(false)
    else expect({ newlyPending, takenIn }).toMatchObject({ newlyPending: CHALLENGE, takenIn: { octets: 0, acked: false } })
  })
  it('a closed window takes no text, and only the ACK of a probe and of what follows one', () => {
    const full: Tcb = { ...open, snd: { ...open.snd, nxt: 1100 }, rcv: { ...open.rcv, wnd: 0 } }
    const ack = 1050
    expect(arrives(full, segment(ACK, { ack }))).toMatchObject({ newlyPending: [], takenIn: { acked: true } })
    expect(arrives(full, segment(ACK, { ack, length: 1 }))).toMatchObject({
      newlyPending: CHALLENGE,
      takenIn: { acked: true, octets: 0 },
    })
    expect(arrives(full, segment(ACK | FIN, { ack }))).toMatchObject({
      newlyPending: CHALLENGE,
      takenIn: { acked: true, fin: false },
    })
    expect(arrives(full, segment(ACK, { ack, seq: 70_001 }))).toMatchObject({ newlyPending: [], takenIn: { acked: true } })
    expect(arrives(full, segment(ACK, { ack, seq: 70_002 }))).toMatchObject({ newlyPending: CHALLENGE, takenIn: { acked: false } })
    expect(arrives(full, segment(ACK, { ack, seq: 70_001, length: 1 })).newlyPending).toEqual(CHALLENGE)
  })
  it('only the new part of a segment is taken, and only what fits the window', () => {
    expect(arrives(open, segment(ACK, { seq: 69_990, length: 30 })).tcb.rcv.nxt).toBe(70_020)
    const { tcb, takenIn } = arrives(open, segment(ACK | FIN, { length: 150 }))
    expect([tcb.rcv.nxt, tcb.rcv.wnd, tcb.state, takenIn.octets]).toEqual([70_100, 0, 'ESTABLISHED', 100])
  })
  it('a RST outside the window is dropped without a word (RFC 5961 3.2)', () => {
    expect(arrives(open, segment(RST, { seq: 69_999 })).newlyPending).toEqual([])
  })
})

describe('RFC 9293 3.10.7.4: second, check the RST bit', () => {
  it.each(SYNCHRONIZED)('%s: at RCV.NXT it resets, elsewhere in the window it draws a challenge ACK (RFC 5961 3.2)', (state) => {
    const owing = at(state, { owes: [{ kind: 'ACK', why: 'data' }] })
    expect(arrives(owing, segment(RST))).toMatchObject({ tcb: { state: 'CLOSED', owes: [] }, takenIn: { reset: true } })
    expect(arrives(at(state), segment(RST, { seq: 70_050 }))).toMatchObject({
      newlyPending: CHALLENGE,
      tcb: { state },
      rule: 'challenges-reset',
    })
  })
  it('SYN-RECEIVED: back to LISTEN after a passive OPEN, CLOSED after an active one', () => {
    const half = (opened: 'active' | 'passive') => at('SYN-RECEIVED', { opened, snd: { ...open.snd, una: 999 } })
    expect(arrives(half('passive'), segment(RST)).tcb).toMatchObject({ state: 'LISTEN', opened: 'passive', irs: null })
    expect(arrives(half('active'), segment(RST)).tcb).toMatchObject({ state: 'CLOSED', opened: null })
  })
})

describe('RFC 9293 3.10.7.4: fourth, check the SYN bit', () => {
  it.each(SYNCHRONIZED)('%s: a SYN draws a challenge ACK (RFC 5961 4.2)', (state) => {
    for (const bits of [SYN, SYN | ACK]) {
      expect(arrives(at(state), segment(bits))).toMatchObject({ newlyPending: CHALLENGE, tcb: { state }, rule: 'challenges-syn' })
    }
  })
  it('SYN-RECEIVED after a passive OPEN: back to LISTEN', () => {
    expect(arrives(at('SYN-RECEIVED', { opened: 'passive' }), segment(SYN)).tcb.state).toBe('LISTEN')
  })
  it('SYN-RECEIVED: the SYN that came before is an old duplicate, and gets an ACK', () => {
    const half = at('SYN-RECEIVED', { opened: 'passive', snd: { ...open.snd, una: 999 } })
    expect(arrives(half, segment(SYN, { seq: 69_999 }))).toMatchObject({ newlyPending: CHALLENGE, tcb: { state: 'SYN-RECEIVED' } })
  })
})

describe('RFC 9293 3.10.7.4: fifth, check the ACK field', () => {
  it.each(SYNCHRONIZED)('%s: without the ACK bit a segment is dropped', (state) => {
    expect(arrives(at(state), segment(0, { length: 5 }))).toMatchObject({ newlyPending: [], takenIn: { octets: 0 } })
  })
  it.each(SYNCHRONIZED)('%s: an ACK of what was never sent, or of long ago, draws an ACK (RFC 5961 5.2)', (state) => {
    for (const ack of [1001, 1000 - 65_536 + 2 ** 32]) {
      expect(arrives(at(state), segment(ACK, { ack, length: 5 }))).toMatchObject({
        newlyPending: CHALLENGE,
        takenIn: { octets: 0 },
      })
    }
    expect(arrives(at(state), segment(ACK, { ack: 1000 - 65_535 + 2 ** 32 })).newlyPending).toEqual([])
  })
  it('SYN-RECEIVED: an ACK of anything but our SYN is reset with its own number', () => {
    const half = at('SYN-RECEIVED', { opened: 'passive', snd: { ...open.snd, una: 999 } })
    for (const ack of [999, 1001])
      expect(arrives(half, segment(ACK, { ack })).newlyPending).toEqual([{ kind: 'RST', seq: ack, ack: null }])
  })
  it('an older segment does not move the send window', () => {
    const known = at('ESTABLISHED', { snd: { una: 1000, nxt: 1000, wnd: 800, wl1: 70_005, wl2: 1000 } })
    expect(arrives(known, segment(ACK)).tcb.snd.wnd).toBe(800)
    expect(arrives(known, segment(ACK, { seq: 70_005 })).tcb.snd.wnd).toBe(500)
  })
  it('CLOSING: an ACK that leaves our FIN unacknowledged is ignored', () => {
    const closing = at('CLOSING', { snd: { ...open.snd, una: 998 }, finSent: 999 })
    expect(arrives(closing, segment(ACK, { ack: 999 })).tcb.state).toBe('CLOSING')
    expect(arrives(closing, segment(ACK)).tcb.state).toBe('TIME-WAIT')
  })
})

describe('RFC 9293 3.10.7.4: sixth to eighth', () => {
  it('seventh: what lies beyond a gap is held, draws an ACK, and is taken once the gap closes', () => {
    const first = arrives(open, segment(ACK | URG, { seq: 70_010, length: 5 }))
    expect(first).toMatchObject({ newlyPending: GAP, takenIn: { octets: 0 }, tcb: { held: [{ from: 70_010, to: 70_015 }] } })
    const second = arrives(first.tcb, segment(ACK, { seq: 70_020, length: 5 }))
    expect(second.tcb.held).toEqual([
      { from: 70_010, to: 70_015 },
      { from: 70_020, to: 70_025 },
    ])
    // Sent again in other pieces, across the second gap as well.
    const third = arrives(second.tcb, segment(ACK, { seq: 70_012, length: 10 }))
    expect(third.tcb.held).toEqual([{ from: 70_010, to: 70_025 }])
    const last = arrives(third.tcb, segment(ACK, { seq: 69_995, length: 18 }))
    expect(last).toMatchObject({ takenIn: { octets: 25 }, tcb: { held: [], rcv: { nxt: 70_025 }, unread: 25 } })
  })
  it('eighth: a FIN beyond a gap waits for the text before it, whatever brings that', () => {
    const early = arrives(open, segment(ACK | FIN, { seq: 70_010, length: 5 }))
    expect(early).toMatchObject({
      newlyPending: [{ kind: 'ACK', why: 'gap', of: ['data', 'FIN'] }],
      takenIn: { fin: false },
      tcb: { state: 'ESTABLISHED', finHeld: 70_015 },
    })
    expect(arrives(early.tcb, segment(ACK, { length: 10 }))).toMatchObject({
      takenIn: { octets: 15, fin: true },
      tcb: { state: 'CLOSE-WAIT', rcv: { nxt: 70_016 }, held: [], finHeld: null },
    })
  })
  it('seventh: what is held stays inside the window', () => {
    const { tcb } = arrives(open, segment(ACK | FIN, { seq: 70_090, length: 50 }))
    expect(tcb).toMatchObject({ held: [{ from: 70_090, to: 70_100 }], finHeld: null })
  })
  it.each(['CLOSE-WAIT', 'CLOSING', 'LAST-ACK', 'TIME-WAIT'] as const)(
    '%s: text after the peer’s FIN is ignored, and a FIN with it acknowledged',
    (state) => {
      const { tcb, takenIn, newlyPending } = arrives(at(state), segment(ACK | FIN, { length: 5 }))
      expect([tcb.state, tcb.rcv.nxt, takenIn.octets, takenIn.fin]).toEqual([state, 70_000, 0, false])
      expect(newlyPending).toEqual(CHALLENGE)
      expect(arrives(at(state), segment(ACK, { length: 5 })).newlyPending).toEqual([])
    },
  )
  it('table 6 and figure 7: a SYN,ACK at IRS in SYN-RECEIVED answers our SYN only after an active OPEN', () => {
    const received = (opened: Tcb['opened']): Tcb => ({
      ...at('SYN-RECEIVED'),
      opened,
      irs: 69_999,
      snd: { ...open.snd, una: 999, nxt: 1000 },
    })
    const answer = segment(SYN | ACK, { seq: 69_999, ack: 1000 })
    expect(arrives(received('active'), answer).tcb.state).toBe('ESTABLISHED')
    for (const ack of [1000, 999, 1001])
      expect(arrives(received('passive'), { ...answer, ack })).toMatchObject({
        newlyPending: CHALLENGE,
        tcb: { state: 'SYN-RECEIVED' },
      })
  })
  it('TIME-WAIT: the FIN at RCV.NXT-1 is acknowledged and restarts 2MSL', () => {
    const { newlyPending, restarted, tcb } = arrives(at('TIME-WAIT'), segment(ACK | FIN, { seq: 69_989, length: 10 }))
    expect({ newlyPending, restarted, state: tcb.state }).toEqual({
      newlyPending: CHALLENGE,
      restarted: ['time-wait'],
      state: 'TIME-WAIT',
    })
  })
})

it.each(['SYN-RECEIVED', 'ESTABLISHED', 'FIN-WAIT-1', 'FIN-WAIT-2', 'CLOSE-WAIT'] as const)(
  'RFC 9293 3.10.5: %s after ABORT leaves what arrives to its RST',
  (state) => {
    const called = processCall(at(state), { call: 'ABORT' })
    if (!called.ok) throw new Error(called.error)
    expect(arrives(called.tcb, segment(ACK, { length: 5 }))).toMatchObject({
      newlyPending: [],
      tcb: { owes: [{ kind: 'RST', seq: 1000 }] },
    })
    expect(arrives(called.tcb, segment(RST)).tcb).toMatchObject({ state: 'CLOSED', owes: [] })
  },
)
