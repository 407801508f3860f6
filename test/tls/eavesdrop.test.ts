import { expect, it } from 'vitest'
import { nodeCrypto } from '../../crypto/node-crypto.ts'
import { CERTIFICATES, getIdentity } from '../../exercises/certificates.ts'
import { decodePrivateKey } from '../../protocol/tls/keys/certificate.ts'
import { eavesdrop } from '../../protocol/tls/watch/eavesdrop.ts'
import type { EndpointConfig } from '../../protocol/tls/endpoint/endpoint.ts'
import { concat, toHex } from '../../protocol/octets.ts'
import { encodeAscii } from '../../protocol/tls/format/presentation.ts'
import type { Seat } from '../../protocol/seat.ts'
import { ECDHE, host, Played, RSA, TLS13 } from './played.ts'

const REQUEST = toHex(encodeAscii('GET /secret HTTP/1.1\r\nHost: bank.example\r\n\r\n'))
const LEAKED = decodePrivateKey(getIdentity('right').key!)

/** Plays a whole conversation and eavesdrops on it. */
function overhear(
  config: Partial<EndpointConfig>,
  leaked = [LEAKED],
  client: Parameters<typeof host>[2] = null,
  server: Parameters<typeof host>[2] = 'right',
) {
  const round = new Played(host('client', config, client), host('server', config, server))
  round.run()
  expect(round.say('client', { say: 'ApplicationData', data: REQUEST })).toEqual([])
  const of = (role: Seat) => concat(...round.wire.filter(({ from }) => from === role).map(({ octets }) => octets))
  const wire = { client: of('client'), server: of('server') }
  return { round, ...eavesdrop({ wire, leaked, certificates: CERTIFICATES }, nodeCrypto) }
}

it('RFC 5246 7.4.7.1: what is encrypted to the public key of the server is not opened with that public key', () => {
  const { steps, plaintexts, missing } = overhear({ suites: [RSA] }, [])
  expect(steps.map(({ formula, works }) => ({ formula, works }))).toEqual([{ formula: 'rsa-public', works: false }])
  expect({ plaintexts, missing }).toEqual({ plaintexts: [], missing: 'private-key' })
})

it('RFC 5246 F.1.1.2: once the private key has leaked, what was recorded before can be read', () => {
  const { round, steps, plaintexts, missing } = overhear({ suites: [RSA] })
  expect(missing).toBeNull()
  expect(plaintexts.map(({ data }) => data)).toContain(REQUEST)
  expect(steps.map(({ formula }) => formula)).toEqual([
    'rsa-public',
    'rsa-private',
    'master-secret',
    'key-block',
    'open-record',
    'open-record',
    'open-record',
  ])
  expect(steps[2]?.outputs).toEqual([{ name: 'master-secret', hex: round.at.client.secrets.master }])
})

it('RFC 5246 F.1.1.3: with ECDHE the leaked key opens nothing: it has only signed', () => {
  expect(overhear({ suites: [ECDHE] })).toMatchObject({ plaintexts: [], missing: 'private-value' })
})

it('RFC 8446 E.1: nor in TLS 1.3', () => {
  expect(overhear({ versions: ['1.3'], suites: [TLS13] })).toMatchObject({ plaintexts: [], missing: 'private-value' })
})

it('server-sends-secret, cf. RFC 5246 7.4.7: whoever has seen the certificate reads all', () => {
  const { steps, plaintexts, missing } = overhear({ suites: [RSA], rules: 'server-sends-secret' }, [])
  expect(steps[0]).toMatchObject({ formula: 'rsa-public', works: true })
  expect(plaintexts.map(({ data }) => data)).toContain(REQUEST)
  expect(missing).toBeNull()
})

it('client-has-certificate, cf. RFC 5246 7.4.7: the server sends the secret, and nobody else can open it', () => {
  const { plaintexts, missing } = overhear({ suites: [RSA], rules: 'client-has-certificate' }, [], 'client', null)
  expect({ plaintexts, missing }).toEqual({ plaintexts: [], missing: 'private-key' })
})
