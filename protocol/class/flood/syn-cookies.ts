/** SYN cookies (RFC 4987 3.6): initial sequence numbers by which a server that has kept nothing recognises its own SYN,ACK in the ACK. */
import { encodeUtf8 } from '../../octets.ts'
import type { CryptoPrimitives } from '../../tls/format/crypto.ts'

/** The server's initial sequence number for a connection: a keyed hash of the other side's address and initial number. */
export type CookieOf = (key: number, address: string, irs: number) => number

export const createCookies =
  ({ hmac }: Pick<CryptoPrimitives, 'hmac'>): CookieOf =>
  (key, address, irs) => {
    const digest = hmac('SHA-256', encodeUtf8(`${key}`), encodeUtf8(`${address} ${irs}`))
    return digest.subarray(0, 4).reduce((number, octet) => number * 256 + octet, 0)
  }
