/**
 * One TLS connection as seen by one of its endpoints: which messages have been exchanged so far, as plain data (bytes in hex), without keys
 * or secrets. It also works for an observer without keys, who treats a record that cannot be decrypted as an `OpaqueMessage`.
 */
import {
  CLIENT_SHARES,
  findExtension,
  OFFERED_PSKS,
  PSK_KEY_EXCHANGE_MODES,
  SESSION_TICKET,
  SIGNATURE_ALGORITHMS,
  SUPPORTED_GROUPS,
  SUPPORTED_VERSIONS,
} from '../format/extensions.ts'
import type { TlsMessage, MessageName, TlsVersion } from '../format/messages.ts'
import { toHex, NO_OCTETS } from '../../octets.ts'
import type { Seat } from '../../seat.ts'

/** A protected record whose keys are unknown. `content`: the content type in its header; in TLS 1.3 always ApplicationData. */
export interface OpaqueMessage {
  readonly kind: 'Encrypted'
  readonly content: 'Handshake' | 'Alert' | 'ApplicationData'
}

export type ObservedMessage = TlsMessage | OpaqueMessage

/** The message type with this name. */
export type MessageOf<M extends MessageName> = TlsMessage & { readonly kind: M }

/** The parts of a ClientHello that later messages depend on. Numbers are those of IANA's registries; octets are in hex. */
export interface ClientOffer {
  readonly random: string
  readonly sessionId: string
  readonly versions: readonly number[]
  readonly suites: readonly number[]
  readonly compression: readonly number[]
  readonly extensions: readonly number[]
  readonly groups: readonly number[]
  /** The groups of the key shares that it contains. */
  readonly shares: readonly number[]
  readonly schemes: readonly number[]
  /** The number of pre-shared key identities, and the key exchange modes offered for them. */
  readonly psks: number
  readonly modes: readonly number[]
  /** It contains a session ticket of TLS 1.2. */
  readonly ticket: boolean
}

/** The version numbers of TLS 1.2 and 1.3 on the wire. */
export const VERSION_NUMBER: Readonly<Record<TlsVersion, number>> = { '1.2': 0x0303, '1.3': 0x0304 }

/** Extracts the offer from a ClientHello. */
export function readOffer(hello: MessageOf<'ClientHello'>): ClientOffer {
  const { extensions } = hello
  return {
    random: toHex(hello.random),
    sessionId: toHex(hello.sessionId),
    versions: findExtension(extensions, SUPPORTED_VERSIONS) ?? [hello.version],
    suites: hello.suites,
    compression: hello.compression,
    extensions: extensions.map(({ type }) => type),
    groups: findExtension(extensions, SUPPORTED_GROUPS) ?? [],
    shares: (findExtension(extensions, CLIENT_SHARES) ?? []).map(({ group }) => group),
    schemes: findExtension(extensions, SIGNATURE_ALGORITHMS) ?? [],
    psks: findExtension(extensions, OFFERED_PSKS)?.identities.length ?? 0,
    modes: findExtension(extensions, PSK_KEY_EXCHANGE_MODES) ?? [],
    ticket: (findExtension(extensions, SESSION_TICKET) ?? NO_OCTETS).length > 0,
  }
}

/** The state of one TLS connection. Fields are null or empty until known. */
export interface TlsConnection {
  readonly role: Seat
  /** How many steps of the handshake's order have been taken (`handshake-order.ts`). */
  readonly place: number
  /** The contents of the last ClientHello; null before it. */
  readonly offer: ClientOffer | null
  /** The choices of the HelloRetryRequest; null if there was none. */
  readonly retry: { readonly suite: number; readonly group: number | null; readonly cookie: string | null } | null
  readonly version: TlsVersion | null
  readonly suite: number | null
  /** The group of the key exchange: that of the ServerHello's key share in 1.3, the ServerKeyExchange's curve in 1.2. */
  readonly group: number | null
  /** The types of the extensions in the server's answer (ServerHello in 1.2, EncryptedExtensions in 1.3). */
  readonly answered: readonly number[]
  /** Whether an earlier session is resumed, by session id, ticket or pre-shared key. Null: unknown until the server's next message. */
  readonly resumed: boolean | null
  /** The contents of the CertificateRequest of this handshake, whether answered or not; null if there was none. */
  readonly requested: { readonly context: string; readonly schemes: readonly number[] } | null
  /** The client's Certificate message contained a certificate. */
  readonly certified: boolean
  /** Which sides protect the records that they send. */
  readonly protects: Readonly<Record<Seat, boolean>>
  /** Which sides have sent their Finished in this handshake. */
  readonly finished: Readonly<Record<Seat, boolean>>
  /** The verify data of the last handshake, in hex, or null if unknown: renegotiation_info must contain them (RFC 5746). */
  readonly verifyData: Readonly<Record<Seat, string | null>>
  /** The handshake that `place` refers to is a renegotiation. */
  readonly renegotiates: boolean
  /** The client has sent EndOfEarlyData. */
  readonly earlyDataEnded: boolean
  /** Which sides must answer a KeyUpdate that requested one in return. */
  readonly owesKeyUpdate: Readonly<Record<Seat, boolean>>
  /** Which sides have sent close_notify. */
  readonly closed: Readonly<Record<Seat, boolean>>
  /** Which sides have sent a fatal alert. */
  readonly failed: Readonly<Record<Seat, boolean>>
  /** Which sides have sent an unreadable record, so that their place in the handshake is no longer known. */
  readonly hidden: Readonly<Record<Seat, boolean>>
}

export const NEITHER = { client: false, server: false }

/** The connection before the first message. */
export const createConnection = (role: Seat): TlsConnection => ({
  role,
  place: 0,
  offer: null,
  retry: null,
  version: null,
  suite: null,
  group: null,
  answered: [],
  resumed: false,
  requested: null,
  certified: false,
  protects: NEITHER,
  finished: NEITHER,
  verifyData: { client: null, server: null },
  renegotiates: false,
  earlyDataEnded: false,
  owesKeyUpdate: NEITHER,
  closed: NEITHER,
  failed: NEITHER,
  hidden: NEITHER,
})

/** Whether an offer includes TLS 1.3; false without an offer. */
export const offersTls13 = (offer: Pick<ClientOffer, 'versions'> | null): boolean =>
  offer?.versions.includes(VERSION_NUMBER['1.3']) ?? false

/** The version whose RFC is cited: the negotiated one, or before that 1.3 if it is offered and 1.2 otherwise. */
export const citedVersion = ({ version, offer }: Pick<TlsConnection, 'version' | 'offer'>): TlsVersion =>
  version ?? (offersTls13(offer) ? '1.3' : '1.2')
