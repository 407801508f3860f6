/**
 * What somebody on the wire can read, by computing it. All that goes in is what is on the wire and what has been leaked; whoever holds the same
 * can do each step again.
 */
import { concat, hex, NONE } from '../octets.ts'
import { publicKey, type Certificate } from './certificate.ts'
import { CONTENT, decodeMessage, HELLOS, type Layout } from './codec.ts'
import type { MessageOf } from './connection.ts'
import { versionChosen } from './contents.ts'
import type { Bytes, Crypto, RsaPrivateKey } from './crypto.ts'
import type { Message } from './messages.ts'
import { keyBlock, masterSecret, type Randoms } from './prf.ts'
import { protection, unprotect } from './protection.ts'
import { readRecord, type Record, splitHandshake } from './records.ts'
import { contentOf, isBlock } from './rsa.ts'
import { type Role, ROLES } from './rules.ts'
import { type Suite, suiteOf } from './suites.ts'

/**
 * - `rsa-public`: block = exchange^e mod n, by a public key that stands in a certificate on the wire.
 * - `rsa-private`: block = exchange^d mod n, by a private key that has leaked.
 * - `master-secret`, `key-block`: RFC 5246 8.1 and 6.3. `open-record`: its plaintext.
 */
export const FORMULAS = ['rsa-public', 'rsa-private', 'master-secret', 'key-block', 'open-record'] as const
export type Formula = (typeof FORMULAS)[number]

export const QUANTITIES = [
  'exchange',
  'modulus',
  'public-exponent',
  'private-exponent',
  'block',
  'pre-master-secret',
  'client-random',
  'server-random',
  'master-secret',
  'client-key',
  'server-key',
  'record',
  'plaintext',
] as const
/** What goes into a formula or comes out of it. Hex. */
export interface Value {
  readonly name: (typeof QUANTITIES)[number]
  readonly hex: string
}

export interface Derivation {
  readonly formula: Formula
  readonly inputs: readonly Value[]
  readonly outputs: readonly Value[]
  /** The result is what was sought: a block that is padded as it should be, a record whose MAC fits. */
  readonly works: boolean
}

export interface Overheard {
  readonly steps: readonly Derivation[]
  /** What was said under protection, in each direction's order. */
  readonly plaintexts: readonly { readonly from: Role; readonly content: number; readonly data: string }[]
  /**
   * Why no more can be read: `private-key`, that of the certificate; `private-value`, one of ECDHE's two, which neither side has kept;
   * `handshake`, whose beginning was not on the wire. Null: all could be read.
   */
  readonly missing: 'private-key' | 'private-value' | 'handshake' | null
}

export interface Overhearing {
  /** All octets of each direction. */
  readonly wire: { readonly [R in Role]: Bytes }
  readonly leaked: readonly RsaPrivateKey[]
  /** What stands in the certificates that may be on the wire: anyone can read them. */
  readonly certificates: readonly Certificate[]
}

export function eavesdrop({ wire, leaked, certificates }: Overhearing, crypto: Crypto): Overheard {
  const heard = { client: listen(wire.client, 'client'), server: listen(wire.server, 'server') }
  const server = heard.server.hello('ServerHello')
  const client = heard.client.hello('ClientHello')
  const suite = server && suiteOf(server.suite)
  if (!server || !client || !suite) return { steps: [], plaintexts: [], missing: 'handshake' }
  if (versionChosen(server) === '1.3') return { steps: [], plaintexts: [], missing: 'private-value' }

  const layout: Layout = { version: '1.2', exchange: suite.exchange }
  const said = ROLES.flatMap((role) => heard[role].messages(layout))
  if (suite.exchange === 'ECDHE') {
    // There is nothing that a private key of RSA could open: the two public values are no more than that.
    const steps = leaked.flatMap((key) => said.flatMap(shareIn).map((share) => tryPrivately(share, key, crypto).step))
    return { steps, plaintexts: [], missing: 'private-value' }
  }
  const exchange = said.find((message) => message.is === 'ClientKeyExchange')?.exchange
  if (exchange === undefined) return { steps: [], plaintexts: [], missing: 'handshake' }
  const shown = said
    .flatMap((message) => (message.is === 'Certificate' ? message.chain : []))
    .map(({ certificate }) => hex(certificate))
  const keys = certificates.filter(({ der, authority }) => shown.includes(der) && !authority)

  const tries = [
    ...keys.map((certificate) => tryPublicly(exchange, certificate, crypto)),
    ...leaked.map((key) => tryPrivately(exchange, key, crypto)),
  ]
  const opened = tries.find(({ step }) => step.works)
  if (!opened?.secret) return { steps: tries.map(({ step }) => step), plaintexts: [], missing: 'private-key' }

  const randoms = { client: client.random, server: server.random }
  const derived = derive(opened.secret, suite, randoms, crypto)
  const read = ROLES.flatMap((role) => heard[role].open(derived.keys[role], suite, crypto))
  return {
    steps: [...tries.map(({ step }) => step), ...derived.steps, ...read.map(({ step }) => step)],
    plaintexts: read.flatMap(({ plaintext }) => plaintext ?? []),
    missing: null,
  }
}

const shareIn = (message: Message): readonly Bytes[] =>
  message.is === 'ServerKeyExchange' ? [message.share] : message.is === 'ClientKeyExchange' ? [message.exchange] : []

interface Try {
  readonly step: Derivation
  readonly secret: Bytes | null
}

const tried = (formula: Formula, exchange: Bytes, key: readonly Value[], block: Bytes, secret: Bytes | null): Try => ({
  secret,
  step: {
    formula,
    inputs: [{ name: 'exchange', hex: hex(exchange) }, ...key],
    outputs: [value('block', block), ...(secret ? [value('pre-master-secret', secret)] : [])],
    works: secret !== null,
  },
})

const value = (name: Value['name'], bytes: Bytes): Value => ({ name, hex: hex(bytes) })

/** Whatever a private key has closed, its public key opens. */
function tryPublicly(exchange: Bytes, certificate: Certificate, crypto: Crypto): Try {
  const key = publicKey(certificate)
  const block = isBlock(key, exchange) ? crypto.rsaPublic(key, exchange) : NONE
  const inputs = [value('public-exponent', key.e), value('modulus', key.n)]
  return tried('rsa-public', exchange, inputs, block, contentOf(block, 1))
}

/** RFC 5246 7.4.7.1: whoever has the private key reads what was encrypted to it, however long ago. */
function tryPrivately(exchange: Bytes, key: RsaPrivateKey, crypto: Crypto): Try {
  const padded = concat(new Uint8Array(Math.max(key.n.length - exchange.length, 0)), exchange)
  const block = isBlock(key, padded) ? crypto.rsaPrivate(key, padded) : NONE
  const inputs = [value('private-exponent', key.d), value('modulus', key.n)]
  return tried('rsa-private', exchange, inputs, block, contentOf(block, 2))
}

/** RFC 5246 8.1 and 6.3. */
function derive(secret: Bytes, suite: Suite, randoms: Randoms, crypto: Crypto) {
  const master = masterSecret(crypto, suite, secret, randoms)
  const keys = keyBlock(crypto, suite, master, randoms)
  const both = [value('client-random', randoms.client), value('server-random', randoms.server)]
  const steps: Derivation[] = [
    {
      formula: 'master-secret',
      inputs: [value('pre-master-secret', secret), ...both],
      outputs: [value('master-secret', master)],
      works: true,
    },
    {
      formula: 'key-block',
      inputs: [value('master-secret', master), ...both],
      outputs: [value('client-key', keys.client.key), value('server-key', keys.server.key)],
      works: true,
    },
  ]
  return { keys, steps }
}

/** One direction of the wire: what stands in the clear, and the records that are protected, which begin behind the ChangeCipherSpec. */
function listen(octets: Bytes, from: Role) {
  const records: Record[] = []
  for (let at = 0; ;) {
    const read = readRecord(octets, at)
    if (read.is !== 'record') break
    records.push(read.record)
    at = read.next
  }
  const change = records.findIndex(({ content }) => content === CONTENT.ChangeCipherSpec)
  const bare = change < 0 ? records : records.slice(0, change)
  const handshake = bare.filter(({ content }) => content === CONTENT.Handshake).map(({ fragment }) => fragment)
  const parts = splitHandshake(concat(...handshake)).messages
  const sealed = change < 0 ? [] : records.slice(change + 1)

  const messages = (layout: Layout): readonly Message[] =>
    parts.flatMap((part) => {
      const decoded = decodeMessage(CONTENT.Handshake, part, layout)
      return decoded.ok ? [decoded.value] : []
    })

  return {
    messages,
    hello: <M extends 'ClientHello' | 'ServerHello'>(is: M): MessageOf<M> | null =>
      messages(HELLOS).find((message): message is MessageOf<M> => message.is === is) ?? null,
    open(keys: ReturnType<typeof keyBlock>[Role], suite: Suite, crypto: Crypto) {
      let under = protection(suite, keys)
      return sealed.map((record) => {
        const opened = unprotect(crypto, under, record)
        if (opened.ok) under = opened.protection
        const plaintext = opened.ok ? [{ from, content: opened.record.content, data: hex(opened.record.fragment) }] : null
        const step: Derivation = {
          formula: 'open-record',
          inputs: [value(from === 'client' ? 'client-key' : 'server-key', keys.key), value('record', record.fragment)],
          outputs: opened.ok ? [value('plaintext', opened.record.fragment)] : [],
          works: opened.ok,
        }
        return { step, plaintext }
      })
    },
  }
}
