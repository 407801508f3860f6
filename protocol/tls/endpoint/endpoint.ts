/**
 * A TLS endpoint that a student plays. The student chooses message, suite, certificate and key; everything else (randoms, signatures,
 * padding, keys, MACs, records) is computed here, deterministically, from a seed:
 *
 * - `compose(endpoint, choice, host)`: may this be sent now? The octets that go to TCP, or findings.
 * - `receive(endpoint, octets, host)`: the messages in octets that have arrived from TCP, and the alert that they call for.
 * - `nextChoice(endpoint, config)`: the choice that a well-behaved endpoint would make now. It drives the partner and is the last hint.
 * - `listFacts(message, certificates)`: what a page may show of a message.
 *
 * A `TlsEndpoint` is JSON and changes with every message: it belongs to the world, and holds secrets that are its seat's alone. An
 * `EndpointHost` does not change: it comes from the script, with the primitives.
 */
import type { Finding } from '../../findings.ts'
import type { Certificate, CertificateFault, Identity, Revocation } from '../keys/certificate.ts'
import { type TlsConnection, createConnection } from '../acceptor/connection.ts'
import type { Bytes, CryptoPrimitives, NamedGroup } from '../format/crypto.ts'
import type { AlertName, TlsMessage, MessageName, TlsVersion } from '../format/messages.ts'
import type { Seat } from '../../seat.ts'
import type { TlsRuleSetName } from '../keys/rules.ts'

/** What a host can do and wants, for one connection. All of it is JSON. */
export interface EndpointConfig {
  readonly role: Seat
  /** The name that the client asks for. */
  readonly serverName: string
  /** What it can do, the preferred first. Suites by number. */
  readonly versions: readonly TlsVersion[]
  readonly suites: readonly number[]
  readonly groups: readonly NamedGroup[]
  /** Its own certificate; null where it has none. Without a `key` it presents a certificate that is not its own. */
  readonly identity: Identity | null
  /** The certificates of the authorities that it trusts. */
  readonly trusted: readonly Certificate[]
  readonly revoked: readonly Revocation[]
  /** A server that wants to know who the client is. */
  readonly asksForCertificate?: boolean
  /** All randomness is drawn from it. Hex. */
  readonly seed: string
  readonly rules: TlsRuleSetName
}

/** The part of a config that decides which message comes next: no certificate and no key. */
export type NegotiationConfig = Pick<EndpointConfig, 'role' | 'versions' | 'suites' | 'groups' | 'rules' | 'asksForCertificate'>

/** What an endpoint runs on: its config, the primitives, and the time there. */
export interface EndpointHost {
  readonly config: EndpointConfig
  readonly crypto: CryptoPrimitives
  /** The contents of the certificates that may be presented. One that is not among them cannot be read. */
  readonly certificates: readonly Certificate[]
  /** Milliseconds since 1970: certificates are valid from and to. */
  readonly now: number
}

/** Keys that a student can choose to encrypt the secret of a key exchange with. */
export const EXCHANGE_KEYS = ['server-public', 'server-private', 'client-public', 'client-private', 'none'] as const
export type KeyName = (typeof EXCHANGE_KEYS)[number]

/** Payloads that a student can choose for a ClientKeyExchange. `public-value` is ECDHE's. */
export const KEY_EXCHANGE_PAYLOADS = ['pre-master-secret', 'session-key', 'public-value'] as const
export type KeyExchangePayload = (typeof KEY_EXCHANGE_PAYLOADS)[number]

/** Messages without anything to choose. */
export const MESSAGES_WITHOUT_CHOICE = [
  'HelloRequest',
  'EncryptedExtensions',
  'ServerKeyExchange',
  'CertificateRequest',
  'ServerHelloDone',
  'CertificateVerify',
  'ChangeCipherSpec',
] as const satisfies readonly MessageName[]

/** What a student decides. What is absent is as the endpoint's config has it. */
export type MessageChoice =
  | {
      readonly say: 'ClientHello'
      readonly suites?: readonly number[]
      readonly versions?: readonly TlsVersion[]
      /** Encrypts it: the mistake of those who take the algorithm for a secret. */
      readonly hidden?: true
    }
  | { readonly say: 'ServerHello'; readonly suite?: number; readonly version?: TlsVersion; readonly hidden?: true }
  | { readonly say: 'HelloRetryRequest'; readonly group?: NamedGroup }
  /** `none`: an empty list, with which a client answers that it has none. */
  | { readonly say: 'Certificate'; readonly none?: true }
  | { readonly say: 'ClientKeyExchange'; readonly carries?: KeyExchangePayload; readonly under?: KeyName }
  /** `over`: what its verify data is computed over. */
  | { readonly say: 'Finished'; readonly over?: 'all-messages' | 'own-messages' | 'the-certificate' }
  | { readonly say: 'Alert'; readonly alert: AlertName }
  | { readonly say: 'KeyUpdate'; readonly requested?: boolean }
  | { readonly say: (typeof MESSAGES_WITHOUT_CHOICE)[number] }

/** What an endpoint encodes: what a student decides, or what an application has handed over, in hex. */
export type EncodableMessage = MessageChoice | { readonly say: 'ApplicationData'; readonly data: string }

/** What one side protects with; bytes are hex. */
export interface StoredProtection {
  readonly key: string
  readonly iv: string
  readonly mac: string
  /** Of the next record. */
  readonly sequence: number
}

/** What only an endpoint knows, and its peer in part. Hex; null until known. */
export interface EndpointSecrets {
  /** 1.2: of the key exchange, and what follows from it. */
  readonly preMaster: string | null
  readonly master: string | null
  /** 1.3: the handshake secret, and both sides' traffic secrets: of the handshake, of application data at first, and the present ones. */
  readonly handshake: string | null
  readonly handshakeTraffic: Readonly<Record<Seat, string>> | null
  readonly traffic: Readonly<Record<Seat, string>> | null
  readonly present: Readonly<Record<Seat, string>> | null
}

/** The chain that the peer has presented, each certificate as hex, and what is wrong with it. */
export interface PresentedChain {
  readonly chain: readonly string[]
  readonly faults: readonly CertificateFault[]
}

export interface TlsEndpoint {
  readonly connection: TlsConnection
  /** All handshake messages so far, as they stand on the wire. Hex. */
  readonly transcript: readonly string[]
  /** The randoms of the hellos, and the peer's public value. Hex. */
  readonly randoms: Readonly<Record<Seat, string>>
  readonly peerShare: string | null
  readonly secrets: EndpointSecrets
  readonly writes: StoredProtection | null
  readonly reads: StoredProtection | null
  readonly peer: PresentedChain | null
  /** The alert that must answer what arrived; null for none. */
  readonly owesAlert: AlertName | null
  /** The beginning of a record, and of a message, whose rest has not arrived. Hex. */
  readonly partRecord: string
  readonly partMessage: string
}

/** Before the first message. */
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

/** A message sent or received. `octets`: of its records. */
export interface TransmittedMessage {
  readonly from: Seat
  readonly message: TlsMessage
  readonly octets: number
  /** Its record was protected. */
  readonly protected: boolean
}

export type ComposeResult =
  | {
      readonly ok: true
      readonly endpoint: TlsEndpoint
      readonly sent: TransmittedMessage
      /** For TCP's SEND. */
      readonly octets: Bytes
    }
  | { readonly ok: false; readonly findings: readonly Finding[] }

export interface ReceiveResult {
  readonly endpoint: TlsEndpoint
  readonly messages: readonly TransmittedMessage[]
  /** What is wrong with the last message, and the alert that answers it; absent where nothing is. */
  readonly failed?: { readonly alert: AlertName; readonly findings: readonly Finding[] }
}
