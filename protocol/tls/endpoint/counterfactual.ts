/**
 * How the secret of an RSA key exchange travels: in TLS under the server's public key, and in the counterfactual worlds as their rules have it.
 * What a private key has closed is opened with the public key, by anyone who has that: this is the point of the exercise.
 */
import type { Bytes, CryptoPrimitives, RsaPrivateKey, RsaPublicKey } from '../format/crypto.ts'
import type { KeyName } from './endpoint.ts'
import { unpadBlock, isBlock, padSignatureBlock } from '../keys/rsa.ts'
import type { TlsRules } from '../keys/rules.ts'

/** Under whose key the secret travels. */
export const preMasterKeyName = ({ secretOf, certificateOf }: TlsRules): KeyName =>
  secretOf === certificateOf ? `${certificateOf}-private` : `${certificateOf}-public`

/** What the private key does to a message: everybody who has the public key can undo it. */
export const applyPrivateKey = (crypto: CryptoPrimitives, key: RsaPrivateKey, message: Bytes): Bytes =>
  crypto.rsaPrivate(key, padSignatureBlock(message, key.n.length))

/** Null where the private key of the pair has not closed it. */
export const recoverWithPublicKey = (crypto: CryptoPrimitives, key: RsaPublicKey, closed: Bytes): Bytes | null =>
  isBlock(key, closed) ? unpadBlock(crypto.rsaPublic(key, closed), 1) : null
