/** Encodes and decodes messages. Decoding malformed octets returns a fault that names the field; it never throws. */
import type { Bytes } from './crypto.ts'
import { findBrokenExtension } from './extensions.ts'
import {
  type CertificateEntry,
  type Extension,
  HANDSHAKE_TYPE,
  type HandshakeMessage,
  type HandshakeName,
  type Hello,
  type TlsMessage,
  type TlsVersion,
} from './messages.ts'
import { concat, NO_OCTETS, equalOctets } from '../../octets.ts'
import { type DecodeResult, tryDecode, type DecodeFault, type Reader, uint, vector } from './presentation.ts'

/** The negotiated parameters that the layout of some bodies depends on. Both are known after the ServerHello; hellos need neither. */
export interface MessageLayout {
  readonly version: TlsVersion | null
  /** The key exchange in TLS 1.2; null in 1.3 or if unknown. */
  readonly exchange: 'RSA' | 'ECDHE' | null
}

/** The layout before the ServerHello. */
export const HELLO_LAYOUT: MessageLayout = { version: null, exchange: null }

/** The record protocol's content types (RFC 8446 5.1). */
export const CONTENT_TYPE = { ChangeCipherSpec: 20, Alert: 21, Handshake: 22, ApplicationData: 23 } as const
export type ContentType = (typeof CONTENT_TYPE)[keyof typeof CONTENT_TYPE]

/** RFC 8446 4.1.3: SHA-256 of "HelloRetryRequest". A ServerHello with this random is a HelloRetryRequest. */
export const RETRY_RANDOM: Bytes = Uint8Array.from(
  [0xcf21ad74, 0xe59a6111, 0xbe1d8c02, 0x1e65b891, 0xc2a21116, 0x7abb8c5e, 0x079e09e2, 0xc8a8339c].flatMap((word) => [
    ...uint(4, word),
  ]),
)

/** The length of the handshake protocol's header: type (1 octet) and length (3 octets). */
export const HANDSHAKE_HEADER_OCTETS = 4

/** Encodes a message with its header (RFC 8446 4), as it enters the transcript. */
export function encodeHandshake(message: HandshakeMessage, layout: MessageLayout): Bytes {
  const type = HANDSHAKE_TYPE[message.kind === 'HelloRetryRequest' ? 'ServerHello' : message.kind]
  return concat(uint(1, type), vector(3, encodeBody(message, layout)))
}

/** Encodes a message for the record layer: its content type and octets. */
export function encodeMessage(
  message: TlsMessage,
  layout: MessageLayout,
): { readonly content: ContentType; readonly octets: Bytes } {
  switch (message.kind) {
    case 'ChangeCipherSpec':
      return { content: CONTENT_TYPE.ChangeCipherSpec, octets: Uint8Array.of(1) }
    case 'Alert':
      return { content: CONTENT_TYPE.Alert, octets: Uint8Array.of(message.level, message.description) }
    case 'ApplicationData':
      return { content: CONTENT_TYPE.ApplicationData, octets: message.data }
    default:
      return { content: CONTENT_TYPE.Handshake, octets: encodeHandshake(message, layout) }
  }
}

/** Decodes a message. `octets`: one handshake message with its header, or the contents of one record of another type. */
export function decodeMessage(content: ContentType, octets: Bytes, layout: MessageLayout): DecodeResult<TlsMessage> {
  switch (content) {
    case CONTENT_TYPE.ChangeCipherSpec:
      return tryDecode(octets, 'ChangeCipherSpec', (reader) => {
        if (reader.uint(1, 'ChangeCipherSpec') !== 1) reader.fail('range', 'ChangeCipherSpec')
        return { kind: 'ChangeCipherSpec' }
      })
    case CONTENT_TYPE.Alert:
      return tryDecode(octets, 'Alert', (reader) => ({
        kind: 'Alert',
        level: reader.uint(1, 'level'),
        description: reader.uint(1, 'description'),
      }))
    case CONTENT_TYPE.ApplicationData:
      return { ok: true, value: { kind: 'ApplicationData', data: octets.slice() } }
    case CONTENT_TYPE.Handshake:
      return decodeHandshake(octets, layout)
  }
}

/** Decodes one handshake message with its header, including the bodies of its known extensions. */
export function decodeHandshake(octets: Bytes, layout: MessageLayout): DecodeResult<HandshakeMessage> {
  const decoded = tryDecode(octets, 'Handshake', (reader) => {
    const name = findHandshakeName(reader.uint(1, 'msg_type')) ?? reader.fail('range', 'msg_type')
    const length = reader.uint(3, 'length')
    if (length !== reader.left) reader.fail(length > reader.left ? 'ended' : 'left', 'length')
    return parseBody(name, reader, layout)
  })
  const fault = decoded.ok ? findBrokenIn(decoded.value) : null
  return fault ? { ok: false, fault } : decoded
}

/** Null if the type is unknown. */
const findHandshakeName = (type: number): HandshakeName | null =>
  (Object.keys(HANDSHAKE_TYPE) as HandshakeName[]).find((name) => HANDSHAKE_TYPE[name] === type) ?? null

function findBrokenIn(message: HandshakeMessage): DecodeFault | null {
  return 'extensions' in message ? findBrokenExtension(message.extensions, message.kind) : null
}

function encodeBody(message: HandshakeMessage, { version, exchange }: MessageLayout): Bytes {
  switch (message.kind) {
    case 'HelloRequest':
    case 'ServerHelloDone':
    case 'EndOfEarlyData':
      return NO_OCTETS
    case 'ClientHello':
      return concat(
        encodeHelloHead(message),
        vector(2, ...message.suites.map((suite) => uint(2, suite))),
        vector(1, Uint8Array.from(message.compression)),
        encodeHelloExtensions(message),
      )
    case 'ServerHello':
    case 'HelloRetryRequest':
      return concat(encodeHelloHead(message), uint(2, message.suite), uint(1, message.compression), encodeHelloExtensions(message))
    case 'EncryptedExtensions':
      return encodeExtensions(message.extensions)
    case 'Certificate':
      if (version === '1.2') return vector(3, ...message.chain.map(({ certificate }) => vector(3, certificate)))
      return concat(
        vector(1, message.context),
        vector(3, ...message.chain.map((each) => concat(vector(3, each.certificate), encodeExtensions(each.extensions)))),
      )
    case 'CertificateStatus':
      return concat(uint(1, OCSP_STATUS_TYPE), vector(3, message.response))
    case 'ServerKeyExchange':
      return concat(encodeServerParameters(message), uint(2, message.scheme), vector(2, message.signature))
    case 'CertificateRequest':
      if (version === '1.3') return concat(vector(1, message.context), encodeExtensions(message.extensions))
      return concat(
        vector(1, Uint8Array.from(message.types)),
        vector(2, ...message.schemes.map((scheme) => uint(2, scheme))),
        vector(2, ...message.authorities.map((name) => vector(2, name))),
      )
    case 'CertificateVerify':
      return concat(uint(2, message.scheme), vector(2, message.signature))
    case 'ClientKeyExchange':
      return vector(exchange === 'RSA' ? 2 : 1, message.exchange)
    case 'Finished':
      return message.verifyData
    case 'NewSessionTicket':
      if (version === '1.2') return concat(uint(4, message.lifetime), vector(2, message.ticket))
      return concat(
        uint(4, message.lifetime),
        uint(4, message.ageAdd),
        vector(1, message.nonce),
        vector(2, message.ticket),
        encodeExtensions(message.extensions),
      )
    case 'KeyUpdate':
      return uint(1, message.requested ? 1 : 0)
  }
}

/** Encodes ServerECDHParams, which are signed in a ServerKeyExchange (RFC 8422 5.4). */
export const encodeServerParameters = ({ group, share }: { readonly group: number; readonly share: Bytes }): Bytes =>
  concat(uint(1, NAMED_CURVE), uint(2, group), vector(1, share))

function parseBody(name: HandshakeName, reader: Reader, { version, exchange }: MessageLayout): HandshakeMessage {
  switch (name) {
    case 'HelloRequest':
    case 'ServerHelloDone':
    case 'EndOfEarlyData':
      return { kind: name }
    case 'ClientHello': {
      const hello = parseHelloHead(reader)
      const suites = reader.list(2, 'cipher_suites', 2, (item) => item.uint(2, 'cipher_suites'))
      const compression = [...reader.vector(1, 'compression_methods', 1)]
      return { kind: name, ...hello, suites, compression, extensions: parseHelloExtensions(reader) }
    }
    case 'ServerHello': {
      const hello = parseHelloHead(reader)
      const suite = reader.uint(2, 'cipher_suite')
      const compression = reader.uint(1, 'compression_method')
      const kind = equalOctets(hello.random, RETRY_RANDOM) ? 'HelloRetryRequest' : name
      return { kind, ...hello, suite, compression, extensions: parseHelloExtensions(reader) }
    }
    case 'EncryptedExtensions':
      return { kind: name, extensions: parseExtensions(reader) }
    case 'Certificate': {
      if (version === '1.2')
        return { kind: name, context: NO_OCTETS, chain: reader.list(3, 'certificate_list', 0, parseCertificate) }
      const context = reader.vector(1, 'certificate_request_context')
      const chain = reader.list(3, 'certificate_list', 0, (item) => ({
        ...parseCertificate(item),
        extensions: parseExtensions(item),
      }))
      return { kind: name, context, chain }
    }
    case 'CertificateStatus':
      if (reader.uint(1, 'status_type') !== OCSP_STATUS_TYPE) reader.fail('range', 'status_type')
      return { kind: name, response: reader.vector(3, 'response', 1) }
    case 'ServerKeyExchange': {
      if (reader.uint(1, 'curve_type') !== NAMED_CURVE) reader.fail('range', 'curve_type')
      const group = reader.uint(2, 'namedcurve')
      const share = reader.vector(1, 'public', 1)
      return { kind: name, group, share, ...parseSigned(reader) }
    }
    case 'CertificateRequest': {
      if (version === '1.3') {
        const context = reader.vector(1, 'certificate_request_context')
        return { kind: name, types: [], schemes: [], authorities: [], context, extensions: parseExtensions(reader) }
      }
      const types = [...reader.vector(1, 'certificate_types', 1)]
      const schemes = reader.list(2, 'supported_signature_algorithms', 2, (item) => item.uint(2, 'supported_signature_algorithms'))
      const authorities = reader.list(2, 'certificate_authorities', 0, (item) => item.vector(2, 'DistinguishedName', 1))
      return { kind: name, types, schemes, authorities, context: NO_OCTETS, extensions: [] }
    }
    case 'CertificateVerify':
      return { kind: name, ...parseSigned(reader) }
    case 'ClientKeyExchange':
      return {
        kind: name,
        exchange: exchange === 'RSA' ? reader.vector(2, 'EncryptedPreMasterSecret', 1) : reader.vector(1, 'ecdh_Yc', 1),
      }
    case 'Finished':
      return { kind: name, verifyData: reader.take(reader.left, 'verify_data') }
    case 'NewSessionTicket': {
      const lifetime = reader.uint(4, 'ticket_lifetime')
      if (version === '1.2')
        return { kind: name, lifetime, ageAdd: 0, nonce: NO_OCTETS, ticket: reader.vector(2, 'ticket'), extensions: [] }
      const ageAdd = reader.uint(4, 'ticket_age_add')
      const nonce = reader.vector(1, 'ticket_nonce')
      const ticket = reader.vector(2, 'ticket', 1)
      return { kind: name, lifetime, ageAdd, nonce, ticket, extensions: parseExtensions(reader) }
    }
    case 'KeyUpdate': {
      const request = reader.uint(1, 'request_update')
      if (request > 1) reader.fail('range', 'request_update')
      return { kind: name, requested: request === 1 }
    }
  }
}

/** The only curve type (RFC 8422 5.4) and the only certificate status type (RFC 6066 8) in use. */
const NAMED_CURVE = 3
const OCSP_STATUS_TYPE = 1

type HelloHead = Omit<Hello, 'extensions'>

const encodeHelloHead = ({ version, random, sessionId }: HelloHead): Bytes => concat(uint(2, version), random, vector(1, sessionId))

const parseHelloHead = (reader: Reader): HelloHead => ({
  version: reader.uint(2, 'legacy_version'),
  random: reader.take(32, 'random'),
  sessionId: reader.vector(1, 'session_id', 0, 32),
})

const encodeExtensions = (extensions: readonly Extension[]): Bytes =>
  vector(2, ...extensions.map(({ type, data }) => concat(uint(2, type), vector(2, data))))

const parseExtensions = (reader: Reader): Extension[] =>
  reader.list(2, 'extensions', 0, (item) => ({
    type: item.uint(2, 'extension_type'),
    data: item.vector(2, 'extension_data'),
  }))

/** RFC 5246 7.4.1.2: a hello without extensions may omit the extensions field. */
const encodeHelloExtensions = ({ extensions }: Hello): Bytes => (extensions.length === 0 ? NO_OCTETS : encodeExtensions(extensions))
const parseHelloExtensions = (reader: Reader): Extension[] => (reader.left === 0 ? [] : parseExtensions(reader))

const parseCertificate = (reader: Reader): CertificateEntry => ({
  certificate: reader.vector(3, 'cert_data', 1),
  extensions: [],
})

const parseSigned = (reader: Reader): { readonly scheme: number; readonly signature: Bytes } => ({
  scheme: reader.uint(2, 'algorithm'),
  signature: reader.vector(2, 'signature'),
})
