/** Reads the fields of an X.509 certificate that the exercises use, with node:crypto. */
import { X509Certificate } from 'node:crypto'
import type { Certificate, OctetSpan } from '../protocol/tls/keys/certificate.ts'
import type { Bytes } from '../protocol/tls/format/crypto.ts'
import { toHex } from '../protocol/octets.ts'

/** Reads a DER-encoded certificate. Throws if it is not a certificate, or its key is not an RSA key. */
export function readCertificate(der: Bytes): Certificate {
  const x509 = new X509Certificate(der)
  const { n, e } = x509.publicKey.export({ format: 'jwk' })
  if (n === undefined || e === undefined) throw new TypeError('the key of this certificate is not RSA')
  // RFC 5280 4.1: a sequence of tbsCertificate, signatureAlgorithm and signatureValue, a bit string, whose first octet counts unused bits.
  const signed = readDerElement(der, readDerElement(der, 0).content)
  const algorithm = readDerElement(der, signed.end)
  const signature = readDerElement(der, algorithm.end)
  return {
    der: toHex(der),
    subject: readCommonName(x509.subject),
    issuer: readCommonName(x509.issuer),
    names: (x509.subjectAltName ?? '').split(', ').flatMap((name) => (name.startsWith('DNS:') ? [name.slice(4)] : [])),
    from: Date.parse(x509.validFrom),
    to: Date.parse(x509.validTo),
    serial: x509.serialNumber.toLowerCase(),
    authority: x509.ca,
    key: { n: toHex(Buffer.from(n, 'base64url')), e: toHex(Buffer.from(e, 'base64url')) },
    signed: toSpan(signed.at, signed.end),
    signature: toSpan(signature.content + 1, signature.end),
  }
}

const toSpan = (at: number, end: number): OctetSpan => ({ at, length: end - at })

const readCommonName = (name: string): string => /(?:^|\n)CN=(.*)/.exec(name)?.[1] ?? name

/** The offsets in `der` where the element at `at` starts, where its content starts, and where it ends. */
function readDerElement(der: Bytes, at: number): { readonly at: number; readonly content: number; readonly end: number } {
  const first = der[at + 1] ?? 0
  if (first < 0x80) return { at, content: at + 2, end: at + 2 + first }
  const octets = der.subarray(at + 2, at + 2 + (first & 0x7f))
  const content = at + 2 + octets.length
  return { at, content, end: content + octets.reduce((sum, octet) => sum * 256 + octet, 0) }
}
