/**
 * What an eavesdropper can compute from the octets on the wire and from leaked keys. Each step lists its inputs and outputs, so that a reader
 * can reproduce it.
 */
import { concat, toHex, NO_OCTETS } from '../../octets.ts'
import { decodePublicKey, type Certificate } from '../keys/certificate.ts'
import { CONTENT_TYPE, decodeMessage, HELLO_LAYOUT, type MessageLayout } from '../format/codec.ts'
import type { MessageOf } from '../acceptor/connection.ts'
import { selectedVersionOf } from '../acceptor/content-checks.ts'
import type { Bytes, CryptoPrimitives, RsaPrivateKey } from '../format/crypto.ts'
import type { TlsMessage } from '../format/messages.ts'
import { deriveKeyBlock, deriveMasterSecret, type Randoms } from '../keys/prf.ts'
import { createProtection, unprotect } from '../keys/protection.ts'
import { readRecord, type TlsRecord, splitHandshake } from '../format/records.ts'
import { unpadBlock, isBlock } from '../keys/rsa.ts'
import { type Seat, SEATS } from '../../seat.ts'
import { type CipherSuite, findSuite } from '../format/suites.ts'

/**
 * The formulas that an eavesdropper uses:
 *
 * - `rsa-public`: block = exchange^e mod n, with the public key of a certificate on the wire.
 * - `rsa-private`: block = exchange^d mod n, with a leaked private key.
 * - `master-secret`, `key-block`: RFC 5246 8.1 and 6.3. `open-record`: decrypts a record.
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
/** An input or output of a formula, in hex. */
export interface NamedValue {
  readonly name: (typeof QUANTITIES)[number]
  readonly hex: string
}

/** One step of the computation. */
export interface Derivation {
  readonly formula: Formula
  readonly inputs: readonly NamedValue[]
  readonly outputs: readonly NamedValue[]
  /** Whether the result is valid: the block is padded correctly, or the record's MAC is right. */
  readonly works: boolean
}

/** What an eavesdropper finds out. */
export interface EavesdropResult {
  readonly steps: readonly Derivation[]
  /** The decrypted records: those of the client in order, then those of the server. `data` in hex. */
  readonly plaintexts: readonly { readonly from: Seat; readonly content: number; readonly data: string }[]
  /**
   * What is missing for reading the rest: `private-key`: the one of the certificate; `private-value`: one of the two of ECDHE, which the sides
   * do not keep; `exchange`: the pre-master secret, which has not been sent; `handshake`: its beginning, which is not on the wire. Null if
   * nothing is missing.
   */
  readonly missing: 'private-key' | 'private-value' | 'exchange' | 'handshake' | null
}

/** What an eavesdropper has. */
export interface EavesdropInput {
  /** All octets sent in each direction, by sender. */
  readonly wire: { readonly [R in Seat]: Bytes }
  readonly leaked: readonly RsaPrivateKey[]
  /** The parsed contents of the certificates that may be on the wire, which anyone can read. */
  readonly certificates: readonly Certificate[]
}

/** Tries to decrypt a connection. Only TLS 1.2 with RSA key exchange can be decrypted, and only with a suitable key. */
export function eavesdrop({ wire, leaked, certificates }: EavesdropInput, crypto: CryptoPrimitives): EavesdropResult {
  const directions = { client: readDirection(wire.client, 'client'), server: readDirection(wire.server, 'server') }
  const server = directions.server.hello('ServerHello')
  const client = directions.client.hello('ClientHello')
  const suite = server && findSuite(server.suite)
  if (!server || !client || !suite) return { steps: [], plaintexts: [], missing: 'handshake' }
  if (selectedVersionOf(server) === '1.3') return { steps: [], plaintexts: [], missing: 'private-value' }

  const layout: MessageLayout = { version: '1.2', exchange: suite.exchange }
  const messages = SEATS.flatMap((role) => directions[role].messages(layout))
  if (suite.exchange === 'ECDHE') {
    // Only two public values are on the wire, so no RSA key can decrypt anything. Each leaked key is tried to demonstrate that.
    const steps = leaked.flatMap((key) => messages.flatMap(listShares).map((share) => tryPrivateKey(share, key, crypto).step))
    return { steps, plaintexts: [], missing: 'private-value' }
  }
  const exchange = messages.find((message) => message.kind === 'ClientKeyExchange')?.exchange
  if (exchange === undefined) return { steps: [], plaintexts: [], missing: 'exchange' }
  const shown = messages
    .flatMap((message) => (message.kind === 'Certificate' ? message.chain : []))
    .map(({ certificate }) => toHex(certificate))
  const keys = certificates.filter(({ der, authority }) => shown.includes(der) && !authority)

  const tries = [
    ...keys.map((certificate) => tryPublicKey(exchange, certificate, crypto)),
    ...leaked.map((key) => tryPrivateKey(exchange, key, crypto)),
  ]
  const opened = tries.find(({ step }) => step.works)
  if (!opened?.secret) return { steps: tries.map(({ step }) => step), plaintexts: [], missing: 'private-key' }

  const randoms = { client: client.random, server: server.random }
  const derived = deriveKeys(opened.secret, suite, randoms, crypto)
  const read = SEATS.flatMap((role) => directions[role].open(derived.keys[role], suite, crypto))
  return {
    steps: [...tries.map(({ step }) => step), ...derived.steps, ...read.map(({ step }) => step)],
    plaintexts: read.flatMap(({ plaintext }) => plaintext ?? []),
    missing: null,
  }
}

const listShares = (message: TlsMessage): readonly Bytes[] =>
  message.kind === 'ServerKeyExchange' ? [message.share] : message.kind === 'ClientKeyExchange' ? [message.exchange] : []

interface DecryptionAttempt {
  readonly step: Derivation
  readonly secret: Bytes | null
}

const describeAttempt = (
  formula: Formula,
  exchange: Bytes,
  key: readonly NamedValue[],
  block: Bytes,
  secret: Bytes | null,
): DecryptionAttempt => ({
  secret,
  step: {
    formula,
    inputs: [{ name: 'exchange', hex: toHex(exchange) }, ...key],
    outputs: [namedValue('block', block), ...(secret ? [namedValue('pre-master-secret', secret)] : [])],
    works: secret !== null,
  },
})

const namedValue = (name: NamedValue['name'], bytes: Bytes): NamedValue => ({ name, hex: toHex(bytes) })

/** Tries to recover the secret with a public key, which works if it was transformed with the private key. */
function tryPublicKey(exchange: Bytes, certificate: Certificate, crypto: CryptoPrimitives): DecryptionAttempt {
  const key = decodePublicKey(certificate)
  const block = isBlock(key, exchange) ? crypto.rsaPublic(key, exchange) : NO_OCTETS
  const inputs = [namedValue('public-exponent', key.e), namedValue('modulus', key.n)]
  return describeAttempt('rsa-public', exchange, inputs, block, unpadBlock(block, 1))
}

/** Tries to decrypt the secret with a leaked private key (RFC 5246 7.4.7.1): the private key decrypts even old recordings. */
function tryPrivateKey(exchange: Bytes, key: RsaPrivateKey, crypto: CryptoPrimitives): DecryptionAttempt {
  const padded = concat(new Uint8Array(Math.max(key.n.length - exchange.length, 0)), exchange)
  const block = isBlock(key, padded) ? crypto.rsaPrivate(key, padded) : NO_OCTETS
  const inputs = [namedValue('private-exponent', key.d), namedValue('modulus', key.n)]
  return describeAttempt('rsa-private', exchange, inputs, block, unpadBlock(block, 2))
}

/** RFC 5246 8.1 and 6.3. */
function deriveKeys(secret: Bytes, suite: CipherSuite, randoms: Randoms, crypto: CryptoPrimitives) {
  const master = deriveMasterSecret(crypto, suite, secret, randoms)
  const keys = deriveKeyBlock(crypto, suite, master, randoms)
  const both = [namedValue('client-random', randoms.client), namedValue('server-random', randoms.server)]
  const steps: Derivation[] = [
    {
      formula: 'master-secret',
      inputs: [namedValue('pre-master-secret', secret), ...both],
      outputs: [namedValue('master-secret', master)],
      works: true,
    },
    {
      formula: 'key-block',
      inputs: [namedValue('master-secret', master), ...both],
      outputs: [namedValue('client-key', keys.client.key), namedValue('server-key', keys.server.key)],
      works: true,
    },
  ]
  return { keys, steps }
}

/** Parses one direction of the wire: the unencrypted messages, and the protected records after the ChangeCipherSpec. */
function readDirection(octets: Bytes, from: Seat) {
  const records: TlsRecord[] = []
  for (let at = 0; ;) {
    const read = readRecord(octets, at)
    if (read.kind !== 'record') break
    records.push(read.record)
    at = read.next
  }
  const change = records.findIndex(({ content }) => content === CONTENT_TYPE.ChangeCipherSpec)
  const bare = change < 0 ? records : records.slice(0, change)
  const handshake = bare.filter(({ content }) => content === CONTENT_TYPE.Handshake).map(({ fragment }) => fragment)
  const parts = splitHandshake(concat(...handshake)).messages
  const sealed = change < 0 ? [] : records.slice(change + 1)

  const messages = (layout: MessageLayout): readonly TlsMessage[] =>
    parts.flatMap((part) => {
      const decoded = decodeMessage(CONTENT_TYPE.Handshake, part, layout)
      return decoded.ok ? [decoded.value] : []
    })

  return {
    messages,
    hello: <M extends 'ClientHello' | 'ServerHello'>(name: M): MessageOf<M> | null =>
      messages(HELLO_LAYOUT).find((message): message is MessageOf<M> => message.kind === name) ?? null,
    open(keys: ReturnType<typeof deriveKeyBlock>[Seat], suite: CipherSuite, crypto: CryptoPrimitives) {
      let under = createProtection(suite, keys)
      return sealed.map((record) => {
        const opened = unprotect(crypto, under, record)
        if (opened.ok) under = opened.protection
        const plaintext = opened.ok ? [{ from, content: opened.record.content, data: toHex(opened.record.fragment) }] : null
        const step: Derivation = {
          formula: 'open-record',
          inputs: [namedValue(from === 'client' ? 'client-key' : 'server-key', keys.key), namedValue('record', record.fragment)],
          outputs: opened.ok ? [namedValue('plaintext', opened.record.fragment)] : [],
          works: opened.ok,
        }
        return { step, plaintext }
      })
    },
  }
}
