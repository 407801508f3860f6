/** Verifies handshake signatures by signature scheme (RFC 5246 4.7, RFC 8446 4.2.3). */
import type { Bytes, CryptoPrimitives, RsaPublicKey } from '../format/crypto.ts'
import { verifyPkcs1, verifyPss } from './rsa.ts'
import type { SignatureScheme } from '../format/suites.ts'

/** The public key of a certificate: RSA, or an uncompressed point of secp256r1. */
export type PublicKey = ({ readonly kind: 'RSA' } & RsaPublicKey) | { readonly kind: 'ECDSA'; readonly point: Bytes }

/** Whether the signature is right. False also if the key has another type than the scheme requires. */
export function verifySignature(
  crypto: CryptoPrimitives,
  scheme: SignatureScheme,
  key: PublicKey,
  data: Bytes,
  signature: Bytes,
): boolean {
  if (key.kind === 'ECDSA') return scheme.padding === 'ECDSA' && crypto.verifyEcdsa(key.point, signature, data)
  switch (scheme.padding) {
    case 'PSS':
      return verifyPss(crypto, key, scheme.hash, data, signature)
    case 'PKCS1':
      return verifyPkcs1(crypto, key, scheme.hash, data, signature)
    case 'ECDSA':
      return false
  }
}
