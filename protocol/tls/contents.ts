/** What the content of each message is measured against: by what the other side has offered, and by what the RFCs say of the message itself. */
import { hex, NONE } from '../octets.ts'
import type { Misconception } from '../findings.ts'
import { type Connection, type MessageOf, NUMBER, type Offer, offerOf, offers13, versionOf } from './connection.ts'
import {
  COOKIE,
  CLIENT_SHARES,
  EARLY_DATA,
  ENCRYPT_THEN_MAC,
  find,
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
} from './extensions.ts'
import { ALERT, type AlertName, FATAL, type MessageName, type Version, WARNING } from './messages.ts'
import { groupName, levelName, schemeName, suiteName, versionName } from './names.ts'
import type { Role, RuleName, Rules } from './rules.ts'
import { EMPTY_RENEGOTIATION_INFO_SCSV, groupOf, schemeOf, type Suite, suiteOf } from './suites.ts'

/** What whoever has keys and certificates has found out about a message. What is absent is not known, and not judged. */
export interface Known {
  /** The verify data of a Finished, or the signature, is what this side's own computation gives. */
  readonly verifies?: boolean
  /** Its record was protected. */
  readonly protected?: boolean
}

/** What is wrong with a content, in the RFC's own names; and the alert that its receiver answers with. */
export interface Fault {
  readonly given: string | number | null
  readonly want: string | number | null
  readonly alert: AlertName
  readonly misconception?: Misconception
}

export interface Case<M extends MessageName = MessageName> {
  /** As it stands before the message. */
  readonly connection: Connection
  readonly from: Role
  readonly message: MessageOf<M>
  readonly known: Known
  readonly rules: Rules
}

/** Null: it does not apply here. */
type Outcome = Fault | 'holds' | null

export interface Check {
  readonly rule: RuleName
  readonly of: readonly MessageName[]
  readonly ask: (the: Case) => Outcome
}

const check = <M extends MessageName>(rule: RuleName, of: readonly M[], ask: (the: Case<M>) => Outcome): Check => ({
  rule,
  of,
  ask: ask as unknown as Check['ask'],
})

const holds = (condition: boolean, fault: Fault): Outcome => (condition ? 'holds' : fault)
const fault = (alert: AlertName, given: Fault['given'], want: Fault['want'] = null): Fault => ({ alert, given, want })

type ServerHello = MessageOf<'ServerHello' | 'HelloRetryRequest'>

/** The version that a ServerHello chooses, by its number. */
export const chosenVersion = (hello: ServerHello): number => find(hello.extensions, SELECTED_VERSION) ?? hello.version

/** `null` where it is neither. */
export const versionChosen = (hello: ServerHello): Version | null => {
  const number = chosenVersion(hello)
  return number === NUMBER['1.3'] ? '1.3' : number === NUMBER['1.2'] ? '1.2' : null
}

/** What a ServerHello chooses, where what follows is known here. Null: another version, other keys, or records that are compressed. */
export const suiteChosen = (hello: ServerHello): Suite | null =>
  versionChosen(hello) === null || hello.compression !== 0 ? null : suiteOf(hello.suite)

/** A server's extensions need no offer if they are these: RFC 8446 4.2.2; RFC 5746 3.6 where the client has sent the SCSV. */
const unasked = (type: number, offer: Offer): boolean =>
  type === COOKIE.type || (type === RENEGOTIATION_INFO.type && offer.suites.includes(EMPTY_RENEGOTIATION_INFO_SCSV))

const SERVER_HELLO_13: readonly number[] = [SELECTED_VERSION.type, SERVER_SHARE.type, SELECTED_PSK.type]
const RETRY_13: readonly number[] = [SELECTED_VERSION.type, SERVER_SHARE.type, COOKIE.type]
/** RFC 8446 4.2: what stands in other messages and never in EncryptedExtensions. */
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
/** The last octets of a random by which a server says that it has been asked for less than it knows (RFC 8446 4.1.3). */
const DOWNGRADE = /444f574e4752440[01]$/
/** Octets of a public value. */
const SHARE_LENGTH = { x25519: 32, secp256r1: 65 } as const
/** RFC 5246 7.2.2, "always fatal". */
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
/** RFC 8446 4.6.1, seconds. */
const LONGEST_LIFETIME = 604_800

export const endsConnection = ({ level, description }: { level: number; description: number }, version: Version): boolean =>
  level === FATAL || (version === '1.3' && description !== ALERT.close_notify && description !== ALERT.user_canceled)

export const CHECKS: readonly Check[] = [
  check('client-hello', ['ClientHello'], ({ message: { suites } }) => holds(suites.length > 0, fault('decode_error', null))),
  check('null-compression', ['ClientHello'], ({ message, message: { compression } }) =>
    holds(
      offers13(offerOf(message)) ? compression.length === 1 && compression[0] === 0 : compression.includes(0),
      fault('illegal_parameter', compression.join(','), 0),
    ),
  ),
  check(
    'extensions-once',
    ['ClientHello', 'ServerHello', 'HelloRetryRequest', 'EncryptedExtensions'],
    ({ message: { extensions } }) => {
      const types = extensions.map(({ type }) => type)
      const twice = types.find((type, i) => types.indexOf(type) !== i)
      return holds(twice === undefined, fault('illegal_parameter', twice ?? null))
    },
  ),
  check('mandatory-extensions', ['ClientHello'], ({ message }) => {
    if (!offers13(offerOf(message))) return null
    const { extensions } = message
    const has = ({ type }: { type: number }) => extensions.some((extension) => extension.type === type)
    const needed = [
      ...(has(OFFERED_PSKS) ? [] : [SIGNATURE_ALGORITHMS, SUPPORTED_GROUPS]),
      ...(has(SUPPORTED_GROUPS) ? [CLIENT_SHARES] : has(CLIENT_SHARES) ? [SUPPORTED_GROUPS] : []),
    ]
    const missing = needed.find((kind) => !has(kind))
    return holds(missing === undefined, fault('missing_extension', null, missing?.name))
  }),
  check('shares-of-groups', ['ClientHello'], ({ message: { extensions } }) => {
    const shares = find(extensions, CLIENT_SHARES)
    if (shares === null) return null
    const groups = find(extensions, SUPPORTED_GROUPS) ?? []
    const wrong = shares.find(({ group }, i) => !groups.includes(group) || shares.findIndex((s) => s.group === group) !== i)
    return holds(wrong === undefined, fault('illegal_parameter', wrong ? groupName(wrong.group) : null))
  }),
  check('psk-modes', ['ClientHello'], ({ message: { extensions } }) => {
    if (!extensions.some(({ type }) => type === OFFERED_PSKS.type)) return null
    const modes = extensions.some(({ type }) => type === PSK_KEY_EXCHANGE_MODES.type)
    return holds(modes, fault('missing_extension', null, PSK_KEY_EXCHANGE_MODES.name))
  }),
  check('psk-last', ['ClientHello'], ({ message: { extensions } }) => {
    const at = extensions.findIndex(({ type }) => type === OFFERED_PSKS.type)
    return at < 0 ? null : holds(at === extensions.length - 1, fault('illegal_parameter', OFFERED_PSKS.name))
  }),
  check('hello-again', ['ClientHello'], ({ connection: { retry, offer, place }, message }) => {
    if (retry === null || offer === null || place !== 2) return null
    const same =
      hex(message.random) === offer.random &&
      hex(message.sessionId) === offer.sessionId &&
      message.suites.join() === offer.suites.join() &&
      !message.extensions.some(({ type }) => type === EARLY_DATA.type)
    if (!same) return fault('illegal_parameter', 'ClientHello')
    const shares = (find(message.extensions, CLIENT_SHARES) ?? []).map(({ group }) => groupName(group))
    if (retry.group === null) return 'holds'
    return holds(shares.join() === groupName(retry.group), fault('illegal_parameter', shares.join(), groupName(retry.group)))
  }),
  check('cookie-returned', ['ClientHello'], ({ connection: { retry }, message: { extensions } }) => {
    if (!retry?.cookie) return null
    const given = hex(find(extensions, COOKIE) ?? NONE)
    return holds(given === retry.cookie, fault('illegal_parameter', given, retry.cookie))
  }),
  check('version-offered', ['ServerHello', 'HelloRetryRequest'], ({ connection: { offer }, message }) => {
    if (offer === null) return null
    const version = chosenVersion(message)
    // Without supported_versions the number is the highest that the client knows (RFC 5246 E.1).
    const listed = offer.extensions.includes(SUPPORTED_VERSIONS.type)
    const offered = listed ? offer.versions.includes(version) : offer.versions.some((highest) => version <= highest)
    const selected = find(message.extensions, SELECTED_VERSION) !== null
    const alert = selected ? 'illegal_parameter' : 'protocol_version'
    return holds(offered, fault(alert, versionName(version), offer.versions.map(versionName).join(', ')))
  }),
  check('selected-version', ['ServerHello', 'HelloRetryRequest'], ({ message: { extensions } }) => {
    const selected = find(extensions, SELECTED_VERSION)
    return holds(
      selected === null || selected >= NUMBER['1.3'],
      fault('illegal_parameter', selected === null ? null : versionName(selected), versionName(NUMBER['1.3'])),
    )
  }),
  check('suite-offered', ['ServerHello', 'HelloRetryRequest'], ({ connection: { offer }, message: { suite } }) => {
    if (offer === null) return null
    const wanted = offer.suites.filter((number) => suiteOf(number) !== null).map(suiteName)
    return holds(offer.suites.includes(suite), {
      ...fault('illegal_parameter', suiteName(suite), wanted.join(', ')),
      misconception: 'suite-not-offered',
    })
  }),
  check('suite-of-version', ['ServerHello', 'HelloRetryRequest'], ({ message }) => {
    const suite = suiteOf(message.suite)
    const version = versionChosen(message)
    if (suite === null || version === null) return null
    return holds(suite.version === version, fault('illegal_parameter', suite.name, `TLS ${version}`))
  }),
  check('compression-offered', ['ServerHello', 'HelloRetryRequest'], ({ connection: { offer }, message }) => {
    const offered = versionChosen(message) === '1.3' ? [0] : offer?.compression
    return offered
      ? holds(offered.includes(message.compression), fault('illegal_parameter', message.compression, offered.join(', ')))
      : null
  }),
  check('extensions-offered', ['ServerHello', 'HelloRetryRequest', 'EncryptedExtensions'], ({ connection: { offer }, message }) => {
    if (offer === null) return null
    const extra = message.extensions.find(({ type }) => !offer.extensions.includes(type) && !unasked(type, offer))
    return holds(extra === undefined, fault('unsupported_extension', extra?.type ?? null))
  }),
  check('extensions-in-place', ['ServerHello', 'HelloRetryRequest', 'EncryptedExtensions'], ({ message }) => {
    if (message.is === 'ServerHello' && versionChosen(message) !== '1.3') return null
    const astray = message.extensions.find(({ type }) =>
      message.is === 'EncryptedExtensions'
        ? NOT_ENCRYPTED.includes(type)
        : !(message.is === 'ServerHello' ? SERVER_HELLO_13 : RETRY_13).includes(type),
    )
    return holds(astray === undefined, fault('illegal_parameter', astray?.type ?? null))
  }),
  check('session-id-echoed', ['ServerHello', 'HelloRetryRequest'], ({ connection: { offer }, message }) => {
    if (offer === null || versionChosen(message) !== '1.3') return null
    const given = hex(message.sessionId)
    return holds(given === offer.sessionId, fault('illegal_parameter', given, offer.sessionId))
  }),
  check('share-offered', ['ServerHello'], ({ connection: { offer }, message }) => {
    if (offer === null || versionChosen(message) !== '1.3') return null
    const share = find(message.extensions, SERVER_SHARE)
    const resumes = find(message.extensions, SELECTED_PSK) !== null
    if (share === null)
      return holds(
        resumes && offer.modes.includes(0),
        fault(resumes ? 'illegal_parameter' : 'missing_extension', null, SERVER_SHARE.name),
      )
    const offered = offer.shares.includes(share.group)
    return holds(offered, fault('illegal_parameter', groupName(share.group), offer.shares.map(groupName).join(', ')))
  }),
  check('retry-asks-for-more', ['HelloRetryRequest'], ({ connection: { offer }, message: { extensions } }) => {
    if (offer === null) return null
    const group = find(extensions, SELECTED_GROUP)
    const more = group === null ? find(extensions, COOKIE) !== null : offer.groups.includes(group) && !offer.shares.includes(group)
    return holds(more, fault('illegal_parameter', group === null ? null : groupName(group)))
  }),
  check('suite-after-retry', ['ServerHello'], ({ connection: { retry }, message: { suite } }) =>
    retry === null ? null : holds(suite === retry.suite, fault('illegal_parameter', suiteName(suite), suiteName(retry.suite))),
  ),
  check('psk-offered', ['ServerHello'], ({ connection: { offer }, message }) => {
    if (offer === null || versionChosen(message) !== '1.3') return null
    const selected = find(message.extensions, SELECTED_PSK)
    return selected === null ? null : holds(selected < offer.psks, fault('illegal_parameter', selected))
  }),
  check('no-downgrade', ['ServerHello'], ({ connection: { offer }, message }) => {
    if (versionChosen(message) !== '1.2' || !offers13(offer)) return null
    return holds(!DOWNGRADE.test(hex(message.random)), fault('illegal_parameter', 'TLS 1.2', 'TLS 1.3'))
  }),
  check('encrypt-then-mac', ['ServerHello'], ({ message }) => {
    if (!message.extensions.some(({ type }) => type === ENCRYPT_THEN_MAC.type)) return null
    const suite = suiteOf(message.suite)
    return suite === null ? null : holds(suite.mac !== null, fault('illegal_parameter', ENCRYPT_THEN_MAC.name))
  }),
  check('renegotiation-info', ['ClientHello', 'ServerHello'], ({ connection, message }) => {
    const info = find(message.extensions, RENEGOTIATION_INFO)
    if (info === null || (message.is === 'ServerHello' && versionChosen(message) !== '1.2')) return null
    const { client, server } = connection.verifyData
    if (!connection.renegotiates && !connection.finished.client)
      return holds(info.length === 0, fault('handshake_failure', hex(info), ''))
    const wanted = message.is === 'ClientHello' ? client : client !== null && server !== null ? client + server : null
    return wanted === null ? null : holds(hex(info) === wanted, fault('handshake_failure', hex(info), wanted))
  }),
  // Nobody but whose key the secret travels under must show one.
  check('certificate-given', ['Certificate'], ({ rules, from, message: { chain } }) =>
    from !== rules.certificateOf ? null : holds(chain.length > 0, fault('decode_error', null)),
  ),
  check('context-echoed', ['Certificate'], ({ connection, from, message: { context } }) => {
    if (connection.version !== '1.3') return null
    const wanted = from === 'server' ? '' : (connection.requested?.context ?? '')
    return holds(hex(context) === wanted, fault('illegal_parameter', hex(context), wanted))
  }),
  check('group-offered', ['ServerKeyExchange'], ({ connection: { offer }, message: { group } }) => {
    if (offer === null || offer.groups.length === 0) return null
    return holds(offer.groups.includes(group), fault('illegal_parameter', groupName(group), offer.groups.map(groupName).join(', ')))
  }),
  check('share-of-its-length', ['ServerKeyExchange', 'ClientKeyExchange'], ({ connection, message }) => {
    if (message.is === 'ServerKeyExchange') return ofItsLength(message.group, message.share.length)
    return connection.group === null ? null : ofItsLength(connection.group, message.exchange.length)
  }),
  check('share-of-its-length', ['ServerHello'], ({ message }) => {
    const share = versionChosen(message) === '1.3' ? find(message.extensions, SERVER_SHARE) : null
    return share && ofItsLength(share.group, share.share.length)
  }),
  check('scheme-offered', ['ServerKeyExchange', 'CertificateVerify'], ({ connection: { offer }, from, message: { scheme } }) =>
    from === 'server' ? amongSchemes(offer?.schemes, scheme) : null,
  ),
  check('scheme-requested', ['CertificateVerify'], ({ connection: { requested }, from, message: { scheme } }) =>
    from === 'client' ? amongSchemes(requested?.schemes, scheme) : null,
  ),
  check('scheme-of-version', ['CertificateVerify'], ({ connection, message }) => {
    const scheme = schemeOf(message.scheme)
    if (connection.version !== '1.3' || scheme === null) return null
    return holds(scheme.padding !== 'PKCS1', fault('illegal_parameter', scheme.name))
  }),
  check('parameters-verify', ['ServerKeyExchange'], verified),
  check('signature-verifies', ['CertificateVerify'], verified),
  check('request-names-schemes', ['CertificateRequest'], ({ connection, message: { extensions } }) => {
    if (connection.version !== '1.3') return null
    return holds(find(extensions, SIGNATURE_ALGORITHMS) !== null, fault('missing_extension', null, SIGNATURE_ALGORITHMS.name))
  }),
  check('finished-verifies', ['Finished'], verified),
  check('ticket-lifetime', ['NewSessionTicket'], ({ connection, message: { lifetime } }) =>
    connection.version !== '1.3'
      ? null
      : holds(lifetime <= LONGEST_LIFETIME, fault('illegal_parameter', lifetime, LONGEST_LIFETIME)),
  ),
  check('key-update-answered', ['ApplicationData'], ({ connection, from }) =>
    connection.version !== '1.3' || !connection.finished[from]
      ? null
      : holds(!connection.owesKeyUpdate[from], fault('unexpected_message', 'ApplicationData', 'KeyUpdate')),
  ),
  check('alert-level', ['Alert'], ({ connection, message: { level, description } }) => {
    const wanted = levelOf(description, versionOf(connection))
    return wanted === null ? null : holds(level === wanted, fault('decode_error', levelName(level), levelName(wanted)))
  }),
]

/** Null for no signature or verify data that could be measured. */
function verified({ known: { verifies } }: Case): Outcome {
  return verifies === undefined ? null : holds(verifies, fault('decrypt_error', null))
}

/** Null for a list that is not known. */
function amongSchemes(schemes: readonly number[] | undefined, scheme: number): Outcome {
  if (schemes === undefined || schemes.length === 0) return null
  return holds(schemes.includes(scheme), fault('illegal_parameter', schemeName(scheme), schemes.map(schemeName).join(', ')))
}

/** The level that an alert always has; null for one that may have either. */
function levelOf(description: number, version: Version): number | null {
  if (version === '1.3') return description === ALERT.close_notify || description === ALERT.user_canceled ? null : FATAL
  if (ALWAYS_FATAL.includes(description)) return FATAL
  return description === ALERT.no_renegotiation ? WARNING : null
}

/** Of a group that is not known here nothing is asked. */
function ofItsLength(number: number, length: number): Outcome {
  const group = groupOf(number)
  return group && holds(length === SHARE_LENGTH[group], fault('illegal_parameter', length, SHARE_LENGTH[group]))
}
