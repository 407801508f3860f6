/** The primitives of `protocol/tls/crypto.ts` by Node's own cryptography. */
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
import type { Aead, Bytes, Crypto, Group, Hash, RsaPrivateKey, RsaPublicKey } from '../protocol/tls/crypto.ts'

const HASHES: Readonly<Record<Hash, string>> = { 'SHA-1': 'sha1', 'SHA-256': 'sha256', 'SHA-384': 'sha384', 'SHA-512': 'sha512' }

const TAG = 16
const aeadOf = (aead: Aead, key: Bytes) =>
  aead === 'AES-GCM' ? (`aes-${key.length === 16 ? 128 : 256}-gcm` as const) : ('chacha20-poly1305' as const)
const OPTIONS = { authTagLength: TAG }

export const nodeCrypto: Crypto = {
  hash: (hash, data) => plain(createHash(HASHES[hash]).update(data).digest()),
  hmac: (hash, key, data) => plain(createHmac(HASHES[hash], key).update(data).digest()),

  cbc(direction, key, iv, blocks) {
    const algorithm = `aes-${key.length * 8}-cbc`
    const cipher = direction === 'encrypt' ? createCipheriv(algorithm, key, iv) : createDecipheriv(algorithm, key, iv)
    cipher.setAutoPadding(false)
    return plain(Buffer.concat([cipher.update(blocks), cipher.final()]))
  },

  seal(aead, key, nonce, additional, plaintext) {
    const cipher = createCipheriv(aeadOf(aead, key) as 'aes-128-gcm', key, nonce, OPTIONS)
    cipher.setAAD(additional)
    return plain(Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]))
  },

  open(aead, key, nonce, additional, sealed) {
    if (sealed.length < TAG) return null
    const decipher = createDecipheriv(aeadOf(aead, key) as 'aes-128-gcm', key, nonce, OPTIONS)
    decipher.setAAD(additional)
    decipher.setAuthTag(sealed.subarray(-TAG))
    const plaintext = decipher.update(sealed.subarray(0, -TAG))
    try {
      return plain(Buffer.concat([plaintext, decipher.final()]))
    } catch {
      return null
    }
  },

  rsaPublic: (key, block) => plain(publicEncrypt({ key: rsaPublicKey(key), padding: constants.RSA_NO_PADDING }, block)),
  rsaPrivate: (key, block) => plain(privateDecrypt({ key: rsaPrivateKey(key), padding: constants.RSA_NO_PADDING }, block)),

  share(group, secret) {
    if (group === 'secp256r1') return plain(ecdh(secret).getPublicKey())
    return plain(createPublicKey(x25519Private(secret)).export({ format: 'der', type: 'spki' }).subarray(X25519_PUBLIC.length))
  },

  agree(group: Group, secret, peer) {
    try {
      if (group === 'secp256r1') return plain(ecdh(secret).computeSecret(peer))
      return plain(diffieHellman({ privateKey: x25519Private(secret), publicKey: x25519Public(peer) }))
    } catch {
      // No point of the curve, or one of small order.
      return null
    }
  },

  verifyEcdsa(key, signature, data) {
    if (key.length !== 65 || key[0] !== UNCOMPRESSED) return false
    try {
      const jwk = { kty: 'EC', crv: 'P-256', x: base64(key.subarray(1, 33)), y: base64(key.subarray(33)) }
      return verify('sha256', data, createPublicKey({ key: jwk, format: 'jwk' }), signature)
    } catch {
      // No point of the curve.
      return false
    }
  },
}

/** Bytes of their own, and no Buffer: a Buffer would compare and print otherwise. */
const plain = (buffer: Buffer): Bytes => new Uint8Array(buffer)

const base64 = (bytes: Bytes | bigint): string =>
  (typeof bytes === 'bigint' ? Buffer.from(even(bytes.toString(16)), 'hex') : Buffer.from(bytes)).toString('base64url')
const even = (hex: string): string => (hex.length % 2 === 0 ? hex : `0${hex}`)

const rsaPublicKey = ({ n, e }: RsaPublicKey): KeyObject =>
  createPublicKey({ key: { kty: 'RSA', n: base64(n), e: base64(e) }, format: 'jwk' })

/** RFC 8017 3.2: what the Chinese remainder theorem needs follows from d, p and q. */
function rsaPrivateKey({ n, e, d, p, q }: RsaPrivateKey): KeyObject {
  const [D, P, Q] = [number(d), number(p), number(q)]
  const crt = { dp: base64(D % (P - 1n)), dq: base64(D % (Q - 1n)), qi: base64(inverse(Q, P)) }
  const key = { kty: 'RSA', n: base64(n), e: base64(e), d: base64(d), p: base64(p), q: base64(q), ...crt }
  return createPrivateKey({ key, format: 'jwk' })
}

const number = (bytes: Bytes): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex')}`)

/** The inverse of `a` modulo `m`, by Euclid. */
function inverse(a: bigint, m: bigint): bigint {
  let [r, next] = [m, a % m]
  let [t, then] = [0n, 1n]
  while (next !== 0n) {
    const quotient = r / next
    ;[r, next] = [next, r - quotient * next]
    ;[t, then] = [then, t - quotient * then]
  }
  return ((t % m) + m) % m
}

const UNCOMPRESSED = 4

function ecdh(secret: Bytes) {
  const own = createECDH('prime256v1')
  own.setPrivateKey(secret)
  return own
}

/** RFC 8410: what stands before the 32 octets in DER. */
const X25519_PRIVATE = Buffer.from('302e020100300506032b656e04220420', 'hex')
const X25519_PUBLIC = Buffer.from('302a300506032b656e032100', 'hex')

const x25519Private = (secret: Bytes): KeyObject =>
  createPrivateKey({ key: Buffer.concat([X25519_PRIVATE, secret]), format: 'der', type: 'pkcs8' })
const x25519Public = (peer: Bytes): KeyObject =>
  createPublicKey({ key: Buffer.concat([X25519_PUBLIC, peer]), format: 'der', type: 'spki' })
