/** All randomness of an endpoint, drawn from its seed: the same seed gives the same bytes. */
import type { Bytes, Group } from './crypto.ts'
import type { Host } from './endpoint.ts'
import { concat, unhex } from '../octets.ts'
import { ascii, uint } from './octets.ts'

/** What it is for makes the octets differ: nothing is drawn twice. */
export type Purpose =
  'random' | `private value ${Group}` | 'pre-master secret' | 'padding' | 'salt' | 'forged signature' | `IV ${number}`

const BLOCK = 32

export function draw({ config, crypto }: Host, purpose: Purpose, length: number): Bytes {
  const seed = unhex(config.seed)
  const blocks = Array.from({ length: Math.ceil(length / BLOCK) }, (_, i) =>
    crypto.hmac('SHA-256', seed, concat(ascii(`${config.role} ${purpose}`), uint(4, i))),
  )
  return concat(...blocks).subarray(0, length)
}

/** What this side keeps to itself of the key exchange: 32 octets in either group. */
export const privateValue = (group: Group, host: Host): Bytes => draw(host, `private value ${group}`, 32)
