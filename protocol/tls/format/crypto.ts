/**
 * The cryptographic primitives of TLS, as one small synchronous interface. The engine imports none: callers that judge pass them in, and
 * folding a log needs none. Keys, nonces and randomness are arguments, so that the same input gives the same bytes.
 */

export type Bytes = Uint8Array

export type Hash = 'SHA-1' | 'SHA-256' | 'SHA-384' | 'SHA-512'

/** Authenticated encryption, its tag 16 octets long and its nonce 12: RFC 5116 5.1 and 5.2, RFC 8439 2.8. */
export type Aead = 'AES-GCM' | 'ChaCha20-Poly1305'

/** Groups of the key exchange (RFC 8446 4.2.7): public values are 32 octets for x25519, 65 (uncompressed point) for secp256r1. */
export const NAMED_GROUPS = ['x25519', 'secp256r1'] as const
export type NamedGroup = (typeof NAMED_GROUPS)[number]

/** Big-endian, without leading zeros. */
export interface RsaPublicKey {
  readonly n: Bytes
  readonly e: Bytes
}

export interface RsaPrivateKey extends RsaPublicKey {
  readonly d: Bytes
  readonly p: Bytes
  readonly q: Bytes
}

export interface CryptoPrimitives {
  hash(hash: Hash, data: Bytes): Bytes
  hmac(hash: Hash, key: Bytes, data: Bytes): Bytes
  /** AES-CBC of whole blocks, without padding. The key's length chooses AES-128 or AES-256. */
  aesCbc(direction: 'encrypt' | 'decrypt', key: Bytes, iv: Bytes, blocks: Bytes): Bytes
  /** The ciphertext with its tag behind it. The key's length chooses AES-128 or AES-256. */
  seal(aead: Aead, key: Bytes, nonce: Bytes, additional: Bytes, plaintext: Bytes): Bytes
  /** The plaintext; null where the tag does not fit. */
  open(aead: Aead, key: Bytes, nonce: Bytes, additional: Bytes, sealed: Bytes): Bytes | null
  /** RSA without padding (RFC 8017 5.1, 5.2): block^e mod n. The block and the result have the modulus' length; the block is below it. */
  rsaPublic(key: RsaPublicKey, block: Bytes): Bytes
  /** block^d mod n. */
  rsaPrivate(key: RsaPrivateKey, block: Bytes): Bytes
  /** The public value of a private one (32 octets). */
  computePublicValue(group: NamedGroup, secret: Bytes): Bytes
  /** The shared secret; null where the peer's value is no point of the group, or one of those that give no secret (RFC 7748 6.1). */
  computeSharedSecret(group: NamedGroup, secret: Bytes, peer: Bytes): Bytes | null
  /** ECDSA over secp256r1 with SHA-256, verified; signature in DER, public key as an uncompressed point. */
  verifyEcdsa(key: Bytes, signature: Bytes, data: Bytes): boolean
}
