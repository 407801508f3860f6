import { describe, expect, it } from 'vitest'
import type { EndpointConfig } from '../../protocol/tls/endpoint/endpoint.ts'
import { toHex } from '../../protocol/octets.ts'
import { encodeAscii } from '../../protocol/tls/format/presentation.ts'
import { formatKeyLog } from '../../protocol/tls/watch/key-log.ts'
import { ECDHE, host, Played, RSA, TLS13 } from './played.ts'

const play = (
  both: Partial<EndpointConfig>,
  server: Partial<EndpointConfig> = {},
  ...[shown, client]: [shown?: Parameters<typeof host>[2], client?: Parameters<typeof host>[2]]
) => new Played(host('client', both, client ?? null), host('server', { ...both, ...server }, shown ?? 'right'))

const DATA = toHex(encodeAscii('GET / HTTP/1.1\r\n\r\n'))

describe('RFC 5246 7.3, figure 1: a handshake that two play', () => {
  it('with RSA', () => {
    const round = play({ suites: [RSA] })
    expect(round.run()).toEqual([
      'client ClientHello',
      'server ServerHello',
      'server Certificate',
      'server ServerHelloDone',
      'client ClientKeyExchange',
      'client ChangeCipherSpec',
      'client Finished',
      'server ChangeCipherSpec',
      'server Finished',
    ])
    expect(round.failure).toBeUndefined()
    expect(round.at.client.secrets).toEqual(round.at.server.secrets)
    expect(round.say('client', { say: 'ApplicationData', data: DATA })).toEqual([])
    expect(round.say('server', { say: 'ApplicationData', data: DATA })).toEqual([])
    expect(round.say('client', { say: 'Alert', alert: 'close_notify' })).toEqual([])
    expect(round.run()).toEqual(['server Alert'])
    expect(round.failure).toBeUndefined()
  })

  it('with ECDHE', () => {
    const round = play({ suites: [ECDHE, RSA] })
    expect(round.run()).toContain('server ServerKeyExchange')
    expect(round.failure).toBeUndefined()
    expect(round.at.client.secrets.master).toMatch(/^[0-9a-f]{96}$/)
    expect(round.at.client.secrets).toEqual(round.at.server.secrets)
  })

  it('with a certificate of the client', () => {
    const round = play({ suites: [ECDHE] }, { asksForCertificate: true }, 'right', 'client')
    expect(round.run()).toEqual(
      expect.arrayContaining(['server CertificateRequest', 'client Certificate', 'client CertificateVerify']),
    )
    expect(round.failure).toBeUndefined()
    expect(round.at.server.peer?.faults).toEqual([])
  })
})

describe('RFC 8446 2, figure 1: a handshake that two play', () => {
  it('in one round trip', () => {
    const round = play({ versions: ['1.3'], suites: [TLS13] })
    expect(round.run()).toEqual([
      'client ClientHello',
      'server ServerHello',
      'server EncryptedExtensions',
      'server Certificate',
      'server CertificateVerify',
      'server Finished',
      'client Finished',
    ])
    expect(round.failure).toBeUndefined()
    expect(round.say('client', { say: 'ApplicationData', data: DATA })).toEqual([])
    expect(round.say('server', { say: 'KeyUpdate', requested: true })).toEqual([])
    expect(round.run()).toEqual(['client KeyUpdate'])
    expect(round.say('server', { say: 'ApplicationData', data: DATA })).toEqual([])
    expect(round.say('client', { say: 'ApplicationData', data: DATA })).toEqual([])
    expect(round.failure).toBeUndefined()
    expect(formatKeyLog(round.at.client)).toEqual(formatKeyLog(round.at.server))
    expect(formatKeyLog(round.at.client).map((line) => line.split(' ')[0])).toEqual([
      'CLIENT_HANDSHAKE_TRAFFIC_SECRET',
      'SERVER_HANDSHAKE_TRAFFIC_SECRET',
      'CLIENT_TRAFFIC_SECRET_0',
      'SERVER_TRAFFIC_SECRET_0',
    ])
  })

  it('in two, where the client has guessed the wrong group', () => {
    const round = play({ versions: ['1.3'], suites: [TLS13] }, { groups: ['secp256r1'] })
    expect(round.run().slice(0, 4)).toEqual([
      'client ClientHello',
      'server HelloRetryRequest',
      'client ClientHello',
      'server ServerHello',
    ])
    expect(round.failure).toBeUndefined()
  })
})

describe('what somebody chooses who misunderstands something', () => {
  const beforeExchange = (both: Partial<EndpointConfig>) => {
    const round = play(both)
    round.run('ServerHelloDone')
    return round
  }

  it.each([
    ['key-travels-whole', { suites: [RSA] }, { carries: 'session-key' }],
    ['encrypts-with-wrong-key', { suites: [RSA] }, { under: 'client-public' }],
    ['encrypts-with-wrong-key', { suites: [RSA] }, { under: 'none' }],
    ['tls-is-rsa-aes', { suites: [ECDHE] }, { carries: 'pre-master-secret' }],
    ['encrypts-with-wrong-key', { suites: [RSA], rules: 'server-sends-secret' }, { under: 'server-public' }],
  ] as const)('RFC 5246 7.4.7.1: %s', (misconception, both, wrong) => {
    const round = play(both)
    const sender = 'rules' in both ? 'server' : 'client'
    round.run('rules' in both ? 'Certificate' : 'ServerHelloDone')
    const [finding, ...others] = round.say(sender, { say: 'ClientKeyExchange', ...wrong })
    expect(others).toEqual([])
    expect(finding).toMatchObject({ field: 'message', misconception })
    expect(finding?.rule).toContain('RFC 5246 7.4.7.1')
    // The default choice is correct, and the conversation goes on.
    expect(round.say(sender, { say: 'ClientKeyExchange' })).toEqual([])
  })

  it('RFC 5246 7.4.9: a Finished over something else does not verify', () => {
    const round = beforeExchange({ suites: [RSA] })
    round.run('ChangeCipherSpec')
    expect(round.say('client', { say: 'Finished', over: 'own-messages' })).toMatchObject([{ rule: 'RFC 5246 7.4.9' }])
    expect(round.say('client', { say: 'Finished' })).toEqual([])
  })

  it('RFC 5246 7.1: a hello that is hidden', () => {
    expect(play({}).say('client', { say: 'ClientHello', hidden: true })).toMatchObject([{ misconception: 'algorithm-is-secret' }])
  })

  it('RFC 5246 7.4.1.3: a suite that was not offered', () => {
    const round = play({ suites: [RSA] })
    round.run('ClientHello')
    expect(round.say('server', { say: 'ServerHello', suite: ECDHE })).toMatchObject([{ misconception: 'suite-not-offered' }])
  })
})

describe('worlds that are not TLS', () => {
  it('server-sends-secret, cf. RFC 5246 7.4.7: it works, and proves nothing of who listens', () => {
    const round = play({ rules: 'server-sends-secret' })
    expect(round.run().slice(2, 5)).toEqual(['server Certificate', 'server ClientKeyExchange', 'server ServerHelloDone'])
    expect(round.failure).toBeUndefined()
    expect(round.at.client.secrets).toEqual(round.at.server.secrets)
  })

  it('client-has-certificate, cf. RFC 5246 7.4.7: the server sends the secret under the public key of the client', () => {
    const round = play({ rules: 'client-has-certificate' }, {}, null, 'client')
    expect(round.run().slice(2, 6)).toEqual([
      'server CertificateRequest',
      'server ServerHelloDone',
      'client Certificate',
      'server ClientKeyExchange',
    ])
    expect(round.failure).toBeUndefined()
    expect(round.at.client.secrets).toEqual(round.at.server.secrets)
  })
})

it('an endpoint is JSON', () => {
  const round = play({ versions: ['1.3'], suites: [TLS13] })
  round.run('Certificate')
  const { client, server } = round.at
  round.at = JSON.parse(JSON.stringify(round.at)) as typeof round.at
  expect(round.at).toEqual({ client, server })
  round.run()
  expect(round.failure).toBeUndefined()
})

it('octets may arrive in any pieces', () => {
  const round = play({ suites: [ECDHE] })
  round.piece = 7
  round.run()
  expect(round.failure).toBeUndefined()
  expect(round.at.client.secrets).toEqual(round.at.server.secrets)
})
