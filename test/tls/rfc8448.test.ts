/**
 * RFC 8448, byte for byte. All keys of each trace are derived from its private values; every record can be decrypted with them,
 * and encrypting its plaintext gives the same record; every message equals the encoding of its fields; every Finished, binder and
 * signature verifies; and the acceptor accepts every message in its place.
 */
import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { nodeCrypto } from '../../crypto/node-crypto.ts'
import { TlsFollower } from '../../protocol/capture/tls-follower.ts'
import { CONTENT_TYPE, decodeHandshake, encodeHandshake, type MessageLayout } from '../../protocol/tls/format/codec.ts'
import type { Bytes, CryptoPrimitives } from '../../protocol/tls/format/crypto.ts'
import { CLIENT_SHARES, encodeExtension, findExtension, OFFERED_PSKS, SERVER_SHARE } from '../../protocol/tls/format/extensions.ts'
import { concat, toHex, fromHex } from '../../protocol/octets.ts'
import { KeyLog, formatKeyLogLine } from '../../protocol/tls/watch/key-log.ts'
import {
  deriveSecret,
  deriveEarlySecret,
  hashNothing,
  computeFinishedMac,
  deriveHandshakeSecret,
  deriveMasterSecret13,
  encodeSignedContent,
  deriveTicketPsk,
  deriveTrafficKeys,
} from '../../protocol/tls/keys/key-schedule.ts'
import type { HandshakeMessage } from '../../protocol/tls/format/messages.ts'
import { createProtection, unprotect } from '../../protocol/tls/keys/protection.ts'
import { readRecord, splitHandshake } from '../../protocol/tls/format/records.ts'
import type { Seat } from '../../protocol/seat.ts'
import { type PublicKey, verifySignature } from '../../protocol/tls/keys/signatures.ts'
import { findGroup, findScheme, findSuite } from '../../protocol/tls/format/suites.ts'
import { encodeMessageHash, hashTranscript, truncateBinders } from '../../protocol/tls/keys/transcript.ts'

/** Checks on every decryption that encrypting the plaintext gives the same ciphertext. */
const crypto: CryptoPrimitives = {
  ...nodeCrypto,
  open(aead, key, nonce, additional, sealed) {
    const plaintext = nodeCrypto.open(aead, key, nonce, additional, sealed)
    if (plaintext) expect(toHex(nodeCrypto.seal(aead, key, nonce, additional, plaintext))).toBe(toHex(sealed))
    return plaintext
  },
}
const SUITE = findSuite(0x1301)!
const HASH = 'SHA-256'
const LAYOUT: MessageLayout = { version: '1.3', exchange: null }

interface Trace {
  readonly secrets: Readonly<Record<Seat, Bytes[]>>
  readonly records: readonly { readonly from: Seat; readonly octets: Bytes }[]
}

const traces = new Map<string, Trace>()
for (const part of readFileSync(new URL('rfc8448.txt', import.meta.url), 'utf8')
  .split(/^\[/m)
  .slice(1)) {
  const [title = '', ...lines] = part.trim().split('\n')
  const said = lines.map((line) => line.split(' '))
  const secrets = (role: Seat) => said.filter(([who, what]) => who === role && what === 'secret').map((words) => fromHex(words[2]!))
  const records = said.flatMap(([from, octets]) =>
    (from === 'client' || from === 'server') && octets !== 'secret' ? [{ from, octets: fromHex(octets!) } as const] : [],
  )
  traces.set(title.replace(']', ''), { secrets: { client: secrets('client'), server: secrets('server') }, records })
}
const trace = (title: string): Trace => traces.get([...traces.keys()].find((key) => key.includes(title))!)!

type Hello<M extends HandshakeMessage['kind']> = Extract<HandshakeMessage, { readonly kind: M }>
type ServerHello = Extract<HandshakeMessage, { readonly suite: number }> & { readonly kind: 'ServerHello' }

function decoded(octets: Bytes): HandshakeMessage {
  const read = decodeHandshake(octets, LAYOUT)
  if (!read.ok) throw new Error(`${read.fault.field}: ${read.fault.why}`)
  expect(toHex(encodeHandshake(read.value, LAYOUT))).toBe(toHex(octets))
  return read.value
}

const fragmentOf = (octets: Bytes): Bytes => {
  const read = readRecord(octets, 0)
  if (read.kind !== 'record') throw new Error('no record')
  return read.record.fragment
}

/** Decrypts the messages of a protected flight with this traffic secret. The octets start with the first record under it. */
function opened(secret: Bytes, octets: readonly Bytes[]): Bytes[] {
  let under = createProtection(SUITE, deriveTrafficKeys(crypto, SUITE, secret))
  return octets.flatMap((each) => {
    const read = readRecord(each, 0)
    const result = read.kind === 'record' ? unprotect(crypto, under, read.record) : null
    if (!result?.ok) throw new Error('it does not open')
    under = result.protection
    expect(result.record.content).toBe(CONTENT_TYPE.Handshake)
    return [...splitHandshake(result.record.fragment).messages]
  })
}

/** Derives everything from a trace's private values and its pre-shared key, if there is one. */
function derive({ secrets, records }: Trace, psk: Bytes | null = null) {
  const plain = records.filter(({ octets }) => octets[0] === CONTENT_TYPE.Handshake).map(({ octets }) => fragmentOf(octets))
  const messages = plain.map(decoded)
  const hellos = messages.filter((message): message is Hello<'ClientHello'> => message.kind === 'ClientHello')
  const serverHello = messages.find((message): message is ServerHello => message.kind === 'ServerHello')!

  // Each side's public value follows from its private one, and both sides compute the same shared secret.
  const share = findExtension(serverHello.extensions, SERVER_SHARE)!
  const group = findGroup(share.group)!
  hellos.forEach((hello, i) => {
    const [offered] = findExtension(hello.extensions, CLIENT_SHARES)!
    expect(toHex(crypto.computePublicValue(findGroup(offered!.group)!, secrets.client[i]!))).toBe(toHex(offered!.share))
  })
  expect(toHex(crypto.computePublicValue(group, secrets.server[0]!))).toBe(toHex(share.share))
  const shared = crypto.computeSharedSecret(group, secrets.client.at(-1)!, share.share)!
  const offered = findExtension(hellos.at(-1)!.extensions, CLIENT_SHARES)!
  expect(toHex(crypto.computeSharedSecret(group, secrets.server[0]!, offered[0]!.share)!)).toBe(toHex(shared))

  const opening = hellos.length === 2 ? [encodeMessageHash(crypto, HASH, plain[0]!), ...plain.slice(1)] : plain
  const hash = (...more: Bytes[]) => hashTranscript(crypto, HASH, [...opening, ...more])
  const early = deriveEarlySecret(crypto, HASH, psk)
  const handshake = deriveHandshakeSecret(crypto, HASH, early, shared)
  const main = deriveMasterSecret13(crypto, HASH, handshake)
  const traffic = {
    client: deriveSecret(crypto, HASH, handshake, 'c hs traffic', hash()),
    server: deriveSecret(crypto, HASH, handshake, 's hs traffic', hash()),
  }
  const after = records.slice(records.findLastIndex(({ octets }) => octets[0] === CONTENT_TYPE.Handshake) + 1)
  const flight = opened(
    traffic.server,
    after
      .filter(({ from }) => from === 'server')
      .slice(0, 1)
      .map(({ octets }) => octets),
  )
  const application = {
    client: deriveSecret(crypto, HASH, main, 'c ap traffic', hash(...flight)),
    server: deriveSecret(crypto, HASH, main, 's ap traffic', hash(...flight)),
  }
  const earlyTraffic = deriveSecret(crypto, HASH, early, 'c e traffic', crypto.hash(HASH, plain[0]!))
  const random = toHex(hellos[0]!.random)
  const log = new KeyLog()
  log.read(
    [
      formatKeyLogLine('CLIENT_EARLY_TRAFFIC_SECRET', random, toHex(earlyTraffic)),
      formatKeyLogLine('CLIENT_HANDSHAKE_TRAFFIC_SECRET', random, toHex(traffic.client)),
      formatKeyLogLine('SERVER_HANDSHAKE_TRAFFIC_SECRET', random, toHex(traffic.server)),
      formatKeyLogLine('CLIENT_TRAFFIC_SECRET_0', random, toHex(application.client)),
      formatKeyLogLine('SERVER_TRAFFIC_SECRET_0', random, toHex(application.server)),
    ].join('\n'),
  )
  return { log, main, early, traffic, hash, flight, plain, hello: hellos[0]!, after }
}

/** How the acceptor judges the whole trace. */
function followed({ records }: Trace, log: KeyLog) {
  const conversation = new TlsFollower({ crypto, log })
  const all = records.map(({ from, octets }) => ({ from, ...conversation.take(from, octets) }))
  return {
    said: all.flatMap(({ from, names }) => names.map((name) => `${from}: ${name}`)),
    findings: [...all.flatMap(({ findings }) => findings), conversation.end('client'), conversation.end('server')].filter(Boolean),
  }
}

const publicKeyOf = (der: Bytes): PublicKey => {
  const key = new X509Certificate(der).publicKey.export({ format: 'jwk' })
  const octets = (part: string | undefined) => new Uint8Array(Buffer.from(part!, 'base64url'))
  return key.kty === 'RSA'
    ? { kind: 'RSA', n: octets(key.n), e: octets(key.e) }
    : { kind: 'ECDSA', point: concat(Uint8Array.of(4), octets(key.x), octets(key.y)) }
}

/** Whether a flight contains a Certificate whose key verifies its CertificateVerify. */
function isSigned(flight: readonly Bytes[], from: Seat, hash: (...more: Bytes[]) => Bytes, before: readonly Bytes[] = []): boolean {
  const messages = flight.map(decoded)
  const at = messages.findIndex(({ kind }) => kind === 'CertificateVerify')
  const certificate = messages.find((message): message is Hello<'Certificate'> => message.kind === 'Certificate')!
  const signed = messages[at] as Hello<'CertificateVerify'>
  const content = encodeSignedContent(from, hash(...before, ...flight.slice(0, at)))
  return verifySignature(
    crypto,
    findScheme(signed.scheme)!,
    publicKeyOf(certificate.chain[0]!.certificate),
    content,
    signed.signature,
  )
}

const FULL = ['Encrypted Extensions', 'Certificate', 'Certificate Verify', 'Finished'].map((name) => `server: ${name}`)

describe('RFC 8448', () => {
  const simple = derive(trace('Simple 1-RTT'))

  it('3, the simple handshake', () => {
    const { said, findings } = followed(trace('Simple 1-RTT'), simple.log)
    expect(findings).toEqual([])
    expect(said).toEqual([
      'client: Client Hello',
      'server: Server Hello',
      ...FULL,
      'client: Finished',
      'server: New Session Ticket',
    ])
    expect(isSigned(simple.flight, 'server', simple.hash)).toBe(true)
    expect(isSigned(simple.flight, 'client', simple.hash)).toBe(false)
  })

  it('4, resumed with early data: the ticket carries the key, and the binder proves it', () => {
    // The transcript of the first connection continues to the client's Finished. The ticket is the fourth record after it.
    const finished = opened(
      simple.traffic.client,
      simple.after
        .filter(({ from }) => from === 'client')
        .slice(0, 1)
        .map(({ octets }) => octets),
    )
    const resumption = deriveSecret(crypto, HASH, simple.main, 'res master', simple.hash(...simple.flight, ...finished))
    const psk = deriveTicketPsk(crypto, SUITE, resumption, Uint8Array.of(0, 0))
    expect(toHex(psk)).toBe('4ecd0eb6ec3b4d87f5d6028f922ca4c5851a277fd41311c9e62d2c9492e1c4f3')

    const resumed = derive(trace('0-RTT'), psk)
    const binderKey = deriveSecret(crypto, HASH, resumed.early, 'res binder', hashNothing(crypto, HASH))
    const covered = crypto.hash(HASH, truncateBinders(resumed.hello, resumed.plain[0]!))
    const { identities, binders } = findExtension(resumed.hello.extensions, OFFERED_PSKS)!
    expect(toHex(computeFinishedMac(crypto, HASH, binderKey, covered))).toBe(toHex(binders[0]!))
    expect(toHex(encodeExtension(OFFERED_PSKS, { identities, binders }).data)).toBe(toHex(resumed.hello.extensions.at(-1)!.data))

    const { said, findings } = followed(trace('0-RTT'), resumed.log)
    expect(findings).toEqual([])
    expect(said).toEqual([
      'client: Client Hello',
      'server: Server Hello',
      'server: Encrypted Extensions',
      'server: Finished',
      'client: End of Early Data',
      'client: Finished',
    ])
  })

  it('5, HelloRetryRequest: the first hello stands in the transcript as its hash', () => {
    const retried = derive(trace('HelloRetryRequest'))
    const { said, findings } = followed(trace('HelloRetryRequest'), retried.log)
    expect(findings).toEqual([])
    expect(said).toEqual([
      'client: Client Hello',
      'server: Hello Retry Request',
      'client: Client Hello',
      'server: Server Hello',
      ...FULL,
      'client: Finished',
    ])
    expect(isSigned(retried.flight, 'server', retried.hash)).toBe(true)
  })

  it('6, client authentication: both sides sign, the server with ECDSA', () => {
    const both = derive(trace('Client Authentication'))
    const { said, findings } = followed(trace('Client Authentication'), both.log)
    expect(findings).toEqual([])
    expect(said).toEqual([
      'client: Client Hello',
      'server: Server Hello',
      'server: Encrypted Extensions',
      'server: Certificate Request',
      ...FULL.slice(1),
      'client: Certificate',
      'client: Certificate Verify',
      'client: Finished',
    ])
    expect(isSigned(both.flight, 'server', both.hash)).toBe(true)
    const answer = opened(
      both.traffic.client,
      both.after
        .filter(({ from }) => from === 'client')
        .slice(0, 1)
        .map(({ octets }) => octets),
    )
    expect(isSigned(answer, 'client', both.hash, both.flight)).toBe(true)
  })
})
