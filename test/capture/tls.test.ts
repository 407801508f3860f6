/**
 * TLS in a capture: messages have the names that Wireshark uses, their order and content are judged, and a key log also opens
 * what is encrypted.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { nodeCrypto } from '../../crypto/node-crypto.ts'
import type { KeySource } from '../../protocol/capture/tls-decryptor.ts'
import type { JudgedSegment } from '../../protocol/capture/connection-tracker.ts'
import { decodeHandshake, HELLO_LAYOUT } from '../../protocol/tls/format/codec.ts'
import type { Bytes } from '../../protocol/tls/format/crypto.ts'
import { deriveTrafficKeys } from '../../protocol/tls/keys/key-schedule.ts'
import type { HandshakeMessage } from '../../protocol/tls/format/messages.ts'
import { concat } from '../../protocol/octets.ts'
import { deriveKeyBlock } from '../../protocol/tls/keys/prf.ts'
import { protect, type RecordProtection, createProtection, unprotect } from '../../protocol/tls/keys/protection.ts'
import { encodeRecord, readRecord, type TlsRecord } from '../../protocol/tls/format/records.ts'
import { findSuite } from '../../protocol/tls/format/suites.ts'
import { tshark } from '../../scripts/lib/programs.mjs'
import { captureOf, judgeAll, line } from '../support/capture.ts'
import {
  captureOfTls,
  conversationOf,
  keyLogOf,
  recordsIn,
  secretsOf,
  type Sent,
  TLS_CAPTURES,
  tlsCapture,
} from '../support/tls.ts'
import { runs } from '../support/volume.ts'

const judged = (file: Uint8Array, secrets: KeySource | null = null): JudgedSegment[] => judgeAll(file, file.length, secrets).judged

/** The names of the messages: one text per segment that completes any. */
const named = (all: readonly JudgedSegment[]): string[] =>
  all.filter(({ tls }) => tls.length > 0).map(({ from, tls }) => `${from}: ${tls.join(', ')}`)

/** Each violation: the messages of its segment, then field, given value and rule of each finding. */
const violations = (sent: readonly Sent[], secrets: KeySource | null = null): string[] =>
  judged(captureOfTls(sent), secrets)
    .filter(({ verdict }) => verdict === 'violation')
    .map(({ tls, findings }) =>
      [
        tls.join(', '),
        ...findings.map(({ field, given, rule, misconception }) => `${field} ${given} (${rule}, ${misconception})`),
      ].join(': '),
    )

describe("OpenSSL's captures", () => {
  it.each(TLS_CAPTURES)('%s: accepted, without keys and with them', (name) => {
    for (const secrets of [null, secretsOf(name)])
      expect(judged(tlsCapture(name), secrets).filter(({ verdict }) => verdict === 'violation')).toEqual([])
  })

  it('name their messages; what is encrypted has a name only with the keys', () => {
    const opening = ['client: Client Hello', 'server: Server Hello, Certificate, Server Key Exchange, Server Hello Done']
    expect(named(judged(tlsCapture('1.2-ecdhe')))).toEqual([
      ...opening,
      'client: Client Key Exchange, Encrypted Handshake Message',
      'server: New Session Ticket, Encrypted Handshake Message',
    ])
    expect(named(judged(tlsCapture('1.2-ecdhe'), secretsOf('1.2-ecdhe')))).toEqual([
      ...opening,
      'client: Client Key Exchange, Finished',
      'server: New Session Ticket, Finished',
    ])
    expect(named(judged(tlsCapture('1.3')))).toEqual(['client: Client Hello', 'server: Server Hello'])
    expect(named(judged(tlsCapture('1.3'), secretsOf('1.3')))).toEqual([
      'client: Client Hello',
      'server: Server Hello, Encrypted Extensions, Certificate, Certificate Verify, Finished',
      'client: Finished',
      'server: New Session Ticket',
      'server: New Session Ticket',
    ])
  })

  describe.skipIf(!tshark)('have the names that tshark gives them', () => {
    const folder = mkdtempSync(join(tmpdir(), 'handshake-tls-'))
    afterAll(() => rmSync(folder, { recursive: true }))
    const column = (name: string, ...options: string[]) => {
      const file = join(folder, `${name}.pcapng`)
      writeFileSync(file, tlsCapture(name))
      return execFileSync(tshark!, ['-r', file, ...options, '-T', 'fields', '-e', '_ws.col.Info'], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      })
        .trimEnd()
        .split('\n')
    }
    /**
     * Matches everything else in the column that is not a handshake message. A segment without TLS is described by its numbers.
     */
    const OTHER = /^(Change Cipher Spec|Application Data|Encrypted Alert|Alert .*|Description: .*|)$/
    const names = (info: string) => (info.includes('Seq=') ? [] : info.split(', ').filter((part) => !OTHER.test(part)))
    const compare = (name: string, secrets: KeySource | null, ...options: string[]) => {
      const seen = column(name, ...options)
      for (const { frame, tls } of judged(tlsCapture(name), secrets))
        expect([frame, ...tls]).toEqual([frame, ...names(seen[frame - 1]!)])
    }

    it.each(TLS_CAPTURES)('%s, with keys', (name) => {
      compare(name, secretsOf(name), '-o', `tls.keylog_file:${fileURLToPath(keyLogOf(name))}`)
    })
    it.each(['1.2-rsa', '1.2-resumed', '1.2-client-certificate', '1.3-retry'])('%s, without', (name) => {
      compare(name, null)
    })
  })
})

describe('reassembly', () => {
  const sent = recordsIn('1.2-ecdhe')
  const all = (most?: number) =>
    named(judged(captureOfTls(sent, most))).flatMap((text) =>
      text.split(/: |, /).filter((word) => word.includes(' ') || word === 'Certificate'),
    )

  it('a message is named by the segment that completes its record, however the stream is cut', () => {
    for (const most of [1, 7, 500]) expect(all(most)).toEqual(all())
    const [hello] = sent
    const cut = judged(captureOfTls([hello!], 100))
    expect(
      cut
        .map(({ tls }) => tls.length)
        .filter((_, i) => cut[i]!.length > 0)
        .slice(0, -1),
    ).not.toContain(1)
    expect(named(cut)).toEqual(['client: Client Hello'])
  })

  it('octets that come again, or too early, are read once and in their order', () => {
    const whole = conversationOf(sent.slice(0, 1), 100)
    const said = whole.filter(({ payload }) => payload.length > 0)
    const again = [...whole.slice(0, 3), said[0]!, said[0]!, ...said.slice(1)]
    expect(named(judged(captureOf(again)))).toEqual(['client: Client Hello'])
    const swapped = [...whole.slice(0, 3), said[1]!, said[0]!, ...said.slice(2)]
    expect(named(judged(captureOf(swapped)))).toEqual(['client: Client Hello'])
  })

  it('nothing is read across octets that the capture lacks, and nothing said of them', () => {
    const lines = conversationOf(sent, 300)
    const lost = lines.findIndex(({ from, payload }) => from === 'server' && payload.length > 0) + 2
    const told = judged(captureOf([...lines.slice(0, lost), ...lines.slice(lost + 2)]))
    expect(told.flatMap(({ findings }) => findings).filter(({ field }) => field === 'message')).toEqual([])
  })

  it('what does not begin as TLS is not TLS', () => {
    const text = { from: 'client', octets: new TextEncoder().encode('GET / HTTP/1.1\r\n\r\n') } as const
    expect(named(judged(captureOfTls([text, ...sent])))).toEqual([])
  })
})

describe('a changed capture', () => {
  const handshake = (name: string) => recordsIn(name)
  /** Decodes the first hello of a side. */
  function decoded(sent: readonly Sent[], is: 'ClientHello'): Extract<HandshakeMessage, { readonly kind: 'ClientHello' }>
  function decoded(sent: readonly Sent[], is: 'ServerHello'): Extract<HandshakeMessage, { readonly suite: number }>
  function decoded(sent: readonly Sent[], is: HandshakeMessage['kind']): HandshakeMessage {
    for (const { octets } of sent) {
      const read = decodeHandshake(octets.subarray(5), HELLO_LAYOUT)
      if (read.ok && read.value.kind === is) return read.value
    }
    throw new Error(`no ${is}`)
  }
  const changed = (sent: readonly Sent[], at: number, change: (octets: Uint8Array) => void): Sent[] =>
    sent.map((each, i) => {
      if (i !== at) return each
      const octets = each.octets.slice()
      change(octets)
      return { ...each, octets }
    })
  const swapped = <T>(list: readonly T[], at: number): T[] =>
    list.map((each, i) => (i === at ? list[at + 1]! : i === at + 1 ? list[at]! : each))

  it('RFC 5246 7.4: a swapped pair of messages is refused where the first of them stands', () => {
    const sent = handshake('1.2-ecdhe')
    // ServerHello, Certificate, ServerKeyExchange, ServerHelloDone
    expect(violations(sent)).toEqual([])
    expect(violations(swapped(sent, 2))).toEqual(['Server Key Exchange: message ServerKeyExchange (RFC 5246 7.4.3, null)'])
    expect(violations(swapped(sent, 3))[0]).toMatch(/^Server Hello Done: message ServerHelloDone/)
  })

  it.each(['1.2-ecdhe', '1.3'])('%s: a suite that was not offered', (name) => {
    const sent = handshake(name)
    const hello = sent.findIndex(({ from }) => from === 'server')
    const other = name === '1.3' ? [0x13, 0x04] : [0, 0x0a]
    // The offset skips the record header, handshake header, version, random and session id.
    const wrong = changed(sent, hello, (octets) => octets.set(other, 5 + 4 + 2 + 32 + 1 + octets[43]!))
    expect(violations(wrong)).toEqual([expect.stringMatching(/^Server Hello: message 0x.*\(RFC \d+ [\d.]+, suite-not-offered\)$/)])
  })

  it.each([
    ['1.2-rsa', 'RFC 5246 7.4.9'],
    ['1.2-ecdhe', 'RFC 5246 7.4.9'],
    ['1.3', 'RFC 8446 4.4.4'],
  ])('%s: a hello changed on its way makes the Finished wrong, for whoever has the keys', (name, rule) => {
    const sent = handshake(name)
    const { octets } = sent[0]!
    const at = Buffer.from(octets).indexOf('server', 0, 'latin1')
    const wrong = changed(sent, 0, (hello) => hello.set([0x53], at))
    expect(violations(wrong)).toEqual([])
    expect(violations(wrong, secretsOf(name))).toEqual([expect.stringContaining(`Finished: message null (${rule}, null)`)])
  })

  it.each(['1.2-rsa', '1.2-mac-then-encrypt', '1.2-ecdhe', '1.2-chacha', '1.3', '1.3-chacha'])(
    '%s: one octet of an encrypted record',
    (name) => {
      const sent = handshake(name)
      const at = sent.findLastIndex(({ octets }) => octets[0] === 23)
      const wrong = changed(sent, at, (octets) => octets.fill(octets.at(-1)! ^ 1, -1))
      expect(violations(wrong)).toEqual([])
      expect(violations(wrong, secretsOf(name))).toEqual([
        expect.stringMatching(/^: message bad_record_mac \(RFC (5246 6.2.3|8446 5.2), null\)$/),
      ])
    },
  )

  /** Decrypts the records `from` to `to` (exclusive) with these keys, changes them, and encrypts them again. */
  function resealed(
    sent: readonly Sent[],
    from: number,
    to: number,
    keys: RecordProtection,
    edit: (records: TlsRecord[]) => TlsRecord[],
  ): Sent[] {
    const side = sent[from]!.from
    let opening = keys
    const ivs: Bytes[] = []
    const records = sent.slice(from, to).map(({ octets }) => {
      const read = readRecord(octets, 0)
      const opened = read.kind === 'record' ? unprotect(nodeCrypto, opening, read.record) : null
      if (!opened?.ok) throw new Error('it does not open')
      opening = opened.protection
      ivs.push(octets.slice(5, 21))
      return opened.record
    })
    let sealing = keys
    const again = edit(records).map((record, i) => {
      const sealed = protect(nodeCrypto, sealing, record, { iv: ivs[i]! })
      sealing = sealed.protection
      return { from: side, octets: encodeRecord(sealed.record) }
    })
    return [...sent.slice(0, from), ...again, ...sent.slice(to)]
  }

  it('RFC 5246 7.4.9: a Finished of other octets, well protected', () => {
    const sent = handshake('1.2-rsa')
    const { log } = secretsOf('1.2-rsa')
    const [client, server] = [decoded(sent, 'ClientHello'), decoded(sent, 'ServerHello')]
    const suite = findSuite(server.suite)!
    const randoms = { client: client.random, server: server.random }
    const keys = deriveKeyBlock(nodeCrypto, suite, log.secretOf('CLIENT_RANDOM', client.random)!, randoms)
    const at = sent.findIndex(({ from, octets }) => from === 'client' && octets[0] === 20) + 1
    const edit =
      (change: number) =>
      ([record]: TlsRecord[]) => [
        { ...record!, fragment: concat(record!.fragment.subarray(0, -1), Uint8Array.of(record!.fragment.at(-1)! ^ change)) },
      ]
    const under = createProtection(suite, keys.client, true)
    expect(resealed(sent, at, at + 1, under, edit(0))).toEqual(sent)
    const wrong = resealed(sent, at, at + 1, under, edit(1))
    expect(violations(wrong)).toEqual([])
    expect(violations(wrong, secretsOf('1.2-rsa'))).toEqual(['Finished: message null (RFC 5246 7.4.9, null)'])
  })

  it('RFC 8446 4.4: inside the encrypted flight of 1.3, a swapped pair and another Finished', () => {
    const sent = handshake('1.3')
    const { log } = secretsOf('1.3')
    const secret = log.secretOf('SERVER_HANDSHAKE_TRAFFIC_SECRET', decoded(sent, 'ClientHello').random)!
    const suite = findSuite(decoded(sent, 'ServerHello').suite)!
    const under = createProtection(suite, deriveTrafficKeys(nodeCrypto, suite, secret))
    const from = sent.findIndex(({ octets }) => octets[0] === 23)
    // EncryptedExtensions, Certificate, CertificateVerify, Finished
    const flight = (edit: (records: TlsRecord[]) => TlsRecord[]) => resealed(sent, from, from + 4, under, edit)
    expect(flight((records) => records)).toEqual(sent)
    const pair = flight((records) => swapped(records, 1))
    expect(violations(pair)).toEqual([])
    expect(violations(pair, secretsOf('1.3'))).toEqual(['Certificate Verify: message CertificateVerify (RFC 8446 4.4.3, null)'])
    const finished = flight((records) =>
      records.map((record, i) =>
        i < 3 ? record : { ...record, fragment: record.fragment.map((octet, at) => (at === 9 ? octet ^ 1 : octet)) },
      ),
    )
    expect(violations(finished, secretsOf('1.3'))).toEqual(['Finished: message null (RFC 8446 4.4.4, null)'])
  })

  it('RFC 5246 7.2.1: TCP closed without close_notify', () => {
    const sent = handshake('1.2-ecdhe')
    const open = sent.filter(({ octets }) => octets[0] !== 21)
    const octets = (role: string) => open.filter(({ from }) => from === role).reduce((sum, each) => sum + each.octets.length, 1)
    const fin = line(`client FIN,ACK ${octets('client')} ${octets('server')} 0`)
    const last = judged(captureOf([...conversationOf(open), fin])).at(-1)
    expect(last).toMatchObject({
      verdict: 'violation',
      findings: [{ field: 'message', given: 'FIN', want: 'close_notify', rule: 'RFC 5246 7.2.1' }],
    })
  })

  it('RFC 5246 7.2.2: a message whose lengths contradict each other', () => {
    const sent = handshake('1.2-ecdhe')
    expect(violations(changed(sent, 0, (octets) => octets.fill(0xff, 43, 44)))).toEqual([
      'Client Hello: message session_id of Client Hello (RFC 5246 7.2.2, null)',
    ])
  })

  it('whatever octets are changed: nothing is thrown, and no connection is refused more than once', () => {
    const change = fc.record({ record: fc.nat(), at: fc.nat(), octet: fc.nat(255), cut: fc.boolean() })
    const cases = fc.record({
      name: fc.constantFrom(...TLS_CAPTURES),
      changes: fc.array(change, { minLength: 1, maxLength: 3 }),
      most: fc.integer({ min: 1, max: 2000 }),
      keyed: fc.boolean(),
    })
    fc.assert(
      fc.property(cases, ({ name, changes, most, keyed }) => {
        const sent = recordsIn(name)
        for (const { record, at, octet, cut } of changes) {
          const i = record % sent.length
          const octets = sent[i]!.octets.slice(0, cut ? at % sent[i]!.octets.length : undefined)
          if (!cut) octets[at % octets.length] = octet
          if (octets.length > 0) sent[i] = { ...sent[i]!, octets }
        }
        const file = captureOfTls(sent, most)
        const refused = judged(file, keyed ? secretsOf(name) : null).filter(({ verdict }) => verdict === 'violation')
        expect(refused.length).toBeLessThanOrEqual(1)
      }),
      runs('changedTlsCaptures'),
    )
  })
})
