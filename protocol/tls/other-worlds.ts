/**
 * How the secret of an RSA key exchange travels: in TLS under the server's public key, and in the counterfactual worlds as their rules have it.
 * What a private key has closed is opened with the public key, by anyone who has that: this is the point of the exercise.
 */
import type { Bytes, Crypto, RsaPrivateKey, RsaPublicKey } from './crypto.ts'
import type { KeyName } from './endpoint.ts'
import { contentOf, isBlock, signatureBlock } from './rsa.ts'
import type { Rules } from './rules.ts'

/** Under whose key the secret travels. */
export const keyFor = ({ secretOf, certificateOf }: Rules): KeyName =>
  secretOf === certificateOf ? `${certificateOf}-private` : `${certificateOf}-public`

/** What the private key does to a message: everybody who has the public key can undo it. */
export const closePrivately = (crypto: Crypto, key: RsaPrivateKey, message: Bytes): Bytes =>
  crypto.rsaPrivate(key, signatureBlock(message, key.n.length))

/** Null where the private key of the pair has not closed it. */
export const openPublicly = (crypto: Crypto, key: RsaPublicKey, closed: Bytes): Bytes | null =>
  isBlock(key, closed) ? contentOf(crypto.rsaPublic(key, closed), 1) : null
