/** Messages as a scenario writes them: by name, with the fields that matter there. All others have the value that the conversation so far gives. */
import { type Connection, NUMBER } from '../../protocol/tls/connection.ts'
import type { Bytes, Group } from '../../protocol/tls/crypto.ts'
import * as ext from '../../protocol/tls/extensions.ts'
import { NONE, unhex } from '../../protocol/octets.ts'
import {
  ALERT,
  type AlertName,
  type Extension,
  FATAL,
  type Message,
  type MessageName,
  type Version,
  WARNING,
} from '../../protocol/tls/messages.ts'
import { GROUPS, SCHEMES, SUITES } from '../../protocol/tls/suites.ts'

type Fields = ReadonlyMap<string, string>

const octets = (length: number, value = 1): Bytes => new Uint8Array(length).fill(value)
const list = (text: string): readonly string[] => (text === '' ? [] : text.split(','))
const suite = (name: string): number => SUITES.find((one) => one.name === name)?.number ?? Number(name)
const group = (name: string): number => (name in GROUPS ? GROUPS[name as Group] : Number(name))
const scheme = (name: string): number => SCHEMES.find((one) => one.name === name)?.number ?? Number(name)
const version = (name: string): number => (name in NUMBER ? NUMBER[name as Version] : Number(name))
const shareOf = (name: string) => ({ group: group(name), share: octets(name === 'x25519' ? 32 : 65) })

/** `ext=22,23`: these by number, without a body. */
const bare = (fields: Fields, name = 'ext'): readonly Extension[] =>
  list(fields.get(name) ?? '').map((type) => ({ type: Number(type), data: NONE }))
/** `without=13`: leaves these away. */
const without = (fields: Fields, extensions: readonly Extension[]): readonly Extension[] => {
  const gone = list(fields.get('without') ?? '').map(Number)
  return extensions.filter(({ type }) => !gone.includes(type))
}

export function written(name: string, fields: Fields, connection: Connection): Message {
  const is = name as MessageName
  const field = (key: string, otherwise: string): string => fields.get(key) ?? otherwise
  switch (is) {
    case 'ClientHello': {
      const versions = list(field('versions', '1.2')).map(version)
      const modern = versions.includes(NUMBER['1.3'])
      const psks = Number(field('psks', '0'))
      const offer = {
        identities: Array.from({ length: psks }, () => ({ identity: octets(8), age: 0 })),
        binders: Array.from({ length: psks }, () => octets(32)),
      }
      const shares = list(field('shares', modern ? 'x25519' : '')).map(shareOf)
      return {
        is,
        version: NUMBER['1.2'],
        random: octets(32, Number(field('random', '1'))),
        sessionId: unhex(field('session', '')),
        suites: list(
          field('suites', 'TLS_AES_128_GCM_SHA256,TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,TLS_RSA_WITH_AES_128_CBC_SHA'),
        ).map(suite),
        compression: list(field('compression', '0')).map(Number),
        extensions: without(fields, [
          ext.extension(ext.SUPPORTED_GROUPS, list(field('groups', 'x25519,secp256r1')).map(group)),
          ext.extension(ext.SIGNATURE_ALGORITHMS, list(field('schemes', 'rsa_pss_rsae_sha256,rsa_pkcs1_sha256')).map(scheme)),
          ...(modern ? [ext.extension(ext.SUPPORTED_VERSIONS, versions)] : []),
          ...(shares.length > 0 ? [ext.extension(ext.CLIENT_SHARES, shares)] : []),
          ...(fields.has('ticket') ? [ext.extension(ext.SESSION_TICKET, unhex(field('ticket', '')))] : []),
          ...(fields.has('info') ? [ext.extension(ext.RENEGOTIATION_INFO, unhex(field('info', '')))] : []),
          ...(fields.has('cookie') ? [ext.extension(ext.COOKIE, octets(4))] : []),
          ...bare(fields),
          ...(psks > 0 ? [ext.extension(ext.PSK_KEY_EXCHANGE_MODES, list(field('modes', '1')).map(Number))] : []),
          ...(psks > 0 ? [ext.extension(ext.OFFERED_PSKS, offer)] : []),
          ...bare(fields, 'last'),
        ]),
      }
    }
    case 'ServerHello':
    case 'HelloRetryRequest': {
      const chosen = field('version', connection.offer?.versions.includes(NUMBER['1.3']) ? '1.3' : '1.2')
      const modern = chosen === '1.3'
      const whole = shareOf(field('share', 'x25519'))
      const share = fields.has('octets') ? { ...whole, share: octets(Number(field('octets', '0'))) } : whole
      const retried = is === 'HelloRetryRequest'
      const key = retried
        ? ext.extension(ext.SELECTED_GROUP, group(field('group', 'secp256r1')))
        : ext.extension(ext.SERVER_SHARE, share)
      const random = octets(32, 2)
      if (fields.has('random-end')) random.set(unhex(field('random-end', '')), 24)
      return {
        is,
        version: modern ? NUMBER['1.2'] : version(chosen),
        random,
        sessionId: unhex(field('session', modern ? (connection.offer?.sessionId ?? '') : '')),
        suite: suite(field('suite', modern ? 'TLS_AES_128_GCM_SHA256' : 'TLS_RSA_WITH_AES_128_CBC_SHA')),
        compression: Number(field('compression', '0')),
        extensions: without(fields, [
          ...(modern ? [ext.extension(ext.SELECTED_VERSION, NUMBER['1.3']), key] : []),
          ...(fields.has('selected') ? [ext.extension(ext.SELECTED_VERSION, version(field('selected', '')))] : []),
          ...(fields.has('cookie') ? [ext.extension(ext.COOKIE, octets(4))] : []),
          ...(fields.has('psk') ? [ext.extension(ext.SELECTED_PSK, Number(field('psk', '0')))] : []),
          ...(fields.has('info') ? [ext.extension(ext.RENEGOTIATION_INFO, unhex(field('info', '')))] : []),
          ...bare(fields),
        ]),
      }
    }
    case 'EncryptedExtensions':
      return { is, extensions: bare(fields) }
    case 'Certificate':
      return {
        is,
        context: unhex(field('context', '')),
        chain: field('chain', '1') === '0' ? [] : [{ certificate: octets(8), extensions: [] }],
      }
    case 'CertificateStatus':
      return { is, response: octets(8) }
    case 'ServerKeyExchange': {
      const of = field('group', 'x25519')
      const share = fields.has('octets') ? octets(Number(field('octets', '0'))) : shareOf(of).share
      return { is, group: group(of), share, scheme: scheme(field('scheme', 'rsa_pss_rsae_sha256')), signature: octets(256) }
    }
    case 'CertificateRequest': {
      const schemes = list(field('schemes', 'rsa_pss_rsae_sha256')).map(scheme)
      const modern = connection.version === '1.3'
      return {
        is,
        types: modern ? [] : [1],
        schemes: modern ? [] : schemes,
        authorities: [],
        context: unhex(field('context', '')),
        extensions: modern ? without(fields, [ext.extension(ext.SIGNATURE_ALGORITHMS, schemes)]) : [],
      }
    }
    case 'ClientKeyExchange':
      return { is, exchange: octets(Number(field('octets', connection.group === null ? '256' : '32'))) }
    case 'CertificateVerify':
      return { is, scheme: scheme(field('scheme', 'rsa_pss_rsae_sha256')), signature: octets(256) }
    case 'Finished':
      return { is, verifyData: octets(connection.version === '1.3' ? 32 : 12, connection.protects.server ? 4 : 3) }
    case 'NewSessionTicket':
      return { is, lifetime: Number(field('lifetime', '7200')), ageAdd: 0, nonce: NONE, ticket: octets(16), extensions: [] }
    case 'KeyUpdate':
      return { is, requested: field('requested', 'no') === 'yes' }
    case 'Alert': {
      const description = ALERT[field('alert', 'close_notify') as AlertName]
      return {
        is,
        level: field('level', description === ALERT.close_notify ? 'warning' : 'fatal') === 'fatal' ? FATAL : WARNING,
        description,
      }
    }
    case 'ApplicationData':
      return { is, data: octets(Number(field('octets', '5'))) }
    case 'HelloRequest':
    case 'ServerHelloDone':
    case 'EndOfEarlyData':
    case 'ChangeCipherSpec':
      return { is }
  }
}
