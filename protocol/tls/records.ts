/** The record layer's frames (RFC 5246 6.2.1, RFC 8446 5.1): what is said, cut into records, and put together again. */
import { type Content, CONTENT, HANDSHAKE_HEADER } from './codec.ts'
import type { Bytes } from './crypto.ts'
import { concat } from '../octets.ts'
import { type Fault, uint, vector } from './octets.ts'

export interface Record {
  readonly content: Content
  /** As it stands in the header: 0x0301 for a first ClientHello perhaps, otherwise 0x0303. */
  readonly version: number
  readonly fragment: Bytes
}

export const RECORD_HEADER = 5
/** Octets of plaintext that a record holds at most; protected it may have grown by so much (RFC 5246 6.2.3). */
export const MOST_PLAINTEXT = 2 ** 14
const MOST_FRAGMENT = MOST_PLAINTEXT + 2048
export const LEGACY_VERSION = 0x0303

/** As many records as it takes: `most` octets of plaintext in each. */
export function recordsOf(content: Content, octets: Bytes, version = LEGACY_VERSION, most = MOST_PLAINTEXT): readonly Record[] {
  const records: Record[] = []
  for (let at = 0; at < octets.length || records.length === 0; at += most)
    records.push({ content, version, fragment: octets.subarray(at, at + most) })
  return records
}

export const encodeRecord = ({ content, version, fragment }: Record): Bytes =>
  concat(recordHeader(content, version), vector(2, fragment))

export const recordHeader = (content: Content, version: number): Bytes => concat(uint(1, content), uint(2, version))

export type ReadRecord =
  | { readonly is: 'record'; readonly record: Record; /** Where the next begins. */ readonly next: number }
  /** It takes so many octets from its beginning. */
  | { readonly is: 'more'; readonly needs: number }
  | { readonly is: 'fault'; readonly fault: Fault }

/** The record that begins at `octets[at]`. Its fragment is a view of `octets`. */
export function readRecord(octets: Bytes, at: number): ReadRecord {
  const left = octets.length - at
  if (left < RECORD_HEADER) return { is: 'more', needs: RECORD_HEADER }
  const content = octets[at]!
  if (!isContent(content)) return { is: 'fault', fault: { why: 'range', field: 'type' } }
  const version = (octets[at + 1]! << 8) | octets[at + 2]!
  if (version >> 8 !== 3) return { is: 'fault', fault: { why: 'range', field: 'version' } }
  const length = (octets[at + 3]! << 8) | octets[at + 4]!
  if (length > MOST_FRAGMENT) return { is: 'fault', fault: { why: 'range', field: 'length' } }
  const next = at + RECORD_HEADER + length
  if (next > octets.length) return { is: 'more', needs: RECORD_HEADER + length }
  return { is: 'record', record: { content, version, fragment: octets.subarray(at + RECORD_HEADER, next) }, next }
}

const isContent = (type: number): type is Content => (Object.values(CONTENT) as readonly number[]).includes(type)

/** The handshake messages that are complete in these octets, each with its header, and what is left of one that is not. Views. */
export function splitHandshake(octets: Bytes): { readonly messages: readonly Bytes[]; readonly rest: Bytes } {
  const messages: Bytes[] = []
  let at = 0
  while (octets.length - at >= HANDSHAKE_HEADER) {
    const end = at + HANDSHAKE_HEADER + ((octets[at + 1]! << 16) | (octets[at + 2]! << 8) | octets[at + 3]!)
    if (end > octets.length) break
    messages.push(octets.subarray(at, end))
    at = end
  }
  return { messages, rest: octets.subarray(at) }
}
