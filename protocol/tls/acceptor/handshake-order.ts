/**
 * The order of messages: RFC 5246 7.3, figures 1 and 2; RFC 8446 2, figures 1 to 4. A handshake is a list of steps, each with its sender. The
 * list depends on the messages so far. A new message may change the steps that follow, but never the steps that have been taken.
 */
import { type TlsConnection, offersTls13, citedVersion } from './connection.ts'
import { EARLY_DATA, SESSION_TICKET } from '../format/extensions.ts'
import type { MessageName } from '../format/messages.ts'
import type { Seat } from '../../seat.ts'
import type { TlsRuleName, TlsRules } from '../keys/rules.ts'
import { findSuite } from '../format/suites.ts'

/** The numbers of extensions of which only the presence matters: RFC 6066 8, RFC 8446 4.2.6. */
const STATUS_REQUEST = 5
const POST_HANDSHAKE_AUTH = 49

/** One message of a handshake. */
export interface HandshakeStep {
  readonly from: Seat
  readonly message: MessageName
  /** The rule that requires or allows the message at this point. */
  readonly rule: TlsRuleName
  /** The sender may omit it. */
  readonly optional: boolean
}

const requiredStep = (from: Seat, name: MessageName, rule: TlsRuleName): HandshakeStep => ({
  from,
  message: name,
  rule,
  optional: false,
})
const optionalStep = (from: Seat, name: MessageName, rule: TlsRuleName): HandshakeStep => ({
  from,
  message: name,
  rule,
  optional: true,
})
const includeIf = (condition: boolean, ...steps: readonly HandshakeStep[]): readonly HandshakeStep[] => (condition ? steps : [])

/** All steps of the current handshake, as far as they are known. */
export function listSteps(connection: TlsConnection, rules: TlsRules): readonly HandshakeStep[] {
  if (connection.version === null) return listHellos(connection)
  if (connection.version === '1.3') return [...listHellos(connection), ...listSteps13(connection)]
  return [...listHellos(connection), ...(connection.resumed ? listAbbreviated12(connection) : listFull12(connection, rules))]
}

/** RFC 5246 7.4.1, RFC 8446 4.1. */
const listHellos = (connection: TlsConnection): readonly HandshakeStep[] => [
  requiredStep('client', 'ClientHello', 'client-hello'),
  ...includeIf(
    !connection.renegotiates && offersTls13(connection.offer),
    optionalStep('server', 'HelloRetryRequest', 'hello-retry-request'),
  ),
  ...includeIf(connection.retry !== null, requiredStep('client', 'ClientHello', 'client-hello')),
  requiredStep('server', 'ServerHello', 'server-hello'),
]

/** RFC 5246 figure 1. In counterfactual rule sets the other side sends the secret, or both the secret and the certificate change sides. */
function listFull12(connection: TlsConnection, { secretOf, certificateOf }: TlsRules): readonly HandshakeStep[] {
  const { answered, requested, certified, suite } = connection
  const certifies = certificateOf === 'server'
  return [
    ...includeIf(
      certifies,
      requiredStep('server', 'Certificate', 'certificate'),
      ...includeIf(answered.includes(STATUS_REQUEST), optionalStep('server', 'CertificateStatus', 'certificate-status')),
    ),
    ...includeIf(findSuite(suite)?.exchange === 'ECDHE', requiredStep('server', 'ServerKeyExchange', 'server-key-exchange')),
    ...includeIf(certifies, optionalStep('server', 'CertificateRequest', 'certificate-request')),
    ...includeIf(!certifies, requiredStep('server', 'CertificateRequest', 'certificate-request')),
    ...includeIf(certifies && secretOf === 'server', requiredStep('server', 'ClientKeyExchange', 'client-key-exchange')),
    requiredStep('server', 'ServerHelloDone', 'server-hello-done'),
    ...includeIf(requested !== null, requiredStep('client', 'Certificate', 'client-certificate')),
    ...includeIf(!certifies, requiredStep('server', 'ClientKeyExchange', 'client-key-exchange')),
    ...includeIf(secretOf === 'client', requiredStep('client', 'ClientKeyExchange', 'client-key-exchange')),
    ...includeIf(certifies && certified, requiredStep('client', 'CertificateVerify', 'certificate-verify')),
    ...listFinish12('client'),
    ...listTicket12(connection),
    ...listFinish12('server'),
  ]
}

/** RFC 5246 figure 2: a session is resumed by its id or by a ticket. */
const listAbbreviated12 = (connection: TlsConnection): readonly HandshakeStep[] => [
  ...listTicket12(connection),
  ...listFinish12('server'),
  ...listFinish12('client'),
]

const listFinish12 = (from: Seat): readonly HandshakeStep[] => [
  requiredStep(from, 'ChangeCipherSpec', 'change-cipher-spec'),
  requiredStep(from, 'Finished', 'finished'),
]

/** RFC 5077 3.3: a ticket is sent if and only if the ServerHello contained the SessionTicket extension. */
const listTicket12 = ({ answered }: TlsConnection): readonly HandshakeStep[] =>
  includeIf(answered.includes(SESSION_TICKET.type), requiredStep('server', 'NewSessionTicket', 'new-session-ticket'))

/** RFC 8446 figure 1; with a pre-shared key figure 3; with early data figure 4. */
const listSteps13 = ({ resumed, requested, certified, answered }: TlsConnection): readonly HandshakeStep[] => [
  requiredStep('server', 'EncryptedExtensions', 'encrypted-extensions'),
  ...includeIf(
    resumed !== true,
    optionalStep('server', 'CertificateRequest', 'certificate-request'),
    requiredStep('server', 'Certificate', 'certificate'),
    requiredStep('server', 'CertificateVerify', 'certificate-verify'),
  ),
  requiredStep('server', 'Finished', 'finished'),
  ...includeIf(answered.includes(EARLY_DATA.type), requiredStep('client', 'EndOfEarlyData', 'end-of-early-data')),
  ...includeIf(
    requested !== null,
    requiredStep('client', 'Certificate', 'client-certificate'),
    ...includeIf(certified, requiredStep('client', 'CertificateVerify', 'certificate-verify')),
  ),
  requiredStep('client', 'Finished', 'finished'),
]

/** Whether the handshake is complete: all its steps have been taken, including both Finished. */
const isComplete = (connection: TlsConnection, rules: TlsRules): boolean =>
  connection.version !== null && connection.place === listSteps(connection, rules).length

/** The possible next steps: optional ones, and the first mandatory one after them. All are steps of the same side. */
export function listNextSteps(connection: TlsConnection, rules: TlsRules): readonly HandshakeStep[] {
  const rest = listSteps(connection, rules).slice(connection.place)
  const due = rest.findIndex(({ optional }) => !optional)
  const steps = rest.slice(0, due + 1)
  // The server may accept a ticket without indicating it in the ServerHello (RFC 5077 3.4): only its next message shows it.
  if (connection.resumed !== null) return steps
  const other = listSteps({ ...connection, resumed: true }, rules)[connection.place]
  return other ? [...steps, other] : steps
}

/** The conditions under which a message is judged. */
export interface OrderContext {
  readonly rules: TlsRules
  /**
   * As in a capture, the peer's last messages may not have arrived yet when this one was sent, so the sender is not held to obligations that
   * result from them.
   */
  readonly crossing?: boolean
}

/**
 * The rule that permits `from` to send a message that is not a step of the handshake, during the handshake or after it; null if there is
 * none. This includes application data. Alerts are judged elsewhere.
 */
export function findRuleOutsideOrder(
  connection: TlsConnection,
  from: Seat,
  name: MessageName,
  { rules, crossing = false }: OrderContext,
): TlsRuleName | null {
  const { offer, finished, place } = connection
  const done = isComplete(connection, rules)
  if (connection.version === '1.2') {
    // RFC 5246 7.4.1.1: "MAY be sent by the server at any time". 7.4.1.2: a client may also start a new handshake unasked.
    if (name === 'HelloRequest') return from === 'server' ? 'hello-request' : null
    if (name === 'ClientHello') return from === 'client' && done ? 'client-hello' : null
    if (name !== 'ApplicationData') return null
    const before = connection.renegotiates && !finished[from]
    return done || before || (crossing && isFalseStart(connection, from)) ? 'application-data' : null
  }
  switch (name) {
    case 'ChangeCipherSpec':
      // RFC 8446 5: to be dropped, "after the first ClientHello message has been sent or received and before the peer's Finished".
      return place > 0 && citedVersion(connection) === '1.3' && !finished[from] ? 'change-cipher-spec' : null
    case 'ApplicationData': {
      const early =
        from === 'client' &&
        offer !== null &&
        offer.extensions.includes(EARLY_DATA.type) &&
        // RFC 8446 4.2.10: the client sends no early data after it has received a HelloRetryRequest.
        (connection.retry === null || crossing) &&
        !connection.earlyDataEnded
      return finished[from] || early ? 'application-data' : null
    }
    case 'NewSessionTicket':
      // RFC 8446 4.6.1: after the client's Finished; or after the server's own, if no client authentication is requested.
      return from === 'server' && (finished.client || (finished.server && connection.requested === null))
        ? 'new-session-ticket'
        : null
    case 'KeyUpdate':
      return finished[from] ? 'key-update' : null
    case 'CertificateRequest':
      // RFC 8446 4.6.2
      return from === 'server' && done && offer?.extensions.includes(POST_HANDSHAKE_AUTH) ? 'certificate-request' : null
    default:
      return null
  }
}

/** False Start (RFC 7918): with forward secrecy browsers do not wait for the server's Finished. Not in RFC 5246; for captures only. */
const isFalseStart = ({ finished, suite }: TlsConnection, from: Seat): boolean =>
  from === 'client' && finished.client && findSuite(suite)?.exchange === 'ECDHE'
