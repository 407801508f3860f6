/** The cipher suites, groups and signature schemes of IANA's TLS registries that are supported here, with their properties. */
import type { Aead, NamedGroup, Hash } from './crypto.ts'
import type { TlsVersion } from './messages.ts'

interface SuiteFields {
  readonly name: string
  readonly number: number
  readonly version: TlsVersion
  /** The key exchange; null in 1.3, where extensions determine it. */
  readonly exchange: 'RSA' | 'ECDHE' | null
  /** The type of the certificate's key; null in 1.3. */
  readonly authentication: 'RSA' | 'ECDSA' | null
  /** The length of the cipher's key in octets. */
  readonly keyLength: 16 | 32
  /** The hash of the PRF (1.2), or of HKDF (1.3), and of the transcript. */
  readonly hash: 'SHA-256' | 'SHA-384'
}

/** `mac`: the hash of the HMAC used with AES-CBC; null for AEADs. */
export type CipherSuite = SuiteFields &
  ({ readonly cipher: 'AES-CBC'; readonly mac: 'SHA-1' | 'SHA-256' | 'SHA-384' } | { readonly cipher: Aead; readonly mac: null })

/** RFC 8446 B.4. */
const tls13 = (number: number, name: string, cipher: Aead, keyLength: 16 | 32, hash: CipherSuite['hash']): CipherSuite => ({
  name,
  number,
  version: '1.3',
  exchange: null,
  authentication: null,
  cipher,
  keyLength,
  mac: null,
  hash,
})

type KeyExchange = readonly [exchange: 'RSA' | 'ECDHE', authentication: 'RSA' | 'ECDSA']

/** RFC 5246 A.5, RFC 5289 3.1, RFC 8422 6. The hash of the PRF is SHA-256, except for suites with SHA-384. */
const cbc = (
  number: number,
  name: string,
  [exchange, authentication]: KeyExchange,
  keyLength: 16 | 32,
  mac: 'SHA-1' | 'SHA-256' | 'SHA-384',
): CipherSuite => {
  const hash = mac === 'SHA-384' ? mac : 'SHA-256'
  return { name, number, version: '1.2', exchange, authentication, cipher: 'AES-CBC', keyLength, mac, hash }
}

/** RFC 5288 3, RFC 5289 3.2, RFC 7905 2. */
const aead = (
  number: number,
  name: string,
  [exchange, authentication]: KeyExchange,
  cipher: Aead,
  keyLength: 16 | 32,
  hash: CipherSuite['hash'],
): CipherSuite => ({ name, number, version: '1.2', exchange, authentication, cipher, keyLength, mac: null, hash })

const RSA = ['RSA', 'RSA'] as const
const ECDHE_RSA = ['ECDHE', 'RSA'] as const
const ECDHE_ECDSA = ['ECDHE', 'ECDSA'] as const

/** All supported suites. */
export const CIPHER_SUITES: readonly CipherSuite[] = [
  tls13(0x1301, 'TLS_AES_128_GCM_SHA256', 'AES-GCM', 16, 'SHA-256'),
  tls13(0x1302, 'TLS_AES_256_GCM_SHA384', 'AES-GCM', 32, 'SHA-384'),
  tls13(0x1303, 'TLS_CHACHA20_POLY1305_SHA256', 'ChaCha20-Poly1305', 32, 'SHA-256'),
  aead(0xc02f, 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', ECDHE_RSA, 'AES-GCM', 16, 'SHA-256'),
  aead(0xc030, 'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384', ECDHE_RSA, 'AES-GCM', 32, 'SHA-384'),
  aead(0xcca8, 'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256', ECDHE_RSA, 'ChaCha20-Poly1305', 32, 'SHA-256'),
  cbc(0xc013, 'TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA', ECDHE_RSA, 16, 'SHA-1'),
  cbc(0xc014, 'TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA', ECDHE_RSA, 32, 'SHA-1'),
  cbc(0xc027, 'TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256', ECDHE_RSA, 16, 'SHA-256'),
  cbc(0xc028, 'TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384', ECDHE_RSA, 32, 'SHA-384'),
  aead(0xc02b, 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256', ECDHE_ECDSA, 'AES-GCM', 16, 'SHA-256'),
  aead(0xc02c, 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384', ECDHE_ECDSA, 'AES-GCM', 32, 'SHA-384'),
  aead(0xcca9, 'TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256', ECDHE_ECDSA, 'ChaCha20-Poly1305', 32, 'SHA-256'),
  cbc(0xc009, 'TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA', ECDHE_ECDSA, 16, 'SHA-1'),
  cbc(0xc00a, 'TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA', ECDHE_ECDSA, 32, 'SHA-1'),
  cbc(0xc023, 'TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256', ECDHE_ECDSA, 16, 'SHA-256'),
  cbc(0xc024, 'TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384', ECDHE_ECDSA, 32, 'SHA-384'),
  aead(0x009c, 'TLS_RSA_WITH_AES_128_GCM_SHA256', RSA, 'AES-GCM', 16, 'SHA-256'),
  aead(0x009d, 'TLS_RSA_WITH_AES_256_GCM_SHA384', RSA, 'AES-GCM', 32, 'SHA-384'),
  cbc(0x002f, 'TLS_RSA_WITH_AES_128_CBC_SHA', RSA, 16, 'SHA-1'),
  cbc(0x0035, 'TLS_RSA_WITH_AES_256_CBC_SHA', RSA, 32, 'SHA-1'),
  cbc(0x003c, 'TLS_RSA_WITH_AES_128_CBC_SHA256', RSA, 16, 'SHA-256'),
  cbc(0x003d, 'TLS_RSA_WITH_AES_256_CBC_SHA256', RSA, 32, 'SHA-256'),
]

/** RFC 5746 3.3: a signalling value in the list of offered suites. */
export const EMPTY_RENEGOTIATION_INFO_SCSV = 0x00ff

/** The suite with this number; null if it is unknown, or if `number` is null. */
export const findSuite = (number: number | null): CipherSuite | null =>
  CIPHER_SUITES.find((suite) => suite.number === number) ?? null
export const findSuiteByName = (name: string): CipherSuite | null => CIPHER_SUITES.find((suite) => suite.name === name) ?? null

/** The numbers of the groups that the engine supports (RFC 8446 4.2.7). */
export const GROUP_NUMBERS: Readonly<Record<NamedGroup, number>> = { secp256r1: 0x0017, x25519: 0x001d }

/** The group with this number; null if it is not supported. */
export const findGroup = (number: number): NamedGroup | null =>
  (Object.keys(GROUP_NUMBERS) as NamedGroup[]).find((name) => GROUP_NUMBERS[name] === number) ?? null

/** An algorithm for signatures in a handshake. */
export interface SignatureScheme {
  readonly name: string
  readonly number: number
  readonly padding: 'PKCS1' | 'PSS' | 'ECDSA'
  readonly hash: Hash
}

/** RFC 8446 4.2.3. For ECDSA only the curve that the engine supports. */
export const SIGNATURE_SCHEMES: readonly SignatureScheme[] = [
  { name: 'ecdsa_secp256r1_sha256', number: 0x0403, padding: 'ECDSA', hash: 'SHA-256' },
  { name: 'rsa_pss_rsae_sha256', number: 0x0804, padding: 'PSS', hash: 'SHA-256' },
  { name: 'rsa_pss_rsae_sha384', number: 0x0805, padding: 'PSS', hash: 'SHA-384' },
  { name: 'rsa_pss_rsae_sha512', number: 0x0806, padding: 'PSS', hash: 'SHA-512' },
  { name: 'rsa_pkcs1_sha256', number: 0x0401, padding: 'PKCS1', hash: 'SHA-256' },
  { name: 'rsa_pkcs1_sha384', number: 0x0501, padding: 'PKCS1', hash: 'SHA-384' },
  { name: 'rsa_pkcs1_sha512', number: 0x0601, padding: 'PKCS1', hash: 'SHA-512' },
  { name: 'rsa_pkcs1_sha1', number: 0x0201, padding: 'PKCS1', hash: 'SHA-1' },
]

/** The signature scheme with this number; null if it is not supported. */
export const findScheme = (number: number): SignatureScheme | null =>
  SIGNATURE_SCHEMES.find((scheme) => scheme.number === number) ?? null
