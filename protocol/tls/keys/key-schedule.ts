/**
 * The key schedule of TLS 1.3 (RFC 8446 7.1). The inputs of HKDF are first the pre-shared key, then the shared secret of the key exchange.
 * Derived secrets also depend on the transcript so far.
 */
import type { Bytes, CryptoPrimitives, Hash } from '../format/crypto.ts'
import { concat, NO_OCTETS } from '../../octets.ts'
import { encodeAscii, uint, vector } from '../format/presentation.ts'
import type { WriteKeys } from './protection.ts'
import type { Seat } from '../../seat.ts'
import type { CipherSuite } from '../format/suites.ts'

/** RFC 5869 2.2. */
export const hkdfExtract = (crypto: CryptoPrimitives, hash: Hash, salt: Bytes, input: Bytes): Bytes =>
  crypto.hmac(hash, salt, input)

/** RFC 5869 2.3. */
export function hkdfExpand(crypto: CryptoPrimitives, hash: Hash, secret: Bytes, info: Bytes, length: number): Bytes {
  const blocks: Bytes[] = []
  let made = 0
  for (let last = NO_OCTETS; made < length; made += last.length) {
    last = crypto.hmac(hash, secret, concat(last, info, uint(1, blocks.length + 1)))
    blocks.push(last)
  }
  return concat(...blocks).subarray(0, length)
}

/** HKDF-Expand-Label (RFC 8446 7.1). */
const hkdfExpandLabel = (
  crypto: CryptoPrimitives,
  hash: Hash,
  secret: Bytes,
  label: string,
  context: Bytes,
  length: number,
): Bytes =>
  hkdfExpand(crypto, hash, secret, concat(uint(2, length), vector(1, encodeAscii(`tls13 ${label}`)), vector(1, context)), length)

/** The uses of derived secrets, by the labels of RFC 8446 7.1. */
export type SecretUse =
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

/** Derive-Secret (RFC 8446 7.1). */
export const deriveSecret = (crypto: CryptoPrimitives, hash: Hash, secret: Bytes, label: SecretUse, transcriptHash: Bytes): Bytes =>
  hkdfExpandLabel(crypto, hash, secret, label, transcriptHash, transcriptHash.length)

/** The hash of the empty string, which is used if there is no transcript. */
export const hashNothing = (crypto: CryptoPrimitives, hash: Hash): Bytes => crypto.hash(hash, NO_OCTETS)

/** The early secret. `psk`: the pre-shared key, or null if there is none. */
export function deriveEarlySecret(crypto: CryptoPrimitives, hash: Hash, psk: Bytes | null): Bytes {
  const zeros = new Uint8Array(hashNothing(crypto, hash).length)
  return hkdfExtract(crypto, hash, zeros, psk ?? zeros)
}

/** The handshake secret. `shared`: the shared secret of the key exchange. */
export const deriveHandshakeSecret = (crypto: CryptoPrimitives, hash: Hash, early: Bytes, shared: Bytes): Bytes =>
  deriveNextStage(crypto, hash, early, shared)

/** The master secret of TLS 1.3, from the handshake secret. */
export const deriveMasterSecret13 = (crypto: CryptoPrimitives, hash: Hash, handshake: Bytes): Bytes =>
  deriveNextStage(crypto, hash, handshake, new Uint8Array(handshake.length))

function deriveNextStage(crypto: CryptoPrimitives, hash: Hash, secret: Bytes, input: Bytes): Bytes {
  return hkdfExtract(crypto, hash, deriveSecret(crypto, hash, secret, 'derived', hashNothing(crypto, hash)), input)
}

/** RFC 8446 7.3: the write keys that belong to a traffic secret. */
export const deriveTrafficKeys = (crypto: CryptoPrimitives, { hash, keyLength }: CipherSuite, secret: Bytes): WriteKeys => ({
  mac: NO_OCTETS,
  key: hkdfExpandLabel(crypto, hash, secret, 'key', NO_OCTETS, keyLength),
  iv: hkdfExpandLabel(crypto, hash, secret, 'iv', NO_OCTETS, 12),
})

/** RFC 8446 7.2: the traffic secret after a KeyUpdate. */
export const deriveNextTrafficSecret = (crypto: CryptoPrimitives, { hash }: CipherSuite, secret: Bytes): Bytes =>
  hkdfExpandLabel(crypto, hash, secret, 'traffic upd', NO_OCTETS, secret.length)

/** RFC 8446 4.4.4: `finished_key`, from the handshake traffic secret of its sender. */
export const deriveFinishedKey = (crypto: CryptoPrimitives, hash: Hash, secret: Bytes): Bytes =>
  hkdfExpandLabel(crypto, hash, secret, 'finished', NO_OCTETS, secret.length)

/** RFC 8446 4.4.4: the verify data of a Finished, from its sender's traffic secret; or a binder, from its binder key (4.2.11.2). */
export const computeFinishedMac = (crypto: CryptoPrimitives, hash: Hash, secret: Bytes, transcriptHash: Bytes): Bytes =>
  crypto.hmac(hash, deriveFinishedKey(crypto, hash, secret), transcriptHash)

/** RFC 8446 4.6.1: the pre-shared key that belongs to a ticket. `secret`: the resumption master secret. */
export const deriveTicketPsk = (crypto: CryptoPrimitives, { hash }: CipherSuite, secret: Bytes, nonce: Bytes): Bytes =>
  hkdfExpandLabel(crypto, hash, secret, 'resumption', nonce, secret.length)

/** RFC 8446 4.4.3: the octets that a CertificateVerify signs. */
export const encodeSignedContent = (from: Seat, transcriptHash: Bytes): Bytes =>
  concat(new Uint8Array(64).fill(0x20), encodeAscii(`TLS 1.3, ${from} CertificateVerify`), Uint8Array.of(0), transcriptHash)
