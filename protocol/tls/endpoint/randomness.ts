/** Derives all randomness of an endpoint from its seed, so that the same seed gives the same bytes. */
import type { Bytes, NamedGroup } from '../format/crypto.ts'
import type { EndpointHost } from './endpoint.ts'
import { concat, fromHex } from '../../octets.ts'
import { encodeAscii, uint } from '../format/presentation.ts'

/** Each purpose gets independent octets. */
export type RandomPurpose =
  'random' | `private value ${NamedGroup}` | 'pre-master secret' | 'padding' | 'salt' | 'forged signature' | `IV ${number}`

const BLOCK_OCTETS = 32

/** Derives `length` octets for a purpose: HMAC-SHA-256 over role, purpose and a counter, with the seed as key. */
export function deriveRandom({ config, crypto }: EndpointHost, purpose: RandomPurpose, length: number): Bytes {
  const seed = fromHex(config.seed)
  const blocks = Array.from({ length: Math.ceil(length / BLOCK_OCTETS) }, (_, i) =>
    crypto.hmac('SHA-256', seed, concat(encodeAscii(`${config.role} ${purpose}`), uint(4, i))),
  )
  return concat(...blocks).subarray(0, length)
}

/** This side's private value of the key exchange: 32 octets in either group. */
export const derivePrivateValue = (group: NamedGroup, host: EndpointHost): Bytes => deriveRandom(host, `private value ${group}`, 32)
