/**
 * The keys of TLS 1.3 (RFC 8446 7.1): HKDF takes in the pre-shared key, then the shared secret of the key exchange, and every secret is
 * bound to the transcript so far.
 */
import type { Bytes, Crypto, Hash } from './crypto.ts'
import { concat, NONE } from '../octets.ts'
import { ascii, uint, vector } from './octets.ts'
import type { Keys } from './protection.ts'
import type { Role } from './rules.ts'
import type { Suite } from './suites.ts'

/** RFC 5869 2.2. */
export const hkdfExtract = (crypto: Crypto, hash: Hash, salt: Bytes, input: Bytes): Bytes => crypto.hmac(hash, salt, input)

/** RFC 5869 2.3. */
export function hkdfExpand(crypto: Crypto, hash: Hash, secret: Bytes, info: Bytes, length: number): Bytes {
  const blocks: Bytes[] = []
  let made = 0
  for (let last = NONE; made < length; made += last.length) {
    last = crypto.hmac(hash, secret, concat(last, info, uint(1, blocks.length + 1)))
    blocks.push(last)
  }
  return concat(...blocks).subarray(0, length)
}

/** HKDF-Expand-Label. */
const expandLabel = (crypto: Crypto, hash: Hash, secret: Bytes, label: string, context: Bytes, length: number): Bytes =>
  hkdfExpand(crypto, hash, secret, concat(uint(2, length), vector(1, ascii(`tls13 ${label}`)), vector(1, context)), length)

/** What is derived from the secrets of each stage, by the RFC's own labels. */
export type Label =
  | 'ext binder'
  | 'res binder'
  | 'c e traffic'
  | 'e exp master'
  | 'derived'
  | 'c hs traffic'
  | 's hs traffic'
  | 'c ap traffic'
  | 's ap traffic'
  | 'exp master'
  | 'res master'

/** Derive-Secret. */
export const deriveSecret = (crypto: Crypto, hash: Hash, secret: Bytes, label: Label, transcriptHash: Bytes): Bytes =>
  expandLabel(crypto, hash, secret, label, transcriptHash, transcriptHash.length)

/** Of no octets: what stands in the place of a transcript where there is none. */
export const emptyHash = (crypto: Crypto, hash: Hash): Bytes => crypto.hash(hash, NONE)

/** A pre-shared key, or null for none. */
export function earlySecret(crypto: Crypto, hash: Hash, psk: Bytes | null): Bytes {
  const zeros = new Uint8Array(emptyHash(crypto, hash).length)
  return hkdfExtract(crypto, hash, zeros, psk ?? zeros)
}

/** `shared`: the secret of the key exchange. */
export const handshakeSecret = (crypto: Crypto, hash: Hash, early: Bytes, shared: Bytes): Bytes =>
  nextStage(crypto, hash, early, shared)

export const mainSecret = (crypto: Crypto, hash: Hash, handshake: Bytes): Bytes =>
  nextStage(crypto, hash, handshake, new Uint8Array(handshake.length))

function nextStage(crypto: Crypto, hash: Hash, secret: Bytes, input: Bytes): Bytes {
  return hkdfExtract(crypto, hash, deriveSecret(crypto, hash, secret, 'derived', emptyHash(crypto, hash)), input)
}

/** RFC 8446 7.3: what a side writes with under this traffic secret. */
export const trafficKeys = (crypto: Crypto, { hash, keyLength }: Suite, secret: Bytes): Keys => ({
  mac: NONE,
  key: expandLabel(crypto, hash, secret, 'key', NONE, keyLength),
  iv: expandLabel(crypto, hash, secret, 'iv', NONE, 12),
})

/** RFC 8446 7.2: the traffic secret after a KeyUpdate. */
export const updatedSecret = (crypto: Crypto, { hash }: Suite, secret: Bytes): Bytes =>
  expandLabel(crypto, hash, secret, 'traffic upd', NONE, secret.length)

/** RFC 8446 4.4.4: `finished_key`, from the handshake traffic secret of its sender. */
export const finishedKey = (crypto: Crypto, hash: Hash, secret: Bytes): Bytes =>
  expandLabel(crypto, hash, secret, 'finished', NONE, secret.length)

/** RFC 8446 4.4.4: what a Finished holds, under the traffic secret of its sender; or a binder, under its binder key (4.2.11.2). */
export const finishedMac = (crypto: Crypto, hash: Hash, secret: Bytes, transcriptHash: Bytes): Bytes =>
  crypto.hmac(hash, finishedKey(crypto, hash, secret), transcriptHash)

/** RFC 8446 4.6.1: the pre-shared key that goes with a ticket. `secret`: the resumption master secret. */
export const ticketKey = (crypto: Crypto, { hash }: Suite, secret: Bytes, nonce: Bytes): Bytes =>
  expandLabel(crypto, hash, secret, 'resumption', nonce, secret.length)

/** RFC 8446 4.4.3: what a CertificateVerify signs. */
export const signedContent = (from: Role, transcriptHash: Bytes): Bytes =>
  concat(new Uint8Array(64).fill(0x20), ascii(`TLS 1.3, ${from} CertificateVerify`), Uint8Array.of(0), transcriptHash)
