/** Key derivation in TLS 1.2: the PRF (RFC 5246 5), the master secret, the key block, and the verify data of a Finished. */
import { concat } from '../../octets.ts'
import type { Bytes, CryptoPrimitives, Hash } from '../format/crypto.ts'
import type { WriteKeys } from './protection.ts'
import { encodeAscii } from '../format/presentation.ts'
import type { Seat } from '../../seat.ts'
import type { CipherSuite } from '../format/suites.ts'

/** The PRF (RFC 5246 5), computed with P_hash. Returns `length` octets. */
export function prf(crypto: CryptoPrimitives, hash: Hash, secret: Bytes, label: string, seed: Bytes, length: number): Bytes {
  const labelled = concat(encodeAscii(label), seed)
  const blocks: Bytes[] = []
  let made = 0
  for (let a = labelled; made < length;) {
    a = crypto.hmac(hash, secret, a)
    const block = crypto.hmac(hash, secret, concat(a, labelled))
    blocks.push(block)
    made += block.length
  }
  return concat(...blocks).subarray(0, length)
}

/** Both sides' randoms, 32 octets each. */
export interface Randoms {
  readonly client: Bytes
  readonly server: Bytes
}

const MASTER_SECRET_OCTETS = 48
const VERIFY_DATA_OCTETS = 12

/** RFC 5246 8.1. */
export const deriveMasterSecret = (
  crypto: CryptoPrimitives,
  { hash }: CipherSuite,
  preMaster: Bytes,
  { client, server }: Randoms,
): Bytes => prf(crypto, hash, preMaster, 'master secret', concat(client, server), MASTER_SECRET_OCTETS)

/** RFC 5246 6.3: the write keys of each side. */
export function deriveKeyBlock(
  crypto: CryptoPrimitives,
  suite: CipherSuite,
  master: Bytes,
  { client, server }: Randoms,
): Readonly<Record<Seat, WriteKeys>> {
  const { hash, keyLength } = suite
  const macLength = suite.mac === null ? 0 : MAC_OCTETS[suite.mac]
  const ivLength = IV_OCTETS[suite.cipher]
  const block = prf(crypto, hash, master, 'key expansion', concat(server, client), 2 * (macLength + keyLength + ivLength))
  let at = 0
  const next = (length: number): Bytes => block.slice(at, (at += length))
  const macs = [next(macLength), next(macLength)] as const
  const keys = [next(keyLength), next(keyLength)] as const
  const ivs = [next(ivLength), next(ivLength)] as const
  return { client: { mac: macs[0], key: keys[0], iv: ivs[0] }, server: { mac: macs[1], key: keys[1], iv: ivs[1] } }
}

/** RFC 5246 7.4.9: the verify data of a side's Finished. `transcriptHash`: the hash of all handshake messages before it. */
export const computeVerifyData = (
  crypto: CryptoPrimitives,
  { hash }: CipherSuite,
  master: Bytes,
  from: Seat,
  transcriptHash: Bytes,
): Bytes => prf(crypto, hash, master, `${from} finished`, transcriptHash, VERIFY_DATA_OCTETS)

const MAC_OCTETS = { 'SHA-1': 20, 'SHA-256': 32, 'SHA-384': 48 } as const
/** The length of the derived IV. With AES-CBC each record contains its IV (RFC 5246 6.2.3.2), with AES-GCM a part of it (RFC 5288 3). */
const IV_OCTETS: Readonly<Record<CipherSuite['cipher'], number>> = { 'AES-CBC': 0, 'AES-GCM': 4, 'ChaCha20-Poly1305': 12 }
