/** Builds the complete message for a student's choice (RFC 5246 7.4, RFC 8446 4). */
import { NO_OCTETS, fromHex } from '../../octets.ts'
import { findPeerCertificate, generatePreMaster } from './apply-message.ts'
import { decodePrivateKey, decodePublicKey } from '../keys/certificate.ts'
import { RETRY_RANDOM } from '../format/codec.ts'
import { VERSION_NUMBER, type ClientOffer } from '../acceptor/connection.ts'
import type { Bytes, NamedGroup } from '../format/crypto.ts'
import type { EncodableMessage, TlsEndpoint, EndpointHost, NegotiationConfig } from './endpoint.ts'
import {
  CLIENT_SHARES,
  EC_POINT_FORMATS,
  encodeExtension,
  RENEGOTIATION_INFO,
  SELECTED_GROUP,
  SELECTED_VERSION,
  SERVER_NAME,
  SERVER_SHARE,
  SIGNATURE_ALGORITHMS,
  SUPPORTED_GROUPS,
  SUPPORTED_VERSIONS,
} from '../format/extensions.ts'
import { ALERT, type Extension, FATAL, type TlsMessage, type TlsVersion, WARNING } from '../format/messages.ts'
import { applyPrivateKey, preMasterKeyName } from './counterfactual.ts'
import { deriveRandom, derivePrivateValue } from './randomness.ts'
import { encryptPkcs1, paddingLength, signPss } from '../keys/rsa.ts'
import { getTlsRules } from '../keys/rules.ts'
import { computeFinished, encodeSignedParameters, encodeSignedTranscript, agreedSuite } from './endpoint-keys.ts'
import { GROUP_NUMBERS, findSuite } from '../format/suites.ts'

const UNCOMPRESSED = 0
/** The offered signature schemes; this side signs with the first. */
const OFFERED_SCHEMES = [0x0804, 0x0401]
const PSS = OFFERED_SCHEMES[0]!
const RSA_SIGN = 1
const RANDOM_OCTETS = 32
const SALT_OCTETS = 32

/** Builds the message. Throws an `Error` if it needs a negotiated suite or a readable certificate of the peer and there is none. */
export function buildTlsMessage(at: TlsEndpoint, choice: EncodableMessage, host: EndpointHost): TlsMessage {
  const { config } = host
  switch (choice.say) {
    case 'ClientHello': {
      const versions = choice.versions ?? config.versions
      return {
        kind: 'ClientHello',
        version: VERSION_NUMBER['1.2'],
        random: deriveRandom(host, 'random', RANDOM_OCTETS),
        sessionId: NO_OCTETS,
        suites: choice.suites ?? config.suites,
        compression: [0],
        extensions: [
          encodeExtension(SERVER_NAME, config.serverName),
          encodeExtension(SUPPORTED_GROUPS, config.groups.map(groupNumber)),
          encodeExtension(EC_POINT_FORMATS, [UNCOMPRESSED]),
          encodeExtension(SIGNATURE_ALGORITHMS, OFFERED_SCHEMES),
          ...(versions.includes('1.2') ? [encodeExtension(RENEGOTIATION_INFO, NO_OCTETS)] : []),
          ...(versions.includes('1.3') ? listTls13Extensions(at, versions, host) : []),
        ],
      }
    }
    case 'ServerHello': {
      const chosen = negotiate(at, config, choice.version)
      const suite = choice.suite ?? chosen.suite ?? 0
      return {
        kind: 'ServerHello',
        version: VERSION_NUMBER['1.2'],
        random: deriveRandom(host, 'random', RANDOM_OCTETS),
        sessionId: chosen.version === '1.3' ? fromHex(at.connection.offer?.sessionId ?? '') : NO_OCTETS,
        suite,
        compression: 0,
        extensions: listServerHelloExtensions(at, chosen.version, host),
      }
    }
    case 'HelloRetryRequest': {
      const chosen = negotiate(at, config)
      const group = choice.group ?? chosen.group ?? config.groups[0]!
      return {
        kind: 'HelloRetryRequest',
        version: VERSION_NUMBER['1.2'],
        random: RETRY_RANDOM,
        sessionId: fromHex(at.connection.offer?.sessionId ?? ''),
        suite: chosen.suite ?? 0,
        compression: 0,
        extensions: [encodeExtension(SELECTED_VERSION, VERSION_NUMBER['1.3']), encodeExtension(SELECTED_GROUP, groupNumber(group))],
      }
    }
    case 'EncryptedExtensions':
      return { kind: 'EncryptedExtensions', extensions: [] }
    case 'Certificate': {
      // RFC 5246 7.4.6, RFC 8446 4.4.2: a client that supports none of the requested schemes sends no certificate.
      const schemes = config.role === 'client' ? (at.connection.requested?.schemes ?? []) : []
      const cannotSign = schemes.length > 0 && !schemes.includes(PSS) && getTlsRules(config.rules).certificateOf === 'server'
      const chain = choice.none || cannotSign ? [] : (config.identity?.chain ?? [])
      const context = config.role === 'client' ? fromHex(at.connection.requested?.context ?? '') : NO_OCTETS
      return { kind: 'Certificate', context, chain: chain.map(({ der }) => ({ certificate: fromHex(der), extensions: [] })) }
    }
    case 'ServerKeyExchange': {
      const group = config.groups.find((one) => at.connection.offer?.groups.includes(groupNumber(one))) ?? config.groups[0]!
      const parameters = { group: groupNumber(group), share: generatePublicValue(group, host) }
      return {
        kind: 'ServerKeyExchange',
        ...parameters,
        scheme: PSS,
        signature: sign(encodeSignedParameters(at, parameters), host),
      }
    }
    case 'CertificateRequest': {
      const in13 = at.connection.version === '1.3'
      return {
        kind: 'CertificateRequest',
        types: in13 ? [] : [RSA_SIGN],
        schemes: in13 ? [] : OFFERED_SCHEMES,
        authorities: [],
        context: NO_OCTETS,
        extensions: in13 ? [encodeExtension(SIGNATURE_ALGORITHMS, OFFERED_SCHEMES)] : [],
      }
    }
    case 'ClientKeyExchange':
      return { kind: 'ClientKeyExchange', exchange: buildKeyExchange(at, host) }
    case 'CertificateVerify':
      return { kind: 'CertificateVerify', scheme: PSS, signature: sign(encodeSignedTranscript(at, config.role, host), host) }
    case 'Finished':
      return { kind: 'Finished', verifyData: computeFinished(at, config.role, host) }
    case 'KeyUpdate':
      return { kind: 'KeyUpdate', requested: choice.requested ?? false }
    case 'Alert': {
      const warning = choice.alert === 'close_notify' || choice.alert === 'user_canceled' || choice.alert === 'no_renegotiation'
      return { kind: 'Alert', level: warning ? WARNING : FATAL, description: ALERT[choice.alert] }
    }
    case 'ApplicationData':
      return { kind: 'ApplicationData', data: fromHex(choice.data) }
    case 'HelloRequest':
    case 'ServerHelloDone':
    case 'ChangeCipherSpec':
      return { kind: choice.say }
  }
}

const groupNumber = (group: NamedGroup): number => GROUP_NUMBERS[group]

const generatePublicValue = (group: NamedGroup, host: EndpointHost): Bytes =>
  host.crypto.computePublicValue(group, derivePrivateValue(group, host))

/** The additional extensions of a ClientHello for TLS 1.3. The one key share is of the preferred group, or of the group of a retry. */
function listTls13Extensions(at: TlsEndpoint, versions: readonly TlsVersion[], host: EndpointHost): readonly Extension[] {
  const asked = at.connection.retry?.group
  const group = host.config.groups.find((one) => groupNumber(one) === asked) ?? host.config.groups[0]!
  return [
    encodeExtension(
      SUPPORTED_VERSIONS,
      versions.map((version) => VERSION_NUMBER[version]),
    ),
    encodeExtension(CLIENT_SHARES, [{ group: groupNumber(group), share: generatePublicValue(group, host) }]),
  ]
}

/** Negotiated parameters: of each kind the server's first preference that the client offers; null if there is none. */
export interface NegotiatedParameters {
  readonly version: TlsVersion | null
  readonly suite: number | null
  readonly group: NamedGroup | null
}

/** The parameters that a server chooses from the client's offer. `wanted`: a version to use instead of negotiating it. */
export function negotiate(at: TlsEndpoint, wants: NegotiationConfig, wanted?: TlsVersion): NegotiatedParameters {
  const offer: Pick<ClientOffer, 'versions' | 'suites' | 'groups'> = at.connection.offer ?? { versions: [], suites: [], groups: [] }
  const version = wanted ?? wants.versions.find((one) => offer.versions.includes(VERSION_NUMBER[one])) ?? null
  const fits = (suite: number) => offer.suites.includes(suite) && findSuite(suite)?.version === version
  return {
    version,
    suite: wants.suites.find(fits) ?? null,
    group: wants.groups.find((one) => offer.groups.includes(groupNumber(one))) ?? null,
  }
}

/** The extensions of a ServerHello. In 1.3: the version, and a key share of the first group for which the client has sent one. */
function listServerHelloExtensions(at: TlsEndpoint, version: TlsVersion | null, host: EndpointHost): readonly Extension[] {
  const { offer } = at.connection
  if (version !== '1.3')
    return offer?.extensions.includes(RENEGOTIATION_INFO.type) ? [encodeExtension(RENEGOTIATION_INFO, NO_OCTETS)] : []
  const group = host.config.groups.find((one) => offer?.shares.includes(groupNumber(one))) ?? host.config.groups[0]!
  return [
    encodeExtension(SELECTED_VERSION, VERSION_NUMBER['1.3']),
    encodeExtension(SERVER_SHARE, { group: groupNumber(group), share: generatePublicValue(group, host) }),
  ]
}

/** RFC 5246 7.4.7: the pre-master secret, encrypted with the key that the rule set specifies, or the public value of ECDHE. */
function buildKeyExchange(at: TlsEndpoint, host: EndpointHost): Bytes {
  const { config, crypto } = host
  if (agreedSuite(at).exchange === 'ECDHE') {
    const group = config.groups.find((one) => groupNumber(one) === at.connection.group) ?? config.groups[0]!
    return generatePublicValue(group, host)
  }
  const secret = generatePreMaster(host)
  if (preMasterKeyName(getTlsRules(config.rules)).endsWith('-private')) {
    const own = config.identity?.key
    return own ? applyPrivateKey(crypto, decodePrivateKey(own), secret) : deriveRandom(host, 'forged signature', SIGNATURE_OCTETS)
  }
  const peer = findPeerCertificate(at, host)
  if (peer === null) throw new Error('the peer has shown no certificate that can be read')
  const key = decodePublicKey(peer)
  return encryptPkcs1(crypto, key, secret, deriveRandom(host, 'padding', paddingLength(key, secret)))
}

/** The length of a signature with a 2048-bit RSA key. */
const SIGNATURE_OCTETS = 256

/** Signs with RSA-PSS. Without the private key the result is random octets, which do not verify. */
function sign(data: Bytes, host: EndpointHost): Bytes {
  const key = host.config.identity?.key
  if (!key) return deriveRandom(host, 'forged signature', SIGNATURE_OCTETS)
  return signPss(host.crypto, decodePrivateKey(key), 'SHA-256', data, deriveRandom(host, 'salt', SALT_OCTETS))
}
