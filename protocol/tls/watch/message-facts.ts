/** The fields of a message that a page shows. */
import { toHex } from '../../octets.ts'
import type { Certificate } from '../keys/certificate.ts'
import { selectedVersionOf } from '../acceptor/content-checks.ts'
import { CLIENT_SHARES, findExtension, SELECTED_GROUP, SERVER_NAME, SERVER_SHARE } from '../format/extensions.ts'
import { readOffer } from '../acceptor/connection.ts'
import { groupName, levelName, schemeName, suiteName, versionName } from '../acceptor/registry-names.ts'
import { ALERT, type TlsMessage } from '../format/messages.ts'

/** The names of facts. */
export const FACT_KINDS = [
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
  'signature-check',
  'chain-check',
  'exchange',
  'verify-data',
  'requested',
  'level',
  'alert',
  'data',
] as const
export type FactName = (typeof FACT_KINDS)[number]

/** A value is a registered name, a text, an ISO 8601 date, octets in hex, or the result of a check: `holds` or `fails`. */
export interface Fact {
  readonly name: FactName
  readonly value: string
}

/** Lists the facts of a message. `certificates`: the parsed contents of readable certificates. For a chain, their facts are concatenated. */
export function listFacts(message: TlsMessage, certificates: readonly Certificate[]): readonly Fact[] {
  switch (message.kind) {
    case 'ClientHello': {
      const { versions, suites, groups } = readOffer(message)
      const shares = findExtension(message.extensions, CLIENT_SHARES) ?? []
      const serverName = findExtension(message.extensions, SERVER_NAME)
      return [
        { name: 'version', value: versions.map(versionName).join(', ') },
        { name: 'random', value: toHex(message.random) },
        { name: 'suites', value: suites.map(suiteName).join(', ') },
        ...optionalFact('server-name', serverName),
        { name: 'groups', value: groups.map(groupName).join(', ') },
        ...shares.map(({ share }): Fact => ({ name: 'public-value', value: toHex(share) })),
      ]
    }
    case 'ServerHello':
    case 'HelloRetryRequest': {
      const version = selectedVersionOf(message)
      const share = message.kind === 'ServerHello' && version === '1.3' ? findExtension(message.extensions, SERVER_SHARE) : null
      const asked = message.kind === 'HelloRetryRequest' ? findExtension(message.extensions, SELECTED_GROUP) : null
      const group = share?.group ?? asked
      return [
        ...optionalFact('version', version && `TLS ${version}`),
        { name: 'random', value: toHex(message.random) },
        { name: 'suite', value: suiteName(message.suite) },
        ...optionalFact('group', group === null ? null : groupName(group)),
        ...optionalFact('public-value', share && toHex(share.share)),
      ]
    }
    case 'Certificate': {
      const ders = message.chain.map(({ certificate }) => toHex(certificate))
      return ders.flatMap((der) => certificates.filter((known) => known.der === der)).flatMap(listCertificateFacts)
    }
    case 'ServerKeyExchange':
      return [
        { name: 'group', value: groupName(message.group) },
        { name: 'public-value', value: toHex(message.share) },
        { name: 'scheme', value: schemeName(message.scheme) },
        { name: 'signature', value: toHex(message.signature) },
      ]
    case 'CertificateVerify':
      return [
        { name: 'scheme', value: schemeName(message.scheme) },
        { name: 'signature', value: toHex(message.signature) },
      ]
    case 'ClientKeyExchange':
      return [{ name: 'exchange', value: toHex(message.exchange) }]
    case 'Finished':
      return [{ name: 'verify-data', value: toHex(message.verifyData) }]
    case 'KeyUpdate':
      return message.requested ? [{ name: 'requested', value: 'update_requested' }] : []
    case 'Alert':
      return [
        { name: 'level', value: levelName(message.level) },
        { name: 'alert', value: findAlertName(message.description) },
      ]
    case 'ApplicationData':
      return [{ name: 'data', value: toHex(message.data) }]
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

/**
 * What the receiver's own checks of a message have found that cannot be seen by looking at it. `verifies`: its signature, with the key of
 * the sender's certificate. `chain`: whether the chain leads, signature by signature, to an authority that the receiver trusts.
 */
export const listCheckFacts = ({
  verifies,
  chain,
}: {
  verifies?: boolean | undefined
  chain?: boolean | undefined
}): readonly Fact[] => [...optionalFact('signature-check', resultOf(verifies)), ...optionalFact('chain-check', resultOf(chain))]

const resultOf = (holds: boolean | undefined): string | null => (holds === undefined ? null : holds ? 'holds' : 'fails')

/** The facts about a certificate that a browser shows. */
export const listCertificateFacts = ({ subject, names, issuer, serial, from, to, authority }: Certificate): readonly Fact[] => [
  { name: 'subject', value: subject },
  ...optionalFact('names', names.join(', ') || null),
  { name: 'issuer', value: issuer },
  { name: 'serial', value: serial },
  { name: 'valid-from', value: new Date(from).toISOString() },
  { name: 'valid-to', value: new Date(to).toISOString() },
  ...optionalFact('authority', authority ? 'CA:TRUE' : null),
]

const optionalFact = (name: FactName, value: string | null): readonly Fact[] => (value === null ? [] : [{ name, value }])

const findAlertName = (description: number): string =>
  Object.entries(ALERT).find(([, number]) => number === description)?.[0] ?? `${description}`
