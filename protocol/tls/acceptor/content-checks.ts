/** Checks of message contents: against the peer's offer, and against the RFCs' requirements on the message itself. */
import { toHex, NO_OCTETS } from '../../octets.ts'
import type { Misconception } from '../../findings.ts'
import {
  type TlsConnection,
  type MessageOf,
  VERSION_NUMBER,
  type ClientOffer,
  readOffer,
  offersTls13,
  citedVersion,
} from './connection.ts'
import {
  COOKIE,
  CLIENT_SHARES,
  EARLY_DATA,
  ENCRYPT_THEN_MAC,
  findExtension,
  OFFERED_PSKS,
  PSK_KEY_EXCHANGE_MODES,
  RENEGOTIATION_INFO,
  SELECTED_GROUP,
  SELECTED_PSK,
  SELECTED_VERSION,
  SERVER_SHARE,
  SIGNATURE_ALGORITHMS,
  SUPPORTED_GROUPS,
  SUPPORTED_VERSIONS,
} from '../format/extensions.ts'
import { ALERT, type AlertName, FATAL, type MessageName, type TlsVersion, WARNING } from '../format/messages.ts'
import { groupName, levelName, schemeName, suiteName, versionName } from './registry-names.ts'
import type { Seat } from '../../seat.ts'
import type { TlsRuleName, TlsRules } from '../keys/rules.ts'
import { EMPTY_RENEGOTIATION_INFO_SCSV, findGroup, findScheme, type CipherSuite, findSuite } from '../format/suites.ts'

/** Results of cryptographic checks of a message. An absent result is unknown and not judged. */
export interface CryptoResults {
  /** The signature, or the verify data of a Finished, is correct. */
  readonly verifies?: boolean
  /** Its record was protected. */
  readonly protected?: boolean
}

/** A fault of the content, in the RFC's terms, and the alert with which the receiver must answer. */
export interface ContentFault {
  readonly given: string | number | null
  readonly want: string | number | null
  readonly alert: AlertName
  readonly misconception?: Misconception
}

/** What a content check can use. */
export interface CheckInput<M extends MessageName = MessageName> {
  /** The connection before the message. */
  readonly connection: TlsConnection
  readonly from: Seat
  readonly message: MessageOf<M>
  readonly cryptoResults: CryptoResults
  readonly rules: TlsRules
}

/** Null: the check does not apply. */
type CheckOutcome = ContentFault | 'holds' | null

/** One content check: the rule that it verifies, and the messages to which it applies. */
export interface Check {
  readonly rule: TlsRuleName
  readonly messages: readonly MessageName[]
  readonly run: (input: CheckInput) => CheckOutcome
}

const defineCheck = <M extends MessageName>(
  rule: TlsRuleName,
  messages: readonly M[],
  check: (input: CheckInput<M>) => CheckOutcome,
): Check => ({
  rule,
  messages,
  run: check as unknown as Check['run'],
})

const holdsOr = (condition: boolean, fault: ContentFault): CheckOutcome => (condition ? 'holds' : fault)
const fault = (alert: AlertName, given: ContentFault['given'], want: ContentFault['want'] = null): ContentFault => ({
  alert,
  given,
  want,
})

type ServerHello = MessageOf<'ServerHello' | 'HelloRetryRequest'>

/** The number of the version that a ServerHello selects. */
export const selectedVersionNumber = (hello: ServerHello): number =>
  findExtension(hello.extensions, SELECTED_VERSION) ?? hello.version

/** The version that a ServerHello selects; null if it is neither 1.2 nor 1.3. */
export const selectedVersionOf = (hello: ServerHello): TlsVersion | null => {
  const number = selectedVersionNumber(hello)
  return number === VERSION_NUMBER['1.3'] ? '1.3' : number === VERSION_NUMBER['1.2'] ? '1.2' : null
}

/** The suite that a ServerHello selects. Null if later messages cannot be read: other version, unknown suite, or compression. */
export const selectedSuite = (hello: ServerHello): CipherSuite | null =>
  selectedVersionOf(hello) === null || hello.compression !== 0 ? null : findSuite(hello.suite)

/** Whether a server may send this extension without an offer: RFC 8446 4.2.2 (cookie); RFC 5746 3.6 if the client has sent the SCSV. */
const isAllowedUnsolicited = (type: number, offer: ClientOffer): boolean =>
  type === COOKIE.type || (type === RENEGOTIATION_INFO.type && offer.suites.includes(EMPTY_RENEGOTIATION_INFO_SCSV))

const SERVER_HELLO_13: readonly number[] = [SELECTED_VERSION.type, SERVER_SHARE.type, SELECTED_PSK.type]
const RETRY_13: readonly number[] = [SELECTED_VERSION.type, SERVER_SHARE.type, COOKIE.type]
/** Extensions that belong in other messages and must not be in EncryptedExtensions (RFC 8446 4.2). */
const NOT_ENCRYPTED: readonly number[] = [
  ...SERVER_HELLO_13,
  COOKIE.type,
  SIGNATURE_ALGORITHMS.type,
  PSK_KEY_EXCHANGE_MODES.type,
  5, // status_request
  18, // signed_certificate_timestamp
  21, // padding
  47, // certificate_authorities
  48, // oid_filters
  49, // post_handshake_auth
  50, // signature_algorithms_cert
]
/** The last octets of the random of a server that supports a higher version than the negotiated one (RFC 8446 4.1.3). */
const DOWNGRADE_SENTINEL = /444f574e4752440[01]$/
/** The length of a public value in octets. */
const SHARE_OCTETS = { x25519: 32, secp256r1: 65 } as const
/** The alerts that RFC 5246 7.2.2 calls "always fatal". */
const ALWAYS_FATAL: readonly number[] = [
  ALERT.unexpected_message,
  ALERT.bad_record_mac,
  ALERT.record_overflow,
  ALERT.decompression_failure,
  ALERT.handshake_failure,
  ALERT.illegal_parameter,
  ALERT.unknown_ca,
  ALERT.access_denied,
  ALERT.decode_error,
  ALERT.decrypt_error,
  ALERT.protocol_version,
  ALERT.insufficient_security,
  ALERT.internal_error,
  ALERT.unsupported_extension,
]
/** RFC 8446 4.6.1, in seconds: seven days. */
const MAX_TICKET_LIFETIME_S = 604_800

/** Whether an alert ends the connection: in 1.2 if its level is fatal; in 1.3 all alerts except close_notify and user_canceled do. */
export const closesConnection = ({ level, description }: { level: number; description: number }, version: TlsVersion): boolean =>
  level === FATAL || (version === '1.3' && description !== ALERT.close_notify && description !== ALERT.user_canceled)

/** All content checks, in the order in which they are applied. The rules' clauses are in `TLS_RULE_CLAUSES`. */
export const CONTENT_CHECKS: readonly Check[] = [
  defineCheck('client-hello', ['ClientHello'], ({ message: { suites } }) =>
    holdsOr(suites.length > 0, fault('decode_error', null)),
  ),
  defineCheck('null-compression', ['ClientHello'], ({ message, message: { compression } }) =>
    holdsOr(
      offersTls13(readOffer(message)) ? compression.length === 1 && compression[0] === 0 : compression.includes(0),
      fault('illegal_parameter', compression.join(','), 0),
    ),
  ),
  defineCheck(
    'extensions-once',
    ['ClientHello', 'ServerHello', 'HelloRetryRequest', 'EncryptedExtensions'],
    ({ message: { extensions } }) => {
      const types = extensions.map(({ type }) => type)
      const twice = types.find((type, i) => types.indexOf(type) !== i)
      return holdsOr(twice === undefined, fault('illegal_parameter', twice ?? null))
    },
  ),
  defineCheck('mandatory-extensions', ['ClientHello'], ({ message }) => {
    if (!offersTls13(readOffer(message))) return null
    const { extensions } = message
    const has = ({ type }: { type: number }) => extensions.some((extension) => extension.type === type)
    const needed = [
      ...(has(OFFERED_PSKS) ? [] : [SIGNATURE_ALGORITHMS, SUPPORTED_GROUPS]),
      ...(has(SUPPORTED_GROUPS) ? [CLIENT_SHARES] : has(CLIENT_SHARES) ? [SUPPORTED_GROUPS] : []),
    ]
    const missing = needed.find((kind) => !has(kind))
    return holdsOr(missing === undefined, fault('missing_extension', null, missing?.name))
  }),
  defineCheck('shares-of-groups', ['ClientHello'], ({ message: { extensions } }) => {
    const shares = findExtension(extensions, CLIENT_SHARES)
    if (shares === null) return null
    const groups = findExtension(extensions, SUPPORTED_GROUPS) ?? []
    const wrong = shares.find(({ group }, i) => !groups.includes(group) || shares.findIndex((s) => s.group === group) !== i)
    return holdsOr(wrong === undefined, fault('illegal_parameter', wrong ? groupName(wrong.group) : null))
  }),
  defineCheck('psk-modes', ['ClientHello'], ({ message: { extensions } }) => {
    if (!extensions.some(({ type }) => type === OFFERED_PSKS.type)) return null
    const modes = extensions.some(({ type }) => type === PSK_KEY_EXCHANGE_MODES.type)
    return holdsOr(modes, fault('missing_extension', null, PSK_KEY_EXCHANGE_MODES.name))
  }),
  defineCheck('psk-last', ['ClientHello'], ({ message: { extensions } }) => {
    const at = extensions.findIndex(({ type }) => type === OFFERED_PSKS.type)
    return at < 0 ? null : holdsOr(at === extensions.length - 1, fault('illegal_parameter', OFFERED_PSKS.name))
  }),
  defineCheck('hello-again', ['ClientHello'], ({ connection: { retry, offer, place }, message }) => {
    if (retry === null || offer === null || place !== 2) return null
    const same =
      toHex(message.random) === offer.random &&
      toHex(message.sessionId) === offer.sessionId &&
      message.suites.join() === offer.suites.join() &&
      !message.extensions.some(({ type }) => type === EARLY_DATA.type)
    if (!same) return fault('illegal_parameter', 'ClientHello')
    const shares = (findExtension(message.extensions, CLIENT_SHARES) ?? []).map(({ group }) => groupName(group))
    if (retry.group === null) return 'holds'
    return holdsOr(shares.join() === groupName(retry.group), fault('illegal_parameter', shares.join(), groupName(retry.group)))
  }),
  defineCheck('cookie-returned', ['ClientHello'], ({ connection: { retry }, message: { extensions } }) => {
    if (!retry?.cookie) return null
    const given = toHex(findExtension(extensions, COOKIE) ?? NO_OCTETS)
    return holdsOr(given === retry.cookie, fault('illegal_parameter', given, retry.cookie))
  }),
  defineCheck('version-offered', ['ServerHello', 'HelloRetryRequest'], ({ connection: { offer }, message }) => {
    if (offer === null) return null
    const version = selectedVersionNumber(message)
    // Without supported_versions, the version in the ClientHello is the highest that the client supports (RFC 5246 E.1).
    const listed = offer.extensions.includes(SUPPORTED_VERSIONS.type)
    const offered = listed ? offer.versions.includes(version) : offer.versions.some((highest) => version <= highest)
    const selected = findExtension(message.extensions, SELECTED_VERSION) !== null
    const alert = selected ? 'illegal_parameter' : 'protocol_version'
    return holdsOr(offered, fault(alert, versionName(version), offer.versions.map(versionName).join(', ')))
  }),
  defineCheck('selected-version', ['ServerHello', 'HelloRetryRequest'], ({ message: { extensions } }) => {
    const selected = findExtension(extensions, SELECTED_VERSION)
    return holdsOr(
      selected === null || selected >= VERSION_NUMBER['1.3'],
      fault('illegal_parameter', selected === null ? null : versionName(selected), versionName(VERSION_NUMBER['1.3'])),
    )
  }),
  defineCheck('suite-offered', ['ServerHello', 'HelloRetryRequest'], ({ connection: { offer }, message: { suite } }) => {
    if (offer === null) return null
    const wanted = offer.suites.filter((number) => findSuite(number) !== null).map(suiteName)
    return holdsOr(offer.suites.includes(suite), {
      ...fault('illegal_parameter', suiteName(suite), wanted.join(', ')),
      misconception: 'suite-not-offered',
    })
  }),
  defineCheck('suite-of-version', ['ServerHello', 'HelloRetryRequest'], ({ message }) => {
    const suite = findSuite(message.suite)
    const version = selectedVersionOf(message)
    if (suite === null || version === null) return null
    return holdsOr(suite.version === version, fault('illegal_parameter', suite.name, `TLS ${version}`))
  }),
  defineCheck('compression-offered', ['ServerHello', 'HelloRetryRequest'], ({ connection: { offer }, message }) => {
    const offered = selectedVersionOf(message) === '1.3' ? [0] : offer?.compression
    return offered
      ? holdsOr(offered.includes(message.compression), fault('illegal_parameter', message.compression, offered.join(', ')))
      : null
  }),
  defineCheck(
    'extensions-offered',
    ['ServerHello', 'HelloRetryRequest', 'EncryptedExtensions'],
    ({ connection: { offer }, message }) => {
      if (offer === null) return null
      const extra = message.extensions.find(({ type }) => !offer.extensions.includes(type) && !isAllowedUnsolicited(type, offer))
      return holdsOr(extra === undefined, fault('unsupported_extension', extra?.type ?? null))
    },
  ),
  defineCheck('extensions-in-place', ['ServerHello', 'HelloRetryRequest', 'EncryptedExtensions'], ({ message }) => {
    if (message.kind === 'ServerHello' && selectedVersionOf(message) !== '1.3') return null
    const misplaced = message.extensions.find(({ type }) =>
      message.kind === 'EncryptedExtensions'
        ? NOT_ENCRYPTED.includes(type)
        : !(message.kind === 'ServerHello' ? SERVER_HELLO_13 : RETRY_13).includes(type),
    )
    return holdsOr(misplaced === undefined, fault('illegal_parameter', misplaced?.type ?? null))
  }),
  defineCheck('session-id-echoed', ['ServerHello', 'HelloRetryRequest'], ({ connection: { offer }, message }) => {
    if (offer === null || selectedVersionOf(message) !== '1.3') return null
    const given = toHex(message.sessionId)
    return holdsOr(given === offer.sessionId, fault('illegal_parameter', given, offer.sessionId))
  }),
  defineCheck('share-offered', ['ServerHello'], ({ connection: { offer }, message }) => {
    if (offer === null || selectedVersionOf(message) !== '1.3') return null
    const share = findExtension(message.extensions, SERVER_SHARE)
    const resumes = findExtension(message.extensions, SELECTED_PSK) !== null
    if (share === null)
      return holdsOr(
        resumes && offer.modes.includes(0),
        fault(resumes ? 'illegal_parameter' : 'missing_extension', null, SERVER_SHARE.name),
      )
    const offered = offer.shares.includes(share.group)
    return holdsOr(offered, fault('illegal_parameter', groupName(share.group), offer.shares.map(groupName).join(', ')))
  }),
  defineCheck('retry-asks-for-more', ['HelloRetryRequest'], ({ connection: { offer }, message: { extensions } }) => {
    if (offer === null) return null
    const group = findExtension(extensions, SELECTED_GROUP)
    const more =
      group === null ? findExtension(extensions, COOKIE) !== null : offer.groups.includes(group) && !offer.shares.includes(group)
    return holdsOr(more, fault('illegal_parameter', group === null ? null : groupName(group)))
  }),
  defineCheck('suite-after-retry', ['ServerHello'], ({ connection: { retry }, message: { suite } }) =>
    retry === null ? null : holdsOr(suite === retry.suite, fault('illegal_parameter', suiteName(suite), suiteName(retry.suite))),
  ),
  defineCheck('psk-offered', ['ServerHello'], ({ connection: { offer }, message }) => {
    if (offer === null || selectedVersionOf(message) !== '1.3') return null
    const selected = findExtension(message.extensions, SELECTED_PSK)
    return selected === null ? null : holdsOr(selected < offer.psks, fault('illegal_parameter', selected))
  }),
  defineCheck('no-downgrade', ['ServerHello'], ({ connection: { offer }, message }) => {
    if (selectedVersionOf(message) !== '1.2' || !offersTls13(offer)) return null
    return holdsOr(!DOWNGRADE_SENTINEL.test(toHex(message.random)), fault('illegal_parameter', 'TLS 1.2', 'TLS 1.3'))
  }),
  defineCheck('encrypt-then-mac', ['ServerHello'], ({ message }) => {
    if (!message.extensions.some(({ type }) => type === ENCRYPT_THEN_MAC.type)) return null
    const suite = findSuite(message.suite)
    return suite === null ? null : holdsOr(suite.mac !== null, fault('illegal_parameter', ENCRYPT_THEN_MAC.name))
  }),
  defineCheck('renegotiation-info', ['ClientHello', 'ServerHello'], ({ connection, message }) => {
    const info = findExtension(message.extensions, RENEGOTIATION_INFO)
    if (info === null || (message.kind === 'ServerHello' && selectedVersionOf(message) !== '1.2')) return null
    const { client, server } = connection.verifyData
    if (!connection.renegotiates && !connection.finished.client)
      return holdsOr(info.length === 0, fault('handshake_failure', toHex(info), ''))
    const wanted = message.kind === 'ClientHello' ? client : client !== null && server !== null ? client + server : null
    return wanted === null ? null : holdsOr(toHex(info) === wanted, fault('handshake_failure', toHex(info), wanted))
  }),
  // Only the side whose key protects the pre-master secret must send a non-empty list.
  defineCheck('certificate-given', ['Certificate'], ({ rules, from, message: { chain } }) =>
    from !== rules.certificateOf ? null : holdsOr(chain.length > 0, fault('decode_error', null)),
  ),
  defineCheck('context-echoed', ['Certificate'], ({ connection, from, message: { context } }) => {
    if (connection.version !== '1.3') return null
    const wanted = from === 'server' ? '' : (connection.requested?.context ?? '')
    return holdsOr(toHex(context) === wanted, fault('illegal_parameter', toHex(context), wanted))
  }),
  defineCheck('group-offered', ['ServerKeyExchange'], ({ connection: { offer }, message: { group } }) => {
    if (offer === null || offer.groups.length === 0) return null
    return holdsOr(
      offer.groups.includes(group),
      fault('illegal_parameter', groupName(group), offer.groups.map(groupName).join(', ')),
    )
  }),
  defineCheck('share-of-its-length', ['ServerKeyExchange', 'ClientKeyExchange'], ({ connection, message }) => {
    if (message.kind === 'ServerKeyExchange') return checkShareLength(message.group, message.share.length)
    return connection.group === null ? null : checkShareLength(connection.group, message.exchange.length)
  }),
  defineCheck('share-of-its-length', ['ServerHello'], ({ message }) => {
    const share = selectedVersionOf(message) === '1.3' ? findExtension(message.extensions, SERVER_SHARE) : null
    return share && checkShareLength(share.group, share.share.length)
  }),
  defineCheck(
    'scheme-offered',
    ['ServerKeyExchange', 'CertificateVerify'],
    ({ connection: { offer }, from, message: { scheme } }) => (from === 'server' ? checkScheme(offer?.schemes, scheme) : null),
  ),
  defineCheck('scheme-requested', ['CertificateVerify'], ({ connection: { requested }, from, message: { scheme } }) =>
    from === 'client' ? checkScheme(requested?.schemes, scheme) : null,
  ),
  defineCheck('scheme-of-version', ['CertificateVerify'], ({ connection, message }) => {
    const scheme = findScheme(message.scheme)
    if (connection.version !== '1.3' || scheme === null) return null
    return holdsOr(scheme.padding !== 'PKCS1', fault('illegal_parameter', scheme.name))
  }),
  defineCheck('parameters-verify', ['ServerKeyExchange'], checkVerifies),
  defineCheck('signature-verifies', ['CertificateVerify'], checkVerifies),
  defineCheck('request-names-schemes', ['CertificateRequest'], ({ connection, message: { extensions } }) => {
    if (connection.version !== '1.3') return null
    return holdsOr(
      findExtension(extensions, SIGNATURE_ALGORITHMS) !== null,
      fault('missing_extension', null, SIGNATURE_ALGORITHMS.name),
    )
  }),
  // "This field SHALL be zero length unless used for the post-handshake authentication exchanges".
  defineCheck('request-without-context', ['CertificateRequest'], ({ connection, message: { context } }) =>
    connection.version !== '1.3' || connection.finished.client
      ? null
      : holdsOr(context.length === 0, fault('illegal_parameter', toHex(context), '')),
  ),
  defineCheck('finished-verifies', ['Finished'], checkVerifies),
  defineCheck('ticket-lifetime', ['NewSessionTicket'], ({ connection, message: { lifetime } }) =>
    connection.version !== '1.3'
      ? null
      : holdsOr(lifetime <= MAX_TICKET_LIFETIME_S, fault('illegal_parameter', lifetime, MAX_TICKET_LIFETIME_S)),
  ),
  defineCheck('key-update-answered', ['ApplicationData'], ({ connection, from }) =>
    connection.version !== '1.3' || !connection.finished[from]
      ? null
      : holdsOr(!connection.owesKeyUpdate[from], fault('unexpected_message', 'ApplicationData', 'KeyUpdate')),
  ),
  defineCheck('alert-level', ['Alert'], ({ connection, message: { level, description } }) => {
    const wanted = requiredLevel(description, citedVersion(connection))
    return wanted === null ? null : holdsOr(level === wanted, fault('decode_error', levelName(level), levelName(wanted)))
  }),
]

/** Null if the signature or verify data could not be checked. */
function checkVerifies({ cryptoResults: { verifies } }: CheckInput): CheckOutcome {
  return verifies === undefined ? null : holdsOr(verifies, fault('decrypt_error', null))
}

/** Null if the list of allowed schemes is unknown. */
function checkScheme(schemes: readonly number[] | undefined, scheme: number): CheckOutcome {
  if (schemes === undefined || schemes.length === 0) return null
  return holdsOr(schemes.includes(scheme), fault('illegal_parameter', schemeName(scheme), schemes.map(schemeName).join(', ')))
}

/** The level that an alert must have; null if either level is allowed. */
function requiredLevel(description: number, version: TlsVersion): number | null {
  if (version === '1.3') return description === ALERT.close_notify || description === ALERT.user_canceled ? null : FATAL
  if (ALWAYS_FATAL.includes(description)) return FATAL
  return description === ALERT.no_renegotiation ? WARNING : null
}

/** Null if the group is unknown. */
function checkShareLength(number: number, length: number): CheckOutcome {
  const group = findGroup(number)
  return group && holdsOr(length === SHARE_OCTETS[group], fault('illegal_parameter', length, SHARE_OCTETS[group]))
}
