/** `compose`: turns a student's choice into a complete message, if it may be sent now. */
import type { Finding } from '../../findings.ts'
import { applyToEndpoint, currentLayout } from './apply-message.ts'
import { alertForFault, answersFaults } from '../keys/certificate.ts'
import { CONTENT_TYPE, encodeMessage } from '../format/codec.ts'
import type { CryptoResults } from '../acceptor/content-checks.ts'
import { negotiate, buildTlsMessage } from './build-message.ts'
import type {
  KeyExchangePayload,
  EncodableMessage,
  MessageChoice,
  ComposeResult,
  TlsEndpoint,
  EndpointHost,
  KeyName,
  StoredProtection,
  NegotiationConfig,
  Transmission,
} from './endpoint.ts'
import type { AlertName, MessageName, TlsMessage } from '../format/messages.ts'
import { peerOf } from '../../seat.ts'
import { maySendMessage, listAllowedMessages, dueMessage, isWriteClosed, judgePlace } from '../acceptor/judge-message.ts'
import { suiteName } from '../acceptor/registry-names.ts'
import { concat } from '../../octets.ts'
import { preMasterKeyName } from './counterfactual.ts'
import { protect } from '../keys/protection.ts'
import { deriveRandom } from './randomness.ts'
import { encodeRecord, type TlsRecord, splitIntoRecords } from '../format/records.ts'
import { citeTlsRule, type TlsRuleName, type TlsRules, getTlsRules } from '../keys/rules.ts'
import { restoreProtection, agreedSuite } from './endpoint-keys.ts'
import { findSuite } from '../format/suites.ts'
import { citedVersion, type TlsConnection } from '../acceptor/connection.ts'

/** Composes a message, or returns the findings against it. `transport`: whether the TCP connection is open. */
export function compose(at: TlsEndpoint, choice: EncodableMessage, host: EndpointHost, transport = true): ComposeResult {
  const rules = getTlsRules(host.config.rules)
  const ask = { rules, transport }
  const misplaced = choice.say === 'Alert' ? null : judgePlace(at.connection, choice.say, ask)
  if (misplaced !== null) return { ok: false, findings: misplaced }
  const wrongChoice = judgeChoice(at, choice, host)
  if (wrongChoice !== null) return { ok: false, findings: [wrongChoice] }

  const message = buildTlsMessage(at, choice, host)
  const permission = maySendMessage(at.connection, message, { ...ask, cryptoResults: predictResults(at, choice) })
  if (!permission.ok) return { ok: false, findings: permission.findings }

  return { ok: true, ...transmit(at, message, permission.connection, host) }
}

/** The endpoint after it has sent a message, and the octets to send. `connection`: the connection after the message. */
export function transmit(at: TlsEndpoint, message: TlsMessage, connection: TlsConnection, host: EndpointHost): Transmission {
  const { content, octets } = encodeMessage(message, currentLayout(at))
  const protectedRecords = protectRecords(at, splitIntoRecords(content, octets), host)
  const endpoint = applyToEndpoint({ ...protectedRecords.endpoint, connection, owesAlert: null }, roleOf(at), message, octets, host)
  const sent = {
    from: roleOf(at),
    message,
    octets: protectedRecords.octets.length,
    protected: at.writes !== null && protectedRecords.protected,
  }
  return { endpoint, sent, octets: protectedRecords.octets }
}

const roleOf = ({ connection }: TlsEndpoint) => connection.role

/** The results of cryptographic checks that follow from the choice: some choices are wrong on purpose. */
const predictResults = (at: TlsEndpoint, choice: EncodableMessage): CryptoResults => ({
  ...('hidden' in choice && at.writes === null && { protected: true }),
  ...(choice.say === 'Finished' && { verifies: (choice.over ?? 'all-messages') === 'all-messages' }),
})

/** A mistake in the choice that would not be visible in the message itself; null if there is none. */
function judgeChoice(at: TlsEndpoint, choice: EncodableMessage, host: EndpointHost): Finding | null {
  const rules = getTlsRules(host.config.rules)
  const finding = (rule: TlsRuleName, given: string, want: string | null, misconception: Finding['misconception']): Finding => ({
    kind: 'refusal',
    field: 'message',
    given,
    want,
    rule: citeTlsRule(rule, citedVersion(at.connection), rules),
    misconception,
  })
  const refusal = alertForPeer(at)
  if (refusal !== null && choice.say !== 'Alert')
    return finding('certificate-checked', choice.say, refusal, 'skips-certificate-check')
  if (choice.say === 'Alert') {
    const right = alertForPeer(at)
    const fits = right === null || choice.alert === at.owesAlert || answersFaults(choice.alert, at.peer?.faults ?? [])
    return fits ? null : finding('alert-fits', choice.alert, right, null)
  }
  const unknown = listSuites(choice).find((suite) => findSuite(suite) === null)
  if (unknown !== undefined) return finding('suite-supported', suiteName(unknown), null, null)
  if (choice.say !== 'ClientKeyExchange') return null
  const { carries, under } = requiredKeyExchange(at, rules)
  const payload = choice.carries ?? carries
  const key = choice.under ?? under
  if (payload !== carries) {
    const why = payload === 'session-key' ? 'key-travels-whole' : payload === 'pre-master-secret' ? 'tls-is-rsa-aes' : null
    return finding('carries-premaster-secret', payload, carries, why)
  }
  return key === under ? null : finding('under-the-peers-key', key, under, 'encrypts-with-wrong-key')
}

const listSuites = (choice: EncodableMessage): readonly number[] => {
  if (choice.say === 'ClientHello') return choice.suites ?? []
  return choice.say === 'ServerHello' && choice.suite !== undefined ? [choice.suite] : []
}

/** The payload of a ClientKeyExchange with the negotiated suite, and the key that encrypts it. */
export const requiredKeyExchange = (
  at: TlsEndpoint,
  rules: TlsRules,
): { readonly carries: KeyExchangePayload; readonly under: KeyName } =>
  agreedSuite(at).exchange === 'ECDHE'
    ? { carries: 'public-value', under: 'none' }
    : { carries: 'pre-master-secret', under: preMasterKeyName(rules) }

/** Encodes the records, protected if this side has write keys. In TLS 1.3 a ChangeCipherSpec is never protected. */
function protectRecords(at: TlsEndpoint, records: readonly TlsRecord[], host: EndpointHost) {
  let { writes } = at
  const bare = writes === null || (records[0]?.content === CONTENT_TYPE.ChangeCipherSpec && agreedSuite(at).version === '1.3')
  const out = records.map((record) => {
    if (writes === null || bare) return encodeRecord(record)
    const { sequence } = writes
    const under = restoreProtection(at, writes)
    const sealed = protect(host.crypto, under, record, { iv: deriveRandom(host, `IV ${sequence}`, 16) })
    writes = { ...writes, sequence: sealed.protection.sequence } satisfies StoredProtection
    return encodeRecord(sealed.record)
  })
  return { endpoint: { ...at, writes }, octets: concat(...out), protected: !bare }
}

/**
 * The alert that refuses the peer's certificate: that of its first fault, which is also why a signature with its key may fail. Null if
 * nothing is wrong with it, or if the peer has closed, so that nothing is to be refused any more.
 */
function alertForPeer({ peer, connection }: TlsEndpoint): AlertName | null {
  const [fault] = peer?.faults ?? []
  return fault === undefined || connection.closed[peerOf(connection.role)] ? null : alertForFault(fault)
}

/**
 * The message that a well-behaved endpoint would send now; null if it is the peer's turn, or nothing is due. The application decides about
 * application data and about closing the connection.
 */
export function nextChoice(at: TlsEndpoint, wants: NegotiationConfig): MessageChoice | null {
  const { connection } = at
  const rules = getTlsRules(wants.rules)
  if (isWriteClosed(connection, roleOf(at))) return null
  const alert = alertForPeer(at) ?? at.owesAlert
  if (alert !== null) return { say: 'Alert', alert }
  // RFC 8446 4.6.3: a KeyUpdate may not be sent before the sender's own Finished.
  if (connection.owesKeyUpdate[roleOf(at)] && connection.finished[roleOf(at)]) return { say: 'KeyUpdate' }
  const next = dueMessage(connection, rules)
  if (next === 'close_notify') return { say: 'Alert', alert: 'close_notify' }
  if (wants.asksForCertificate && listAllowedMessages(connection, rules).includes('CertificateRequest'))
    return { say: 'CertificateRequest' }
  if (next === null) return null
  return next === 'ServerHello' ? chooseServerHello(at, wants) : plainChoice(next)
}

/** The choice for a message without further details; null if the message cannot be chosen in this way. */
function plainChoice(name: MessageName): MessageChoice | null {
  switch (name) {
    case 'ClientHello':
    case 'EncryptedExtensions':
    case 'Certificate':
    case 'ServerKeyExchange':
    case 'CertificateRequest':
    case 'ServerHelloDone':
    case 'ClientKeyExchange':
    case 'CertificateVerify':
    case 'ChangeCipherSpec':
    case 'Finished':
      return { say: name }
    default:
      return null
  }
}

/** RFC 5246 7.4.1.3, RFC 8446 4.1.1: a ServerHello, a HelloRetryRequest, or an alert if there are no common parameters. */
function chooseServerHello(at: TlsEndpoint, wants: NegotiationConfig): MessageChoice {
  const { offer } = at.connection
  const chosen = negotiate(at, wants)
  if (offer === null || chosen.version === null) return { say: 'Alert', alert: 'protocol_version' }
  if (chosen.suite === null) return { say: 'Alert', alert: 'handshake_failure' }
  if (chosen.version === '1.2' || at.peerShare !== null) return { say: 'ServerHello' }
  return chosen.group === null ? { say: 'Alert', alert: 'handshake_failure' } : { say: 'HelloRetryRequest' }
}
