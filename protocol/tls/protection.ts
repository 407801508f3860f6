/**
 * Protected records: AES-CBC with HMAC, before or after encrypting (RFC 5246 6.2.3.2, RFC 7366), the AEADs of TLS 1.2 (RFC 5246 6.2.3.3, RFC 5288,
 * RFC 7905), and TLS 1.3, where the content type is inside (RFC 8446 5.2).
 */
import { type Content, CONTENT } from './codec.ts'
import type { Aead, Bytes, Crypto, Hash } from './crypto.ts'
import { concat, NONE, same } from '../octets.ts'
import { uint } from './octets.ts'
import { LEGACY_VERSION, MOST_PLAINTEXT, type Record, recordHeader } from './records.ts'
import type { Suite } from './suites.ts'

/** What one side writes with. */
export interface Keys {
  readonly key: Bytes
  /** The part of the nonce that does not travel; empty for AES-CBC. */
  readonly iv: Bytes
  /** The MAC's key; empty for an AEAD. */
  readonly mac: Bytes
}

/** One direction of a connection, up to its next change of keys. */
export interface Protection {
  readonly suite: Suite
  readonly keys: Keys
  /** Of the next record. */
  readonly sequence: number
  /** RFC 7366; of AES-CBC only. */
  readonly encryptThenMac: boolean
}

export const protection = (suite: Suite, keys: Keys, encryptThenMac = false): Protection => ({
  suite,
  keys,
  sequence: 0,
  encryptThenMac,
})

/** What is given to a record beside its plaintext. */
export interface Extra {
  /** 16 octets that nobody can foresee, for AES-CBC. AES-GCM takes the record's number (RFC 5288 3). */
  readonly iv?: Bytes
  /** Zeros behind the content, in TLS 1.3 only (RFC 8446 5.4). */
  readonly padding?: number
}

export interface Protected {
  readonly record: Record
  /** Before the next record. */
  readonly protection: Protection
}

export type Opened = ({ readonly ok: true } & Protected) | { readonly ok: false; readonly alert: OpeningAlert }

/** Why a record cannot be opened: the alert that its receiver owes. */
type OpeningAlert = 'bad_record_mac' | 'record_overflow' | 'unexpected_message'

export function protect(crypto: Crypto, under: Protection, record: Record, extra: Extra = {}): Protected {
  const { suite } = under
  const protectedRecord =
    suite.cipher === 'AES-CBC'
      ? { ...record, fragment: sealCbc(crypto, suite.mac, under, record, extra.iv ?? missingIv()) }
      : suite.version === '1.2'
        ? { ...record, fragment: sealAead12(crypto, suite.cipher, under, record) }
        : seal13(crypto, suite.cipher, under, record, extra.padding ?? 0)
  return { record: protectedRecord, protection: { ...under, sequence: under.sequence + 1 } }
}

export function unprotect(crypto: Crypto, under: Protection, record: Record): Opened {
  const { suite } = under
  const opened =
    suite.cipher === 'AES-CBC'
      ? whole(record, openCbc(crypto, suite.mac, under, record))
      : suite.version === '1.2'
        ? whole(record, openAead12(crypto, suite.cipher, under, record))
        : open13(crypto, suite.cipher, under, record)
  if (typeof opened === 'string') return { ok: false, alert: opened }
  if (opened.fragment.length > MOST_PLAINTEXT) return { ok: false, alert: 'record_overflow' }
  return { ok: true, record: opened, protection: { ...under, sequence: under.sequence + 1 } }
}

const whole = (record: Record, fragment: Bytes | null): Record | OpeningAlert =>
  fragment === null ? 'bad_record_mac' : { ...record, fragment }

function missingIv(): never {
  throw new RangeError('AES-CBC takes 16 octets of its own for each record')
}

// AES-CBC

const BLOCK = 16

/** What a MAC covers: the record's number, its header, and its octets (RFC 5246 6.2.3.1). */
const authenticated = ({ sequence }: Protection, { content, version }: Record, octets: Bytes): Bytes =>
  concat(uint(8, sequence), recordHeader(content, version), uint(2, octets.length), octets)

const macOf = (crypto: Crypto, hash: Hash, under: Protection, record: Record, octets: Bytes): Bytes =>
  crypto.hmac(hash, under.keys.mac, authenticated(under, record, octets))

function sealCbc(crypto: Crypto, hash: Hash, under: Protection, record: Record, iv: Bytes): Bytes {
  const { key } = under.keys
  const { fragment } = record
  const inner = under.encryptThenMac ? fragment : concat(fragment, macOf(crypto, hash, under, record, fragment))
  const padding = BLOCK - 1 - (inner.length % BLOCK)
  const padded = concat(inner, new Uint8Array(padding + 1).fill(padding))
  const sealed = concat(iv, crypto.cbc('encrypt', key, iv, padded))
  return under.encryptThenMac ? concat(sealed, macOf(crypto, hash, under, record, sealed)) : sealed
}

/** Null for a wrong MAC and for wrong padding: the receiver must not tell one from the other. */
function openCbc(crypto: Crypto, hash: Hash, under: Protection, record: Record): Bytes | null {
  const macLength = under.keys.mac.length
  let { fragment } = record
  if (under.encryptThenMac) {
    if (fragment.length < macLength) return null
    const sealed = fragment.subarray(0, -macLength)
    if (!same(macOf(crypto, hash, under, record, sealed), fragment.subarray(-macLength))) return null
    fragment = sealed
  }
  if (fragment.length < 2 * BLOCK || fragment.length % BLOCK !== 0) return null
  const inner = crypto.cbc('decrypt', under.keys.key, fragment.subarray(0, BLOCK), fragment.subarray(BLOCK))
  const padding = inner.at(-1)!
  const end = inner.length - padding - 1
  if (end < 0 || inner.subarray(end).some((octet) => octet !== padding)) return null
  if (under.encryptThenMac) return inner.subarray(0, end)
  if (end < macLength) return null
  const content = inner.subarray(0, end - macLength)
  return same(macOf(crypto, hash, under, record, content), inner.subarray(end - macLength, end)) ? content : null
}

// The AEADs of TLS 1.2

const TAG = 16
/** The part of AES-GCM's nonce that travels in each record (RFC 5288 3). */
const EXPLICIT = 8

function sealAead12(crypto: Crypto, aead: Aead, under: Protection, record: Record): Bytes {
  const { keys, sequence } = under
  const explicit = aead === 'AES-GCM' ? uint(EXPLICIT, sequence) : NONE
  const additional = concat(uint(8, sequence), recordHeader(record.content, record.version), uint(2, record.fragment.length))
  return concat(explicit, crypto.seal(aead, keys.key, nonce12(under, explicit), additional, record.fragment))
}

function openAead12(crypto: Crypto, aead: Aead, under: Protection, { content, version, fragment }: Record): Bytes | null {
  const { keys, sequence } = under
  const explicit = fragment.subarray(0, aead === 'AES-GCM' ? EXPLICIT : 0)
  const sealed = fragment.subarray(explicit.length)
  if (sealed.length < TAG) return null
  const additional = concat(uint(8, sequence), recordHeader(content, version), uint(2, sealed.length - TAG))
  return crypto.open(aead, keys.key, nonce12(under, explicit), additional, sealed)
}

const nonce12 = (under: Protection, explicit: Bytes): Bytes =>
  explicit.length > 0 ? concat(under.keys.iv, explicit) : counted(under)

/** RFC 8446 5.3, RFC 7905 2: the IV with the record's number. */
const counted = ({ keys, sequence }: Protection): Bytes => {
  const number = uint(keys.iv.length, sequence)
  return keys.iv.map((octet, i) => octet ^ number[i]!)
}

// TLS 1.3

function seal13(crypto: Crypto, aead: Aead, under: Protection, { content, fragment }: Record, padding: number): Record {
  const inner = concat(fragment, Uint8Array.of(content), new Uint8Array(padding))
  const additional = concat(recordHeader(CONTENT.ApplicationData, LEGACY_VERSION), uint(2, inner.length + TAG))
  const sealed = crypto.seal(aead, under.keys.key, counted(under), additional, inner)
  return { content: CONTENT.ApplicationData, version: LEGACY_VERSION, fragment: sealed }
}

function open13(crypto: Crypto, aead: Aead, under: Protection, { content, version, fragment }: Record): Record | OpeningAlert {
  if (content !== CONTENT.ApplicationData) return 'unexpected_message'
  const additional = concat(recordHeader(content, version), uint(2, fragment.length))
  const inner = crypto.open(aead, under.keys.key, counted(under), additional, fragment)
  if (inner === null) return 'bad_record_mac'
  const end = inner.findLastIndex((octet) => octet !== 0)
  const type = inner[end]
  if (type === undefined || !INNER.includes(type as Content)) return 'unexpected_message'
  return { content: type as Content, version, fragment: inner.subarray(0, end) }
}

/** RFC 8446 5: a ChangeCipherSpec is never protected. */
const INNER: readonly Content[] = [CONTENT.Alert, CONTENT.Handshake, CONTENT.ApplicationData]
