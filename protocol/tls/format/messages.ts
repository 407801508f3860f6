/**
 * The messages of TLS as plain data: handshake messages (RFC 5246 7.4, RFC 8446 4), alerts, ChangeCipherSpec and application data. `codec.ts`
 * encodes and decodes them.
 */
import type { Bytes } from './crypto.ts'

export const TLS_VERSIONS = ['1.2', '1.3'] as const
export type TlsVersion = (typeof TLS_VERSIONS)[number]

/** The type numbers of the messages of the handshake protocol. */
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

/** An extension by number; `data` is its encoded body. `extensions.ts` has the codecs for those that affect a handshake. */
export interface Extension {
  readonly type: number
  readonly data: Bytes
}

/** The fields that ClientHello, ServerHello and HelloRetryRequest share. */
export interface Hello {
  /** legacy_version: 0x0303 for both 1.2 and 1.3. */
  readonly version: number
  /** 32 octets. */
  readonly random: Bytes
  readonly sessionId: Bytes
  /** In the order on the wire. */
  readonly extensions: readonly Extension[]
}

/** One entry of a Certificate message. */
export interface CertificateEntry {
  /** The certificate in DER. */
  readonly certificate: Bytes
  /** TLS 1.3 only; always empty in 1.2. */
  readonly extensions: readonly Extension[]
}

/** A TLS message. Numbers are those of IANA's registries. */
export type TlsMessage =
  | { readonly kind: 'HelloRequest' }
  | ({ readonly kind: 'ClientHello'; readonly suites: readonly number[]; readonly compression: readonly number[] } & Hello)
  | ({ readonly kind: 'ServerHello' | 'HelloRetryRequest'; readonly suite: number; readonly compression: number } & Hello)
  | { readonly kind: 'EncryptedExtensions'; readonly extensions: readonly Extension[] }
  /** `context`: certificate_request_context of 1.3, empty in 1.2. `chain`: the end entity's certificate first. */
  | { readonly kind: 'Certificate'; readonly context: Bytes; readonly chain: readonly CertificateEntry[] }
  /** An OCSP response, in DER (RFC 6066 8). */
  | { readonly kind: 'CertificateStatus'; readonly response: Bytes }
  /** ECDHE: the named curve's number, the public value, and the signature over both randoms and these parameters (RFC 8422 5.4). */
  | {
      readonly kind: 'ServerKeyExchange'
      readonly group: number
      readonly share: Bytes
      readonly scheme: number
      readonly signature: Bytes
    }
  /** 1.2: `types`, `schemes` and the `authorities`' names in DER. 1.3: `context` and `extensions`. Fields that the version lacks are empty. */
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
  /** `lifetime` in seconds. `ageAdd`, `nonce` and `extensions` exist only in 1.3; they are 0 or empty in 1.2. */
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

/** The messages of the handshake protocol. Most of them enter the transcript. */
export type HandshakeMessage = Extract<TlsMessage, { readonly kind: HandshakeName | 'HelloRetryRequest' }>

/** The numbers of alerts, by their registered names (RFC 5246 7.2, RFC 8446 6). */
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

/** Alert levels (RFC 5246 7.2, RFC 8446 6). */
export const WARNING = 1
export const FATAL = 2
