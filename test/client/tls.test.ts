import { describe, expect, it } from 'vitest'
import { EMPTY_TLS_DRAFT, updateTlsDraft, type TlsDraft } from '../../client/src/tls/tls-draft.ts'
import {
  selectCargo,
  groupCertificates,
  abbreviateHex,
  formatOctets,
  countUnsentOctets,
  type ListedMessage,
} from '../../client/src/tls/message-list.ts'
import { listOctetRanges } from '../../client/src/tls/octet-ranges.ts'
import {
  listSelectableSuites,
  findFact,
  listMessageNames,
  buildSuiteOptions,
  listVersions,
} from '../../client/src/tls/message-options.ts'
import type { Fact } from '../../protocol/tls/watch/message-facts.ts'
import type { PayloadSpan } from '../../protocol/round/fold/payload-layout.ts'
import type { MessageView } from '../../protocol/round/view/seat-view.ts'

const RSA = 0x002f
const ECDHE = 0xc02f
const choiceOf = (change: Partial<TlsDraft>) => updateTlsDraft(EMPTY_TLS_DRAFT, change).choice

describe('a TLS message that is being written', () => {
  it.each([
    [{}],
    [{ say: 'http' }],
    [{ say: 'ClientHello', versions: ['1.2'] }],
    [{ say: 'ClientHello', suites: [RSA] }],
    [{ say: 'ServerHello', version: '1.2' }],
    [{ say: 'ServerHello', suite: RSA }],
    [{ say: 'HelloRetryRequest' }],
    [{ say: 'ClientKeyExchange', carries: 'public-value' }],
    [{ say: 'ClientKeyExchange', under: 'none' }],
    [{ say: 'Finished' }],
    [{ say: 'Alert' }],
  ] as const)('is no message while something in it is open: %o', (change) => {
    expect(choiceOf(change)).toBeNull()
  })

  it.each([
    [{ say: 'ClientHello', versions: ['1.2'], suites: [RSA] }],
    [{ say: 'ClientHello', versions: ['1.2'], suites: [RSA], hidden: true }],
    [{ say: 'ServerHello', version: '1.2', suite: RSA }],
    [{ say: 'HelloRetryRequest', group: 'x25519' }],
    [{ say: 'Certificate' }],
    [{ say: 'Certificate', none: true }],
    [{ say: 'ClientKeyExchange', carries: 'pre-master-secret', under: 'server-public' }],
    [{ say: 'Finished', over: 'all-messages' }],
    [{ say: 'Alert', alert: 'close_notify' }],
    [{ say: 'KeyUpdate', requested: true }],
    [{ say: 'ServerHelloDone' }],
  ] as const)('is the message once all is chosen: %o', (change) => {
    expect(choiceOf(change)).toEqual(change)
  })

  it('says of nothing what it does not have: what was chosen before for another message stays out', () => {
    const before = updateTlsDraft(EMPTY_TLS_DRAFT, { say: 'Finished', over: 'own-messages' })
    expect(updateTlsDraft(before, { say: 'ChangeCipherSpec' }).choice).toEqual({ say: 'ChangeCipherSpec' })
  })

  it('is open again when a choice is taken back', () => {
    const chosen = updateTlsDraft(EMPTY_TLS_DRAFT, { say: 'Finished', over: 'all-messages' })
    expect(updateTlsDraft(chosen, { over: '' }).choice).toBeNull()
  })
})

describe('what may be written', () => {
  const hello: MessageView = {
    at: 0,
    name: 'ClientHello',
    facts: [{ name: 'suites', value: 'TLS_RSA_WITH_AES_128_CBC_SHA, TLS_NOT_KNOWN' }],
  }
  const answer = (version: string): MessageView => ({ at: 0, name: 'ServerHello', facts: [{ name: 'version', value: version }] })

  it('is what the version has: RFC 8446 has no ServerHelloDone, RFC 5246 no EncryptedExtensions', () => {
    expect(listMessageNames(['1.2'])).toContain('ServerHelloDone')
    expect(listMessageNames(['1.2'])).not.toContain('EncryptedExtensions')
    expect(listMessageNames(['1.3'])).not.toContain('ServerHelloDone')
    expect(listMessageNames(['1.3'])).toContain('EncryptedExtensions')
  })

  it('is each name once where both versions are possible', () => {
    const names = listMessageNames(['1.3', '1.2'])
    expect(new Set(names).size).toBe(names.length)
    expect(names).toEqual(expect.arrayContaining(['ServerHelloDone', 'EncryptedExtensions']))
  })

  it.each([
    [[], ['1.2', '1.3']],
    [[hello], ['1.2', '1.3']],
    [[hello, answer('TLS 1.2')], ['1.2']],
    [[hello, answer('TLS 1.3')], ['1.3']],
  ] as const)('is of the versions that are still possible after %o', (messages, versions) => {
    expect(listVersions(messages, ['1.2', '1.3'])).toEqual(versions)
  })

  it('is for a server any suite that was offered or that it knows itself, each once', () => {
    expect(listSelectableSuites([hello], [ECDHE, RSA]).map(({ number }) => number)).toEqual([RSA, ECDHE])
    expect(listSelectableSuites([], [RSA])).toEqual(buildSuiteOptions([RSA]))
  })

  it('calls a suite by its name in the registry', () => {
    expect(buildSuiteOptions([RSA, 0x1234])).toEqual([
      { number: RSA, name: 'TLS_RSA_WITH_AES_128_CBC_SHA' },
      { number: 0x1234, name: '0x1234' },
    ])
  })

  it('is read from the newest message of a name', () => {
    expect(findFact([answer('TLS 1.2'), answer('TLS 1.3')], 'ServerHello', 'version')).toBe('TLS 1.3')
    expect(findFact([hello], 'ServerHello', 'version')).toBeNull()
    expect(findFact([hello], 'ClientHello', 'random')).toBeNull()
  })
})

describe('messages that are listed', () => {
  const own = (octets: number): ListedMessage => ({ at: 0, name: 'Certificate', own: true, octets })
  const read: ListedMessage = { at: 0, name: 'ClientHello', own: false, octets: 70 }

  it.each([
    [0, [0, 0, 0]],
    [30, [0, 0, 30]],
    [100, [0, 50, 50]],
    [70, [0, 20, 50]],
  ])('say of %d unsent octets whose they are: those written last', (unsent, held) => {
    expect(countUnsentOctets([read, own(50), own(50)], unsent)).toEqual(held)
  })

  it('RFC 5246 7.4.2: show a chain certificate by certificate, each from its subject on', () => {
    const facts: Fact[] = [
      { name: 'subject', value: 'bank.example' },
      { name: 'issuer', value: 'CA 1' },
      { name: 'subject', value: 'CA 1' },
      { name: 'authority', value: 'CA:TRUE' },
    ]
    expect(groupCertificates(facts)).toEqual([
      { subject: 'bank.example', issuer: 'CA 1' },
      { subject: 'CA 1', authority: 'CA:TRUE' },
    ])
    expect(groupCertificates([])).toEqual([])
  })

  it('say what a ClientKeyExchange carries: with ECDHE a public value, in whatever world', () => {
    expect(selectCargo('TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', 'tls')).toBe('public-value')
    expect(selectCargo('TLS_RSA_WITH_AES_128_CBC_SHA', 'server-sends-secret')).toBe('server-sends-secret')
    expect(selectCargo(null, 'tls')).toBe('tls')
  })

  it('shorten long octets, and say how many there are', () => {
    expect(abbreviateHex('0123456789abcdef'.repeat(4))).toEqual({ first: '0123456789abcdef…', octets: 32 })
    expect(abbreviateHex('0123456789abcdef01234567')).toEqual({ first: '0123456789abcdef01234567', octets: 12 })
  })

  it.each([
    ['474554202f', 'GET /'],
    ['0d0a', '\r\n'],
    ['ff00', 'ff00'],
    ['', ''],
  ])('show %s as %j', (hex, text) => {
    expect(formatOctets(hex)).toBe(text)
  })
})

describe('the octets of a segment', () => {
  const record: PayloadSpan = { layer: 'record', of: 'request', octets: 5 }
  const http: PayloadSpan = { layer: 'http', of: 'request', octets: 60, encrypted: true, plaintextOctets: 40 }

  it('RFC 9293 3.1, 3.4: begin with TCP’s own header, which has no numbers, and are counted from seq on', () => {
    expect(listOctetRanges('x+1', 65, [record, http])).toEqual([
      { layer: 'tcp', piece: null, octets: 20, from: null, to: null },
      { layer: 'record', piece: record, octets: 5, from: 'x+1', to: 'x+5' },
      { layer: 'http', piece: http, octets: 60, from: 'x+6', to: 'x+65' },
    ])
  })

  it.each([
    ['u', 'u', 'u+4'],
    ['1', '1', '5'],
    ['4294967294', '4294967294', '2'],
    ['x+20', 'x+20', 'x+24'],
  ])('from %s on are %s to %s', (seq, from, to) => {
    expect(listOctetRanges(seq, 5, [record])[1]).toMatchObject({ from, to })
  })

  it('are never more than the segment has', () => {
    expect(() => listOctetRanges('x', 4, [record])).toThrow('5 octets in a segment of 4')
  })
})
