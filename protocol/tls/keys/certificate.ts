/**
 * Checks a presented certificate chain (RFC 5246 7.4.2, RFC 8446 4.4.2; RFC 5280 6, RFC 9525 6). X.509 is not parsed here: the contents of a
 * certificate are given as fields in addition to its octets.
 */
import type { Finding } from '../../findings.ts'
import type { CryptoPrimitives, RsaPrivateKey, RsaPublicKey } from '../format/crypto.ts'
import { fromHex } from '../../octets.ts'
import type { AlertName, TlsVersion } from '../format/messages.ts'
import { citeTlsRule, type TlsRuleName, type TlsRules } from './rules.ts'
import { verifyPkcs1 } from './rsa.ts'

/** A range of octets within a certificate's DER. */
export interface OctetSpan {
  readonly at: number
  readonly length: number
}

/** The contents of a certificate. Bytes are hex, times milliseconds since 1970. */
export interface Certificate {
  readonly der: string
  /** The common names of subject and issuer. */
  readonly subject: string
  readonly issuer: string
  /** The host names for which it is valid: the dNSNames of subjectAltName. */
  readonly names: readonly string[]
  readonly from: number
  readonly to: number
  readonly serial: string
  /** It may sign other certificates: cA of basicConstraints. */
  readonly authority: boolean
  readonly key: { readonly [F in keyof RsaPublicKey]: string }
  /** The spans of tbsCertificate, which is signed, and of its signature (sha256WithRSAEncryption). */
  readonly signed: OctetSpan
  readonly signature: OctetSpan
}

/** A certificate with the chain that is sent: the holder's own certificate first. */
export interface Identity {
  readonly id: string
  readonly chain: readonly Certificate[]
  /** Null: the presenter does not have the private key. */
  readonly key: { readonly [F in keyof RsaPrivateKey]: string } | null
}

/** An entry of a revocation list. */
export interface Revocation {
  readonly issuer: string
  readonly serial: string
}

/** All faults, in the order in which `checkChain` reports them. */
export const CERTIFICATE_FAULTS = [
  'unreadable',
  'out-of-order',
  'wrong-name',
  'expired',
  'not-yet-valid',
  'self-signed',
  'unknown-issuer',
  'not-an-authority',
  'bad-signature',
  'revoked',
  'no-private-key',
] as const
/** A possible fault of a certificate. `no-private-key` becomes visible only when its presenter has to use the key. */
export type CertificateFault = (typeof CERTIFICATE_FAULTS)[number]

/** The rule that each fault breaks, and the alert that answers it (RFC 5246 7.2.2, RFC 8446 6.2). */
const FAULT_RULES: { readonly [F in CertificateFault]: readonly [TlsRuleName, AlertName] } = {
  unreadable: ['certificate-path', 'bad_certificate'],
  'out-of-order': ['certificate-chain', 'bad_certificate'],
  'wrong-name': ['certificate-name', 'bad_certificate'],
  expired: ['certificate-validity', 'certificate_expired'],
  'not-yet-valid': ['certificate-validity', 'certificate_expired'],
  'self-signed': ['certificate-path', 'unknown_ca'],
  'unknown-issuer': ['certificate-path', 'unknown_ca'],
  'not-an-authority': ['certificate-path', 'bad_certificate'],
  'bad-signature': ['certificate-path', 'bad_certificate'],
  revoked: ['certificate-revocation', 'certificate_revoked'],
  'no-private-key': ['certificate-possession', 'decrypt_error'],
}

/** The alert that answers a fault: the one whose definition names it. */
export const alertForFault = (fault: CertificateFault): AlertName => FAULT_RULES[fault][1]

/**
 * General alerts that say no more than that the peer's certificate, or the handshake, is not acceptable: certificate_unknown is for "some
 * other (unspecified) issue", handshake_failure for a handshake that comes to no agreement.
 */
const GENERAL_ALERTS: readonly AlertName[] = ['certificate_unknown', 'handshake_failure']

/** Whether an alert is a true answer to one of these faults (RFC 5246 7.2.2, RFC 8446 6.2). All of those that are have the level fatal. */
export const answersFaults = (alert: AlertName, faults: readonly CertificateFault[]): boolean =>
  GENERAL_ALERTS.includes(alert) || faults.some((fault) => alertForFault(fault) === alert)

/** Faults of the way from a certificate to a trusted authority, apart from what the certificates say about name and time. */
const CHAIN_FAULTS: readonly CertificateFault[] = [
  'unreadable',
  'out-of-order',
  'self-signed',
  'unknown-issuer',
  'not-an-authority',
  'bad-signature',
]

/** Whether a chain with these faults leads to a trusted authority all the same. */
export const isChainTrusted = (faults: readonly CertificateFault[]): boolean =>
  !faults.some((fault) => CHAIN_FAULTS.includes(fault))

/** The finding for a fault; its `given` is the name of the fault. */
export const certificateFinding = (fault: CertificateFault, version: TlsVersion, rules: TlsRules): Finding => ({
  kind: 'refusal',
  field: 'message',
  given: fault,
  want: null,
  rule: citeTlsRule(FAULT_RULES[fault][0], version, rules),
  misconception: null,
})

/** What a chain is checked against. `now` in milliseconds since 1970. */
export interface ChainExpectation {
  /** The host name that was requested; null if any name is acceptable, as for a client's certificate. */
  readonly name: string | null
  readonly now: number
  /** The certificates of the trusted certification authorities. */
  readonly trusted: readonly Certificate[]
  readonly revoked: readonly Revocation[]
}

/** All faults of a chain in the order of `CERTIFICATE_FAULTS`; empty if the chain may be accepted. */
export function checkChain(
  chain: readonly Certificate[],
  { name, now, trusted, revoked }: ChainExpectation,
  crypto: CryptoPrimitives,
): readonly CertificateFault[] {
  const found = new Set<CertificateFault>()
  const [own] = chain
  if (own === undefined) return ['unreadable']

  // RFC 5246 7.4.2: "The sender's certificate MUST come first in the list. Each following certificate MUST directly certify the one preceding it."
  const certifies = chain.every((certificate, i) => i === 0 || chain[i - 1]?.issuer === certificate.subject)
  if (!certifies || own.authority) found.add('out-of-order')
  // RFC 9525 6.3
  if (name !== null && !own.names.some((pattern) => matchesHostName(pattern, name))) found.add('wrong-name')
  // RFC 5280 6.1.3 (a)(2)
  if (chain.some(({ to }) => now > to)) found.add('expired')
  if (chain.some(({ from }) => now < from)) found.add('not-yet-valid')
  // RFC 5280 6.1.3 (a)(3)
  if (chain.some(({ issuer, serial }) => revoked.some((entry) => entry.issuer === issuer && entry.serial === serial)))
    found.add('revoked')
  // RFC 5280 6.1.3 (a)(1) and (a)(4), 6.1.4 (k): the path from the certificate to a trusted authority.
  const broken = certifies ? findPathFault(chain, trusted, crypto) : null
  if (broken !== null) found.add(broken)
  return CERTIFICATE_FAULTS.filter((fault) => found.has(fault))
}

function findPathFault(
  chain: readonly Certificate[],
  trusted: readonly Certificate[],
  crypto: CryptoPrimitives,
): CertificateFault | null {
  const last = chain.at(-1)
  if (last === undefined) return 'unreadable'
  const anchor = trusted.find(({ der, subject }) => subject === last.issuer && (subject !== last.subject || der === last.der))
  if (anchor === undefined) return chain.length === 1 && last.issuer === last.subject ? 'self-signed' : 'unknown-issuer'
  const path = anchor.der === last.der ? chain : [...chain, anchor]
  if (path.some(({ authority }, i) => i > 0 && !authority)) return 'not-an-authority'
  return path.every((certificate, i) => isSignedBy(certificate, path[i + 1] ?? certificate, crypto)) ? null : 'bad-signature'
}

/** Whether the certificate's signature verifies with this issuer's key. */
function isSignedBy({ der, signed, signature }: Certificate, issuer: Certificate, crypto: CryptoPrimitives): boolean {
  const octets = fromHex(der)
  const part = ({ at, length }: OctetSpan) => octets.subarray(at, at + length)
  return verifyPkcs1(crypto, decodePublicKey(issuer), 'SHA-256', part(signed), part(signature))
}

export const decodePublicKey = ({ key }: Certificate): RsaPublicKey => ({ n: fromHex(key.n), e: fromHex(key.e) })

export const decodePrivateKey = ({ n, e, d, p, q }: NonNullable<Identity['key']>): RsaPrivateKey => ({
  n: fromHex(n),
  e: fromHex(e),
  d: fromHex(d),
  p: fromHex(p),
  q: fromHex(q),
})

/** RFC 9525 6.3: `*` matches exactly one whole label, and only as the first label. */
function matchesHostName(pattern: string, name: string): boolean {
  const [wanted, given] = [pattern.toLowerCase().split('.'), name.toLowerCase().split('.')]
  return wanted.length === given.length && wanted.every((label, i) => label === given[i] || (i === 0 && label === '*'))
}
