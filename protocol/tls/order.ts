/**
 * The order of the messages: RFC 5246 7.3, figures 1 and 2; RFC 8446 2, figures 1 to 4. A handshake is a list of steps, each with its
 * sender; what is already known of it decides which steps there are, and never changes one that has been taken.
 */
import { type Connection, offers13, versionOf } from './connection.ts'
import { EARLY_DATA, SESSION_TICKET } from './extensions.ts'
import type { MessageName } from './messages.ts'
import type { Role, RuleName, Rules } from './rules.ts'
import { suiteOf } from './suites.ts'

/** Extensions by number, of which only the presence matters: RFC 6066 8, RFC 8446 4.2.6. */
const STATUS_REQUEST = 5
const POST_HANDSHAKE_AUTH = 49

export interface Step {
  readonly from: Role
  readonly is: MessageName
  /** What gives it its place. */
  readonly rule: RuleName
  /** Its sender may go on without it. */
  readonly optional: boolean
}

const step = (from: Role, is: MessageName, rule: RuleName): Step => ({ from, is, rule, optional: false })
const perhaps = (from: Role, is: MessageName, rule: RuleName): Step => ({ from, is, rule, optional: true })
const when = (condition: boolean, ...steps: readonly Step[]): readonly Step[] => (condition ? steps : [])

/** All steps of the present handshake, as far as they are known. */
export function handshake(connection: Connection, rules: Rules): readonly Step[] {
  if (connection.version === null) return hellos(connection)
  if (connection.version === '1.3') return [...hellos(connection), ...handshake13(connection)]
  return [...hellos(connection), ...(connection.resumed ? abbreviated12(connection) : full12(connection, rules))]
}

/** RFC 5246 7.4.1, RFC 8446 4.1. */
const hellos = (connection: Connection): readonly Step[] => [
  step('client', 'ClientHello', 'client-hello'),
  ...when(!connection.renegotiates && offers13(connection.offer), perhaps('server', 'HelloRetryRequest', 'hello-retry-request')),
  ...when(connection.retry !== null, step('client', 'ClientHello', 'client-hello')),
  step('server', 'ServerHello', 'server-hello'),
]

/** RFC 5246 figure 1. The rule sets move the certificate and the secret to the other side. */
function full12(connection: Connection, { secretOf, certificateOf }: Rules): readonly Step[] {
  const { answered, requested, certified, suite } = connection
  const certifies = certificateOf === 'server'
  return [
    ...when(
      certifies,
      step('server', 'Certificate', 'certificate'),
      ...when(answered.includes(STATUS_REQUEST), perhaps('server', 'CertificateStatus', 'certificate-status')),
    ),
    ...when(suiteOf(suite)?.exchange === 'ECDHE', step('server', 'ServerKeyExchange', 'server-key-exchange')),
    ...when(certifies, perhaps('server', 'CertificateRequest', 'certificate-request')),
    ...when(!certifies, step('server', 'CertificateRequest', 'certificate-request')),
    ...when(certifies && secretOf === 'server', step('server', 'ClientKeyExchange', 'client-key-exchange')),
    step('server', 'ServerHelloDone', 'server-hello-done'),
    ...when(requested !== null, step('client', 'Certificate', 'client-certificate')),
    ...when(!certifies, step('server', 'ClientKeyExchange', 'client-key-exchange')),
    ...when(secretOf === 'client', step('client', 'ClientKeyExchange', 'client-key-exchange')),
    ...when(certifies && certified, step('client', 'CertificateVerify', 'certificate-verify')),
    ...ends12('client'),
    ...ticket12(connection),
    ...ends12('server'),
  ]
}

/** RFC 5246 figure 2: a session is resumed, by its id or by a ticket. */
const abbreviated12 = (connection: Connection): readonly Step[] => [
  ...ticket12(connection),
  ...ends12('server'),
  ...ends12('client'),
]

const ends12 = (from: Role): readonly Step[] => [
  step(from, 'ChangeCipherSpec', 'change-cipher-spec'),
  step(from, 'Finished', 'finished'),
]

/** RFC 5077 3.3: if the ServerHello has said so, and only then. */
const ticket12 = ({ answered }: Connection): readonly Step[] =>
  when(answered.includes(SESSION_TICKET.type), step('server', 'NewSessionTicket', 'new-session-ticket'))

/** RFC 8446 figure 1; with a pre-shared key figure 3, with early data figure 4. */
const handshake13 = ({ resumed, requested, certified, answered }: Connection): readonly Step[] => [
  step('server', 'EncryptedExtensions', 'encrypted-extensions'),
  ...when(
    resumed !== true,
    perhaps('server', 'CertificateRequest', 'certificate-request'),
    step('server', 'Certificate', 'certificate'),
    step('server', 'CertificateVerify', 'certificate-verify'),
  ),
  step('server', 'Finished', 'finished'),
  ...when(answered.includes(EARLY_DATA.type), step('client', 'EndOfEarlyData', 'end-of-early-data')),
  ...when(
    requested !== null,
    step('client', 'Certificate', 'client-certificate'),
    ...when(certified, step('client', 'CertificateVerify', 'certificate-verify')),
  ),
  step('client', 'Finished', 'finished'),
]

/** The handshake is complete: both have sent Finished, and every step has been taken. */
const complete = (connection: Connection, rules: Rules): boolean =>
  connection.version !== null && connection.place === handshake(connection, rules).length

/** The steps that may be next: those that may be left out, and the first that may not. All are the same side's. */
export function upcoming(connection: Connection, rules: Rules): readonly Step[] {
  const rest = handshake(connection, rules).slice(connection.place)
  const due = rest.findIndex(({ optional }) => !optional)
  const steps = rest.slice(0, due + 1)
  // A ticket may be accepted without a word (RFC 5077 3.4): the server's next message tells.
  if (connection.resumed !== null) return steps
  const other = handshake({ ...connection, resumed: true }, rules)[connection.place]
  return other ? [...steps, other] : steps
}

/** Where a message is asked for. */
export interface Setting {
  readonly rules: Rules
  /**
   * What was said before may still have been on its way when this was said, as in a capture: a duty that it brings may not have been known to
   * the sender.
   */
  readonly crossing?: boolean
}

/**
 * What `from` may say in between or once the handshake is complete, with what gives it its place; null where it may not. Alerts and application
 * data are no part of the order either.
 */
export function besides(
  connection: Connection,
  from: Role,
  is: MessageName,
  { rules, crossing = false }: Setting,
): RuleName | null {
  const { offer, finished, place } = connection
  const done = complete(connection, rules)
  if (connection.version === '1.2') {
    // RFC 5246 7.4.1.1: "MAY be sent by the server at any time". 7.4.1.2: a client may also begin anew by itself.
    if (is === 'HelloRequest') return from === 'server' ? 'hello-request' : null
    if (is === 'ClientHello') return from === 'client' && done ? 'client-hello' : null
    if (is !== 'ApplicationData') return null
    const before = connection.renegotiates && !finished[from]
    return done || before || (crossing && startsFalsely(connection, from)) ? 'application-data' : null
  }
  switch (is) {
    case 'ChangeCipherSpec':
      // RFC 8446 5: to be dropped, "after the first ClientHello message has been sent or received and before the peer's Finished".
      return place > 0 && versionOf(connection) === '1.3' && !finished[from] ? 'change-cipher-spec' : null
    case 'ApplicationData': {
      const early =
        from === 'client' &&
        offer !== null &&
        offer.extensions.includes(EARLY_DATA.type) &&
        // RFC 8446 4.2.10: none follows a HelloRetryRequest that has arrived.
        (connection.retry === null || crossing) &&
        !connection.earlyDataEnded
      return finished[from] || early ? 'application-data' : null
    }
    case 'NewSessionTicket':
      // RFC 8446 4.6.1: after the client's Finished, or after its own where nothing of the client's part is open.
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

/** RFC 7918: browsers do not wait for the server's Finished, if the key exchange has forward secrecy. Real, but not RFC 5246: captures only. */
const startsFalsely = ({ finished, suite }: Connection, from: Role): boolean =>
  from === 'client' && finished.client && suiteOf(suite)?.exchange === 'ECDHE'
