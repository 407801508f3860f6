/** Updates an endpoint's transcript, secrets and keys after it has sent or received a message. */
import { checkChain, decodePrivateKey, decodePublicKey } from '../keys/certificate.ts'
import type { MessageLayout } from '../format/codec.ts'
import { type MessageOf, VERSION_NUMBER } from '../acceptor/connection.ts'
import { selectedVersionNumber } from '../acceptor/content-checks.ts'
import type { Bytes } from '../format/crypto.ts'
import type { TlsEndpoint, EndpointHost, PresentedChain } from './endpoint.ts'
import { CLIENT_SHARES, findExtension, SERVER_SHARE } from '../format/extensions.ts'
import { toHex, fromHex } from '../../octets.ts'
import { HANDSHAKE_TYPE, type HandshakeMessage, type TlsMessage } from '../format/messages.ts'
import { preMasterKeyName, recoverWithPublicKey } from './counterfactual.ts'
import { deriveRandom, derivePrivateValue } from './randomness.ts'
import { decryptPkcs1 } from '../keys/rsa.ts'
import type { Seat } from '../../seat.ts'
import { getTlsRules } from '../keys/rules.ts'
import {
  applyFinished13,
  applyKeyUpdate,
  rekey,
  agreedSuite,
  decodeTranscript,
  addPreMaster,
  addSharedSecret,
} from './endpoint-keys.ts'
import { findGroup, findSuite } from '../format/suites.ts'
import { encodeMessageHash } from '../keys/transcript.ts'

/** The negotiated parameters that the layout of messages depends on. */
export function currentLayout({ connection: { version, suite } }: TlsEndpoint): MessageLayout {
  return { version, exchange: findSuite(suite)?.exchange ?? null }
}

const isHandshake = (message: TlsMessage): message is HandshakeMessage =>
  message.kind === 'HelloRetryRequest' || message.kind in HANDSHAKE_TYPE

const PRE_MASTER_OCTETS = 48

/**
 * The endpoint after `message` of `from`. The caller has already updated its `connection`. `octets`: the encoded message with its header.
 * HelloRequest (RFC 5246 7.4.1.1) and KeyUpdate do not enter the transcript.
 */
export function applyToEndpoint(
  before: TlsEndpoint,
  from: Seat,
  message: TlsMessage,
  octets: Bytes,
  host: EndpointHost,
): TlsEndpoint {
  const at =
    isHandshake(message) && message.kind !== 'HelloRequest' && message.kind !== 'KeyUpdate'
      ? { ...before, transcript: [...before.transcript, toHex(octets)] }
      : before
  switch (message.kind) {
    case 'ClientHello': {
      const peerShare = from === roleOf(at) ? null : (selectShare(message, host)?.share ?? null)
      return { ...at, randoms: { ...at.randoms, client: toHex(message.random) }, peerShare: peerShare && toHex(peerShare) }
    }
    case 'HelloRetryRequest':
      return replaceFirstHello(at, host)
    case 'ServerHello':
      return applyServerHello({ ...at, randoms: { ...at.randoms, server: toHex(message.random) } }, message, host)
    case 'Certificate':
      return from === roleOf(at) ? at : { ...at, peer: presentChain(message, from, host) }
    case 'ServerKeyExchange':
      return from === roleOf(at) ? at : { ...at, peerShare: toHex(message.share) }
    case 'ClientKeyExchange':
      return applyKeyExchange(at, from, message.exchange, host)
    case 'ChangeCipherSpec':
      return at.connection.version === '1.2' ? rekey(at, from, host) : at
    case 'Finished':
      return at.connection.version === '1.3' ? applyFinished13(at, from, host) : at
    case 'KeyUpdate':
      return applyKeyUpdate(at, from, host)
    default:
      return at
  }
}

const roleOf = ({ connection }: TlsEndpoint): Seat => connection.role

/** RFC 8446 4.4.1: the first ClientHello is replaced by its hash. */
function replaceFirstHello(at: TlsEndpoint, { crypto }: EndpointHost): TlsEndpoint {
  const retry = at.connection.retry && findSuite(at.connection.retry.suite)
  const [hello, ...others] = decodeTranscript(at)
  if (!retry || !hello) return at
  return { ...at, transcript: [encodeMessageHash(crypto, retry.hash, hello), ...others].map(toHex) }
}

function applyServerHello(
  at: TlsEndpoint,
  message: MessageOf<'ServerHello' | 'HelloRetryRequest'>,
  host: EndpointHost,
): TlsEndpoint {
  if (selectedVersionNumber(message) !== VERSION_NUMBER['1.3']) return at
  const share = findExtension(message.extensions, SERVER_SHARE)
  const peer = roleOf(at) === 'client' ? share?.share : at.peerShare === null ? undefined : fromHex(at.peerShare)
  const shared = peer && share ? agreeSecret(share.group, peer, host) : null
  return shared === null ? at : addSharedSecret(at, shared, host)
}

/** The key share that a server chooses among those of a client; null if it can use none. */
function selectShare(
  message: MessageOf<'ClientHello'>,
  { config }: EndpointHost,
): { readonly group: number; readonly share: Bytes } | null {
  const shares = findExtension(message.extensions, CLIENT_SHARES) ?? []
  for (const group of config.groups) {
    const found = shares.find((share) => findGroup(share.group) === group)
    if (found) return found
  }
  return null
}

/** The shared secret computed from this side's private value and the peer's public value; null if that is impossible. */
function agreeSecret(number: number, peer: Bytes, host: EndpointHost): Bytes | null {
  const group = findGroup(number)
  return group && host.crypto.computeSharedSecret(group, derivePrivateValue(group, host), peer)
}

function presentChain(
  message: MessageOf<'Certificate'>,
  from: Seat,
  { config, crypto, certificates, now }: EndpointHost,
): PresentedChain {
  const chain = message.chain.map(({ certificate }) => toHex(certificate))
  const read = chain.flatMap((der) => certificates.find((known) => known.der === der) ?? [])
  if (chain.length === 0) return { chain, faults: [] }
  if (read.length < chain.length) return { chain, faults: ['unreadable'] }
  if (!getTlsRules(config.rules).checksCertificates) return { chain, faults: [] }
  const name = from === 'server' ? config.serverName : null
  return { chain, faults: checkChain(read, { name, now, trusted: config.trusted, revoked: config.revoked }, crypto) }
}

/** The peer's own certificate, the first of its chain; null if there is none, or if it cannot be read. */
export const findPeerCertificate = ({ peer }: TlsEndpoint, { certificates }: EndpointHost) =>
  certificates.find(({ der }) => der === peer?.chain[0]) ?? null

/** Adds the pre-master secret that a ClientKeyExchange conveys (RSA) or completes (ECDHE). */
function applyKeyExchange(at: TlsEndpoint, from: Seat, exchange: Bytes, host: EndpointHost): TlsEndpoint {
  const preMaster =
    agreedSuite(at).exchange === 'ECDHE'
      ? agreePreMaster(at, from, exchange, host)
      : from === roleOf(at)
        ? generatePreMaster(host)
        : decryptPreMaster(at, exchange, host)
  return addPreMaster(at, preMaster, host)
}

function agreePreMaster(at: TlsEndpoint, from: Seat, exchange: Bytes, host: EndpointHost): Bytes {
  const peer = from === roleOf(at) ? fromHex(at.peerShare ?? '') : exchange
  return agreeSecret(at.connection.group ?? 0, peer, host) ?? generatePreMaster(host)
}

/** RFC 5246 7.4.7.1: 48 octets. The first two are the version, the others are random. */
export const generatePreMaster = (host: EndpointHost): Bytes => {
  const secret = deriveRandom(host, 'pre-master secret', PRE_MASTER_OCTETS).slice()
  secret.set([3, 3])
  return secret
}

/**
 * RFC 5246 7.4.7.1: if decryption fails, the secret is replaced by random octets without an alert, and the Finished will not verify. The same
 * happens if this side does not have the private key.
 */
function decryptPreMaster(at: TlsEndpoint, exchange: Bytes, host: EndpointHost): Bytes {
  const { config, crypto } = host
  const own = config.identity?.key ?? null
  const peer = findPeerCertificate(at, host)
  const opened = preMasterKeyName(getTlsRules(config.rules)).endsWith('-public')
    ? own && decryptPkcs1(crypto, decodePrivateKey(own), exchange)
    : peer && recoverWithPublicKey(crypto, decodePublicKey(peer), exchange)
  return opened?.length === PRE_MASTER_OCTETS ? opened : generatePreMaster(host)
}
