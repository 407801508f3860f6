/**
 * A TLS endpoint that a student plays. The student chooses message, suite, certificate and key; everything else (randoms, signatures,
 * padding, keys, MACs, records) is computed here, deterministically, from a seed:
 *
 * - `compose(endpoint, choice, host)` judges a choice. It returns the octets to send through TCP, or findings.
 * - `receive(endpoint, octets, host)` parses octets that have arrived from TCP. It returns the messages, and the alert that they call for.
 * - `nextChoice(endpoint, config)` returns the choice that a well-behaved endpoint would make now. The partner and the last hint use it.
 * - `listFacts(message, certificates)` lists the fields of a message that a page may show.
 *
 * A `TlsEndpoint` is JSON and changes with every message. It is part of the world, and contains secrets that only its own seat may see. An
 * `EndpointHost` does not change. It is built from the script and the cryptographic primitives.
 */
import type { Finding } from '../../findings.ts'
import type { Certificate, CertificateFault, Identity, Revocation } from '../keys/certificate.ts'
import { type TlsConnection, createConnection } from '../acceptor/connection.ts'
import type { Bytes, CryptoPrimitives, NamedGroup } from '../format/crypto.ts'
import type { AlertName, TlsMessage, MessageName, TlsVersion } from '../format/messages.ts'
import type { Seat } from '../../seat.ts'
import type { TlsRuleSetName } from '../keys/rules.ts'

/** A host's capabilities and preferences for one connection. It is JSON. */
export interface EndpointConfig {
  readonly role: Seat
  /** The server name that the client requests. */
  readonly serverName: string
  /** Supported versions, suites (by number) and groups, in order of preference. */
  readonly versions: readonly TlsVersion[]
  readonly suites: readonly number[]
  readonly groups: readonly NamedGroup[]
  /** Its certificate; null if it has none. Without a `key` it presents the certificate of somebody else. */
  readonly identity: Identity | null
  /** The certificates of the certification authorities that it trusts. */
  readonly trusted: readonly Certificate[]
  readonly revoked: readonly Revocation[]
  /** As a server, it requests a certificate from the client. */
  readonly asksForCertificate?: boolean
  /** The seed from which all randomness is derived, in hex. */
  readonly seed: string
  readonly rules: TlsRuleSetName
}

/** The part of a config that determines which message comes next. It contains no certificates and no keys. */
export type NegotiationConfig = Pick<EndpointConfig, 'role' | 'versions' | 'suites' | 'groups' | 'rules' | 'asksForCertificate'>

/** The environment of an endpoint: its config, the cryptographic primitives, known certificates and the current time. */
export interface EndpointHost {
  readonly config: EndpointConfig
  readonly crypto: CryptoPrimitives
  /** The parsed contents of all certificates that may be presented. A certificate that is not in this list cannot be read. */
  readonly certificates: readonly Certificate[]
  /** The current time for checking the validity of certificates, in milliseconds since 1970. */
  readonly now: number
}

/** The keys that a student can choose for encrypting the secret of a key exchange. */
export const EXCHANGE_KEYS = ['server-public', 'server-private', 'client-public', 'client-private', 'none'] as const
export type KeyName = (typeof EXCHANGE_KEYS)[number]

/** The payloads that a student can choose for a ClientKeyExchange. `public-value` is right for ECDHE. */
export const KEY_EXCHANGE_PAYLOADS = ['pre-master-secret', 'session-key', 'public-value'] as const
export type KeyExchangePayload = (typeof KEY_EXCHANGE_PAYLOADS)[number]

/** Messages for which there is nothing to choose. */
export const MESSAGES_WITHOUT_CHOICE = [
  'HelloRequest',
  'EncryptedExtensions',
  'ServerKeyExchange',
  'CertificateRequest',
  'ServerHelloDone',
  'CertificateVerify',
  'ChangeCipherSpec',
] as const satisfies readonly MessageName[]

/** A student's choice of a message. If a field is absent, its value is determined by the endpoint's config. */
export type MessageChoice =
  | {
      readonly say: 'ClientHello'
      readonly suites?: readonly number[]
      readonly versions?: readonly TlsVersion[]
      /** Encrypts the hello. This is a mistake: it treats the choice of algorithms as a secret. */
      readonly hidden?: true
    }
  | { readonly say: 'ServerHello'; readonly suite?: number; readonly version?: TlsVersion; readonly hidden?: true }
  | { readonly say: 'HelloRetryRequest'; readonly group?: NamedGroup }
  /** `none`: an empty certificate list, by which a client answers that it has no certificate. */
  | { readonly say: 'Certificate'; readonly none?: true }
  | { readonly say: 'ClientKeyExchange'; readonly carries?: KeyExchangePayload; readonly under?: KeyName }
  /** `over`: the data over which the verify data is computed. */
  | { readonly say: 'Finished'; readonly over?: 'all-messages' | 'own-messages' | 'the-certificate' }
  | { readonly say: 'Alert'; readonly alert: AlertName }
  | { readonly say: 'KeyUpdate'; readonly requested?: boolean }
  | { readonly say: (typeof MESSAGES_WITHOUT_CHOICE)[number] }

/** What an endpoint can encode: a student's choice, or application data in hex. */
export type EncodableMessage = MessageChoice | { readonly say: 'ApplicationData'; readonly data: string }

/** The keys and state of the record protection in one direction, in hex. */
export interface StoredProtection {
  readonly key: string
  readonly iv: string
  readonly mac: string
  /** The sequence number of the next record. */
  readonly sequence: number
}

/** The secrets of an endpoint, most of which its peer shares. In hex; null until known. */
export interface EndpointSecrets {
  /** TLS 1.2: the secret of the key exchange, and the master secret derived from it. */
  readonly preMaster: string | null
  readonly master: string | null
  /** TLS 1.3: the handshake secret, and the traffic secrets: of the handshake, the first of application data, and the current ones. */
  readonly handshake: string | null
  readonly handshakeTraffic: Readonly<Record<Seat, string>> | null
  readonly traffic: Readonly<Record<Seat, string>> | null
  readonly present: Readonly<Record<Seat, string>> | null
}

/** The certificate chain that the peer has presented (DER in hex), and its faults. */
export interface PresentedChain {
  readonly chain: readonly string[]
  readonly faults: readonly CertificateFault[]
}

/** The state of an endpoint. Fields are null until known. */
export interface TlsEndpoint {
  readonly connection: TlsConnection
  /** All handshake messages so far, as encoded on the wire, in hex. */
  readonly transcript: readonly string[]
  /** The randoms of the hellos, and the peer's public value of the key exchange, in hex. */
  readonly randoms: Readonly<Record<Seat, string>>
  readonly peerShare: string | null
  readonly secrets: EndpointSecrets
  /** The protection of the records that it sends and receives; null: not protected. */
  readonly writes: StoredProtection | null
  readonly reads: StoredProtection | null
  readonly peer: PresentedChain | null
  /** The alert with which a received message must be answered; null if none. */
  readonly owesAlert: AlertName | null
  /** The beginning of an incomplete record and of an incomplete message, in hex. */
  readonly partRecord: string
  readonly partMessage: string
}

/** The endpoint before the first message. */
export const createEndpoint = (role: Seat): TlsEndpoint => ({
  connection: createConnection(role),
  transcript: [],
  randoms: { client: '', server: '' },
  peerShare: null,
  secrets: { preMaster: null, master: null, handshake: null, handshakeTraffic: null, traffic: null, present: null },
  writes: null,
  reads: null,
  peer: null,
  owesAlert: null,
  partRecord: '',
  partMessage: '',
})

/** A message sent or received. `octets`: the length of its records. */
export interface TransmittedMessage {
  readonly from: Seat
  readonly message: TlsMessage
  readonly octets: number
  /** Its record was protected. */
  readonly protected: boolean
  /** Whether its signature verifies; absent if it has none, or if it was not checked. */
  readonly verifies?: boolean
}

/** A message that is sent: the endpoint afterwards, and the encoded records, for TCP's SEND. */
export interface Transmission {
  readonly endpoint: TlsEndpoint
  readonly sent: TransmittedMessage
  readonly octets: Bytes
}

/** The result of `compose`: what is sent, or findings. */
export type ComposeResult = ({ readonly ok: true } & Transmission) | { readonly ok: false; readonly findings: readonly Finding[] }

/** The result of `receive`: the endpoint after the messages that it has received. */
export interface ReceiveResult {
  readonly endpoint: TlsEndpoint
  readonly messages: readonly TransmittedMessage[]
  /** The faults of the last message, and the alert that answers it; absent if there are none. */
  readonly failed?: { readonly alert: AlertName; readonly findings: readonly Finding[] }
}
