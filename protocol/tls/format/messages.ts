/**
 * What TLS endpoints say to each other, as plain data: the messages of the handshake (RFC 5246 7.4, RFC 8446 4), alerts, ChangeCipherSpec and
 * application data. `codec.ts` gives their octets.
 */
import type { Bytes } from './crypto.ts'

export const TLS_VERSIONS = ['1.2', '1.3'] as const
export type TlsVersion = (typeof TLS_VERSIONS)[number]

/** Messages that the handshake protocol carries, with their type's number. */
export const HANDSHAKE_TYPE = {
  HelloRequest: 0,
  ClientHello: 1,
  ServerHello: 2,
  NewSessionTicket: 4,
  EndOfEarlyData: 5,
  EncryptedExtensions: 8,
  Certificate: 11,
  ServerKeyExchange: 12,
  CertificateRequest: 13,
  ServerHelloDone: 14,
  CertificateVerify: 15,
  ClientKeyExchange: 16,
  Finished: 20,
  CertificateStatus: 22,
  KeyUpdate: 24,
} as const
export type HandshakeName = keyof typeof HANDSHAKE_TYPE

/** `HelloRetryRequest` is a ServerHello with a fixed random (RFC 8446 4.1.3). */
export type MessageName = HandshakeName | 'HelloRetryRequest' | 'ChangeCipherSpec' | 'Alert' | 'ApplicationData'

/** An extension by number; `data` is its body as it stands on the wire. `extensions.ts` reads and writes those that matter. */
export interface Extension {
  readonly type: number
  readonly data: Bytes
}

export interface Hello {
  /** legacy_version: 0x0303 for 1.2 and 1.3. */
  readonly version: number
  /** 32 octets. */
  readonly random: Bytes
  readonly sessionId: Bytes
  /** In the order of the wire. */
  readonly extensions: readonly Extension[]
}

export interface CertificateEntry {
  /** DER. */
  readonly certificate: Bytes
  /** TLS 1.3 only; none in 1.2. */
  readonly extensions: readonly Extension[]
}

export type TlsMessage =
  | { readonly kind: 'HelloRequest' }
  | ({ readonly kind: 'ClientHello'; readonly suites: readonly number[]; readonly compression: readonly number[] } & Hello)
  | ({ readonly kind: 'ServerHello' | 'HelloRetryRequest'; readonly suite: number; readonly compression: number } & Hello)
  | { readonly kind: 'EncryptedExtensions'; readonly extensions: readonly Extension[] }
  /** `context`: certificate_request_context of 1.3, empty in 1.2. End entity first. */
  | { readonly kind: 'Certificate'; readonly context: Bytes; readonly chain: readonly CertificateEntry[] }
  /** An OCSP response, in DER (RFC 6066 8). */
  | { readonly kind: 'CertificateStatus'; readonly response: Bytes }
  /** ECDHE: the named curve's number, the public value, and the signature over both randoms and these (RFC 8422 5.4). */
  | {
      readonly kind: 'ServerKeyExchange'
      readonly group: number
      readonly share: Bytes
      readonly scheme: number
      readonly signature: Bytes
    }
  /** 1.2: `types`, `schemes` and the `authorities`' names in DER. 1.3: `context` and `extensions`. What the version lacks is empty. */
  | {
      readonly kind: 'CertificateRequest'
      readonly types: readonly number[]
      readonly schemes: readonly number[]
      readonly authorities: readonly Bytes[]
      readonly context: Bytes
      readonly extensions: readonly Extension[]
    }
  | { readonly kind: 'ServerHelloDone' }
  /** The encrypted pre-master secret of RSA (without its length), or the client's public value of ECDHE. */
  | { readonly kind: 'ClientKeyExchange'; readonly exchange: Bytes }
  | { readonly kind: 'CertificateVerify'; readonly scheme: number; readonly signature: Bytes }
  | { readonly kind: 'Finished'; readonly verifyData: Bytes }
  /** `lifetime` in seconds. Only 1.3 has `ageAdd`, `nonce` and `extensions`: 0, empty and none in 1.2. */
  | {
      readonly kind: 'NewSessionTicket'
      readonly lifetime: number
      readonly ageAdd: number
      readonly nonce: Bytes
      readonly ticket: Bytes
      readonly extensions: readonly Extension[]
    }
  | { readonly kind: 'EndOfEarlyData' }
  | { readonly kind: 'KeyUpdate'; readonly requested: boolean }
  | { readonly kind: 'ChangeCipherSpec' }
  | { readonly kind: 'Alert'; readonly level: number; readonly description: number }
  | { readonly kind: 'ApplicationData'; readonly data: Bytes }

/** What the handshake protocol carries, and so enters the transcript. */
export type HandshakeMessage = Extract<TlsMessage, { readonly kind: HandshakeName | 'HelloRetryRequest' }>

/** Alerts by the name of the registry (RFC 5246 7.2, RFC 8446 6). */
export const ALERT = {
  close_notify: 0,
  unexpected_message: 10,
  bad_record_mac: 20,
  record_overflow: 22,
  decompression_failure: 30,
  handshake_failure: 40,
  bad_certificate: 42,
  unsupported_certificate: 43,
  certificate_revoked: 44,
  certificate_expired: 45,
  certificate_unknown: 46,
  illegal_parameter: 47,
  unknown_ca: 48,
  access_denied: 49,
  decode_error: 50,
  decrypt_error: 51,
  protocol_version: 70,
  insufficient_security: 71,
  internal_error: 80,
  inappropriate_fallback: 86,
  user_canceled: 90,
  no_renegotiation: 100,
  missing_extension: 109,
  unsupported_extension: 110,
  unrecognized_name: 112,
  bad_certificate_status_response: 113,
  unknown_psk_identity: 115,
  certificate_required: 116,
  no_application_protocol: 120,
} as const
export type AlertName = keyof typeof ALERT

export const WARNING = 1
export const FATAL = 2
