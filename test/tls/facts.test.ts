import { expect, it } from 'vitest'
import { CERTIFICATES } from '../../exercises/certificates.ts'
import { listFacts } from '../../protocol/tls/watch/message-facts.ts'
import { ECDHE, host, Played, RSA, TLS13 } from './played.ts'

const shown = (round: Played, is: string) => {
  const found = round.said.find(({ message }) => message.kind === is)
  // Of a chain, only the first certificate.
  return Object.fromEntries(
    listFacts(found!.message, CERTIFICATES)
      .toReversed()
      .map(({ name, value }) => [name, value]),
  )
}

it('RFC 5246 7.4.1: the hellos stand in the clear, with the suites that are offered and the one that is chosen', () => {
  const config = { suites: [RSA, ECDHE] }
  const round = new Played(host('client', config), host('server', config))
  round.run()
  expect(shown(round, 'ClientHello')).toMatchObject({
    version: 'TLS 1.2',
    suites: 'TLS_RSA_WITH_AES_128_CBC_SHA, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
    'server-name': 'bank.example',
    random: round.at.server.randoms.client,
  })
  expect(shown(round, 'ServerHello')).toMatchObject({ version: 'TLS 1.2', suite: 'TLS_RSA_WITH_AES_128_CBC_SHA' })
  expect(shown(round, 'Certificate')).toMatchObject({
    subject: 'bank.example',
    issuer: 'Classroom CA 1',
    names: 'bank.example, www.bank.example',
    'valid-from': '2025-10-01T00:00:00.000Z',
    'valid-to': '2026-10-01T00:00:00.000Z',
  })
  expect(shown(round, 'ClientKeyExchange').exchange).toMatch(/^[0-9a-f]{512}$/)
})

it('RFC 8446 4.2.8: in 1.3 the hellos hold the public values', () => {
  const config = { versions: ['1.3'] as const, suites: [TLS13] }
  const round = new Played(host('client', config), host('server', config))
  round.run()
  expect(shown(round, 'ClientHello')['public-value']).toMatch(/^[0-9a-f]{64}$/)
  expect(shown(round, 'ServerHello')).toMatchObject({ version: 'TLS 1.3', group: 'x25519', suite: 'TLS_AES_128_GCM_SHA256' })
  expect(shown(round, 'CertificateVerify')).toMatchObject({ scheme: 'rsa_pss_rsae_sha256' })
})
