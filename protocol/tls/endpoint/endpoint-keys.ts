/** Derives an endpoint's secrets and its write and read keys during the handshake. Both sides use the same functions. */
import { concat, toHex, fromHex } from '../../octets.ts'
import { encodeServerParameters } from '../format/codec.ts'
import type { TlsEndpoint, EndpointHost, StoredProtection } from './endpoint.ts'
import {
  deriveSecret,
  deriveEarlySecret,
  computeFinishedMac,
  deriveHandshakeSecret,
  deriveMasterSecret13,
  encodeSignedContent,
  deriveTrafficKeys,
  deriveNextTrafficSecret,
} from '../keys/key-schedule.ts'
import type { Bytes } from '../format/crypto.ts'
import { deriveKeyBlock, deriveMasterSecret, type Randoms, computeVerifyData } from '../keys/prf.ts'
import type { WriteKeys, RecordProtection } from '../keys/protection.ts'
import type { Seat } from '../../seat.ts'
import { type CipherSuite, findSuite } from '../format/suites.ts'
import { hashTranscript } from '../keys/transcript.ts'

/** The negotiated suite. Throws an `Error` if there is none yet. */
export function agreedSuite({ connection }: TlsEndpoint): CipherSuite {
  const suite = findSuite(connection.suite)
  if (suite === null) throw new Error('no suite has been agreed on')
  return suite
}

/** The messages of the transcript, as octets. */
export const decodeTranscript = (at: TlsEndpoint): readonly Bytes[] => at.transcript.map(fromHex)

/** The hash of the transcript so far. */
const hashSoFar = (at: TlsEndpoint, { crypto }: EndpointHost): Bytes =>
  hashTranscript(crypto, agreedSuite(at).hash, decodeTranscript(at))

const requireSecret = (secret: string | null): Bytes => {
  if (secret === null) throw new Error('this secret is not known yet')
  return fromHex(secret)
}

const decodeRandoms = ({ randoms }: TlsEndpoint): Randoms => ({ client: fromHex(randoms.client), server: fromHex(randoms.server) })

const storeKeys = ({ key, iv, mac }: WriteKeys): StoredProtection => ({
  key: toHex(key),
  iv: toHex(iv),
  mac: toHex(mac),
  sequence: 0,
})

/** Converts stored protection to the form that the record layer uses. */
export const restoreProtection = (at: TlsEndpoint, { key, iv, mac, sequence }: StoredProtection): RecordProtection => ({
  suite: agreedSuite(at),
  keys: { key: fromHex(key), iv: fromHex(iv), mac: fromHex(mac) },
  sequence,
  encryptThenMac: false,
})

/** RFC 5246 8.1: adds the pre-master secret, and the master secret derived from it and both randoms. */
export function addPreMaster(at: TlsEndpoint, preMaster: Bytes, { crypto }: EndpointHost): TlsEndpoint {
  const master = deriveMasterSecret(crypto, agreedSuite(at), preMaster, decodeRandoms(at))
  return { ...at, secrets: { ...at.secrets, preMaster: toHex(preMaster), master: toHex(master) } }
}

/** RFC 8446 7.1: adds the handshake secrets. The ServerHello must already be in the transcript. */
export function addSharedSecret(at: TlsEndpoint, shared: Bytes, host: EndpointHost): TlsEndpoint {
  const { crypto } = host
  const { hash } = agreedSuite(at)
  const handshake = deriveHandshakeSecret(crypto, hash, deriveEarlySecret(crypto, hash, null), shared)
  const soFar = hashSoFar(at, host)
  const handshakeTraffic = {
    client: toHex(deriveSecret(crypto, hash, handshake, 'c hs traffic', soFar)),
    server: toHex(deriveSecret(crypto, hash, handshake, 's hs traffic', soFar)),
  }
  const secrets = { ...at.secrets, handshake: toHex(handshake), handshakeTraffic, present: handshakeTraffic }
  const next = { ...at, secrets }
  return rekey(rekey(next, 'client', host), 'server', host)
}

/** Replaces the keys for records of `from` by those derived from its current secret. */
export function rekey(at: TlsEndpoint, from: Seat, host: EndpointHost): TlsEndpoint {
  const keys = storeKeys(deriveKeys(at, from, host))
  return from === at.connection.role ? { ...at, writes: keys } : { ...at, reads: keys }
}

function deriveKeys(at: TlsEndpoint, from: Seat, { crypto }: EndpointHost): WriteKeys {
  const suite = agreedSuite(at)
  if (suite.version === '1.2') return deriveKeyBlock(crypto, suite, requireSecret(at.secrets.master), decodeRandoms(at))[from]
  return deriveTrafficKeys(crypto, suite, requireSecret(at.secrets.present?.[from] ?? null))
}

/** RFC 8446 7.1: the server's Finished makes the application secrets available; each side's keys change after its own Finished. */
export function applyFinished13(at: TlsEndpoint, from: Seat, host: EndpointHost): TlsEndpoint {
  if (from === 'client') return rekey(at, 'client', host)
  const { crypto } = host
  const { hash } = agreedSuite(at)
  const main = deriveMasterSecret13(crypto, hash, requireSecret(at.secrets.handshake))
  const soFar = hashSoFar(at, host)
  const traffic = {
    client: toHex(deriveSecret(crypto, hash, main, 'c ap traffic', soFar)),
    server: toHex(deriveSecret(crypto, hash, main, 's ap traffic', soFar)),
  }
  return rekey({ ...at, secrets: { ...at.secrets, traffic, present: traffic } }, 'server', host)
}

/** RFC 8446 7.2: the keys of `from` after its KeyUpdate. Throws an `Error` if there is no traffic secret yet. */
export function applyKeyUpdate(at: TlsEndpoint, from: Seat, host: EndpointHost): TlsEndpoint {
  const { present } = at.secrets
  if (present === null) throw new Error('there is no traffic secret to update')
  const updated = toHex(deriveNextTrafficSecret(host.crypto, agreedSuite(at), fromHex(present[from])))
  return rekey({ ...at, secrets: { ...at.secrets, present: { ...present, [from]: updated } } }, from, host)
}

/** The verify data of the Finished of `from`, over the transcript so far (RFC 5246 7.4.9, RFC 8446 4.4.4). */
export function computeFinished(at: TlsEndpoint, from: Seat, host: EndpointHost): Bytes {
  const suite = agreedSuite(at)
  const over = hashSoFar(at, host)
  if (suite.version === '1.2') return computeVerifyData(host.crypto, suite, requireSecret(at.secrets.master), from, over)
  return computeFinishedMac(host.crypto, suite.hash, requireSecret(at.secrets.handshakeTraffic?.[from] ?? null), over)
}

/** The octets that the signature of a ServerKeyExchange covers (RFC 5246 7.4.3, RFC 8422 5.4). */
export function encodeSignedParameters(at: TlsEndpoint, parameters: Parameters<typeof encodeServerParameters>[0]): Bytes {
  const { client, server } = decodeRandoms(at)
  return concat(client, server, encodeServerParameters(parameters))
}

/** The octets that the CertificateVerify of `from` signs: all messages so far (RFC 5246 7.4.8), or a context and their hash (RFC 8446 4.4.3). */
export const encodeSignedTranscript = (at: TlsEndpoint, from: Seat, host: EndpointHost): Bytes =>
  at.connection.version === '1.2' ? concat(...decodeTranscript(at)) : encodeSignedContent(from, hashSoFar(at, host))
