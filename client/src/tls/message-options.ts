/** The options that a student can choose from when writing a TLS message. Pure. */
import type { TlsVersion } from '../../../protocol/tls/format/messages.ts'
import { suiteName } from '../../../protocol/tls/acceptor/registry-names.ts'
import { findSuiteByName } from '../../../protocol/tls/format/suites.ts'
import type { MessageView } from '../../../protocol/round/view/seat-view.ts'
import type { ComposableName } from './tls-draft.ts'

/** The message names of each version, in the order of RFC 5246 7.4 and 7.1, RFC 8446 4 and D.4; alerts last. */
const NAMES_BY_VERSION: { readonly [V in TlsVersion]: readonly ComposableName[] } = {
  '1.2': [
    'HelloRequest',
    'ClientHello',
    'ServerHello',
    'Certificate',
    'ServerKeyExchange',
    'CertificateRequest',
    'ServerHelloDone',
    'ClientKeyExchange',
    'CertificateVerify',
    'ChangeCipherSpec',
    'Finished',
    'Alert',
  ],
  '1.3': [
    'ClientHello',
    'ServerHello',
    'HelloRetryRequest',
    'EncryptedExtensions',
    'CertificateRequest',
    'Certificate',
    'CertificateVerify',
    'Finished',
    'KeyUpdate',
    'ChangeCipherSpec',
    'Alert',
  ],
}

/** All message names of these versions, whether right at the moment or not. */
export const listMessageNames = (versions: readonly TlsVersion[]): readonly ComposableName[] => [
  ...new Set([...(['1.2', '1.3'] as const).flatMap((version) => (versions.includes(version) ? NAMES_BY_VERSION[version] : []))]),
]

/** The value of a fact in the last message of that name; null if there is no such message, or it lacks the fact. */
export const findFact = (messages: readonly MessageView[], message: MessageView['name'], fact: string): string | null =>
  messages.findLast(({ name }) => name === message)?.facts?.find(({ name }) => name === fact)?.value ?? null

/** The negotiated version; before the ServerHello, all versions that the host supports (`able`). */
export function listVersions(messages: readonly MessageView[], able: readonly TlsVersion[]): readonly TlsVersion[] {
  const agreed = findFact(messages, 'ServerHello', 'version')
  return agreed === 'TLS 1.2' ? ['1.2'] : agreed === 'TLS 1.3' ? ['1.3'] : able
}

export interface SuiteOption {
  readonly number: number
  readonly name: string
}

export const buildSuiteOptions = (numbers: readonly number[]): readonly SuiteOption[] =>
  numbers.map((number) => ({ number, name: suiteName(number) }))

/** The suites that a server can name in its ServerHello: those that the client offered, then the others that the server supports. */
export function listSelectableSuites(messages: readonly MessageView[], able: readonly number[]): readonly SuiteOption[] {
  const offered = findFact(messages, 'ClientHello', 'suites')?.split(', ') ?? []
  return buildSuiteOptions([...new Set([...offered.flatMap((name) => findSuiteByName(name)?.number ?? []), ...able])])
}

/** Whether the peer has proved to have the private key of its certificate, by a signature that has been checked; null if not yet. */
export const findProof = (messages: readonly (MessageView & { readonly own: boolean })[]): string | null => {
  const read = messages.filter(({ own }) => !own)
  return findFact(read, 'ServerKeyExchange', 'signature-check') ?? findFact(read, 'CertificateVerify', 'signature-check')
}
