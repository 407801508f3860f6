/**
 * Rule sets, and all rules that a judgement of TLS can be based on. RFC 5246 and RFC 8446 apply unless a counterfactual set is named.
 * In counterfactual sets the server sends the secret, for the exercise that asks who sends it, or nobody checks a certificate, for the one
 * about a man in the middle.
 */
import type { Seat } from '../../seat.ts'
import type { TlsVersion } from '../format/messages.ts'

export const TLS_RULE_SETS = ['tls', 'server-sends-secret', 'client-has-certificate', 'unchecked-certificates'] as const
export type TlsRuleSetName = (typeof TLS_RULE_SETS)[number]

/** The switches of a rule set. */
export interface TlsRules {
  readonly name: TlsRuleSetName
  /** RSA key exchange: the side that generates the pre-master secret and sends it in a ClientKeyExchange (RFC 5246 7.4.7: the client). */
  readonly secretOf: Seat
  /** RSA key exchange: the side whose certificate contains the key that encrypts it (RFC 5246 7.4.2: the server). */
  readonly certificateOf: Seat
  /** Whether a certificate that has been presented is checked (RFC 5246 7.4.2, RFC 8446 4.4.2.4: it is). */
  readonly checksCertificates: boolean
}

export const STANDARD_TLS_RULES: TlsRules = {
  name: 'tls',
  secretOf: 'client',
  certificateOf: 'server',
  checksCertificates: true,
}

const RULES_BY_NAME: { readonly [N in TlsRuleSetName]: TlsRules } = {
  tls: STANDARD_TLS_RULES,
  'server-sends-secret': { ...STANDARD_TLS_RULES, name: 'server-sends-secret', secretOf: 'server' },
  'client-has-certificate': {
    ...STANDARD_TLS_RULES,
    name: 'client-has-certificate',
    secretOf: 'server',
    certificateOf: 'client',
  },
  'unchecked-certificates': { ...STANDARD_TLS_RULES, name: 'unchecked-certificates', checksCertificates: false },
}

export const getTlsRules = (name: TlsRuleSetName): TlsRules => RULES_BY_NAME[name]

/** The clause of a rule in TLS 1.2 and in TLS 1.3; null if the version has no such rule. */
type Clauses = readonly [tls12: string | null, tls13: string | null]

/** The rules by name: first those on the order of messages, as in the RFCs, then those on their content, in the order of the checks. */
export const TLS_RULE_CLAUSES = {
  'tcp-first': ['RFC 5246 1', 'RFC 8446 1'],
  order: ['RFC 5246 7.4', 'RFC 8446 4'],
  'hello-request': ['RFC 5246 7.4.1.1', null],
  'client-hello': ['RFC 5246 7.4.1.2', 'RFC 8446 4.1.2'],
  'hello-retry-request': [null, 'RFC 8446 4.1.4'],
  'server-hello': ['RFC 5246 7.4.1.3', 'RFC 8446 4.1.3'],
  'encrypted-extensions': [null, 'RFC 8446 4.3.1'],
  certificate: ['RFC 5246 7.4.2', 'RFC 8446 4.4.2'],
  'certificate-status': ['RFC 6066 8', null],
  'server-key-exchange': ['RFC 5246 7.4.3', null],
  'certificate-request': ['RFC 5246 7.4.4', 'RFC 8446 4.3.2'],
  'server-hello-done': ['RFC 5246 7.4.5', null],
  'client-certificate': ['RFC 5246 7.4.6', 'RFC 8446 4.4.2'],
  'client-key-exchange': ['RFC 5246 7.4.7', null],
  'certificate-verify': ['RFC 5246 7.4.8', 'RFC 8446 4.4.3'],
  'new-session-ticket': ['RFC 5077 3.3', 'RFC 8446 4.6.1'],
  'change-cipher-spec': ['RFC 5246 7.1', 'RFC 8446 5'],
  'end-of-early-data': [null, 'RFC 8446 4.5'],
  finished: ['RFC 5246 7.4.9', 'RFC 8446 4.4.4'],
  'key-update': [null, 'RFC 8446 4.6.3'],
  'application-data': ['RFC 5246 7.3', 'RFC 8446 2'],
  'closes-with-notify': ['RFC 5246 7.2.1', 'RFC 8446 6.1'],
  'answers-close': ['RFC 5246 7.2.1', null],
  'silent-after-close': ['RFC 5246 7.2.1', 'RFC 8446 6.1'],
  'silent-after-fatal': ['RFC 5246 7.2.2', 'RFC 8446 6.2'],
  protects: ['RFC 5246 7.1', 'RFC 8446 2'],

  'null-compression': ['RFC 5246 7.4.1.2', 'RFC 8446 4.1.2'],
  'extensions-once': ['RFC 5246 7.4.1.4', 'RFC 8446 4.2'],
  'mandatory-extensions': [null, 'RFC 8446 9.2'],
  'shares-of-groups': [null, 'RFC 8446 4.2.8'],
  'psk-modes': [null, 'RFC 8446 4.2.9'],
  'psk-last': [null, 'RFC 8446 4.2.11'],
  'hello-again': [null, 'RFC 8446 4.1.2'],
  'cookie-returned': [null, 'RFC 8446 4.2.2'],
  'renegotiation-info': ['RFC 5746 3.4', null],
  'version-offered': ['RFC 5246 7.4.1.3', 'RFC 8446 4.2.1'],
  'selected-version': ['RFC 8446 4.2.1', 'RFC 8446 4.2.1'],
  'suite-offered': ['RFC 5246 7.4.1.3', 'RFC 8446 4.1.3'],
  'suite-of-version': ['RFC 8446 B.4', 'RFC 8446 B.4'],
  'compression-offered': ['RFC 5246 7.4.1.3', 'RFC 8446 4.1.3'],
  'extensions-offered': ['RFC 5246 7.4.1.4', 'RFC 8446 4.2'],
  'extensions-in-place': [null, 'RFC 8446 4.2'],
  'session-id-echoed': [null, 'RFC 8446 4.1.3'],
  'share-offered': [null, 'RFC 8446 4.2.8'],
  'retry-asks-for-more': [null, 'RFC 8446 4.1.4'],
  'suite-after-retry': [null, 'RFC 8446 4.1.4'],
  'psk-offered': [null, 'RFC 8446 4.2.11'],
  'no-downgrade': ['RFC 8446 4.1.3', null],
  'encrypt-then-mac': ['RFC 7366 3', null],
  'certificate-given': ['RFC 5246 7.4.2', 'RFC 8446 4.4.2'],
  'context-echoed': [null, 'RFC 8446 4.4.2'],
  'group-offered': ['RFC 8422 4', null],
  'share-of-its-length': ['RFC 8422 5.7', 'RFC 8446 4.2.8.2'],
  'scheme-offered': ['RFC 5246 7.4.3', 'RFC 8446 4.4.3'],
  'scheme-requested': ['RFC 5246 7.4.8', 'RFC 8446 4.4.3'],
  'scheme-of-version': [null, 'RFC 8446 4.4.3'],
  'parameters-verify': ['RFC 5246 7.4.3', null],
  'signature-verifies': ['RFC 5246 7.4.8', 'RFC 8446 4.4.3'],
  'request-names-schemes': [null, 'RFC 8446 4.3.2'],
  'request-without-context': [null, 'RFC 8446 4.3.2'],
  'finished-verifies': ['RFC 5246 7.4.9', 'RFC 8446 4.4.4'],
  'ticket-lifetime': [null, 'RFC 8446 4.6.1'],
  'key-update-answered': [null, 'RFC 8446 4.6.3'],
  'certificate-chain': ['RFC 5246 7.4.2', 'RFC 8446 4.4.2'],
  'certificate-name': ['RFC 9525 6.3', 'RFC 9525 6.3'],
  'certificate-validity': ['RFC 5280 6.1.3', 'RFC 5280 6.1.3'],
  'certificate-path': ['RFC 5280 6.1', 'RFC 5280 6.1'],
  'certificate-revocation': ['RFC 5280 6.3', 'RFC 5280 6.3'],
  'certificate-possession': ['RFC 5246 F.1.1.2', 'RFC 8446 4.4.3'],
  'alert-fits': ['RFC 5246 7.2.2', 'RFC 8446 6.2'],
  'certificate-checked': ['RFC 5246 7.4.2', 'RFC 8446 4.4.2.4'],
  'suite-supported': ['RFC 5246 7.4.1.2', 'RFC 8446 4.1.2'],
  'carries-premaster-secret': ['RFC 5246 7.4.7.1', null],
  'under-the-peers-key': ['RFC 5246 7.4.7.1', null],
  'alert-level': ['RFC 5246 7.2.2', 'RFC 8446 6.2'],
} as const satisfies Readonly<Record<string, Clauses>>

export type TlsRuleName = keyof typeof TLS_RULE_CLAUSES

/**
 * The citation of a rule in a finding. If the version has no such rule, the message or value belongs to another version, and the clause on
 * the order of messages is cited. A counterfactual rule set is always named, even if its rule is the same as the RFC's.
 */
export function citeTlsRule(rule: TlsRuleName, version: TlsVersion, { name }: TlsRules): string {
  const at = version === '1.2' ? 0 : 1
  const clause = TLS_RULE_CLAUSES[rule][at] ?? TLS_RULE_CLAUSES.order[at]
  return name === 'tls' ? clause : `${name}, cf. ${clause}`
}
