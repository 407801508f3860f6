/**
 * Builds messages as a scenario writes them: by name, with the fields that matter there. All other fields have the value that
 * follows from the conversation so far.
 */
import { type TlsConnection, VERSION_NUMBER } from '../../protocol/tls/acceptor/connection.ts'
import type { Bytes, NamedGroup } from '../../protocol/tls/format/crypto.ts'
import * as ext from '../../protocol/tls/format/extensions.ts'
import { NO_OCTETS, fromHex } from '../../protocol/octets.ts'
import {
  ALERT,
  type AlertName,
  type Extension,
  FATAL,
  type TlsMessage,
  type MessageName,
  type TlsVersion,
  WARNING,
} from '../../protocol/tls/format/messages.ts'
import { GROUP_NUMBERS, SIGNATURE_SCHEMES, CIPHER_SUITES } from '../../protocol/tls/format/suites.ts'

type Fields = ReadonlyMap<string, string>

const octets = (length: number, value = 1): Bytes => new Uint8Array(length).fill(value)
const list = (text: string): readonly string[] => (text === '' ? [] : text.split(','))
const suite = (name: string): number => CIPHER_SUITES.find((one) => one.name === name)?.number ?? Number(name)
const group = (name: string): number => (name in GROUP_NUMBERS ? GROUP_NUMBERS[name as NamedGroup] : Number(name))
const scheme = (name: string): number => SIGNATURE_SCHEMES.find((one) => one.name === name)?.number ?? Number(name)
const version = (name: string): number => (name in VERSION_NUMBER ? VERSION_NUMBER[name as TlsVersion] : Number(name))
const shareOf = (name: string) => ({ group: group(name), share: octets(name === 'x25519' ? 32 : 65) })

/** `ext=22,23`: the extensions with these numbers, without a body. */
const bare = (fields: Fields, name = 'ext'): readonly Extension[] =>
  list(fields.get(name) ?? '').map((type) => ({ type: Number(type), data: NO_OCTETS }))
/** `without=13`: leaves out the extensions with these numbers. */
const without = (fields: Fields, extensions: readonly Extension[]): readonly Extension[] => {
  const gone = list(fields.get('without') ?? '').map(Number)
  return extensions.filter(({ type }) => !gone.includes(type))
}

/** The message of this name with these fields; the connection gives the others. */
export function written(name: string, fields: Fields, connection: TlsConnection): TlsMessage {
  const is = name as MessageName
  const field = (key: string, otherwise: string): string => fields.get(key) ?? otherwise
  switch (is) {
    case 'ClientHello': {
      const versions = list(field('versions', '1.2')).map(version)
      const modern = versions.includes(VERSION_NUMBER['1.3'])
      const psks = Number(field('psks', '0'))
      const offer = {
        identities: Array.from({ length: psks }, () => ({ identity: octets(8), age: 0 })),
        binders: Array.from({ length: psks }, () => octets(32)),
      }
      const shares = list(field('shares', modern ? 'x25519' : '')).map(shareOf)
      return {
        kind: is,
        version: VERSION_NUMBER['1.2'],
        random: octets(32, Number(field('random', '1'))),
        sessionId: fromHex(field('session', '')),
        suites: list(
          field('suites', 'TLS_AES_128_GCM_SHA256,TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,TLS_RSA_WITH_AES_128_CBC_SHA'),
        ).map(suite),
        compression: list(field('compression', '0')).map(Number),
        extensions: without(fields, [
          ext.encodeExtension(ext.SUPPORTED_GROUPS, list(field('groups', 'x25519,secp256r1')).map(group)),
          ext.encodeExtension(ext.SIGNATURE_ALGORITHMS, list(field('schemes', 'rsa_pss_rsae_sha256,rsa_pkcs1_sha256')).map(scheme)),
          ...(modern ? [ext.encodeExtension(ext.SUPPORTED_VERSIONS, versions)] : []),
          ...(shares.length > 0 ? [ext.encodeExtension(ext.CLIENT_SHARES, shares)] : []),
          ...(fields.has('ticket') ? [ext.encodeExtension(ext.SESSION_TICKET, fromHex(field('ticket', '')))] : []),
          ...(fields.has('info') ? [ext.encodeExtension(ext.RENEGOTIATION_INFO, fromHex(field('info', '')))] : []),
          ...(fields.has('cookie') ? [ext.encodeExtension(ext.COOKIE, octets(4))] : []),
          ...bare(fields),
          ...(psks > 0 ? [ext.encodeExtension(ext.PSK_KEY_EXCHANGE_MODES, list(field('modes', '1')).map(Number))] : []),
          ...(psks > 0 ? [ext.encodeExtension(ext.OFFERED_PSKS, offer)] : []),
          ...bare(fields, 'last'),
        ]),
      }
    }
    case 'ServerHello':
    case 'HelloRetryRequest': {
      const chosen = field('version', connection.offer?.versions.includes(VERSION_NUMBER['1.3']) ? '1.3' : '1.2')
      const modern = chosen === '1.3'
      const whole = shareOf(field('share', 'x25519'))
      const share = fields.has('octets') ? { ...whole, share: octets(Number(field('octets', '0'))) } : whole
      const retried = is === 'HelloRetryRequest'
      const key = retried
        ? ext.encodeExtension(ext.SELECTED_GROUP, group(field('group', 'secp256r1')))
        : ext.encodeExtension(ext.SERVER_SHARE, share)
      const random = octets(32, 2)
      if (fields.has('random-end')) random.set(fromHex(field('random-end', '')), 24)
      return {
        kind: is,
        version: modern ? VERSION_NUMBER['1.2'] : version(chosen),
        random,
        sessionId: fromHex(field('session', modern ? (connection.offer?.sessionId ?? '') : '')),
        suite: suite(field('suite', modern ? 'TLS_AES_128_GCM_SHA256' : 'TLS_RSA_WITH_AES_128_CBC_SHA')),
        compression: Number(field('compression', '0')),
        extensions: without(fields, [
          ...(modern ? [ext.encodeExtension(ext.SELECTED_VERSION, VERSION_NUMBER['1.3']), key] : []),
          ...(fields.has('selected') ? [ext.encodeExtension(ext.SELECTED_VERSION, version(field('selected', '')))] : []),
          ...(fields.has('cookie') ? [ext.encodeExtension(ext.COOKIE, octets(4))] : []),
          ...(fields.has('psk') ? [ext.encodeExtension(ext.SELECTED_PSK, Number(field('psk', '0')))] : []),
          ...(fields.has('info') ? [ext.encodeExtension(ext.RENEGOTIATION_INFO, fromHex(field('info', '')))] : []),
          ...bare(fields),
        ]),
      }
    }
    case 'EncryptedExtensions':
      return { kind: is, extensions: bare(fields) }
    case 'Certificate':
      return {
        kind: is,
        context: fromHex(field('context', '')),
        chain: field('chain', '1') === '0' ? [] : [{ certificate: octets(8), extensions: [] }],
      }
    case 'CertificateStatus':
      return { kind: is, response: octets(8) }
    case 'ServerKeyExchange': {
      const of = field('group', 'x25519')
      const share = fields.has('octets') ? octets(Number(field('octets', '0'))) : shareOf(of).share
      return { kind: is, group: group(of), share, scheme: scheme(field('scheme', 'rsa_pss_rsae_sha256')), signature: octets(256) }
    }
    case 'CertificateRequest': {
      const schemes = list(field('schemes', 'rsa_pss_rsae_sha256')).map(scheme)
      const modern = connection.version === '1.3'
      return {
        kind: is,
        types: modern ? [] : [1],
        schemes: modern ? [] : schemes,
        authorities: [],
        context: fromHex(field('context', '')),
        extensions: modern ? without(fields, [ext.encodeExtension(ext.SIGNATURE_ALGORITHMS, schemes)]) : [],
      }
    }
    case 'ClientKeyExchange':
      return { kind: is, exchange: octets(Number(field('octets', connection.group === null ? '256' : '32'))) }
    case 'CertificateVerify':
      return { kind: is, scheme: scheme(field('scheme', 'rsa_pss_rsae_sha256')), signature: octets(256) }
    case 'Finished':
      return { kind: is, verifyData: octets(connection.version === '1.3' ? 32 : 12, connection.protects.server ? 4 : 3) }
    case 'NewSessionTicket':
      return {
        kind: is,
        lifetime: Number(field('lifetime', '7200')),
        ageAdd: 0,
        nonce: NO_OCTETS,
        ticket: octets(16),
        extensions: [],
      }
    case 'KeyUpdate':
      return { kind: is, requested: field('requested', 'no') === 'yes' }
    case 'Alert': {
      const description = ALERT[field('alert', 'close_notify') as AlertName]
      return {
        kind: is,
        level: field('level', description === ALERT.close_notify ? 'warning' : 'fatal') === 'fatal' ? FATAL : WARNING,
        description,
      }
    }
    case 'ApplicationData':
      return { kind: is, data: octets(Number(field('octets', '5'))) }
    case 'HelloRequest':
    case 'ServerHelloDone':
    case 'EndOfEarlyData':
    case 'ChangeCipherSpec':
      return { kind: is }
  }
}
