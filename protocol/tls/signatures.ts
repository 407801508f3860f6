/** How a handshake is signed, by its scheme (RFC 5246 4.7, RFC 8446 4.2.3). */
import type { Bytes, Crypto, RsaPrivateKey, RsaPublicKey } from './crypto.ts'
import { signPkcs1, signPss, verifyPkcs1, verifyPss } from './rsa.ts'
import type { Scheme } from './suites.ts'

/** The key of a certificate: RSA, or an uncompressed point of secp256r1. */
export type PublicKey = ({ readonly kind: 'RSA' } & RsaPublicKey) | { readonly kind: 'ECDSA'; readonly point: Bytes }

/** `salt`: as many octets as the hash has, for PSS; it is unused otherwise. */
export function sign(
  crypto: Crypto,
  scheme: Scheme & { readonly padding: 'PKCS1' | 'PSS' },
  key: RsaPrivateKey,
  data: Bytes,
  salt: Bytes,
): Bytes {
  return scheme.padding === 'PSS' ? signPss(crypto, key, scheme.hash, data, salt) : signPkcs1(crypto, key, scheme.hash, data)
}

/** False also where the key is of another kind than the scheme. */
export function verify(crypto: Crypto, scheme: Scheme, key: PublicKey, data: Bytes, signature: Bytes): boolean {
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
