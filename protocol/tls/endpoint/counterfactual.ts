/**
 * How the secret of an RSA key exchange is encrypted: in TLS with the server's public key, in the counterfactual rule sets as they say. What was
 * transformed with a private key can be recovered by anyone with the public key: this is the point of the exercise.
 */
import type { Bytes, CryptoPrimitives, RsaPrivateKey, RsaPublicKey } from '../format/crypto.ts'
import type { KeyName } from './endpoint.ts'
import { unpadBlock, isBlock, padSignatureBlock } from '../keys/rsa.ts'
import type { TlsRules } from '../keys/rules.ts'

/** The key that the secret is encrypted with. */
export const preMasterKeyName = ({ secretOf, certificateOf }: TlsRules): KeyName =>
  secretOf === certificateOf ? `${certificateOf}-private` : `${certificateOf}-public`

/** Transforms a message with the private key; anyone with the public key can recover it. */
export const applyPrivateKey = (crypto: CryptoPrimitives, key: RsaPrivateKey, message: Bytes): Bytes =>
  crypto.rsaPrivate(key, padSignatureBlock(message, key.n.length))

/** Recovers what `applyPrivateKey` was given; null where another key was used. */
export const recoverWithPublicKey = (crypto: CryptoPrimitives, key: RsaPublicKey, transformed: Bytes): Bytes | null =>
  isBlock(key, transformed) ? unpadBlock(crypto.rsaPublic(key, transformed), 1) : null
