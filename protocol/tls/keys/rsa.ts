/**
 * RSA with padding (RFC 8017): PKCS#1 v1.5 for encryption and signatures, and PSS. The padding is built here, from given random octets, around
 * a primitive without padding, so that the results are deterministic.
 */
import type { Bytes, CryptoPrimitives, Hash, RsaPrivateKey, RsaPublicKey } from '../format/crypto.ts'
import { concat, equalOctets } from '../../octets.ts'
import { uint } from '../format/presentation.ts'

/** PKCS#1 v1.5 adds at least these octets before a message: 0, the block type, eight octets of padding, 0. */
const MIN_PADDING_OCTETS = 11

/** The number of random octets that `encryptPkcs1` needs for this message. */
export const paddingLength = ({ n }: RsaPublicKey, message: Bytes): number => n.length - 3 - message.length

/**
 * RFC 8017 7.2.1. `random`: `paddingLength` octets; zeros are replaced by 1, because padding may not contain zeros. Throws `RangeError` if the
 * message is too long or `random` has the wrong length.
 */
export function encryptPkcs1(crypto: CryptoPrimitives, key: RsaPublicKey, message: Bytes, random: Bytes): Bytes {
  if (message.length > key.n.length - MIN_PADDING_OCTETS) throw new RangeError('the message is too long for the key')
  if (random.length !== paddingLength(key, message)) throw new RangeError('the padding has not the length that fills the block')
  const padding = random.map((octet) => octet || 1)
  return crypto.rsaPublic(key, concat(Uint8Array.of(0, 2), padding, Uint8Array.of(0), message))
}

/** RFC 8017 7.2.2. Null if the message was not encrypted with this key, or is malformed. */
export const decryptPkcs1 = (crypto: CryptoPrimitives, key: RsaPrivateKey, encrypted: Bytes): Bytes | null =>
  isBlock(key, encrypted) ? unpadBlock(crypto.rsaPrivate(key, encrypted), 2) : null

/**
 * The content of a padded block. The padding consists of nonzero octets in type 2 (encryption), and of octets 255 in type 1 (signatures).
 * Null if the block does not have this form.
 */
export function unpadBlock(block: Bytes, type: 1 | 2): Bytes | null {
  const end = block.indexOf(0, 2)
  if (block[0] !== 0 || block[1] !== type || end < MIN_PADDING_OCTETS - 1) return null
  if (type === 1 && block.subarray(2, end).some((octet) => octet !== 0xff)) return null
  return block.slice(end + 1)
}

/** Builds a block of type 1 with a total length of `length` octets. */
export const padSignatureBlock = (content: Bytes, length: number): Bytes =>
  concat(Uint8Array.of(0, 1), new Uint8Array(length - content.length - 3).fill(0xff), Uint8Array.of(0), content)

/** RFC 8017 8.2.2: RSASSA-PKCS1-v1_5. */
export const verifyPkcs1 = (crypto: CryptoPrimitives, key: RsaPublicKey, hash: Hash, data: Bytes, signature: Bytes): boolean =>
  isBlock(key, signature) && equalOctets(crypto.rsaPublic(key, signature), encodePkcs1(crypto, hash, data, key.n.length))

/** RFC 8017 8.1.1: RSASSA-PSS. `salt` must be as long as the hash (RFC 8446 4.2.3). */
export function signPss(crypto: CryptoPrimitives, key: RsaPrivateKey, hash: Hash, data: Bytes, salt: Bytes): Bytes {
  const bits = modulusBits(key) - 1
  const digest = crypto.hash(hash, concat(new Uint8Array(8), crypto.hash(hash, data), salt))
  const length = Math.ceil(bits / 8)
  const zeros = new Uint8Array(length - salt.length - digest.length - 2)
  const masked = xor(concat(zeros, Uint8Array.of(1), salt), mgf1(crypto, hash, digest, length - digest.length - 1))
  masked[0]! &= 0xff >> (8 * length - bits)
  const block = concat(masked, digest, Uint8Array.of(PSS_TRAILER))
  return crypto.rsaPrivate(key, concat(new Uint8Array(key.n.length - length), block))
}

/** RFC 8017 8.1.2. */
export function verifyPss(crypto: CryptoPrimitives, key: RsaPublicKey, hash: Hash, data: Bytes, signature: Bytes): boolean {
  if (!isBlock(key, signature)) return false
  const bits = modulusBits(key) - 1
  const length = Math.ceil(bits / 8)
  const whole = crypto.rsaPublic(key, signature)
  const block = whole.subarray(whole.length - length)
  if (whole.length > length && whole[0] !== 0) return false
  const message = crypto.hash(hash, data)
  const zeros = length - 2 * message.length - 2
  const masked = block.subarray(0, length - message.length - 1)
  const digest = block.subarray(masked.length, -1)
  if (zeros < 0 || block.at(-1) !== PSS_TRAILER || masked[0]! >> (8 - (8 * length - bits)) !== 0) return false
  const unmasked = xor(masked, mgf1(crypto, hash, digest, masked.length))
  unmasked[0]! &= 0xff >> (8 * length - bits)
  if (unmasked.subarray(0, zeros).some((octet) => octet !== 0) || unmasked[zeros] !== 1) return false
  return equalOctets(crypto.hash(hash, concat(new Uint8Array(8), message, unmasked.subarray(zeros + 1))), digest)
}

const PSS_TRAILER = 0xbc

/** RFC 8017 9.2, EMSA-PKCS1-v1_5: the hash preceded by the DER prefix that identifies its algorithm. */
function encodePkcs1(crypto: CryptoPrimitives, hash: Hash, data: Bytes, length: number): Bytes {
  const info = concat(DIGEST_INFO[hash], crypto.hash(hash, data))
  if (length < info.length + MIN_PADDING_OCTETS) throw new RangeError('the key is too short for this hash')
  return padSignatureBlock(info, length)
}

const sha2DigestInfo = (algorithm: number, length: number): Bytes =>
  Uint8Array.of(0x30, 17 + length, 0x30, 13, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, algorithm, 5, 0, 4, length)

const DIGEST_INFO: Readonly<Record<Hash, Bytes>> = {
  'SHA-1': Uint8Array.of(0x30, 0x21, 0x30, 9, 6, 5, 0x2b, 0x0e, 3, 2, 0x1a, 5, 0, 4, 20),
  'SHA-256': sha2DigestInfo(1, 32),
  'SHA-384': sha2DigestInfo(2, 48),
  'SHA-512': sha2DigestInfo(3, 64),
}

/** RFC 8017 B.2.1, MGF1. */
function mgf1(crypto: CryptoPrimitives, hash: Hash, seed: Bytes, length: number): Bytes {
  const blocks: Bytes[] = []
  let made = 0
  for (let i = 0; made < length; i++) {
    const block = crypto.hash(hash, concat(seed, uint(4, i)))
    blocks.push(block)
    made += block.length
  }
  return concat(...blocks).subarray(0, length)
}

const xor = (a: Bytes, b: Bytes): Bytes => a.map((octet, i) => octet ^ b[i]!)

const modulusBits = ({ n }: RsaPublicKey): number => 8 * n.length - Math.clz32(n[0]!) + 24

/** Whether a block has the modulus' length and is less than the modulus, as RSA requires. */
export function isBlock({ n }: RsaPublicKey, block: Bytes): boolean {
  if (block.length !== n.length) return false
  const differs = block.findIndex((octet, i) => octet !== n[i])
  return differs >= 0 && block[differs]! < n[differs]!
}
