/**
 * How the judge judges captured connections. The captures are written by the project's own writer; real ones are in
 * kernel.test.ts.
 */
import { describe, expect, it } from 'vitest'
import { captureOf, judgeAll, line, type Line, PLAIN } from '../support/capture.ts'

/** One line per segment: `frame: verdict meaning client/server [field given→want misconception]`. */
const told = (lines: readonly (string | Line)[]): string[] =>
  judgeAll(captureOf(lines)).judged.map(({ frame, verdict, meaning, state, findings }) =>
    [
      `${frame}: ${verdict} ${meaning} ${state.client}/${state.server}`,
      ...findings.map((f) => `[${f.kind} ${f.field} ${f.given}→${f.want} ${f.misconception}]`),
    ].join(' '),
  )
const violations = (lines: readonly (string | Line)[]): string[] => told(lines).filter((said) => said.includes('violation'))
const OPEN = PLAIN.slice(0, 3)

describe('a plain connection', () => {
  it('is legal throughout, with both states after each segment', () => {
    expect(told(PLAIN)).toEqual([
      '1: ok opens SYN-SENT/SYN-RECEIVED',
      '2: ok opens ESTABLISHED/SYN-RECEIVED',
      '3: ok acknowledges ESTABLISHED/ESTABLISHED',
      '4: ok sends ESTABLISHED/ESTABLISHED',
      '5: ok acknowledges ESTABLISHED/ESTABLISHED',
      '6: ok sends ESTABLISHED/ESTABLISHED',
      '7: ok acknowledges ESTABLISHED/ESTABLISHED',
      '8: ok closes FIN-WAIT-1/CLOSE-WAIT',
      '9: ok acknowledges FIN-WAIT-2/CLOSE-WAIT',
      '10: ok closes TIME-WAIT/LAST-ACK',
      '11: ok acknowledges TIME-WAIT/CLOSED',
    ])
  })

  it('is read alike in chunks of any size', () => {
    const file = captureOf(PLAIN)
    const whole = judgeAll(file).judged
    for (const size of [1, 7, 64, 1000]) expect(judgeAll(file, size).judged).toEqual(whole)
  })

  it('has numbers relative to each ISN, across the wrap', () => {
    expect(
      judgeAll(captureOf(PLAIN))
        .judged.map(({ seq, ack }) => [seq, ack])
        .slice(0, 7),
    ).toEqual([
      [0, null],
      [0, 1],
      [1, 1],
      [1, 1],
      [1, 101],
      [1, 101],
      [101, 1001],
    ])
  })
})

describe('a refused segment', () => {
  it('RFC 9293 3.10.7.2: lacks its SYN; its number is nobody’s fault, as no ISN is known yet', () => {
    expect(violations([...PLAIN.slice(0, 1), 'server ACK 0 1 0'])).toEqual([
      '2: violation null SYN-SENT/SYN-RECEIVED [refusal flags ACK→SYN,ACK syn-missing-on-reply]',
    ])
  })

  it('RFC 9293 3.10.7.1: is a reset with another number than the SYN asks for, and no other kind of segment', () => {
    const [refused] = judgeAll(captureOf([...PLAIN.slice(0, 1), 'server RST,ACK 7 1 0'])).judged.slice(1)
    expect(refused?.findings.map(({ field }) => field)).toEqual(['seq'])
  })

  it('does not move the world, and says what was wrong', () => {
    expect(told([...PLAIN.slice(0, 2), 'client ACK 1 0 0', 'client ACK 1 1 0']).slice(2)).toEqual([
      '3: violation null ESTABLISHED/SYN-RECEIVED [refusal ack 0→1 syn-consumes-one]',
      '4: ok acknowledges ESTABLISHED/ESTABLISHED',
    ])
  })

  it('is taken to have counted where what follows fits only then', () => {
    // The segment with the server's 500 octets is missing in the capture.
    expect(violations([...OPEN, 'client ACK 1 501 0', 'server ACK 501 1 20', 'client ACK 1 521 0'])).toEqual([
      '4: violation null ESTABLISHED/ESTABLISHED [refusal ack 501→1 ack-beyond-sent]',
    ])
  })

  it('is followed by judging, where all before it is unknown', () => {
    // A host that refuses a connection takes another number than the SYN asks for; the connection is open all the same.
    expect(violations(['client SYN 0 - 0', 'server SYN,ACK 0 2 0', ...PLAIN.slice(2)]).map((said) => said.slice(0, 12))).toEqual([
      '2: violation',
    ])
  })

  it.each([
    ['an acknowledgment of what was never sent', 'client ACK 1 2 0', 'ack 2→1'],
    ['a number that was not counted', 'client ACK 0 1 10', 'seq 0→1'],
    ['text far beyond the window', 'client ACK 900000 1 10', 'seq 900000→1'],
    ['a FIN without ACK', 'client FIN 1 - 0', 'flags FIN→FIN,ACK'],
    ['SYN in a connection that is open', 'client SYN,ACK 1 1 0', 'flags SYN,ACK→FIN,ACK'],
  ])('%s', (_what, said, finding) => {
    expect(violations([...OPEN, said]).join()).toContain(`refusal ${finding}`)
  })

  it('RFC 9293 3.8.1: octets sent again are the same octets', () => {
    const again = line('client PSH,ACK 1 1 100')
    const other: Line = { ...again, payload: again.payload.map((octet, i) => (i === 50 ? octet ^ 1 : octet)) }
    expect(violations([...OPEN, again, again])).toEqual([])
    expect(violations([...OPEN, again, other]).join()).toContain('refusal payload')
  })
})

describe('what a capture does not say', () => {
  it('an ACK may be for less than has been captured, never for one octet less than a segment', () => {
    const data = ['client ACK 1 1 100', 'client ACK 101 1 100', 'client ACK 201 1 100']
    expect(violations([...OPEN, ...data, 'server ACK 1 101 0', 'server ACK 1 201 0', 'server ACK 1 301 0'])).toEqual([])
    expect(violations([...OPEN, ...data, 'server ACK 1 300 0'])).toHaveLength(1)
  })

  it('both close before either FIN has arrived', () => {
    expect(
      told([...OPEN, 'client FIN,ACK 1 1 0', 'server FIN,ACK 1 1 0', 'client ACK 2 2 0', 'server ACK 2 2 0']).slice(3),
    ).toEqual([
      '4: ok closes FIN-WAIT-1/CLOSE-WAIT',
      '5: ok closes CLOSING/CLOSING',
      '6: ok acknowledges CLOSING/TIME-WAIT',
      '7: ok acknowledges TIME-WAIT/TIME-WAIT',
    ])
  })

  it('both open before either SYN has arrived', () => {
    expect(
      violations(['client SYN 0 - 0', 'server SYN 0 - 0', 'client SYN,ACK 0 1 0', 'server SYN,ACK 0 1 0', 'client ACK 1 1 5']),
    ).toEqual([])
  })

  it('the last ACK is lost after it was captured: the FIN comes again', () => {
    expect(violations([...PLAIN, 'server FIN,ACK 1001 102 0', 'client ACK 102 1002 0'])).toEqual([])
  })

  it('the SYN,ACK and the ACK are lost after they were captured', () => {
    expect(
      violations([
        'client SYN 0 - 0',
        'server SYN,ACK 0 1 0',
        'client SYN 0 - 0',
        'server SYN,ACK 0 1 0',
        'client ACK 1 1 0',
        'server SYN,ACK 0 1 0',
        'client ACK 1 1 0',
        ...PLAIN.slice(3),
      ]),
    ).toEqual([])
  })

  it('an ACK is lost after it was captured: the text comes again', () => {
    expect(violations([...PLAIN.slice(0, 5), 'client PSH,ACK 1 1 100', 'server ACK 1 101 0'])).toEqual([])
  })

  it('text goes on for as long as a RST is on its way', () => {
    expect(
      violations([
        ...PLAIN.slice(0, 5),
        'client RST,ACK 101 1 0',
        'server ACK 1 101 100',
        'server ACK 101 101 100',
        'client RST 101 - 0',
        'client RST 101 - 0',
      ]),
    ).toEqual([])
  })

  it('what was lost before it was captured leaves a hole', () => {
    expect(violations([...OPEN, 'client ACK 101 1 100', 'server ACK 1 1 0', 'client ACK 1 1 100', 'server ACK 1 201 0'])).toEqual(
      [],
    )
  })

  it('an offered window may be used, although a smaller one has been offered since', () => {
    expect(violations([...OPEN, 'client ACK 1 1 100', 'server ACK 1 101 0 win 100', 'client ACK 101 1 1000'])).toEqual([])
  })
})

describe('connections', () => {
  it('RFC 9293 3.10.7.1: a refused one, CLOSED answers with a RST', () => {
    const answer = line('server RST,ACK 0 1 0')
    const refusal = { ...answer, segment: { ...answer.segment, seq: 0 } }
    expect(told(['client SYN 0 - 0', refusal])).toEqual(['1: ok opens SYN-SENT/SYN-RECEIVED', '2: ok resets CLOSED/CLOSED'])
  })

  it('the same ports after a close are a new one', () => {
    const later = (said: string): Line => {
      const one = line(said)
      return { ...one, segment: { ...one.segment, seq: (one.segment.seq + 5_000_000) >>> 0 } }
    }
    const { judged } = judgeAll(captureOf([...PLAIN, later('client SYN 0 - 0')]))
    expect(judged.at(-1)).toMatchObject({ connection: 1, from: 'client', seq: 0, verdict: 'ok' })
  })

  it('RFC 9293 3.5, figure 8: an old duplicate SYN is answered, refused, and the new one goes on, whichever of them was captured first', () => {
    const at = (text: string, seq: number, ack: number | null): Line => {
      const said = line(text)
      return { ...said, segment: { ...said.segment, seq, ack } }
    }
    const [syn, old] = [at('client SYN 0 - 0', 100, null), at('client SYN 0 - 0', 90, null)]
    const [answered, refused] = [at('server SYN,ACK 0 1 0', 300, 91), at('client RST 0 - 0', 91, null)]
    const goesOn = [at('server SYN,ACK 0 1 0', 400, 101), at('client ACK 1 1 0', 101, 401), at('client PSH,ACK 1 1 9', 101, 401)]
    for (const [lines, connections] of [
      [
        [old, answered, refused, syn, ...goesOn],
        [0, 0, 0, 1, 1, 1, 1],
      ],
      [
        [syn, old, answered, refused, ...goesOn],
        [0, 1, 1, 1, 0, 0, 0],
      ],
      [
        [old, syn, answered, refused, ...goesOn],
        [0, 1, 0, 0, 1, 1, 1],
      ],
      [
        [old, syn, answered, refused, syn, ...goesOn],
        [0, 1, 0, 0, 1, 1, 1, 1],
      ],
    ] as const) {
      const { judged, tracker } = judgeAll(captureOf(lines))
      expect(judged.filter(({ verdict }) => verdict !== 'ok')).toEqual([])
      expect(judged.map(({ connection }) => connection)).toEqual(connections)
      expect(judged.at(-1)?.state).toEqual({ client: 'ESTABLISHED', server: 'ESTABLISHED' })
      expect(tracker.counts.connections).toBe(2)
    }
    // An answer that acknowledges neither is still refused.
    expect(judgeAll(captureOf([syn, old, at('server SYN,ACK 0 1 0', 300, 95)])).judged.at(-1)?.verdict).toBe('violation')
  })

  it('RFC 9293 3.5.1, figure 9: a host that has restarted finds its old connection half open', () => {
    const fresh = line('client SYN 77777 - 0')
    const { judged } = judgeAll(captureOf([...PLAIN.slice(0, 5), fresh, 'server ACK 1 101 0', 'client RST 101 - 0', fresh]))
    expect(judged.filter(({ verdict }) => verdict !== 'ok')).toEqual([])
    expect(judged[5]).toMatchObject({ connection: 1, state: { client: 'SYN-SENT', server: 'ESTABLISHED' } })
  })

  it('one that began before the capture has states once both sides have shown that they had not closed', () => {
    expect(told(PLAIN.slice(4))).toEqual([
      '1: ok acknowledges null/null',
      '2: ok sends null/null',
      '3: ok acknowledges null/null',
      '4: ok closes CLOSE-WAIT/FIN-WAIT-1',
      '5: ok acknowledges CLOSE-WAIT/FIN-WAIT-2',
      '6: ok closes LAST-ACK/TIME-WAIT',
      '7: ok acknowledges CLOSED/TIME-WAIT',
    ])
    expect(judgeAll(captureOf(PLAIN.slice(4))).judged[0]).toMatchObject({ from: 'client', seq: 0, ack: 0 })
  })

  it('one that begins with its SYN,ACK has that sender as the server', () => {
    expect(told(PLAIN.slice(1)).slice(0, 2)).toEqual([
      '1: ok opens ESTABLISHED/SYN-RECEIVED',
      '2: ok acknowledges ESTABLISHED/ESTABLISHED',
    ])
    expect(judgeAll(captureOf(PLAIN.slice(1))).judged[0]).toMatchObject({ from: 'server', seq: 0, ack: 1 })
  })

  it('one of which only one direction was captured is no violation', () => {
    expect(violations(PLAIN.slice(3).filter((said) => said.startsWith('client')))).toEqual([])
  })
})

describe('options', () => {
  /** A line whose segment carries this TSval and echoes 1. */
  const at = (tsval: number, text: string): Line => line(text, Uint8Array.of(1, 1, 8, 10, 0, 0, 0, tsval, 0, 0, 0, 1))
  const opened = [at(10, PLAIN[0]!), at(10, PLAIN[1]!), at(11, PLAIN[2]!)]

  it('RFC 7323 5.3: an old timestamp explains why text is not acknowledged, and forbids no acknowledgment', () => {
    const old = at(3, 'client PSH,ACK 1 1 100')
    expect(violations([...opened, old, at(12, 'server ACK 1 1 0')])).toEqual([])
    expect(violations([...opened, old, at(12, 'server ACK 1 101 0')])).toEqual([])
    expect(violations([...opened, at(12, 'client PSH,ACK 1 1 100'), at(12, 'server ACK 1 101 0')])).toEqual([])
  })

  it('RFC 2018 4: a duplicate ACK that reports what is held serves its purpose', () => {
    const sack = (from: number, to: number) => {
      const option = new Uint8Array(12)
      option.set([1, 1, 5, 10])
      new DataView(option.buffer).setUint32(4, 1000 + from)
      new DataView(option.buffer).setUint32(8, 1000 + to)
      return option
    }
    const offers = Uint8Array.of(1, 1, 4, 2)
    const said = [
      line(PLAIN[0]!, offers),
      line(PLAIN[1]!, offers),
      PLAIN[2]!,
      'client PSH,ACK 1 1 100',
      'server ACK 1 101 0',
      line('server ACK 1 101 0', sack(201, 301)),
      'server ACK 1 101 0',
    ]
    expect(told(said).slice(5)).toEqual([
      '6: ok duplicates ESTABLISHED/ESTABLISHED',
      expect.stringMatching(/^7: ok duplicates ESTABLISHED\/ESTABLISHED \[remark/),
    ])
  })
})
