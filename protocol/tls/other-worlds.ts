/**
 * How the secret of an RSA key exchange travels: in TLS under the server's public key, and in the counterfactual worlds as their rules have it.
 * What a private key has closed is opened with the public key, by anyone who has that: this is the point of the exercise.
 */
import type { Bytes, Crypto, RsaPrivateKey, RsaPublicKey } from './crypto.ts'
import type { KeyName } from './endpoint.ts'
import { concat } from '../octets.ts'
import type { Rules } from './rules.ts'

/** Under whose key the secret travels. */
export const keyFor = ({ secretOf, certificateOf }: Rules): KeyName =>
  secretOf === certificateOf ? `${certificateOf}-private` : `${certificateOf}-public`

/** Octets around a message in a block of type 1: 0, 1, at least eight of 255, 0 (RFC 8017 9.2, RFC 2313 8.1). */
const AROUND = 3
const LEAST_PADDING = 8

/** What the private key does to a message: everybody who has the public key can undo it. */
export const closePrivately = (crypto: Crypto, key: RsaPrivateKey, message: Bytes): Bytes => {
  const padding = new Uint8Array(key.n.length - AROUND - message.length).fill(0xff)
  return crypto.rsaPrivate(key, concat(Uint8Array.of(0, 1), padding, Uint8Array.of(0), message))
}

/** Null where the private key of the pair has not closed it. */
export function openPublicly(crypto: Crypto, key: RsaPublicKey, closed: Bytes): Bytes | null {
  if (closed.length !== key.n.length) return null
  const block = crypto.rsaPublic(key, closed)
  const end = block.indexOf(0, 2)
  const padding = block.subarray(2, end)
  if (block[0] !== 0 || block[1] !== 1 || end < 2 + LEAST_PADDING || padding.some((octet) => octet !== 0xff)) return null
  return block.slice(end + 1)
}
