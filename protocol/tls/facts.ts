/** What a page may show of a message: nothing that is not in it. */
import { hex } from '../octets.ts'
import type { Certificate } from './certificate.ts'
import { versionChosen } from './contents.ts'
import { CLIENT_SHARES, find, SELECTED_GROUP, SERVER_NAME, SERVER_SHARE } from './extensions.ts'
import { offerOf } from './connection.ts'
import { groupName, levelName, schemeName, suiteName, versionName } from './names.ts'
import { ALERT, type Message } from './messages.ts'

export const FACTS = [
  'version',
  'random',
  'suites',
  'suite',
  'server-name',
  'groups',
  'group',
  'public-value',
  'subject',
  'names',
  'issuer',
  'serial',
  'valid-from',
  'valid-to',
  'authority',
  'scheme',
  'signature',
  'exchange',
  'verify-data',
  'requested',
  'level',
  'alert',
  'data',
] as const
export type FactName = (typeof FACTS)[number]

/** Values are names of the registries, texts, ISO 8601 dates, or octets as hex. */
export interface Fact {
  readonly name: FactName
  readonly value: string
}

/** `certificates`: what stands in those that can be read. A chain is one certificate after the other, each from its subject on. */
export function facts(message: Message, certificates: readonly Certificate[]): readonly Fact[] {
  switch (message.is) {
    case 'ClientHello': {
      const { versions, suites, groups } = offerOf(message)
      const shares = find(message.extensions, CLIENT_SHARES) ?? []
      const serverName = find(message.extensions, SERVER_NAME)
      return [
        { name: 'version', value: versions.map(versionName).join(', ') },
        { name: 'random', value: hex(message.random) },
        { name: 'suites', value: suites.map(suiteName).join(', ') },
        ...some('server-name', serverName),
        { name: 'groups', value: groups.map(groupName).join(', ') },
        ...shares.map(({ share }): Fact => ({ name: 'public-value', value: hex(share) })),
      ]
    }
    case 'ServerHello':
    case 'HelloRetryRequest': {
      const version = versionChosen(message)
      const share = message.is === 'ServerHello' && version === '1.3' ? find(message.extensions, SERVER_SHARE) : null
      const asked = message.is === 'HelloRetryRequest' ? find(message.extensions, SELECTED_GROUP) : null
      const group = share?.group ?? asked
      return [
        ...some('version', version && `TLS ${version}`),
        { name: 'random', value: hex(message.random) },
        { name: 'suite', value: suiteName(message.suite) },
        ...some('group', group === null ? null : groupName(group)),
        ...some('public-value', share && hex(share.share)),
      ]
    }
    case 'Certificate': {
      const ders = message.chain.map(({ certificate }) => hex(certificate))
      return ders.flatMap((der) => certificates.filter((known) => known.der === der)).flatMap(inCertificate)
    }
    case 'ServerKeyExchange':
      return [
        { name: 'group', value: groupName(message.group) },
        { name: 'public-value', value: hex(message.share) },
        { name: 'scheme', value: schemeName(message.scheme) },
        { name: 'signature', value: hex(message.signature) },
      ]
    case 'CertificateVerify':
      return [
        { name: 'scheme', value: schemeName(message.scheme) },
        { name: 'signature', value: hex(message.signature) },
      ]
    case 'ClientKeyExchange':
      return [{ name: 'exchange', value: hex(message.exchange) }]
    case 'Finished':
      return [{ name: 'verify-data', value: hex(message.verifyData) }]
    case 'KeyUpdate':
      return message.requested ? [{ name: 'requested', value: 'update_requested' }] : []
    case 'Alert':
      return [
        { name: 'level', value: levelName(message.level) },
        { name: 'alert', value: alertName(message.description) },
      ]
    case 'ApplicationData':
      return [{ name: 'data', value: hex(message.data) }]
    case 'HelloRequest':
    case 'EncryptedExtensions':
    case 'CertificateStatus':
    case 'CertificateRequest':
    case 'ServerHelloDone':
    case 'NewSessionTicket':
    case 'EndOfEarlyData':
    case 'ChangeCipherSpec':
      return []
  }
}

/** What a browser shows of a certificate. */
export const inCertificate = ({ subject, names, issuer, serial, from, to, authority }: Certificate): readonly Fact[] => [
  { name: 'subject', value: subject },
  ...some('names', names.join(', ') || null),
  { name: 'issuer', value: issuer },
  { name: 'serial', value: serial },
  { name: 'valid-from', value: new Date(from).toISOString() },
  { name: 'valid-to', value: new Date(to).toISOString() },
  ...some('authority', authority ? 'CA:TRUE' : null),
]

const some = (name: FactName, value: string | null): readonly Fact[] => (value === null ? [] : [{ name, value }])

const alertName = (description: number): string =>
  Object.entries(ALERT).find(([, number]) => number === description)?.[0] ?? `${description}`
