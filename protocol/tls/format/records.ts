/** Records (RFC 5246 6.2.1, RFC 8446 5.1): splits messages into records, and reassembles them. */
import { type ContentType, CONTENT_TYPE, HANDSHAKE_HEADER_OCTETS } from './codec.ts'
import type { Bytes } from './crypto.ts'
import { concat } from '../../octets.ts'
import { type DecodeFault, uint, vector } from './presentation.ts'

/** A record, protected or not. */
export interface TlsRecord {
  readonly content: ContentType
  /** The version in the record header: 0x0303, or possibly 0x0301 for a first ClientHello. */
  readonly version: number
  readonly fragment: Bytes
}

/** The length of the record header: type (1 octet), version (2) and length (2). */
export const RECORD_HEADER_OCTETS = 5
/** The maximum number of octets of plaintext in a record. */
export const MAX_PLAINTEXT_OCTETS = 2 ** 14
/** A protected fragment may be up to 2048 octets longer (RFC 5246 6.2.3). */
const MAX_FRAGMENT_OCTETS = MAX_PLAINTEXT_OCTETS + 2048
/** legacy_record_version: TLS 1.2. */
export const LEGACY_VERSION = 0x0303

/** Splits octets into as many records as needed, at least one, with at most `most` octets of plaintext each. */
export function splitIntoRecords(
  content: ContentType,
  octets: Bytes,
  version = LEGACY_VERSION,
  most = MAX_PLAINTEXT_OCTETS,
): readonly TlsRecord[] {
  const records: TlsRecord[] = []
  for (let at = 0; at < octets.length || records.length === 0; at += most)
    records.push({ content, version, fragment: octets.subarray(at, at + most) })
  return records
}

/** Encodes a record with its header. */
export const encodeRecord = ({ content, version, fragment }: TlsRecord): Bytes =>
  concat(encodeRecordHeader(content, version), vector(2, fragment))

/** Encodes the record header without its length field, as the MAC and the additional data of an AEAD contain it. */
export const encodeRecordHeader = (content: ContentType, version: number): Bytes => concat(uint(1, content), uint(2, version))

/** The result of `readRecord`. */
export type RecordReading =
  | { readonly kind: 'record'; readonly record: TlsRecord; /** Where the next record begins. */ readonly next: number }
  /** The record is incomplete: at least `needs` octets are needed, counted from its beginning. */
  | { readonly kind: 'more'; readonly needs: number }
  | { readonly kind: 'fault'; readonly fault: DecodeFault }

/** Reads the record that begins at `octets[at]`. Its fragment is a view of `octets`. */
export function readRecord(octets: Bytes, at: number): RecordReading {
  const left = octets.length - at
  if (left < RECORD_HEADER_OCTETS) return { kind: 'more', needs: RECORD_HEADER_OCTETS }
  const content = octets[at]!
  if (!isContent(content)) return { kind: 'fault', fault: { why: 'range', field: 'type' } }
  const version = (octets[at + 1]! << 8) | octets[at + 2]!
  if (version >> 8 !== 3) return { kind: 'fault', fault: { why: 'range', field: 'version' } }
  const length = (octets[at + 3]! << 8) | octets[at + 4]!
  if (length > MAX_FRAGMENT_OCTETS) return { kind: 'fault', fault: { why: 'range', field: 'length' } }
  const next = at + RECORD_HEADER_OCTETS + length
  if (next > octets.length) return { kind: 'more', needs: RECORD_HEADER_OCTETS + length }
  return { kind: 'record', record: { content, version, fragment: octets.subarray(at + RECORD_HEADER_OCTETS, next) }, next }
}

const isContent = (type: number): type is ContentType => (Object.values(CONTENT_TYPE) as readonly number[]).includes(type)

/** Splits octets into complete handshake messages, each with its header, and the rest, an incomplete message. All are views of `octets`. */
export function splitHandshake(octets: Bytes): { readonly messages: readonly Bytes[]; readonly rest: Bytes } {
  const messages: Bytes[] = []
  let at = 0
  while (octets.length - at >= HANDSHAKE_HEADER_OCTETS) {
    const end = at + HANDSHAKE_HEADER_OCTETS + ((octets[at + 1]! << 16) | (octets[at + 2]! << 8) | octets[at + 3]!)
    if (end > octets.length) break
    messages.push(octets.subarray(at, end))
    at = end
  }
  return { messages, rest: octets.subarray(at) }
}
