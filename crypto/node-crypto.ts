/** Implements the primitives of `protocol/tls/format/crypto.ts` with node:crypto. */
import {
  createCipheriv,
  createDecipheriv,
  createECDH,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  constants,
  diffieHellman,
  type KeyObject,
  privateDecrypt,
  publicEncrypt,
  verify,
} from 'node:crypto'
import type { Aead, Bytes, CryptoPrimitives, NamedGroup, Hash, RsaPrivateKey, RsaPublicKey } from '../protocol/tls/format/crypto.ts'

const HASHES: Readonly<Record<Hash, string>> = { 'SHA-1': 'sha1', 'SHA-256': 'sha256', 'SHA-384': 'sha384', 'SHA-512': 'sha512' }

const TAG_OCTETS = 16
const cipherName = (aead: Aead, key: Bytes) =>
  aead === 'AES-GCM' ? (`aes-${key.length === 16 ? 128 : 256}-gcm` as const) : ('chacha20-poly1305' as const)
const AEAD_OPTIONS = { authTagLength: TAG_OCTETS }

/** The implementation that the server and the command line use. */
export const nodeCrypto: CryptoPrimitives = {
  hash: (hash, data) => toBytes(createHash(HASHES[hash]).update(data).digest()),
  hmac: (hash, key, data) => toBytes(createHmac(HASHES[hash], key).update(data).digest()),

  aesCbc(direction, key, iv, blocks) {
    const algorithm = `aes-${key.length * 8}-cbc`
    const cipher = direction === 'encrypt' ? createCipheriv(algorithm, key, iv) : createDecipheriv(algorithm, key, iv)
    cipher.setAutoPadding(false)
    return toBytes(Buffer.concat([cipher.update(blocks), cipher.final()]))
  },

  seal(aead, key, nonce, additional, plaintext) {
    const cipher = createCipheriv(cipherName(aead, key) as 'aes-128-gcm', key, nonce, AEAD_OPTIONS)
    cipher.setAAD(additional)
    return toBytes(Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]))
  },

  open(aead, key, nonce, additional, sealed) {
    if (sealed.length < TAG_OCTETS) return null
    const decipher = createDecipheriv(cipherName(aead, key) as 'aes-128-gcm', key, nonce, AEAD_OPTIONS)
    decipher.setAAD(additional)
    decipher.setAuthTag(sealed.subarray(-TAG_OCTETS))
    const plaintext = decipher.update(sealed.subarray(0, -TAG_OCTETS))
    try {
      return toBytes(Buffer.concat([plaintext, decipher.final()]))
    } catch {
      return null
    }
  },

  rsaPublic: (key, block) => toBytes(publicEncrypt({ key: importRsaPublicKey(key), padding: constants.RSA_NO_PADDING }, block)),
  rsaPrivate: (key, block) => toBytes(privateDecrypt({ key: importRsaPrivateKey(key), padding: constants.RSA_NO_PADDING }, block)),

  computePublicValue(group, secret) {
    if (group === 'secp256r1') return toBytes(createP256(secret).getPublicKey())
    return toBytes(
      createPublicKey(importX25519Private(secret)).export({ format: 'der', type: 'spki' }).subarray(X25519_PUBLIC_PREFIX.length),
    )
  },

  computeSharedSecret(group: NamedGroup, secret, peer) {
    try {
      if (group === 'secp256r1') return toBytes(createP256(secret).computeSecret(peer))
      return toBytes(diffieHellman({ privateKey: importX25519Private(secret), publicKey: importX25519Public(peer) }))
    } catch {
      // Not a point on the curve, or of small order.
      return null
    }
  },

  verifyEcdsa(key, signature, data) {
    if (key.length !== 65 || key[0] !== UNCOMPRESSED) return false
    try {
      const jwk = { kty: 'EC', crv: 'P-256', x: toBase64Url(key.subarray(1, 33)), y: toBase64Url(key.subarray(33)) }
      return verify('sha256', data, createPublicKey({ key: jwk, format: 'jwk' }), signature)
    } catch {
      // Not a point on the curve.
      return false
    }
  },
}

/** Copies a Buffer to a plain Uint8Array: a Buffer prints and compares differently in tests. */
const toBytes = (buffer: Buffer): Bytes => new Uint8Array(buffer)

const toBase64Url = (bytes: Bytes | bigint): string =>
  (typeof bytes === 'bigint' ? Buffer.from(padHex(bytes.toString(16)), 'hex') : Buffer.from(bytes)).toString('base64url')
const padHex = (hex: string): string => (hex.length % 2 === 0 ? hex : `0${hex}`)

const importRsaPublicKey = ({ n, e }: RsaPublicKey): KeyObject =>
  createPublicKey({ key: { kty: 'RSA', n: toBase64Url(n), e: toBase64Url(e) }, format: 'jwk' })

/** Recently used private keys as Node's objects: importing a key takes about as long as using it. */
const privateKeys = new Map<string, KeyObject>()
const MAX_PRIVATE_KEYS = 16

function importRsaPrivateKey(key: RsaPrivateKey): KeyObject {
  const id = [key.n, key.e, key.d, key.p, key.q].map(toBase64Url).join()
  const known = privateKeys.get(id)
  if (known) return known
  if (privateKeys.size === MAX_PRIVATE_KEYS) privateKeys.clear()
  const imported = createRsaPrivateKey(key)
  privateKeys.set(id, imported)
  return imported
}

/** Imports a private key, with the CRT exponents and coefficient computed from d, p and q (RFC 8017 3.2). */
function createRsaPrivateKey({ n, e, d, p, q }: RsaPrivateKey): KeyObject {
  const [D, P, Q] = [toBigInt(d), toBigInt(p), toBigInt(q)]
  const crt = { dp: toBase64Url(D % (P - 1n)), dq: toBase64Url(D % (Q - 1n)), qi: toBase64Url(modularInverse(Q, P)) }
  const key = { kty: 'RSA', n: toBase64Url(n), e: toBase64Url(e), d: toBase64Url(d), p: toBase64Url(p), q: toBase64Url(q), ...crt }
  return createPrivateKey({ key, format: 'jwk' })
}

const toBigInt = (bytes: Bytes): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex')}`)

/** The inverse of `a` modulo `m`, by the extended Euclidean algorithm. */
function modularInverse(a: bigint, m: bigint): bigint {
  let [r, next] = [m, a % m]
  let [t, nextT] = [0n, 1n]
  while (next !== 0n) {
    const quotient = r / next
    ;[r, next] = [next, r - quotient * next]
    ;[t, nextT] = [nextT, t - quotient * nextT]
  }
  return ((t % m) + m) % m
}

/** First octet of an uncompressed point (SEC 1 2.3.3). */
const UNCOMPRESSED = 4

function createP256(secret: Bytes) {
  const own = createECDH('prime256v1')
  own.setPrivateKey(secret)
  return own
}

/** The DER encoding that precedes the 32 octets of a key: PKCS #8 and SubjectPublicKeyInfo (RFC 8410). */
const X25519_PRIVATE_PREFIX = Buffer.from('302e020100300506032b656e04220420', 'hex')
const X25519_PUBLIC_PREFIX = Buffer.from('302a300506032b656e032100', 'hex')

const importX25519Private = (secret: Bytes): KeyObject =>
  createPrivateKey({ key: Buffer.concat([X25519_PRIVATE_PREFIX, secret]), format: 'der', type: 'pkcs8' })
const importX25519Public = (peer: Bytes): KeyObject =>
  createPublicKey({ key: Buffer.concat([X25519_PUBLIC_PREFIX, peer]), format: 'der', type: 'spki' })
