/** The TCP options that captures contain: window scaling, timestamps with PAWS, selective acknowledgments, Fast Open. */
import { describe, expect, it } from 'vitest'
import { ACK, FIN, type Options, RST, type Segment, SYN } from '../../protocol/segment.ts'
import { maySend } from '../../protocol/tcp/may-send.ts'
import { RFC_9293 } from '../../protocol/tcp/rules.ts'
import { processArrival } from '../../protocol/tcp/segment-arrives.ts'
import { createTcb, createEstablishedTcb, type Tcb } from '../../protocol/tcp/tcb.ts'

const rules = RFC_9293
const X = 999
const Y = 69_999

/** Two TCBs and a wire. All calls are assumed. */
class Capture {
  client: Tcb = createTcb(X, 65_535)
  server: Tcb = { ...createTcb(Y, 65_535), state: 'LISTEN', opened: 'passive' }

  /** Sends a segment from one end to the other. Returns the fields at fault if it is refused, otherwise null. */
  goes(from: 'client' | 'server', segment: Segment): string | null {
    const permission = maySend(this[from], segment, { rules, calls: 'assumed' })
    if (!permission.ok) return permission.findings.map(({ field }) => field).join()
    this[from] = permission.tcb
    const to = from === 'client' ? 'server' : 'client'
    this[to] = processArrival(this[to], segment, rules).tcb
    return null
  }
}

const segment = (bits: number, seq: number, ack: number | null, more: Partial<Segment> = {}): Segment => ({
  bits,
  seq,
  ack,
  window: 1000,
  length: 0,
  ...more,
})

function shakenHands(client: Options, server: Options): Capture {
  const capture = new Capture()
  const first = client.timestamps ? { options: { timestamps: { value: 10, echo: 5 } } } : {}
  expect(capture.goes('client', segment(SYN, X, null, { options: client }))).toBe(null)
  expect(capture.goes('server', segment(SYN | ACK, Y, X + 1, { options: server }))).toBe(null)
  expect(capture.goes('client', segment(ACK, X + 1, Y + 1, { window: 500, ...first }))).toBe(null)
  expect([capture.client.state, capture.server.state]).toEqual(['ESTABLISHED', 'ESTABLISHED'])
  return capture
}

describe('RFC 7323 2.2: window scaling', () => {
  it('shifts every window but a SYN’s, where both SYNs have the option', () => {
    const capture = shakenHands({ windowScale: 7 }, { windowScale: 3 })
    expect(capture.client.snd.wnd).toBe(1000)
    expect(capture.server.snd.wnd).toBe(500 << 7)
    expect(capture.goes('server', segment(ACK, Y + 1, X + 1, { length: 64_001 }))).toBe('payload')
    expect(capture.goes('server', segment(ACK, Y + 1, X + 1, { length: 64_000 }))).toBe(null)
    expect(capture.client.snd.wnd).toBe(1000 << 3)
  })
  it('is off where one SYN lacks it', () => {
    const capture = shakenHands({ windowScale: 7 }, {})
    expect(capture.server.snd.wnd).toBe(500)
    expect(capture.goes('server', segment(ACK, Y + 1, X + 1, { length: 501 }))).toBe('payload')
  })
  it('RFC 7323 2.3: by 14 bits at most', () => {
    expect(shakenHands({ windowScale: 200 }, { windowScale: 0 }).server.snd.wnd).toBe(500 << 14)
  })
  it('RFC 5961 5.2: an old ACK is measured by the scaled window', () => {
    const scaled = { offers: { windowScale: 0 }, peerOffers: { windowScale: 2 } }
    const open = createEstablishedTcb({ iss: X, irs: Y, sndWnd: 1000, rcvWnd: 1000 })
    const old = segment(ACK, Y + 1, (X + 1 - 100_000) >>> 0)
    expect(processArrival(open, old, rules).rule).toBe('challenges-ack')
    expect(processArrival({ ...open, ...scaled }, old, rules).newlyPending).toEqual([])
  })
})

describe('RFC 7323 5.3: PAWS', () => {
  const stamps = (value: number): Options => ({ timestamps: { value, echo: 0 } })
  const open = shakenHands(stamps(9), stamps(5)).server
  const arrives = (tcb: Tcb, value: number, bits = ACK, seq = X + 1) =>
    processArrival(tcb, segment(bits, seq, Y + 1, { length: 10, options: stamps(value) }), rules)

  it('R1: text with an older timestamp is not taken, and draws an ACK', () => {
    expect(open.tsRecent).toBe(10)
    expect(arrives(open, 9)).toMatchObject({
      rule: 'checks-timestamp',
      takenIn: { octets: 0 },
      newlyPending: [{ kind: 'ACK', why: 'unacceptable', of: ['data'] }],
    })
    expect(arrives(open, 10)).toMatchObject({ takenIn: { octets: 10 } })
  })
  it('R3: TS.Recent follows what is in order, not what lies beyond a gap', () => {
    expect(arrives(open, 30).tcb.tsRecent).toBe(30)
    expect(arrives(open, 30, ACK, X + 50).tcb.tsRecent).toBe(10)
  })
  it('timestamps wrap as sequence numbers do', () => {
    expect(arrives({ ...open, tsRecent: 2 ** 32 - 2 }, 3).takenIn.octets).toBe(10)
  })
  it('a RST is not asked for its own', () => {
    expect(arrives(open, 1, RST).takenIn.reset).toBe(true)
  })
  it('without the option in both SYNs nothing is compared', () => {
    expect(
      processArrival(shakenHands({}, {}).server, segment(ACK, X + 1, Y + 1, { length: 10, options: stamps(1) }), rules),
    ).toMatchObject({ takenIn: { octets: 10 } })
  })
})

describe('RFC 2018: selective acknowledgments', () => {
  it('a duplicate ACK that brings blocks serves something', () => {
    const tcb = createEstablishedTcb({ iss: X, irs: Y, sndWnd: 1000, rcvWnd: 1000 })
    const remarks = (options?: Options) => {
      const permission = maySend(tcb, segment(ACK, X + 1, Y + 1, options ? { options } : {}), { rules, calls: 'assumed' })
      return permission.ok ? permission.remarks.length : -1
    }
    expect(remarks({ sack: [{ from: Y + 100, to: Y + 200 }] })).toBe(0)
    expect(remarks()).toBe(1)
  })
})

describe('RFC 7413 4.2: Fast Open', () => {
  const cookie = { fastOpen: true }
  const begun = (options: Options): Capture => {
    const capture = new Capture()
    expect(capture.goes('client', segment(SYN, X, null, { length: 30, options }))).toBe(null)
    return capture
  }
  it('the SYN,ACK may acknowledge the SYN’s text, and answers may follow at once', () => {
    const capture = begun(cookie)
    expect(capture.goes('server', segment(SYN | ACK, Y, X + 31))).toBe(null)
    expect(capture.goes('server', segment(ACK, Y + 1, X + 31, { length: 100 }))).toBe(null)
    expect(capture.goes('client', segment(ACK, X + 31, Y + 101))).toBe(null)
    expect(capture.server).toMatchObject({ state: 'ESTABLISHED', rcv: { nxt: X + 31 }, held: [], unread: 30 })
    expect(capture.goes('client', segment(ACK | FIN, X + 31, Y + 101))).toBe(null)
  })
  it('or leave it out: it comes again', () => {
    const capture = begun(cookie)
    expect(capture.goes('server', segment(SYN | ACK, Y, X + 1))).toBe(null)
    expect(capture.goes('client', segment(ACK, X + 1, Y + 1, { length: 30 }))).toBe(null)
    expect(capture.server).toMatchObject({ state: 'ESTABLISHED', rcv: { nxt: X + 31 } })
  })
  it('without the cookie the SYN,ACK acknowledges the SYN alone', () => {
    const capture = begun({})
    expect(capture.goes('server', segment(SYN | ACK, Y, X + 31))).toBe('ack')
    expect(capture.goes('server', segment(SYN | ACK, Y, X + 1))).toBe(null)
    expect(capture.goes('server', segment(ACK, Y + 1, X + 1, { length: 100 }))).toBe('payload')
  })
})
