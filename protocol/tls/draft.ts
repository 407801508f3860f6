/** The message that a choice stands for, with all that belongs into it (RFC 5246 7.4, RFC 8446 4). */
import { NONE, unhex } from '../octets.ts'
import { certificateOfPeer, madePreMaster } from './advance.ts'
import { privateKey, publicKey } from './certificate.ts'
import { RETRY_RANDOM } from './codec.ts'
import { NUMBER, type Offer } from './connection.ts'
import type { Bytes, Group } from './crypto.ts'
import type { Choice, Endpoint, Host, Wants } from './endpoint.ts'
import {
  CLIENT_SHARES,
  EC_POINT_FORMATS,
  extension,
  RENEGOTIATION_INFO,
  SELECTED_GROUP,
  SELECTED_VERSION,
  SERVER_NAME,
  SERVER_SHARE,
  SIGNATURE_ALGORITHMS,
  SUPPORTED_GROUPS,
  SUPPORTED_VERSIONS,
} from './extensions.ts'
import { ALERT, type Extension, FATAL, type Message, type Version, WARNING } from './messages.ts'
import { closePrivately, keyFor } from './other-worlds.ts'
import { draw, privateValue } from './randomness.ts'
import { encrypt, paddingLength, signPss } from './rsa.ts'
import { rulesNamed } from './rules.ts'
import { finishedOf, signedParameters, signedSoFar, suiteIn } from './schedule.ts'
import { GROUPS, suiteOf } from './suites.ts'

const UNCOMPRESSED = 0
/** The signature schemes that are offered; this side signs with the first. */
const SCHEMES = [0x0804, 0x0401]
const PSS = SCHEMES[0]!
const RSA_SIGN = 1
const RANDOM_LENGTH = 32
const SALT_LENGTH = 32

export function draft(at: Endpoint, choice: Choice, host: Host): Message {
  const { config } = host
  switch (choice.say) {
    case 'ClientHello': {
      const versions = choice.versions ?? config.versions
      return {
        is: 'ClientHello',
        version: NUMBER['1.2'],
        random: draw(host, 'random', RANDOM_LENGTH),
        sessionId: NONE,
        suites: choice.suites ?? config.suites,
        compression: [0],
        extensions: [
          extension(SERVER_NAME, config.serverName),
          extension(SUPPORTED_GROUPS, config.groups.map(numberOf)),
          extension(EC_POINT_FORMATS, [UNCOMPRESSED]),
          extension(SIGNATURE_ALGORITHMS, SCHEMES),
          ...(versions.includes('1.2') ? [extension(RENEGOTIATION_INFO, NONE)] : []),
          ...(versions.includes('1.3') ? modern(at, versions, host) : []),
        ],
      }
    }
    case 'ServerHello': {
      const chosen = choose(at, config, choice.version)
      const suite = choice.suite ?? chosen.suite ?? 0
      return {
        is: 'ServerHello',
        version: NUMBER['1.2'],
        random: draw(host, 'random', RANDOM_LENGTH),
        sessionId: chosen.version === '1.3' ? unhex(at.connection.offer?.sessionId ?? '') : NONE,
        suite,
        compression: 0,
        extensions: answers(at, chosen.version, host),
      }
    }
    case 'HelloRetryRequest': {
      const chosen = choose(at, config)
      const group = choice.group ?? chosen.group ?? config.groups[0]!
      return {
        is: 'HelloRetryRequest',
        version: NUMBER['1.2'],
        random: RETRY_RANDOM,
        sessionId: unhex(at.connection.offer?.sessionId ?? ''),
        suite: chosen.suite ?? 0,
        compression: 0,
        extensions: [extension(SELECTED_VERSION, NUMBER['1.3']), extension(SELECTED_GROUP, numberOf(group))],
      }
    }
    case 'EncryptedExtensions':
      return { is: 'EncryptedExtensions', extensions: [] }
    case 'Certificate': {
      const chain = choice.none ? [] : (config.identity?.chain ?? [])
      const context = config.role === 'client' ? unhex(at.connection.requested?.context ?? '') : NONE
      return { is: 'Certificate', context, chain: chain.map(({ der }) => ({ certificate: unhex(der), extensions: [] })) }
    }
    case 'ServerKeyExchange': {
      const group = config.groups.find((one) => at.connection.offer?.groups.includes(numberOf(one))) ?? config.groups[0]!
      const parameters = { group: numberOf(group), share: publicValue(group, host) }
      return { is: 'ServerKeyExchange', ...parameters, scheme: PSS, signature: signed(signedParameters(at, parameters), host) }
    }
    case 'CertificateRequest': {
      const in13 = at.connection.version === '1.3'
      return {
        is: 'CertificateRequest',
        types: in13 ? [] : [RSA_SIGN],
        schemes: in13 ? [] : SCHEMES,
        authorities: [],
        context: NONE,
        extensions: in13 ? [extension(SIGNATURE_ALGORITHMS, SCHEMES)] : [],
      }
    }
    case 'ClientKeyExchange':
      return { is: 'ClientKeyExchange', exchange: exchange(at, host) }
    case 'CertificateVerify':
      return { is: 'CertificateVerify', scheme: PSS, signature: signed(signedSoFar(at, config.role, host), host) }
    case 'Finished':
      return { is: 'Finished', verifyData: finishedOf(at, config.role, host) }
    case 'KeyUpdate':
      return { is: 'KeyUpdate', requested: choice.requested ?? false }
    case 'Alert': {
      const warning = choice.alert === 'close_notify' || choice.alert === 'user_canceled' || choice.alert === 'no_renegotiation'
      return { is: 'Alert', level: warning ? WARNING : FATAL, description: ALERT[choice.alert] }
    }
    case 'ApplicationData':
      return { is: 'ApplicationData', data: unhex(choice.data) }
    case 'HelloRequest':
    case 'ServerHelloDone':
    case 'ChangeCipherSpec':
      return { is: choice.say }
  }
}

const numberOf = (group: Group): number => GROUPS[group]

const publicValue = (group: Group, host: Host): Bytes => host.crypto.share(group, privateValue(group, host))

/** What a ClientHello of 1.3 holds besides: one public value, of the group preferred or of the one that was asked for. */
function modern(at: Endpoint, versions: readonly Version[], host: Host): readonly Extension[] {
  const asked = at.connection.retry?.group
  const group = host.config.groups.find((one) => numberOf(one) === asked) ?? host.config.groups[0]!
  return [
    extension(
      SUPPORTED_VERSIONS,
      versions.map((version) => NUMBER[version]),
    ),
    extension(CLIENT_SHARES, [{ group: numberOf(group), share: publicValue(group, host) }]),
  ]
}

/** What a server would choose from an offer: the first of its own that is among it. Null: nothing fits. */
export interface Chosen {
  readonly version: Version | null
  readonly suite: number | null
  readonly group: Group | null
}

export function choose(at: Endpoint, wants: Wants, wanted?: Version): Chosen {
  const offer: Pick<Offer, 'versions' | 'suites' | 'groups'> = at.connection.offer ?? { versions: [], suites: [], groups: [] }
  const version = wanted ?? wants.versions.find((one) => offer.versions.includes(NUMBER[one])) ?? null
  const fits = (suite: number) => offer.suites.includes(suite) && suiteOf(suite)?.version === version
  return {
    version,
    suite: wants.suites.find(fits) ?? null,
    group: wants.groups.find((one) => offer.groups.includes(numberOf(one))) ?? null,
  }
}

/** The extensions of a ServerHello: in 1.3 the version and the public value of the group that the client has one of. */
function answers(at: Endpoint, version: Version | null, host: Host): readonly Extension[] {
  const { offer } = at.connection
  if (version !== '1.3') return offer?.extensions.includes(RENEGOTIATION_INFO.type) ? [extension(RENEGOTIATION_INFO, NONE)] : []
  const group = host.config.groups.find((one) => offer?.shares.includes(numberOf(one))) ?? host.config.groups[0]!
  return [
    extension(SELECTED_VERSION, NUMBER['1.3']),
    extension(SERVER_SHARE, { group: numberOf(group), share: publicValue(group, host) }),
  ]
}

/** RFC 5246 7.4.7: the pre-master secret under the key that the world's rules name, or the public value of ECDHE. */
function exchange(at: Endpoint, host: Host): Bytes {
  const { config, crypto } = host
  if (suiteIn(at).exchange === 'ECDHE') {
    const group = config.groups.find((one) => numberOf(one) === at.connection.group) ?? config.groups[0]!
    return publicValue(group, host)
  }
  const secret = madePreMaster(host)
  if (keyFor(rulesNamed(config.rules)).endsWith('-private')) {
    const own = config.identity?.key
    return own ? closePrivately(crypto, privateKey(own), secret) : draw(host, 'forged signature', SIGNATURE_LENGTH)
  }
  const peer = certificateOfPeer(at, host)
  if (peer === null) throw new Error('the peer has shown no certificate that can be read')
  const key = publicKey(peer)
  return encrypt(crypto, key, secret, draw(host, 'padding', paddingLength(key, secret)))
}

/** Of an RSA key with 2048 bits. */
const SIGNATURE_LENGTH = 256

/** Whoever lacks the private key can only guess. */
function signed(data: Bytes, host: Host): Bytes {
  const key = host.config.identity?.key
  if (!key) return draw(host, 'forged signature', SIGNATURE_LENGTH)
  return signPss(host.crypto, privateKey(key), 'SHA-256', data, draw(host, 'salt', SALT_LENGTH))
}
