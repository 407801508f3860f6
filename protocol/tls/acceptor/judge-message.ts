/**
 * Decides whether an endpoint may send a given message now. The result is the connection after the message, or findings: the message is out
 * of order, or its content is wrong. A received message is judged in the same way, as sent by the peer; for a refused one the result includes
 * the alert with which the receiver must answer.
 */
import type { Finding, Misconception } from '../../findings.ts'
import { type TlsConnection, readOffer, type OpaqueMessage, type ObservedMessage, citedVersion } from './connection.ts'
import { type CheckInput, CONTENT_CHECKS, type ContentFault, type CryptoResults, selectedVersionOf } from './content-checks.ts'
import { diagnoseMisplaced } from './diagnose-order.ts'
import { ALERT, type AlertName, type TlsMessage, type MessageName, type TlsVersion } from '../format/messages.ts'
import { findRuleOutsideOrder, listSteps, type OrderContext, type HandshakeStep, listNextSteps } from './handshake-order.ts'
import { peerOf, type Seat } from '../../seat.ts'
import { citeTlsRule, type TlsRuleName, type TlsRules } from '../keys/rules.ts'
import { applyToConnection } from './transitions.ts'

/** The conditions under which a message is judged. */
export interface MessageContext extends OrderContext {
  /** The results of the cryptographic checks of this message. */
  readonly cryptoResults?: CryptoResults
  /** Whether the TCP connection is open. Default: true. */
  readonly transport?: boolean
}

/** The result of judging a message. */
export type MessagePermission =
  | {
      readonly ok: true
      /** The rule that permits it at this point. */
      readonly rule: TlsRuleName
      /** The rules that its content was checked against and satisfies. */
      readonly kept: readonly TlsRuleName[]
      readonly connection: TlsConnection
    }
  | {
      readonly ok: false
      readonly findings: readonly Finding[]
      /** The rules that it breaks, in the order of the findings. */
      readonly broken: readonly TlsRuleName[]
      /** The alert that the receiver must answer with. */
      readonly alert: AlertName
    }

/** Judges a message that this endpoint sends. */
export const maySendMessage = (connection: TlsConnection, message: ObservedMessage, ask: MessageContext): MessagePermission =>
  judgeFrom(connection, connection.role, message, ask)

/** Judges a message that this endpoint receives, as sent by its peer. */
export const mayReceiveMessage = (connection: TlsConnection, message: ObservedMessage, ask: MessageContext): MessagePermission =>
  judgeFrom(connection, peerOf(connection.role), message, ask)

function judgeFrom(connection: TlsConnection, from: Seat, message: ObservedMessage, ask: MessageContext): MessagePermission {
  const silent = findSilence(connection, from, message, ask)
  if (silent !== null) return refuse([silent], connection, message, ask)
  if (message.kind === 'Encrypted') return judgeOpaque(connection, from, message, ask)

  const place = findPlace(connection, from, message, ask)
  if (place === null) return refuse([findMisplaced(connection, from, message.kind, ask.rules)], connection, message, ask)
  const exposed = findExposure(connection, from, message, ask.cryptoResults?.protected)
  if (exposed !== null) return refuse([exposed], connection, message, ask)

  const kept: TlsRuleName[] = []
  const broken: BrokenRule[] = []
  const input: CheckInput = { connection, from, message, cryptoResults: ask.cryptoResults ?? {}, rules: ask.rules }
  for (const { rule, messages, run } of CONTENT_CHECKS) {
    if (!messages.includes(message.kind) || (ask.crossing && rule === 'key-update-answered')) continue
    const outcome = run(input)
    if (outcome === 'holds') kept.push(rule)
    else if (outcome !== null) broken.push({ rule, ...outcome })
  }
  if (broken.length > 0) return refuse(broken, connection, message, ask)
  return { ok: true, rule: place.rule, kept, connection: applyToConnection(place.connection, from, message, ask.rules) }
}

interface BrokenRule extends Omit<ContentFault, 'misconception'> {
  readonly rule: TlsRuleName
  readonly misconception?: Misconception | null
}

function refuse(
  broken: readonly BrokenRule[],
  connection: TlsConnection,
  message: ObservedMessage,
  { rules }: MessageContext,
): MessagePermission {
  const version = judgedVersion(connection, message)
  return {
    ok: false,
    broken: broken.map(({ rule }) => rule),
    alert: broken[0]?.alert ?? 'unexpected_message',
    findings: broken.map((one) => toFinding(one, version, rules)),
  }
}

const toFinding = ({ rule, given, want, misconception = null }: BrokenRule, version: TlsVersion, rules: TlsRules): Finding => ({
  kind: 'refusal',
  field: 'message',
  given,
  want,
  rule: citeTlsRule(rule, version, rules),
  misconception,
})

/** The version whose RFC applies to a message: the negotiated one, or before that the one that the hello itself offers or selects. */
export function judgedVersion(connection: TlsConnection, message: ObservedMessage): TlsVersion {
  if (connection.version !== null) return connection.version
  if (message.kind === 'ClientHello') return citedVersion({ version: null, offer: readOffer(message) })
  const chosen = message.kind === 'ServerHello' || message.kind === 'HelloRetryRequest' ? selectedVersionOf(message) : null
  return chosen ?? citedVersion(connection)
}

/** The rule that a message breaks by being sent before TCP is open, after close_notify or after a fatal alert. Null if it does not. */
function findSilence(
  connection: TlsConnection,
  from: Seat,
  message: ObservedMessage,
  { transport = true, crossing = false }: MessageContext,
): BrokenRule | null {
  const peer = peerOf(from)
  const refusal = (rule: TlsRuleName, want: string | null = null): BrokenRule => ({
    rule,
    given: message.kind,
    want,
    alert: 'unexpected_message',
  })
  if (!transport) return { ...refusal('tcp-first'), misconception: 'tls-before-tcp' }
  if (connection.failed[from] || (connection.failed[peer] && !crossing)) return refusal('silent-after-fatal')
  if (connection.closed[from]) return refusal('silent-after-close')
  // 5246 7.2.1: "The other party MUST respond with a close_notify alert of its own […], discarding any pending writes."
  if (connection.version === '1.2' && connection.closed[peer] && !crossing && message.kind !== 'Alert' && !isAlert(message))
    return refusal('answers-close', 'close_notify')
  return null
}

const isAlert = (message: ObservedMessage): boolean => message.kind === 'Encrypted' && message.content === 'Alert'

interface Place {
  readonly rule: TlsRuleName
  readonly connection: TlsConnection
}

/** The rule that permits the message at this point, and the connection after taking its step; null if no rule does. */
function findPlace(connection: TlsConnection, from: Seat, message: TlsMessage, ask: MessageContext): Place | null {
  if (message.kind === 'Alert') {
    return { rule: message.description === ALERT.close_notify ? 'closes-with-notify' : 'alert-level', connection }
  }
  const lost = connection.hidden.client || connection.hidden.server
  const taken = takeStep(connection, from, message.kind, ask.rules)
  if (taken !== null) return taken
  const rule = findRuleOutsideOrder(connection, from, message.kind, ask) ?? (lost ? PLACE_RULES[message.kind] : null)
  return rule && { rule, connection }
}

/** The findings against sending a message with this name now, whatever its content; null if it may be sent. Not for alerts. */
export function judgePlace(
  connection: TlsConnection,
  name: Exclude<MessageName, 'Alert'>,
  ask: MessageContext,
): readonly Finding[] | null {
  const { role } = connection
  const message = { kind: name } as TlsMessage
  const broken =
    findSilence(connection, role, message, ask) ??
    (findPlace(connection, role, message, ask) === null ? findMisplaced(connection, role, name, ask.rules) : null)
  if (broken === null) return null
  const version = connection.version ?? (name === 'ClientHello' ? '1.2' : citedVersion(connection))
  return [toFinding(broken, version, ask.rules)]
}

/** Takes the step of this message; null if the message is not among the possible next steps. */
function takeStep(connection: TlsConnection, from: Seat, name: MessageName, rules: TlsRules): Place | null {
  const steps = listNextSteps(connection, rules)
  const step = steps.find((open) => open.from === from && open.message === name)
  if (step === undefined) return null
  const resumed =
    connection.resumed ?? !listNextSteps({ ...connection, resumed: false }, rules).some((open) => open.message === name)
  const place =
    listSteps({ ...connection, resumed }, rules).findIndex((one, i) => i >= connection.place && one.message === name) + 1
  return { rule: step.rule, connection: { ...connection, resumed, place } }
}

/**
 * Checks that a message is protected exactly when it must be: in 1.2 from ChangeCipherSpec on (RFC 5246 7.1), in 1.3 after the ServerHello
 * (RFC 8446 2). Null if it is, or if that is unknown.
 */
function findExposure(
  connection: TlsConnection,
  from: Seat,
  message: TlsMessage,
  isProtected: boolean | undefined,
): BrokenRule | null {
  if (
    isProtected === undefined ||
    (citedVersion(connection) === '1.3' && (message.kind === 'ChangeCipherSpec' || message.kind === 'Alert'))
  )
    return null
  const early = message.kind === 'ApplicationData'
  if (isProtected === (connection.protects[from] || early)) return null
  return {
    rule: 'protects',
    given: message.kind,
    want: null,
    alert: 'unexpected_message',
    ...(isProtected && message.kind.endsWith('Hello') ? { misconception: 'algorithm-is-secret' as const } : {}),
  }
}

/** The rule that specifies when each message is sent. */
const PLACE_RULES: { readonly [M in MessageName]: TlsRuleName } = {
  HelloRequest: 'hello-request',
  ClientHello: 'client-hello',
  ServerHello: 'server-hello',
  HelloRetryRequest: 'hello-retry-request',
  NewSessionTicket: 'new-session-ticket',
  EndOfEarlyData: 'end-of-early-data',
  EncryptedExtensions: 'encrypted-extensions',
  Certificate: 'certificate',
  ServerKeyExchange: 'server-key-exchange',
  CertificateRequest: 'certificate-request',
  ServerHelloDone: 'server-hello-done',
  CertificateVerify: 'certificate-verify',
  ClientKeyExchange: 'client-key-exchange',
  Finished: 'finished',
  CertificateStatus: 'certificate-status',
  KeyUpdate: 'key-update',
  ChangeCipherSpec: 'change-cipher-spec',
  Alert: 'alert-level',
  ApplicationData: 'application-data',
}

function findMisplaced(connection: TlsConnection, from: Seat, name: MessageName, rules: TlsRules): BrokenRule {
  const due = findDueStep(connection, rules)
  const misconception = diagnoseMisplaced(connection, from, name, due, rules)
  const rule = name === 'Certificate' && from === 'client' ? 'client-certificate' : PLACE_RULES[name]
  return {
    rule,
    given: name,
    want: due?.from === from ? due.message : null,
    alert: 'unexpected_message',
    misconception,
  }
}

/** The next mandatory step; undefined once the handshake is complete. */
const findDueStep = (connection: TlsConnection, rules: TlsRules): HandshakeStep | undefined =>
  listNextSteps(connection, rules).find(({ optional }) => !optional)

/**
 * Judges an unreadable record. In TLS 1.2 application data is judged as such, and a handshake record is assumed to be the Finished if that is
 * a possible next step. Otherwise, and always in TLS 1.3, the sender's place in the handshake is unknown from now on.
 */
function judgeOpaque(connection: TlsConnection, from: Seat, message: OpaqueMessage, ask: MessageContext): MessagePermission {
  const { rules } = ask
  const accepted = (rule: TlsRuleName, after: TlsConnection): MessagePermission => ({ ok: true, rule, kept: [], connection: after })
  const hidden = { ...connection, hidden: { ...connection.hidden, [from]: true } }
  const lost = connection.hidden.client || connection.hidden.server
  if (connection.version === '1.3' || lost) return accepted('protects', hidden)
  if (message.content === 'ApplicationData') {
    const rule = findRuleOutsideOrder(connection, from, 'ApplicationData', ask)
    return rule
      ? accepted(rule, connection)
      : refuse([findMisplaced(connection, from, 'ApplicationData', rules)], connection, message, ask)
  }
  if (!connection.protects[from]) {
    return refuse([{ rule: 'protects', given: message.kind, want: null, alert: 'unexpected_message' }], connection, message, ask)
  }
  const finished = message.content === 'Handshake' ? takeStep(connection, from, 'Finished', rules) : null
  if (finished === null) return accepted('protects', hidden)
  return accepted(finished.rule, {
    ...finished.connection,
    finished: { ...connection.finished, [from]: true },
  })
}

/**
 * Judges the TCP FIN of `from`: "Unless some other fatal alert has been transmitted, each party is required to send a close_notify alert
 * before closing the write side of the connection" (RFC 5246 7.2.1; RFC 8446 6.1 is almost identical). Null if the alert has been sent, or if
 * that cannot be known.
 */
export function judgeFin(connection: TlsConnection, from: Seat, rules: TlsRules): Finding | null {
  const { place, hidden } = connection
  if (place === 0 || isWriteClosed(connection, from) || hidden[from]) return null
  return {
    kind: 'refusal',
    field: 'message',
    given: 'FIN',
    want: 'close_notify',
    rule: citeTlsRule('closes-with-notify', citedVersion(connection), rules),
    misconception: null,
  }
}

/** Whether `from` may no longer send anything: after a fatal alert of either side, or its own close_notify (RFC 5246 7.2, RFC 8446 6). */
export const isWriteClosed = ({ closed, failed }: TlsConnection, from: Seat): boolean =>
  failed.client || failed.server || closed[from]

/** The message that this endpoint must send next: a handshake step, or the answer to a close_notify; null if nothing is due from it. */
export function dueMessage(connection: TlsConnection, rules: TlsRules): MessageName | 'close_notify' | null {
  const { role, version, closed } = connection
  if (isWriteClosed(connection, role)) return null
  if (version === '1.2' && closed[peerOf(role)]) return 'close_notify'
  const due = findDueStep(connection, rules)
  return due?.from === role ? due.message : null
}

/** All handshake messages that this endpoint may send now: the optional ones, and the mandatory one. */
export const listAllowedMessages = (connection: TlsConnection, rules: TlsRules): readonly MessageName[] =>
  listNextSteps(connection, rules)
    .filter(({ from }) => from === connection.role)
    .map(({ message }) => message)
