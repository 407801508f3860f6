/**
 * One TLS connection as one of its endpoints sees it: which messages have been sent so far, as plain data (bytes as hex), without any key or
 * secret. The same with and without keys: what cannot be read is an `OpaqueMessage`.
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

/** A protected record whose keys are not known, with its content type on the wire. In 1.3 that is always ApplicationData. */
export interface OpaqueMessage {
  readonly kind: 'Encrypted'
  readonly content: 'Handshake' | 'Alert' | 'ApplicationData'
}

export type ObservedMessage = TlsMessage | OpaqueMessage

/** The message of this name. */
export type MessageOf<M extends MessageName> = TlsMessage & { readonly kind: M }

/** What a ClientHello offers, as far as later messages depend on it. Numbers are those of the registries. */
export interface ClientOffer {
  readonly random: string
  readonly sessionId: string
  readonly versions: readonly number[]
  readonly suites: readonly number[]
  readonly compression: readonly number[]
  readonly extensions: readonly number[]
  readonly groups: readonly number[]
  /** The groups of the public values that it holds. */
  readonly shares: readonly number[]
  readonly schemes: readonly number[]
  /** How many identities of pre-shared keys, and the modes of using them. */
  readonly psks: number
  readonly modes: readonly number[]
  /** It holds a ticket of 1.2. */
  readonly ticket: boolean
}

/** TLS 1.2 and 1.3 as their numbers stand on the wire. */
export const VERSION_NUMBER: Readonly<Record<TlsVersion, number>> = { '1.2': 0x0303, '1.3': 0x0304 }

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

export interface TlsConnection {
  readonly role: Seat
  /** How many steps of the handshake's order have been taken (`handshake-order.ts`). */
  readonly place: number
  /** Of the last ClientHello. */
  readonly offer: ClientOffer | null
  /** What a HelloRetryRequest has chosen; null where there was none. */
  readonly retry: { readonly suite: number; readonly group: number | null; readonly cookie: string | null } | null
  readonly version: TlsVersion | null
  readonly suite: number | null
  /** Of the key exchange: the ServerHello's share in 1.3, the ServerKeyExchange's curve in 1.2. */
  readonly group: number | null
  /** The types of the extensions that the server has answered with. */
  readonly answered: readonly number[]
  /** Whether an earlier session is resumed, by its id, a ticket or a pre-shared key. Null: known only after the server's next message. */
  readonly resumed: boolean | null
  /** The CertificateRequest of this handshake, answered or not. */
  readonly requested: { readonly context: string; readonly schemes: readonly number[] } | null
  /** The client's Certificate message held a certificate. */
  readonly certified: boolean
  /** Which side protects what it sends. */
  readonly protects: Readonly<Record<Seat, boolean>>
  /** Which side has sent its Finished. */
  readonly finished: Readonly<Record<Seat, boolean>>
  /** The verify data of the last handshake, where known: renegotiation names them (RFC 5746). */
  readonly verifyData: Readonly<Record<Seat, string | null>>
  /** A handshake has been completed before the one that `place` counts in. */
  readonly renegotiates: boolean
  /** The client has sent EndOfEarlyData. */
  readonly earlyDataEnded: boolean
  /** Which side must answer a KeyUpdate that asked for one in return. */
  readonly owesKeyUpdate: Readonly<Record<Seat, boolean>>
  /** Which side has sent close_notify. */
  readonly closed: Readonly<Record<Seat, boolean>>
  /** Which side has sent a fatal alert. */
  readonly failed: Readonly<Record<Seat, boolean>>
  /** Which side has sent something unreadable, so that its place is no longer known. */
  readonly hidden: Readonly<Record<Seat, boolean>>
}

export const NEITHER = { client: false, server: false }

/** Before the first message. */
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

/** Of an offer, or of no offer. */
export const offersTls13 = (offer: Pick<ClientOffer, 'versions'> | null): boolean =>
  offer?.versions.includes(VERSION_NUMBER['1.3']) ?? false

/** The version that decides which clause is cited: the one agreed on, or else the highest that is offered. */
export const citedVersion = ({ version, offer }: Pick<TlsConnection, 'version' | 'offer'>): TlsVersion =>
  version ?? (offersTls13(offer) ? '1.3' : '1.2')
