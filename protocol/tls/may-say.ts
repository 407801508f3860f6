/**
 * May this endpoint say this message now? Accepted with the connection after it, or refused with findings: the message is out of its place, or
 * its content contradicts what has been said before. What arrives is asked the same, of the peer; the alert says how to answer.
 */
import type { Finding, Misconception } from '../findings.ts'
import { type Connection, offerOf, type Opaque, type Said, versionOf } from './connection.ts'
import { type Case, CHECKS, type Fault, type Known, versionChosen } from './contents.ts'
import { diagnose } from './diagnose.ts'
import { ALERT, type AlertName, type Message, type MessageName, type Version } from './messages.ts'
import { besides, handshake, type Setting, type Step, upcoming } from './order.ts'
import { cited, peerOf, type Role, type RuleName, type Rules } from './rules.ts'
import { after } from './transitions.ts'

export interface Ask extends Setting {
  /** What keys and certificates have shown of this message. */
  readonly known?: Known
  /** TCP's connection stands; where absent, it does. */
  readonly transport?: boolean
}

export type Permission =
  | {
      readonly ok: true
      /** What gives the message its place. */
      readonly rule: RuleName
      /** What its content was asked. */
      readonly held: readonly RuleName[]
      readonly connection: Connection
    }
  | {
      readonly ok: false
      readonly findings: readonly Finding[]
      /** The rules that it breaks, as the findings have them. */
      readonly broken: readonly RuleName[]
      /** The alert that the receiver owes. */
      readonly alert: AlertName
    }

export const maySay = (connection: Connection, message: Said, ask: Ask): Permission =>
  judge(connection, connection.role, message, ask)

export const messageArrives = (connection: Connection, message: Said, ask: Ask): Permission =>
  judge(connection, peerOf(connection.role), message, ask)

function judge(connection: Connection, from: Role, message: Said, ask: Ask): Permission {
  const silent = whySilent(connection, from, message, ask)
  if (silent !== null) return refused([silent], connection, message, ask)
  if (message.is === 'Encrypted') return opaque(connection, from, message, ask)

  const place = placeOf(connection, from, message, ask)
  if (place === null) return refused([misplaced(connection, from, message.is, ask.rules)], connection, message, ask)
  const exposed = exposure(connection, from, message, ask.known?.protected)
  if (exposed !== null) return refused([exposed], connection, message, ask)

  const held: RuleName[] = []
  const broken: Broken[] = []
  const the: Case = { connection, from, message, known: ask.known ?? {}, rules: ask.rules }
  for (const { rule, of, ask: asked } of CHECKS) {
    if (!of.includes(message.is) || (ask.crossing && rule === 'key-update-answered')) continue
    const outcome = asked(the)
    if (outcome === 'holds') held.push(rule)
    else if (outcome !== null) broken.push({ rule, ...outcome })
  }
  if (broken.length > 0) return refused(broken, connection, message, ask)
  return { ok: true, rule: place.rule, held, connection: after(place.connection, from, message, ask.rules) }
}

interface Broken extends Omit<Fault, 'misconception'> {
  readonly rule: RuleName
  readonly misconception?: Misconception | null
}

function refused(broken: readonly Broken[], connection: Connection, message: Said, { rules }: Ask): Permission {
  const version = versionFor(connection, message)
  return {
    ok: false,
    broken: broken.map(({ rule }) => rule),
    alert: broken[0]?.alert ?? 'unexpected_message',
    findings: broken.map((one) => findingFor(one, version, rules)),
  }
}

const findingFor = ({ rule, given, want, misconception = null }: Broken, version: Version, rules: Rules): Finding => ({
  kind: 'refusal',
  field: 'message',
  given,
  want,
  rule: cited(rule, version, rules),
  misconception,
})

/** The version whose RFC a message is judged by: as long as none is agreed on, hellos speak for themselves. */
export function versionFor(connection: Connection, message: Said): Version {
  if (connection.version !== null) return connection.version
  if (message.is === 'ClientHello') return versionOf({ version: null, offer: offerOf(message) })
  const chosen = message.is === 'ServerHello' || message.is === 'HelloRetryRequest' ? versionChosen(message) : null
  return chosen ?? versionOf(connection)
}

/** Nothing at all may be said, or one thing only: before TCP stands, after a close_notify, after a fatal alert. */
function whySilent(connection: Connection, from: Role, message: Said, { transport = true, crossing = false }: Ask): Broken | null {
  const peer = peerOf(from)
  const said = (rule: RuleName, want: string | null = null): Broken => ({
    rule,
    given: message.is,
    want,
    alert: 'unexpected_message',
  })
  if (!transport) return { ...said('tcp-first'), misconception: 'tls-before-tcp' }
  if (connection.failed[from] || (connection.failed[peer] && !crossing)) return said('silent-after-fatal')
  if (connection.closed[from]) return said('silent-after-close')
  // 5246 7.2.1: "The other party MUST respond with a close_notify alert of its own […], discarding any pending writes."
  if (connection.version === '1.2' && connection.closed[peer] && !crossing && message.is !== 'Alert' && !isAlert(message))
    return said('answers-close', 'close_notify')
  return null
}

const isAlert = (message: Said): boolean => message.is === 'Encrypted' && message.content === 'Alert'

interface Place {
  readonly rule: RuleName
  readonly connection: Connection
}

/** What lets it stand here, and the connection with the step taken. */
function placeOf(connection: Connection, from: Role, message: Message, ask: Ask): Place | null {
  if (message.is === 'Alert') {
    return { rule: message.description === ALERT.close_notify ? 'closes-with-notify' : 'alert-level', connection }
  }
  const lost = connection.hidden.client || connection.hidden.server
  const taken = take(connection, from, message.is, ask.rules)
  if (taken !== null) return taken
  const rule = besides(connection, from, message.is, ask) ?? (lost ? HOME[message.is] : null)
  return rule && { rule, connection }
}

/** Why a message of this name is out of its place for this endpoint, whatever it holds; null where it is not. Not for alerts. */
export function whyMisplaced(connection: Connection, is: Exclude<MessageName, 'Alert'>, ask: Ask): readonly Finding[] | null {
  const { role } = connection
  const message = { is } as Message
  const broken =
    whySilent(connection, role, message, ask) ??
    (placeOf(connection, role, message, ask) === null ? misplaced(connection, role, is, ask.rules) : null)
  if (broken === null) return null
  const version = connection.version ?? (is === 'ClientHello' ? '1.2' : versionOf(connection))
  return [findingFor(broken, version, ask.rules)]
}

/** The step that this message is, if it is one of those that may be next. */
function take(connection: Connection, from: Role, is: MessageName, rules: Rules): Place | null {
  const steps = upcoming(connection, rules)
  const step = steps.find((open) => open.from === from && open.is === is)
  if (step === undefined) return null
  const resumed = connection.resumed ?? !upcoming({ ...connection, resumed: false }, rules).some((open) => open.is === is)
  const place = handshake({ ...connection, resumed }, rules).findIndex((one, i) => i >= connection.place && one.is === is) + 1
  return { rule: step.rule, connection: { ...connection, resumed, place } }
}

/** RFC 5246 7.1: protected from ChangeCipherSpec on. RFC 8446 2: all after the ServerHello. */
function exposure(connection: Connection, from: Role, message: Message, isProtected: boolean | undefined): Broken | null {
  if (
    isProtected === undefined ||
    (versionOf(connection) === '1.3' && (message.is === 'ChangeCipherSpec' || message.is === 'Alert'))
  )
    return null
  const early = message.is === 'ApplicationData'
  if (isProtected === (connection.protects[from] || early)) return null
  return {
    rule: 'protects',
    given: message.is,
    want: null,
    alert: 'unexpected_message',
    ...(isProtected && message.is.endsWith('Hello') ? { misconception: 'algorithm-is-secret' as const } : {}),
  }
}

/** The clause that says when each message is sent. */
const HOME: { readonly [M in MessageName]: RuleName } = {
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

function misplaced(connection: Connection, from: Role, is: MessageName, rules: Rules): Broken {
  const due = dueStep(connection, rules)
  const misconception = diagnose(connection, from, is, due, rules)
  const rule = is === 'Certificate' && from === 'client' ? 'client-certificate' : HOME[is]
  return {
    rule,
    given: is,
    want: due?.from === from ? due.is : null,
    alert: 'unexpected_message',
    misconception,
  }
}

/** The step that may not be left out; undefined once the handshake is complete. */
const dueStep = (connection: Connection, rules: Rules): Step | undefined =>
  upcoming(connection, rules).find(({ optional }) => !optional)

/** What cannot be read has the place of what would have to stand there; where nothing would, its sender's place is lost from sight. */
function opaque(connection: Connection, from: Role, message: Opaque, ask: Ask): Permission {
  const { rules } = ask
  const accepted = (rule: RuleName, after: Connection): Permission => ({ ok: true, rule, held: [], connection: after })
  const hidden = { ...connection, hidden: { ...connection.hidden, [from]: true } }
  const lost = connection.hidden.client || connection.hidden.server
  if (connection.version === '1.3' || lost) return accepted('protects', hidden)
  if (message.content === 'ApplicationData') {
    const rule = besides(connection, from, 'ApplicationData', ask)
    return rule
      ? accepted(rule, connection)
      : refused([misplaced(connection, from, 'ApplicationData', rules)], connection, message, ask)
  }
  if (!connection.protects[from]) {
    return refused([{ rule: 'protects', given: message.is, want: null, alert: 'unexpected_message' }], connection, message, ask)
  }
  const finished = message.content === 'Handshake' ? take(connection, from, 'Finished', rules) : null
  if (finished === null) return accepted('protects', hidden)
  return accepted(finished.rule, {
    ...finished.connection,
    finished: { ...connection.finished, [from]: true },
  })
}

/**
 * TCP's FIN of `from`: "Unless some other fatal alert has been transmitted, each party is required to send a close_notify alert before closing the
 * write side of the connection" (RFC 5246 7.2.1; RFC 8446 6.1 in almost the same words). Null where that has been done, or cannot be known.
 */
export function ends(connection: Connection, from: Role, rules: Rules): Finding | null {
  const { place, hidden } = connection
  if (place === 0 || silent(connection, from) || hidden[from]) return null
  return {
    kind: 'refusal',
    field: 'message',
    given: 'FIN',
    want: 'close_notify',
    rule: cited('closes-with-notify', versionOf(connection), rules),
    misconception: null,
  }
}

/** Nobody has a word left after a fatal alert, nor whoever has said close_notify (RFC 5246 7.2, RFC 8446 6). */
export const silent = ({ closed, failed }: Connection, from: Role): boolean => failed.client || failed.server || closed[from]

/** What this endpoint owes: the next step where that is its own, the answer to a close_notify; null where the word is the peer's, or anyone's. */
export function owed(connection: Connection, rules: Rules): MessageName | 'close_notify' | null {
  const { role, version, closed } = connection
  if (silent(connection, role)) return null
  if (version === '1.2' && closed[peerOf(role)]) return 'close_notify'
  const due = dueStep(connection, rules)
  return due?.from === role ? due.is : null
}

/** All steps that this endpoint may take now: those that may be left out, and the one that is owed. */
export const open = (connection: Connection, rules: Rules): readonly MessageName[] =>
  upcoming(connection, rules)
    .filter(({ from }) => from === connection.role)
    .map(({ is }) => is)
