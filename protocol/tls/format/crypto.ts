/**
 * The cryptographic primitives of TLS, as a small synchronous interface. The engine does not import an implementation: callers that judge
 * messages pass one in, and folding a log needs none. Keys, nonces and randomness are arguments, so that the results are deterministic.
 */

export type Bytes = Uint8Array

export type Hash = 'SHA-1' | 'SHA-256' | 'SHA-384' | 'SHA-512'

/** Authenticated encryption with a tag of 16 octets and a nonce of 12 octets: RFC 5116 5.1 and 5.2, RFC 8439 2.8. */
export type Aead = 'AES-GCM' | 'ChaCha20-Poly1305'

/** Groups of the key exchange (RFC 8446 4.2.7): public values are 32 octets for x25519, 65 (uncompressed point) for secp256r1. */
export const NAMED_GROUPS = ['x25519', 'secp256r1'] as const
export type NamedGroup = (typeof NAMED_GROUPS)[number]

/** Modulus and public exponent, big-endian and without leading zeros. */
export interface RsaPublicKey {
  readonly n: Bytes
  readonly e: Bytes
}

/** Private exponent `d` and prime factors `p` and `q`, in the same form. */
export interface RsaPrivateKey extends RsaPublicKey {
  readonly d: Bytes
  readonly p: Bytes
  readonly q: Bytes
}

/** An implementation of the primitives. */
export interface CryptoPrimitives {
  hash(hash: Hash, data: Bytes): Bytes
  hmac(hash: Hash, key: Bytes, data: Bytes): Bytes
  /** AES-CBC of whole blocks, without padding. The key's length selects AES-128 or AES-256. */
  aesCbc(direction: 'encrypt' | 'decrypt', key: Bytes, iv: Bytes, blocks: Bytes): Bytes
  /** Encrypts. Returns the ciphertext followed by the tag. The key's length selects AES-128 or AES-256. */
  seal(aead: Aead, key: Bytes, nonce: Bytes, additional: Bytes, plaintext: Bytes): Bytes
  /** Decrypts. Returns the plaintext, or null if the tag is wrong. */
  open(aead: Aead, key: Bytes, nonce: Bytes, additional: Bytes, sealed: Bytes): Bytes | null
  /** RSA without padding (RFC 8017 5.1, 5.2): block^e mod n. Block and result have the modulus' length; the block must be less than n. */
  rsaPublic(key: RsaPublicKey, block: Bytes): Bytes
  /** RSA without padding: block^d mod n. */
  rsaPrivate(key: RsaPrivateKey, block: Bytes): Bytes
  /** Computes the public value that belongs to a private value (32 octets). */
  computePublicValue(group: NamedGroup, secret: Bytes): Bytes
  /** Computes the shared secret. Null if the peer's value is not a point of the group, or gives an all-zero secret (RFC 7748 6.1). */
  computeSharedSecret(group: NamedGroup, secret: Bytes, peer: Bytes): Bytes | null
  /** Verifies an ECDSA signature over secp256r1 with SHA-256. `signature` in DER, `key` as an uncompressed point. */
  verifyEcdsa(key: Bytes, signature: Bytes, data: Bytes): boolean
}
