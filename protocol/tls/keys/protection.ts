/**
 * Protected records: AES-CBC with HMAC, before or after encrypting (RFC 5246 6.2.3.2, RFC 7366), the AEADs of TLS 1.2 (RFC 5246 6.2.3.3, RFC 5288,
 * RFC 7905), and TLS 1.3, which encrypts the content type as well (RFC 8446 5.2).
 */
import { type ContentType, CONTENT_TYPE } from '../format/codec.ts'
import type { Aead, Bytes, CryptoPrimitives, Hash } from '../format/crypto.ts'
import { concat, NO_OCTETS, equalOctets } from '../../octets.ts'
import { uint } from '../format/presentation.ts'
import { LEGACY_VERSION, MAX_PLAINTEXT_OCTETS, type TlsRecord, encodeRecordHeader } from '../format/records.ts'
import type { CipherSuite } from '../format/suites.ts'

/** The keys with which one side protects its records. */
export interface WriteKeys {
  readonly key: Bytes
  /** The part of the nonce that is not transmitted; empty for AES-CBC. */
  readonly iv: Bytes
  /** The key of the MAC; empty for an AEAD. */
  readonly mac: Bytes
}

/** The protection state of one direction of a connection, until its next change of keys. */
export interface RecordProtection {
  readonly suite: CipherSuite
  readonly keys: WriteKeys
  /** The sequence number of the next record. */
  readonly sequence: number
  /** RFC 7366; only for AES-CBC. */
  readonly encryptThenMac: boolean
}

/** The protection state for new keys; sequence numbers start at 0. */
export const createProtection = (suite: CipherSuite, keys: WriteKeys, encryptThenMac = false): RecordProtection => ({
  suite,
  keys,
  sequence: 0,
  encryptThenMac,
})

/** Additional inputs for protecting a record. */
export interface ProtectOptions {
  /** For AES-CBC: 16 unpredictable octets. AES-GCM uses the record's sequence number instead (RFC 5288 3). */
  readonly iv?: Bytes
  /** For TLS 1.3: the number of zeros to append to the content (RFC 8446 5.4). */
  readonly padding?: number
}

/** A protected or unprotected record, and the state after it. */
export interface ProtectedRecord {
  readonly record: TlsRecord
  /** The protection state for the next record. */
  readonly protection: RecordProtection
}

/** The result of `unprotect`: the decrypted record, or the alert that answers it. */
export type UnprotectResult = ({ readonly ok: true } & ProtectedRecord) | { readonly ok: false; readonly alert: UnprotectAlert }

/** The alert with which the receiver must answer a record that cannot be opened. */
type UnprotectAlert = 'bad_record_mac' | 'record_overflow' | 'unexpected_message'

/** Protects a record. With AES-CBC, throws `RangeError` if `extra.iv` is absent. */
export function protect(
  crypto: CryptoPrimitives,
  under: RecordProtection,
  record: TlsRecord,
  extra: ProtectOptions = {},
): ProtectedRecord {
  const { suite } = under
  const protectedRecord =
    suite.cipher === 'AES-CBC'
      ? { ...record, fragment: sealCbc(crypto, suite.mac, under, record, extra.iv ?? throwMissingIv()) }
      : suite.version === '1.2'
        ? { ...record, fragment: sealAead12(crypto, suite.cipher, under, record) }
        : seal13(crypto, suite.cipher, under, record, extra.padding ?? 0)
  return { record: protectedRecord, protection: { ...under, sequence: under.sequence + 1 } }
}

/** Decrypts and authenticates a record. */
export function unprotect(crypto: CryptoPrimitives, under: RecordProtection, record: TlsRecord): UnprotectResult {
  const { suite } = under
  const opened =
    suite.cipher === 'AES-CBC'
      ? orBadMac(record, openCbc(crypto, suite.mac, under, record))
      : suite.version === '1.2'
        ? orBadMac(record, openAead12(crypto, suite.cipher, under, record))
        : open13(crypto, suite.cipher, under, record)
  if (typeof opened === 'string') return { ok: false, alert: opened }
  if (opened.fragment.length > MAX_PLAINTEXT_OCTETS) return { ok: false, alert: 'record_overflow' }
  return { ok: true, record: opened, protection: { ...under, sequence: under.sequence + 1 } }
}

const orBadMac = (record: TlsRecord, fragment: Bytes | null): TlsRecord | UnprotectAlert =>
  fragment === null ? 'bad_record_mac' : { ...record, fragment }

function throwMissingIv(): never {
  throw new RangeError('AES-CBC takes 16 octets of its own for each record')
}

// AES-CBC

const BLOCK_OCTETS = 16

/** The input of the MAC: the record's sequence number, its header, and its octets (RFC 5246 6.2.3.1). */
const encodeMacInput = ({ sequence }: RecordProtection, { content, version }: TlsRecord, octets: Bytes): Bytes =>
  concat(uint(8, sequence), encodeRecordHeader(content, version), uint(2, octets.length), octets)

const computeMac = (crypto: CryptoPrimitives, hash: Hash, under: RecordProtection, record: TlsRecord, octets: Bytes): Bytes =>
  crypto.hmac(hash, under.keys.mac, encodeMacInput(under, record, octets))

function sealCbc(crypto: CryptoPrimitives, hash: Hash, under: RecordProtection, record: TlsRecord, iv: Bytes): Bytes {
  const { key } = under.keys
  const { fragment } = record
  const inner = under.encryptThenMac ? fragment : concat(fragment, computeMac(crypto, hash, under, record, fragment))
  const padding = BLOCK_OCTETS - 1 - (inner.length % BLOCK_OCTETS)
  const padded = concat(inner, new Uint8Array(padding + 1).fill(padding))
  const sealed = concat(iv, crypto.aesCbc('encrypt', key, iv, padded))
  return under.encryptThenMac ? concat(sealed, computeMac(crypto, hash, under, record, sealed)) : sealed
}

/** Null for a wrong MAC as well as for wrong padding: the receiver must not reveal which of them is wrong. */
function openCbc(crypto: CryptoPrimitives, hash: Hash, under: RecordProtection, record: TlsRecord): Bytes | null {
  const macLength = under.keys.mac.length
  let { fragment } = record
  if (under.encryptThenMac) {
    if (fragment.length < macLength) return null
    const sealed = fragment.subarray(0, -macLength)
    if (!equalOctets(computeMac(crypto, hash, under, record, sealed), fragment.subarray(-macLength))) return null
    fragment = sealed
  }
  if (fragment.length < 2 * BLOCK_OCTETS || fragment.length % BLOCK_OCTETS !== 0) return null
  const inner = crypto.aesCbc('decrypt', under.keys.key, fragment.subarray(0, BLOCK_OCTETS), fragment.subarray(BLOCK_OCTETS))
  const padding = inner.at(-1)!
  const end = inner.length - padding - 1
  if (end < 0 || inner.subarray(end).some((octet) => octet !== padding)) return null
  if (under.encryptThenMac) return inner.subarray(0, end)
  if (end < macLength) return null
  const content = inner.subarray(0, end - macLength)
  return equalOctets(computeMac(crypto, hash, under, record, content), inner.subarray(end - macLength, end)) ? content : null
}

// The AEADs of TLS 1.2

const TAG_OCTETS = 16
/** The length of the part of AES-GCM's nonce that is transmitted in each record (RFC 5288 3). */
const EXPLICIT_NONCE_OCTETS = 8

function sealAead12(crypto: CryptoPrimitives, aead: Aead, under: RecordProtection, record: TlsRecord): Bytes {
  const { keys, sequence } = under
  const explicit = aead === 'AES-GCM' ? uint(EXPLICIT_NONCE_OCTETS, sequence) : NO_OCTETS
  const additional = concat(uint(8, sequence), encodeRecordHeader(record.content, record.version), uint(2, record.fragment.length))
  return concat(explicit, crypto.seal(aead, keys.key, buildNonce12(under, explicit), additional, record.fragment))
}

function openAead12(
  crypto: CryptoPrimitives,
  aead: Aead,
  under: RecordProtection,
  { content, version, fragment }: TlsRecord,
): Bytes | null {
  const { keys, sequence } = under
  const explicit = fragment.subarray(0, aead === 'AES-GCM' ? EXPLICIT_NONCE_OCTETS : 0)
  const sealed = fragment.subarray(explicit.length)
  if (sealed.length < TAG_OCTETS) return null
  const additional = concat(uint(8, sequence), encodeRecordHeader(content, version), uint(2, sealed.length - TAG_OCTETS))
  return crypto.open(aead, keys.key, buildNonce12(under, explicit), additional, sealed)
}

const buildNonce12 = (under: RecordProtection, explicit: Bytes): Bytes =>
  explicit.length > 0 ? concat(under.keys.iv, explicit) : nonceFromSequence(under)

/** RFC 8446 5.3, RFC 7905 2: the IV XORed with the record's sequence number. */
const nonceFromSequence = ({ keys, sequence }: RecordProtection): Bytes => {
  const number = uint(keys.iv.length, sequence)
  return keys.iv.map((octet, i) => octet ^ number[i]!)
}

// TLS 1.3

function seal13(
  crypto: CryptoPrimitives,
  aead: Aead,
  under: RecordProtection,
  { content, fragment }: TlsRecord,
  padding: number,
): TlsRecord {
  const inner = concat(fragment, Uint8Array.of(content), new Uint8Array(padding))
  const additional = concat(encodeRecordHeader(CONTENT_TYPE.ApplicationData, LEGACY_VERSION), uint(2, inner.length + TAG_OCTETS))
  const sealed = crypto.seal(aead, under.keys.key, nonceFromSequence(under), additional, inner)
  return { content: CONTENT_TYPE.ApplicationData, version: LEGACY_VERSION, fragment: sealed }
}

function open13(
  crypto: CryptoPrimitives,
  aead: Aead,
  under: RecordProtection,
  { content, version, fragment }: TlsRecord,
): TlsRecord | UnprotectAlert {
  if (content !== CONTENT_TYPE.ApplicationData) return 'unexpected_message'
  const additional = concat(encodeRecordHeader(content, version), uint(2, fragment.length))
  const inner = crypto.open(aead, under.keys.key, nonceFromSequence(under), additional, fragment)
  if (inner === null) return 'bad_record_mac'
  const end = inner.findLastIndex((octet) => octet !== 0)
  const type = inner[end]
  if (type === undefined || !INNER_CONTENT_TYPES.includes(type as ContentType)) return 'unexpected_message'
  return { content: type as ContentType, version, fragment: inner.subarray(0, end) }
}

/** RFC 8446 5: a ChangeCipherSpec is never protected. */
const INNER_CONTENT_TYPES: readonly ContentType[] = [CONTENT_TYPE.Alert, CONTENT_TYPE.Handshake, CONTENT_TYPE.ApplicationData]
