/**
 * What TLS endpoints say to each other, as plain data: the messages of the handshake (RFC 5246 7.4, RFC 8446 4), alerts, ChangeCipherSpec and
 * application data. `codec.ts` gives their octets.
 */
import type { Bytes } from './crypto.ts'

export type Version = '1.2' | '1.3'

/** Messages that the handshake protocol carries, with their type's number. */
export const HANDSHAKE = {
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
export type HandshakeName = keyof typeof HANDSHAKE

/** `HelloRetryRequest` is a ServerHello with a fixed random (RFC 8446 4.1.3). */
export type MessageName = HandshakeName | 'HelloRetryRequest' | 'ChangeCipherSpec' | 'Alert' | 'ApplicationData'

/** Extensions by number; `data` is the extension's body as it stands on the wire. */
export interface Extension {
  readonly type: number
  readonly data: Bytes
}

export interface Hello {
  /** legacy_version: 0x0303 for 1.2 and 1.3. */
  readonly version: number
  readonly random: Bytes
  readonly sessionId: Bytes
  readonly extensions: readonly Extension[]
}

export interface CertificateEntry {
  /** DER. */
  readonly certificate: Bytes
  /** TLS 1.3 only; none in 1.2. */
  readonly extensions: readonly Extension[]
}

export type Message =
  | { readonly is: 'HelloRequest' }
  | ({ readonly is: 'ClientHello'; readonly suites: readonly number[]; readonly compression: readonly number[] } & Hello)
  | ({ readonly is: 'ServerHello' | 'HelloRetryRequest'; readonly suite: number; readonly compression: number } & Hello)
  | { readonly is: 'EncryptedExtensions'; readonly extensions: readonly Extension[] }
  /** `context`: certificate_request_context of 1.3, empty in 1.2. End entity first. */
  | { readonly is: 'Certificate'; readonly context: Bytes; readonly chain: readonly CertificateEntry[] }
  | { readonly is: 'CertificateStatus'; readonly body: Bytes }
  /** ECDHE: the named curve's number, the public value, and the signature over both randoms and these. */
  | {
      readonly is: 'ServerKeyExchange'
      readonly group: number
      readonly share: Bytes
      readonly scheme: number
      readonly signature: Bytes
    }
  | { readonly is: 'CertificateRequest'; readonly body: Bytes }
  | { readonly is: 'ServerHelloDone' }
  /** The encrypted pre-master secret of RSA (without its length), or the client's public value of ECDHE. */
  | { readonly is: 'ClientKeyExchange'; readonly exchange: Bytes }
  | { readonly is: 'CertificateVerify'; readonly scheme: number; readonly signature: Bytes }
  | { readonly is: 'Finished'; readonly verifyData: Bytes }
  | { readonly is: 'NewSessionTicket'; readonly body: Bytes }
  | { readonly is: 'EndOfEarlyData' }
  | { readonly is: 'KeyUpdate'; readonly requested: boolean }
  | { readonly is: 'ChangeCipherSpec' }
  | { readonly is: 'Alert'; readonly level: number; readonly description: number }
  | { readonly is: 'ApplicationData'; readonly data: Bytes }
