/** TLS of other implementations in a capture: what is legal and not understood further, and the rules of the record layer. */
import { describe, expect, it } from 'vitest'
import { captureOf, judgeAll, line } from '../support/capture.ts'
import { captureOfTls, conversationOf, recordsIn, type Sent } from '../support/tls.ts'

const SENT = recordsIn('1.2-ecdhe')
const isAlert = ({ octets }: Sent): boolean => octets[0] === 21
/** The connection without its alerts, as far as it goes. */
const OPEN = SENT.filter((sent) => !isAlert(sent))

/** The findings about messages, each as its given value and its rule. */
const faults = (file: Uint8Array): string[] =>
  judgeAll(file).judged.flatMap(({ findings }) =>
    findings.filter(({ field }) => field === 'message').map(({ given, rule }) => `${given} (${rule})`),
  )
const record = (from: Sent['from'], type: number, fragment: Uint8Array, version = 0x0303): Sent => ({
  from,
  octets: Uint8Array.of(type, version >> 8, version & 0xff, fragment.length >> 8, fragment.length & 0xff, ...fragment),
})
const octetsOf = (sent: readonly Sent[], from: Sent['from']): number =>
  sent.filter((each) => each.from === from).reduce((sum, { octets }) => sum + octets.length, 1)
/** A FIN of this side, after what has been sent; as often as given. */
const closed = (sent: readonly Sent[], from: Sent['from'], times = 1): Uint8Array => {
  const to = from === 'client' ? 'server' : 'client'
  const fin = line(`${from} ACK,FIN ${octetsOf(sent, from)} ${octetsOf(sent, to)} 0`)
  return captureOf([...conversationOf(sent), ...Array.from({ length: times }, () => fin)])
}

describe('what is legal', () => {
  it('RFC 5246 7.2.2: a FIN after an alert of the peer that cannot be read: it may have been fatal', () => {
    const hidden = record('client', 21, new Uint8Array(26))
    expect(faults(closed([...OPEN, hidden], 'server'))).toEqual([])
  })

  it('RFC 5246 7.2.1: a FIN that comes again is reported once', () => {
    expect(faults(closed(OPEN, 'server', 3))).toEqual(['FIN (RFC 5246 7.2.1)'])
  })

  it('a FIN before the ServerHello: no version has been agreed on', () => {
    expect(faults(closed(OPEN.slice(0, 1), 'client'))).toEqual([])
  })

  it('RFC 6520: heartbeats', () => {
    for (const at of [2, OPEN.length])
      for (const most of [1, 1400]) {
        const sent = [...OPEN.slice(0, at), record('server', 24, new Uint8Array(91)), ...OPEN.slice(at)]
        expect(faults(captureOfTls(sent, most))).toEqual([])
      }
  })

  it('the drafts of TLS 1.3 are named, and not judged', () => {
    const hello = record('server', 22, Uint8Array.of(2, 0, 0, 38, 0x7f, 0x12, ...new Uint8Array(32), 0x13, 0x01, 0, 0))
    const { judged } = judgeAll(captureOfTls([OPEN[0]!, hello, record('server', 23, new Uint8Array(50))]))
    expect(judged.flatMap(({ tls }) => tls)).toEqual(['Client Hello', 'Server Hello'])
    expect(judged.filter(({ verdict }) => verdict === 'violation')).toEqual([])
  })

  it('of one direction only, nothing is named after ChangeCipherSpec', () => {
    const client = conversationOf(SENT).filter(({ from }) => from === 'client')
    const { judged } = judgeAll(captureOf(client))
    expect(judged.flatMap(({ tls }) => tls)).toEqual(['Client Hello', 'Client Key Exchange'])
    expect(judged.filter(({ verdict }) => verdict === 'violation')).toEqual([])
  })
})

describe('the record layer', () => {
  it.each<readonly [string, Sent, string]>([
    ['RFC 5246 6.2.1: a handshake record without content', record('server', 22, new Uint8Array(0)), 'a record without content'],
    ['RFC 5246 6.2.1: more than 2^14 octets', record('server', 22, new Uint8Array(16_385).fill(7)), '16385 octets in a record'],
    ['RFC 8446 5.1: 0x0304', record('server', 22, OPEN[1]!.octets.subarray(5), 0x0304), '0x0304 as the version of a record'],
  ])('%s', (_what, wrong, given) => {
    expect(faults(captureOfTls([OPEN[0]!, wrong]))).toEqual([expect.stringContaining(given)])
  })

  it('RFC 5246 6.2.1: an unknown content type', () => {
    expect(faults(captureOfTls([OPEN[0]!, record('server', 99, new Uint8Array(9))]))).toEqual(['type of a record (RFC 5246 7.2.2)'])
  })

  it('RFC 8446 2: a handshake message in the clear after the ServerHello of TLS 1.3', () => {
    const at13 = recordsIn('1.3')
    const server = at13.findIndex(({ from }) => from === 'server')
    const inClear = record('server', 22, Uint8Array.of(8, 0, 0, 2, 0, 0))
    expect(faults(captureOfTls([...at13.slice(0, server + 1), inClear]))).toEqual([expect.stringContaining('EncryptedExtensions')])
  })

  it('RFC 5246 7.1: a second ChangeCipherSpec', () => {
    const at = OPEN.findIndex(({ from, octets }) => from === 'client' && octets[0] === 20)
    expect(faults(captureOfTls([...OPEN.slice(0, at + 1), OPEN[at]!]))).toEqual(['ChangeCipherSpec (RFC 5246 7.1)'])
  })

  it('RFC 5246 7.1: a ChangeCipherSpec inside a handshake message', () => {
    const at = OPEN.findIndex(({ from, octets }) => from === 'client' && octets[0] === 20)
    const part = record('client', 22, Uint8Array.of(16, 0, 1, 0, 1))
    expect(faults(captureOfTls([...OPEN.slice(0, at), part, OPEN[at]!]))).toEqual([
      expect.stringContaining('inside a handshake message'),
    ])
  })
})
