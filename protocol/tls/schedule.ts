/** What an endpoint derives as the handshake goes on: secrets, and the keys that it writes and reads with. Both sides do the same. */
import { concat, hex, unhex } from '../octets.ts'
import { serverParameters } from './codec.ts'
import type { Endpoint, Host, StoredProtection } from './endpoint.ts'
import {
  deriveSecret,
  earlySecret,
  finishedMac,
  handshakeSecret,
  mainSecret,
  signedContent,
  trafficKeys,
  updatedSecret,
} from './key-schedule.ts'
import type { Bytes } from './crypto.ts'
import { keyBlock, masterSecret, type Randoms, verifyData } from './prf.ts'
import type { Keys, Protection } from './protection.ts'
import type { Role } from './rules.ts'
import { type Suite, suiteOf } from './suites.ts'
import { transcriptHash } from './transcript.ts'

/** Of the suite that has been agreed on. */
export function suiteIn({ connection }: Endpoint): Suite {
  const suite = suiteOf(connection.suite)
  if (suite === null) throw new Error('no suite has been agreed on')
  return suite
}

export const transcriptOf = (at: Endpoint): readonly Bytes[] => at.transcript.map(unhex)

/** The hash of all messages so far. */
const hashOf = (at: Endpoint, { crypto }: Host): Bytes => transcriptHash(crypto, suiteIn(at).hash, transcriptOf(at))

const known = (secret: string | null): Bytes => {
  if (secret === null) throw new Error('this secret is not known yet')
  return unhex(secret)
}

const randomsOf = ({ randoms }: Endpoint): Randoms => ({ client: unhex(randoms.client), server: unhex(randoms.server) })

const stored = ({ key, iv, mac }: Keys): StoredProtection => ({ key: hex(key), iv: hex(iv), mac: hex(mac), sequence: 0 })

/** As the record layer takes it. */
export const protectionOf = (at: Endpoint, { key, iv, mac, sequence }: StoredProtection): Protection => ({
  suite: suiteIn(at),
  keys: { key: unhex(key), iv: unhex(iv), mac: unhex(mac) },
  sequence,
  encryptThenMac: false,
})

/** RFC 5246 8.1: from the pre-master secret and both randoms. */
export function withPreMaster(at: Endpoint, preMaster: Bytes, { crypto }: Host): Endpoint {
  const master = masterSecret(crypto, suiteIn(at), preMaster, randomsOf(at))
  return { ...at, secrets: { ...at.secrets, preMaster: hex(preMaster), master: hex(master) } }
}

/** RFC 8446 7.1: the secrets of the handshake, once the ServerHello stands in the transcript. */
export function withShared(at: Endpoint, shared: Bytes, host: Host): Endpoint {
  const { crypto } = host
  const { hash } = suiteIn(at)
  const handshake = handshakeSecret(crypto, hash, earlySecret(crypto, hash, null), shared)
  const soFar = hashOf(at, host)
  const handshakeTraffic = {
    client: hex(deriveSecret(crypto, hash, handshake, 'c hs traffic', soFar)),
    server: hex(deriveSecret(crypto, hash, handshake, 's hs traffic', soFar)),
  }
  const secrets = { ...at.secrets, handshake: hex(handshake), handshakeTraffic, present: handshakeTraffic }
  const next = { ...at, secrets }
  return rekeyed(rekeyed(next, 'client', host), 'server', host)
}

/** `from` protects from now on with what its present secret gives. */
export function rekeyed(at: Endpoint, from: Role, host: Host): Endpoint {
  const keys = stored(keysOf(at, from, host))
  return from === at.connection.role ? { ...at, writes: keys } : { ...at, reads: keys }
}

function keysOf(at: Endpoint, from: Role, { crypto }: Host): Keys {
  const suite = suiteIn(at)
  if (suite.version === '1.2') return keyBlock(crypto, suite, known(at.secrets.master), randomsOf(at))[from]
  return trafficKeys(crypto, suite, known(at.secrets.present?.[from] ?? null))
}

/** RFC 8446 7.1: after the server's Finished the secrets of the application data are there; each side changes to its own after its Finished. */
export function afterFinished13(at: Endpoint, from: Role, host: Host): Endpoint {
  if (from === 'client') return rekeyed(at, 'client', host)
  const { crypto } = host
  const { hash } = suiteIn(at)
  const main = mainSecret(crypto, hash, known(at.secrets.handshake))
  const soFar = hashOf(at, host)
  const traffic = {
    client: hex(deriveSecret(crypto, hash, main, 'c ap traffic', soFar)),
    server: hex(deriveSecret(crypto, hash, main, 's ap traffic', soFar)),
  }
  return rekeyed({ ...at, secrets: { ...at.secrets, traffic, present: traffic } }, 'server', host)
}

/** RFC 8446 7.2. */
export function afterKeyUpdate(at: Endpoint, from: Role, host: Host): Endpoint {
  const { present } = at.secrets
  if (present === null) throw new Error('there is no traffic secret to update')
  const updated = hex(updatedSecret(host.crypto, suiteIn(at), unhex(present[from])))
  return rekeyed({ ...at, secrets: { ...at.secrets, present: { ...present, [from]: updated } } }, from, host)
}

/** What the Finished of `from` holds, over the transcript so far (RFC 5246 7.4.9, RFC 8446 4.4.4). */
export function finishedOf(at: Endpoint, from: Role, host: Host): Bytes {
  const suite = suiteIn(at)
  const over = hashOf(at, host)
  if (suite.version === '1.2') return verifyData(host.crypto, suite, known(at.secrets.master), from, over)
  return finishedMac(host.crypto, suite.hash, known(at.secrets.handshakeTraffic?.[from] ?? null), over)
}

/** What the signature of a ServerKeyExchange covers (RFC 5246 7.4.3, RFC 8422 5.4). */
export function signedParameters(at: Endpoint, parameters: Parameters<typeof serverParameters>[0]): Bytes {
  const { client, server } = randomsOf(at)
  return concat(client, server, serverParameters(parameters))
}

/** What the CertificateVerify of `from` signs: all messages so far (RFC 5246 7.4.8), or their hash behind what names its use (RFC 8446 4.4.3). */
export const signedSoFar = (at: Endpoint, from: Role, host: Host): Bytes =>
  at.connection.version === '1.2' ? concat(...transcriptOf(at)) : signedContent(from, hashOf(at, host))
