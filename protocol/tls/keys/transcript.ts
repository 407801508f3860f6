/** The transcript (RFC 8446 4.4.1, RFC 5246 7.4.9): all handshake messages as encoded on the wire, with their headers. */
import type { Bytes, CryptoPrimitives, Hash } from '../format/crypto.ts'
import { findExtension, OFFERED_PSKS } from '../format/extensions.ts'
import type { TlsMessage } from '../format/messages.ts'
import { concat } from '../../octets.ts'
import { uint, vector } from '../format/presentation.ts'

const MESSAGE_HASH = 254

/** The hash of the concatenated messages. */
export const hashTranscript = (crypto: CryptoPrimitives, hash: Hash, messages: readonly Bytes[]): Bytes =>
  crypto.hash(hash, concat(...messages))

/** The synthetic message that replaces the first ClientHello in the transcript after a HelloRetryRequest (RFC 8446 4.4.1). */
export const encodeMessageHash = (crypto: CryptoPrimitives, hash: Hash, clientHello: Bytes): Bytes =>
  concat(uint(1, MESSAGE_HASH), vector(3, crypto.hash(hash, clientHello)))

/** RFC 8446 4.2.11.2: the part of a ClientHello that its binders cover, which is everything except the list of binders at the end. */
export function truncateBinders(hello: Extract<TlsMessage, { readonly kind: 'ClientHello' }>, octets: Bytes): Bytes {
  const binders = findExtension(hello.extensions, OFFERED_PSKS)?.binders ?? []
  if (binders.length === 0) return octets
  return octets.subarray(0, octets.length - 2 - binders.reduce((sum, binder) => sum + 1 + binder.length, 0))
}
