import { X509Certificate } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { readCertificate } from '../../crypto/read-certificate.ts'
import { nodeCrypto } from '../../crypto/node-crypto.ts'
import {
  CERTIFICATES,
  EPOCH_MS,
  getIdentity,
  IDENTITY_IDS,
  type IdentityId,
  REVOCATIONS,
  EXERCISE_SERVER_NAME,
  TRUSTED_AUTHORITIES,
} from '../../exercises/certificates.ts'
import { alertForFault, type CertificateFault, checkChain, certificateFinding } from '../../protocol/tls/keys/certificate.ts'
import { fromHex } from '../../protocol/octets.ts'
import { STANDARD_TLS_RULES } from '../../protocol/tls/keys/rules.ts'
import { ECDHE, host, Played, RSA, TLS13 } from './played.ts'

const EXPECTED = { name: EXERCISE_SERVER_NAME, now: EPOCH_MS, trusted: TRUSTED_AUTHORITIES, revoked: REVOCATIONS }
const YEAR = 365 * 24 * 3_600_000

/** The fault of each identity's chain, and the clause; null if there is none. */
const WRONG: { readonly [I in IdentityId]: readonly [CertificateFault, string] | null } = {
  right: null,
  'wrong-name': ['wrong-name', 'RFC 9525 6.3'],
  expired: ['expired', 'RFC 5280 6.1.3'],
  'not-yet-valid': ['not-yet-valid', 'RFC 5280 6.1.3'],
  'unknown-issuer': ['unknown-issuer', 'RFC 5280 6.1'],
  'self-signed': ['self-signed', 'RFC 5280 6.1'],
  'out-of-order': ['out-of-order', 'RFC 5246 7.4.2'],
  // The missing key shows only when the key has to be used.
  'no-private-key': null,
  revoked: ['revoked', 'RFC 5280 6.3'],
  client: ['wrong-name', 'RFC 9525 6.3'],
  'in-the-middle': ['unknown-issuer', 'RFC 5280 6.1'],
}

describe.each(IDENTITY_IDS)('the chain %s', (id) => {
  const { chain } = getIdentity(id)

  it('has the one fault that it is there for', () => {
    const faults = checkChain(chain, EXPECTED, nodeCrypto)
    const [fault, clause] = WRONG[id] ?? []
    // If the authority's certificate is sent first, the first certificate also lacks the server's name, which is a second fault.
    const [first] = faults
    expect(first).toBe(fault)
    if (id !== 'out-of-order') expect(faults).toEqual(fault ? [fault] : [])
    if (fault) expect(certificateFinding(fault, '1.2', STANDARD_TLS_RULES).rule).toBe(clause)
  })
})

it.each(CERTIFICATES)('what is said of $subject ($serial) stands in it', (certificate) => {
  const der = fromHex(certificate.der)
  expect(readCertificate(der)).toEqual(certificate)
  const issuer = CERTIFICATES.find(({ subject, authority }) => subject === certificate.issuer && authority) ?? certificate
  expect(new X509Certificate(der).verify(new X509Certificate(fromHex(issuer.der)).publicKey)).toBe(true)
})

it('RFC 5280 6.1.3: a signature in which one octet differs is none of its issuer', () => {
  const [own, issuing] = getIdentity('right').chain
  const last = own!.der.endsWith('00') ? '01' : '00'
  const forged = { ...own!, der: own!.der.slice(0, -2) + last }
  expect(checkChain([forged, issuing!], EXPECTED, nodeCrypto)).toEqual(['bad-signature'])
})

it('RFC 5280 6.1.4: only an authority certifies others', () => {
  const [own] = getIdentity('right').chain
  const under = { ...own!, subject: 'x', issuer: own!.subject }
  const chain = [under, own!, getIdentity('right').chain[1]!]
  expect(checkChain(chain, EXPECTED, nodeCrypto)).toEqual(['not-an-authority'])
})

it('RFC 9525 6.3: a wildcard stands for one label', () => {
  const [own, issuing] = getIdentity('right').chain
  const wild = { ...own!, names: ['*.bank.example'] }
  const faults = (name: string) => checkChain([wild, issuing!], { ...EXPECTED, name }, nodeCrypto)
  expect(faults('www.bank.example')).toEqual([])
  expect(faults('bank.example')).toEqual(['wrong-name'])
  expect(faults('a.b.bank.example')).toEqual(['wrong-name'])
})

it('time passes: the right certificate is not right for ever', () => {
  expect(checkChain(getIdentity('right').chain, { ...EXPECTED, now: EPOCH_MS + YEAR }, nodeCrypto)).toEqual(['expired'])
})

describe('RFC 5246 7.4.2: whoever goes on with a certificate that does not hold', () => {
  it.each(IDENTITY_IDS.filter((id) => WRONG[id] !== null))('%s', (id) => {
    const round = new Played(host('client', { suites: [RSA] }), host('server', { suites: [RSA] }, id))
    round.run('Certificate')
    round.say('server', { say: 'ServerHelloDone' })
    const [fault] = WRONG[id] ?? ['wrong-name' as const]
    expect(round.say('client', { say: 'ClientKeyExchange' })).toMatchObject([
      { rule: 'RFC 5246 7.4.2', misconception: 'skips-certificate-check', want: alertForFault(fault) },
    ])
    expect(round.run()).toEqual(['client Alert'])
  })
})

describe('the right certificate without its private key', () => {
  it('RFC 5246 F.1.1.2: with RSA, its holder cannot open the secret, and the Finished does not verify', () => {
    const round = new Played(host('client', { suites: [RSA] }), host('server', { suites: [RSA] }, 'no-private-key'))
    round.run()
    expect(round.failure?.alert).toBe('bad_record_mac')
  })

  it.each([
    ['RFC 5246 7.4.3', { suites: [ECDHE] }],
    ['RFC 8446 4.4.3', { versions: ['1.3'], suites: [TLS13] }],
  ] as const)('%s: it cannot sign', (rule, config) => {
    const round = new Played(host('client', config), host('server', config, 'no-private-key'))
    round.run()
    expect(round.failure).toMatchObject({ alert: 'decrypt_error', findings: [{ rule }, { given: 'no-private-key' }] })
    expect(round.said.at(-1)).toMatchObject({ from: 'client', message: { kind: 'Alert' } })
  })
})
