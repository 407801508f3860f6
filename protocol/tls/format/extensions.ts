/** Codecs for the extensions that affect a handshake. The bodies of other extensions are passed on unparsed. */
import type { Bytes } from './crypto.ts'
import type { Extension, HandshakeMessage } from './messages.ts'
import { concat, NO_OCTETS } from '../../octets.ts'
import { encodeAscii, tryDecode, type DecodeFault, type Reader, decodeAscii, uint, vector } from './presentation.ts'

/** The codec of an extension in one kind of message. */
export interface ExtensionCodec<T> {
  readonly type: number
  /** The name in IANA's registry. */
  readonly name: string
  readonly write: (value: T) => Bytes
  readonly parse: (reader: Reader) => T
}

/** A public value of the key exchange (RFC 8446 4.2.8). */
export interface KeyShare {
  readonly group: number
  readonly share: Bytes
}

/** The pre-shared keys that a client offers (RFC 8446 4.2.11): tickets, their obfuscated ages in milliseconds, and a binder for each. */
export interface OfferedPsks {
  readonly identities: readonly { readonly identity: Bytes; readonly age: number }[]
  readonly binders: readonly Bytes[]
}

/** Encodes an extension with this value. */
export const encodeExtension = <T>(kind: ExtensionCodec<T>, value: T): Extension => ({ type: kind.type, data: kind.write(value) })

/** The value of an extension; null if it is absent or malformed. Decoded messages contain no malformed known extensions. */
export function findExtension<T>(extensions: readonly Extension[], kind: ExtensionCodec<T>): T | null {
  const found = extensions.find(({ type }) => type === kind.type)
  if (!found) return null
  const read = tryDecode(found.data, kind.name, kind.parse)
  return read.ok ? read.value : null
}

/** The fault of the first extension whose body is malformed; null if there is none. Unknown extensions are not checked. */
export function findBrokenExtension(extensions: readonly Extension[], place: HandshakeMessage['kind']): DecodeFault | null {
  for (const { type, data } of extensions) {
    const kind = CODECS_BY_MESSAGE[place]?.find((known) => known.type === type)
    if (!kind) continue
    const read = tryDecode<unknown>(data, kind.name, kind.parse)
    if (!read.ok) return read.fault
  }
  return null
}

/** An extension with an empty body, of which only the presence matters. */
const flagCodec = (type: number, name: string): ExtensionCodec<true> => ({ type, name, write: () => NO_OCTETS, parse: () => true })

const octetsCodec = (type: number, name: string, size: 1 | 2, least: number): ExtensionCodec<Bytes> => ({
  type,
  name,
  write: (value) => vector(size, value),
  parse: (reader) => reader.vector(size, name, least),
})

const numberCodec = (type: number, name: string, width: 2 | 4): ExtensionCodec<number> => ({
  type,
  name,
  write: (value) => uint(width, value),
  parse: (reader) => reader.uint(width, name),
})

/** A vector of numbers of `width` octets each; the vector's length field has `size` octets. */
const numberListCodec = (type: number, name: string, size: 1 | 2, width: 1 | 2): ExtensionCodec<readonly number[]> => ({
  type,
  name,
  write: (values) => vector(size, ...values.map((value) => uint(width, value))),
  parse: (reader) => reader.list(size, name, width, (items) => items.uint(width, name)),
})

const parseKeyShare = (reader: Reader): KeyShare => ({
  group: reader.uint(2, 'key_share'),
  share: reader.vector(2, 'key_exchange', 1),
})
const encodeKeyShare = ({ group, share }: KeyShare): Bytes => concat(uint(2, group), vector(2, share))

/** RFC 6066 3: a single host name. */
export const SERVER_NAME: ExtensionCodec<string> = {
  type: 0,
  name: 'server_name',
  write: (name) => vector(2, uint(1, 0), vector(2, encodeAscii(name))),
  parse: (reader) => {
    const names = reader.list(2, 'server_name', 4, (item) => {
      if (item.uint(1, 'name_type') !== 0) item.fail('range', 'name_type')
      return decodeAscii(item.vector(2, 'host_name', 1))
    })
    return names[0]!
  },
}
/** RFC 8422 5.1, RFC 8446 4.2.7: the numbers of groups, in order of preference. */
export const SUPPORTED_GROUPS = numberListCodec(10, 'supported_groups', 2, 2)
export const EC_POINT_FORMATS = numberListCodec(11, 'ec_point_formats', 1, 1)
/** RFC 5246 7.4.1.4.1, RFC 8446 4.2.3: the numbers of signature schemes. */
export const SIGNATURE_ALGORITHMS = numberListCodec(13, 'signature_algorithms', 2, 2)
/** RFC 7366. */
export const ENCRYPT_THEN_MAC = flagCodec(22, 'encrypt_then_mac')
/** RFC 7627. */
const EXTENDED_MASTER_SECRET = flagCodec(23, 'extended_master_secret')
/** RFC 5077 3.2: the ticket, or an empty body. */
export const SESSION_TICKET: ExtensionCodec<Bytes> = {
  type: 35,
  name: 'session_ticket',
  write: (ticket) => ticket,
  parse: (reader) => reader.take(reader.left, 'session_ticket'),
}
/** RFC 8446 4.2.11: the last extension of a ClientHello, and the index of the identity that a ServerHello selects. */
export const OFFERED_PSKS: ExtensionCodec<OfferedPsks> = {
  type: 41,
  name: 'pre_shared_key',
  write: ({ identities, binders }) =>
    concat(
      vector(2, ...identities.map(({ identity, age }) => concat(vector(2, identity), uint(4, age)))),
      vector(2, ...binders.map((binder) => vector(1, binder))),
    ),
  parse: (reader) => ({
    identities: reader.list(2, 'identities', 7, (item) => ({
      identity: item.vector(2, 'identity', 1),
      age: item.uint(4, 'obfuscated_ticket_age'),
    })),
    binders: reader.list(2, 'binders', 33, (item) => item.vector(1, 'binder', 32)),
  }),
}
export const SELECTED_PSK = numberCodec(41, 'pre_shared_key', 2)
/** RFC 8446 4.2.10. In a NewSessionTicket the body is the maximum number of octets of early data. */
export const EARLY_DATA = flagCodec(42, 'early_data')
const MAX_EARLY_DATA = numberCodec(42, 'early_data', 4)
/** RFC 8446 4.2.1. */
export const SUPPORTED_VERSIONS = numberListCodec(43, 'supported_versions', 1, 2)
export const SELECTED_VERSION = numberCodec(43, 'supported_versions', 2)
/** RFC 8446 4.2.2. */
export const COOKIE = octetsCodec(44, 'cookie', 2, 1)
/** RFC 8446 4.2.9: 0 is psk_ke, 1 is psk_dhe_ke. */
export const PSK_KEY_EXCHANGE_MODES = numberListCodec(45, 'psk_key_exchange_modes', 1, 1)
/** RFC 8446 4.2.8: key_share has different bodies in a ClientHello, a ServerHello and a HelloRetryRequest. */
export const CLIENT_SHARES: ExtensionCodec<readonly KeyShare[]> = {
  type: 51,
  name: 'key_share',
  write: (shares) => vector(2, ...shares.map(encodeKeyShare)),
  parse: (reader) => reader.list(2, 'client_shares', 0, parseKeyShare),
}
export const SERVER_SHARE: ExtensionCodec<KeyShare> = { type: 51, name: 'key_share', write: encodeKeyShare, parse: parseKeyShare }
export const SELECTED_GROUP = numberCodec(51, 'key_share', 2)
/** RFC 5746 3.2: empty in the first handshake of a connection. */
export const RENEGOTIATION_INFO = octetsCodec(0xff01, 'renegotiation_info', 1, 0)

/** The known extensions of each kind of message. */
const CODECS_BY_MESSAGE: {
  readonly [place in HandshakeMessage['kind']]?: readonly Pick<ExtensionCodec<unknown>, 'type' | 'name' | 'parse'>[]
} = {
  ClientHello: [
    SERVER_NAME,
    SUPPORTED_GROUPS,
    EC_POINT_FORMATS,
    SIGNATURE_ALGORITHMS,
    ENCRYPT_THEN_MAC,
    EXTENDED_MASTER_SECRET,
    SESSION_TICKET,
    OFFERED_PSKS,
    EARLY_DATA,
    SUPPORTED_VERSIONS,
    COOKIE,
    PSK_KEY_EXCHANGE_MODES,
    CLIENT_SHARES,
    RENEGOTIATION_INFO,
  ],
  ServerHello: [
    EC_POINT_FORMATS,
    ENCRYPT_THEN_MAC,
    EXTENDED_MASTER_SECRET,
    SESSION_TICKET,
    SELECTED_PSK,
    SELECTED_VERSION,
    SERVER_SHARE,
    RENEGOTIATION_INFO,
  ],
  HelloRetryRequest: [SELECTED_VERSION, COOKIE, SELECTED_GROUP],
  EncryptedExtensions: [SUPPORTED_GROUPS, EARLY_DATA],
  CertificateRequest: [SIGNATURE_ALGORITHMS],
  NewSessionTicket: [MAX_EARLY_DATA],
}
