/**
 * How the pre-master secret of an RSA key exchange is encrypted: in TLS with the server's public key, in counterfactual rule sets with another
 * key. If it is transformed with a private key, anyone with the public key can recover it: this is what the exercise demonstrates.
 */
import type { Bytes, CryptoPrimitives, RsaPrivateKey, RsaPublicKey } from '../format/crypto.ts'
import type { KeyName } from './endpoint.ts'
import { unpadBlock, isBlock, padSignatureBlock } from '../keys/rsa.ts'
import type { TlsRules } from '../keys/rules.ts'

/** The key with which the pre-master secret is encrypted. */
export const preMasterKeyName = ({ secretOf, certificateOf }: TlsRules): KeyName =>
  secretOf === certificateOf ? `${certificateOf}-private` : `${certificateOf}-public`

/** Transforms a message with the private key; anyone with the public key can recover it. */
export const applyPrivateKey = (crypto: CryptoPrimitives, key: RsaPrivateKey, message: Bytes): Bytes =>
  crypto.rsaPrivate(key, padSignatureBlock(message, key.n.length))

/** Recovers the message that was given to `applyPrivateKey`; null if another key was used. */
export const recoverWithPublicKey = (crypto: CryptoPrimitives, key: RsaPublicKey, transformed: Bytes): Bytes | null =>
  isBlock(key, transformed) ? unpadBlock(crypto.rsaPublic(key, transformed), 1) : null
