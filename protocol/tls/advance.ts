/** What a message changes at an endpoint beyond its place: the transcript, the secrets, the keys. The same for what is said and what is heard. */
import { checkChain, privateKey, publicKey } from './certificate.ts'
import type { Layout } from './codec.ts'
import { type MessageOf, NUMBER } from './connection.ts'
import { chosenVersion } from './contents.ts'
import type { Bytes } from './crypto.ts'
import type { Endpoint, Host, Shown } from './endpoint.ts'
import { CLIENT_SHARES, find, SERVER_SHARE } from './extensions.ts'
import { hex, unhex } from '../octets.ts'
import { HANDSHAKE, type HandshakeMessage, type Message } from './messages.ts'
import { keyFor, openPublicly } from './other-worlds.ts'
import { draw, privateValue } from './randomness.ts'
import { decrypt } from './rsa.ts'
import { type Role, rulesNamed } from './rules.ts'
import { afterFinished13, afterKeyUpdate, rekeyed, suiteIn, transcriptOf, withPreMaster, withShared } from './schedule.ts'
import { groupOf, suiteOf } from './suites.ts'
import { messageHash } from './transcript.ts'

/** What the layout of messages depends on here. */
export function layoutOf({ connection: { version, suite } }: Endpoint): Layout {
  return { version, exchange: suiteOf(suite)?.exchange ?? null }
}

const isHandshake = (message: Message): message is HandshakeMessage => message.is === 'HelloRetryRequest' || message.is in HANDSHAKE

const PRE_MASTER_LENGTH = 48

/**
 * The endpoint after `message` of `from`, its connection being moved already. `octets` are the message's own; a HelloRequest does not enter the
 * transcript (RFC 5246 7.4.1.1).
 */
export function advance(before: Endpoint, from: Role, message: Message, octets: Bytes, host: Host): Endpoint {
  const at =
    isHandshake(message) && message.is !== 'HelloRequest' && message.is !== 'KeyUpdate'
      ? { ...before, transcript: [...before.transcript, hex(octets)] }
      : before
  switch (message.is) {
    case 'ClientHello': {
      const peerShare = from === role(at) ? null : (shareFrom(message, host)?.share ?? null)
      return { ...at, randoms: { ...at.randoms, client: hex(message.random) }, peerShare: peerShare && hex(peerShare) }
    }
    case 'HelloRetryRequest':
      return retried(at, host)
    case 'ServerHello':
      return afterServerHello({ ...at, randoms: { ...at.randoms, server: hex(message.random) } }, message, host)
    case 'Certificate':
      return from === role(at) ? at : { ...at, peer: shown(message, from, host) }
    case 'ServerKeyExchange':
      return from === role(at) ? at : { ...at, peerShare: hex(message.share) }
    case 'ClientKeyExchange':
      return afterKeyExchange(at, from, message.exchange, host)
    case 'ChangeCipherSpec':
      return at.connection.version === '1.2' ? rekeyed(at, from, host) : at
    case 'Finished':
      return at.connection.version === '1.3' ? afterFinished13(at, from, host) : at
    case 'KeyUpdate':
      return afterKeyUpdate(at, from, host)
    default:
      return at
  }
}

const role = ({ connection }: Endpoint): Role => connection.role

/** RFC 8446 4.4.1: the first ClientHello is replaced by its hash. */
function retried(at: Endpoint, { crypto }: Host): Endpoint {
  const retry = at.connection.retry && suiteOf(at.connection.retry.suite)
  const [hello, ...others] = transcriptOf(at)
  if (!retry || !hello) return at
  return { ...at, transcript: [messageHash(crypto, retry.hash, hello), ...others].map(hex) }
}

function afterServerHello(at: Endpoint, message: MessageOf<'ServerHello' | 'HelloRetryRequest'>, host: Host): Endpoint {
  if (chosenVersion(message) !== NUMBER['1.3']) return at
  const share = find(message.extensions, SERVER_SHARE)
  const peer = role(at) === 'client' ? share?.share : at.peerShare === null ? undefined : unhex(at.peerShare)
  const shared = peer && share ? agreed(share.group, peer, host) : null
  return shared === null ? at : withShared(at, shared, host)
}

/** The server's choice among the public values that a client has sent; null where it can use none. */
function shareFrom(message: MessageOf<'ClientHello'>, { config }: Host): { readonly group: number; readonly share: Bytes } | null {
  const shares = find(message.extensions, CLIENT_SHARES) ?? []
  for (const group of config.groups) {
    const found = shares.find((share) => groupOf(share.group) === group)
    if (found) return found
  }
  return null
}

/** The shared secret of this side's private value and the peer's public one. */
function agreed(number: number, peer: Bytes, host: Host): Bytes | null {
  const group = groupOf(number)
  return group && host.crypto.agree(group, privateValue(group, host), peer)
}

function shown(message: MessageOf<'Certificate'>, from: Role, { config, crypto, certificates, now }: Host): Shown {
  const chain = message.chain.map(({ certificate }) => hex(certificate))
  const read = chain.flatMap((der) => certificates.find((known) => known.der === der) ?? [])
  if (chain.length === 0) return { chain, faults: [] }
  if (read.length < chain.length) return { chain, faults: ['unreadable'] }
  const name = from === 'server' ? config.serverName : null
  return { chain, faults: checkChain(read, { name, now, trusted: config.trusted, revoked: config.revoked }, crypto) }
}

/** The certificate that the peer has shown first, as far as it can be read. */
export const certificateOfPeer = ({ peer }: Endpoint, { certificates }: Host) =>
  certificates.find(({ der }) => der === peer?.chain[0]) ?? null

/** The secret that a ClientKeyExchange brings: made by its sender, or agreed on. */
function afterKeyExchange(at: Endpoint, from: Role, exchange: Bytes, host: Host): Endpoint {
  const preMaster =
    suiteIn(at).exchange === 'ECDHE'
      ? sharedIn12(at, from, exchange, host)
      : from === role(at)
        ? madePreMaster(host)
        : openedPreMaster(at, exchange, host)
  return withPreMaster(at, preMaster, host)
}

function sharedIn12(at: Endpoint, from: Role, exchange: Bytes, host: Host): Bytes {
  const peer = from === role(at) ? unhex(at.peerShare ?? '') : exchange
  return agreed(at.connection.group ?? 0, peer, host) ?? madePreMaster(host)
}

/** RFC 5246 7.4.7.1: 48 octets, of which the first two are the version. */
export const madePreMaster = (host: Host): Bytes => {
  const secret = draw(host, 'pre-master secret', PRE_MASTER_LENGTH).slice()
  secret.set([3, 3])
  return secret
}

/**
 * RFC 5246 7.4.7.1: what cannot be opened is replaced by octets of one's own, without a word; the Finished will not verify. So it is with
 * whoever lacks the private key.
 */
function openedPreMaster(at: Endpoint, exchange: Bytes, host: Host): Bytes {
  const { config, crypto } = host
  const own = config.identity?.key ?? null
  const peer = certificateOfPeer(at, host)
  const opened = keyFor(rulesNamed(config.rules)).endsWith('-public')
    ? own && decrypt(crypto, privateKey(own), exchange)
    : peer && openPublicly(crypto, publicKey(peer), exchange)
  return opened?.length === PRE_MASTER_LENGTH ? opened : madePreMaster(host)
}
