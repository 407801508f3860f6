/** `compose`: a student's choice becomes a message with all that belongs into it, if it may be said now. */
import type { Finding } from '../findings.ts'
import { advance, layoutOf } from './advance.ts'
import { alertFor } from './certificate.ts'
import { CONTENT, encodeMessage } from './codec.ts'
import type { Known } from './contents.ts'
import { choose, draft } from './draft.ts'
import type { Cargo, Choice, Composed, Endpoint, Host, KeyName, StoredProtection, Wants } from './endpoint.ts'
import type { MessageName } from './messages.ts'
import { maySay, open, owed, silent, whyMisplaced } from './may-say.ts'
import { suiteName } from './names.ts'
import { concat } from '../octets.ts'
import { keyFor } from './other-worlds.ts'
import { protect } from './protection.ts'
import { draw } from './randomness.ts'
import { encodeRecord, type Record, recordsOf } from './records.ts'
import { cited, type RuleName, type Rules, rulesNamed } from './rules.ts'
import { protectionOf, suiteIn } from './schedule.ts'
import { suiteOf } from './suites.ts'
import { versionOf } from './connection.ts'

/** `transport`: TCP's connection stands. */
export function compose(at: Endpoint, choice: Choice, host: Host, transport = true): Composed {
  const rules = rulesNamed(host.config.rules)
  const ask = { rules, transport }
  const misplaced = choice.say === 'Alert' ? null : whyMisplaced(at.connection, choice.say, ask)
  if (misplaced !== null) return { ok: false, findings: misplaced }
  const unwise = mistaken(at, choice, host)
  if (unwise !== null) return { ok: false, findings: [unwise] }

  const message = draft(at, choice, host)
  const permission = maySay(at.connection, message, { ...ask, known: knownOf(at, choice) })
  if (!permission.ok) return { ok: false, findings: permission.findings }

  const { content, octets } = encodeMessage(message, layoutOf(at))
  const sent = send(at, recordsOf(content, octets), host)
  const moved = advance({ ...sent.endpoint, connection: permission.connection, owesAlert: null }, role(at), message, octets, host)
  const said = { from: role(at), message, octets: sent.octets.length, protected: at.writes !== null && sent.protected }
  return { ok: true, endpoint: moved, said, octets: sent.octets }
}

const role = ({ connection }: Endpoint) => connection.role

/** What this endpoint itself knows to be wrong with it. */
const knownOf = (at: Endpoint, choice: Choice): Known => ({
  ...('hidden' in choice && at.writes === null && { protected: true }),
  ...(choice.say === 'Finished' && { verifies: (choice.over ?? 'all-messages') === 'all-messages' }),
})

/** What is wrong with a choice that no receiver could see in the message, or that no message could hold. */
function mistaken(at: Endpoint, choice: Choice, host: Host): Finding | null {
  const rules = rulesNamed(host.config.rules)
  const finding = (rule: RuleName, given: string, want: string | null, misconception: Finding['misconception']): Finding => ({
    kind: 'refusal',
    field: 'message',
    given,
    want,
    rule: cited(rule, versionOf(at.connection), rules),
    misconception,
  })
  const [fault] = at.peer?.faults ?? []
  if (fault !== undefined && choice.say !== 'Alert')
    return finding('certificate-checked', choice.say, alertFor(fault), 'skips-certificate-check')
  const unknown = suitesIn(choice).find((suite) => suiteOf(suite) === null)
  if (unknown !== undefined) return finding('suite-supported', suiteName(unknown), null, null)
  if (choice.say !== 'ClientKeyExchange') return null
  const { carries, under } = rightCargo(at, rules)
  const cargo = choice.carries ?? carries
  const key = choice.under ?? under
  if (cargo !== carries) {
    const why = cargo === 'session-key' ? 'key-travels-whole' : cargo === 'pre-master-secret' ? 'tls-is-rsa-aes' : null
    return finding('carries-premaster-secret', cargo, carries, why)
  }
  return key === under ? null : finding('under-the-peers-key', key, under, 'encrypts-with-wrong-key')
}

const suitesIn = (choice: Choice): readonly number[] => {
  if (choice.say === 'ClientHello') return choice.suites ?? []
  return choice.say === 'ServerHello' && choice.suite !== undefined ? [choice.suite] : []
}

/** What a ClientKeyExchange carries with the suite agreed on, and under which key. */
export const rightCargo = (at: Endpoint, rules: Rules): { readonly carries: Cargo; readonly under: KeyName } =>
  suiteIn(at).exchange === 'ECDHE'
    ? { carries: 'public-value', under: 'none' }
    : { carries: 'pre-master-secret', under: keyFor(rules) }

/** The records as they go out, protected where this side protects; a ChangeCipherSpec of 1.3 never is. */
function send(at: Endpoint, records: readonly Record[], host: Host) {
  let { writes } = at
  const bare = writes === null || (records[0]?.content === CONTENT.ChangeCipherSpec && suiteIn(at).version === '1.3')
  const out = records.map((record) => {
    if (writes === null || bare) return encodeRecord(record)
    const { sequence } = writes
    const under = protectionOf(at, writes)
    const sealed = protect(host.crypto, under, record, { iv: draw(host, `IV ${sequence}`, 16) })
    writes = { ...writes, sequence: sealed.protection.sequence } satisfies StoredProtection
    return encodeRecord(sealed.record)
  })
  return { endpoint: { ...at, writes }, octets: concat(...out), protected: !bare }
}

/**
 * What a well-behaved endpoint would say now; null where it is the peer's turn, or nobody's. Application data and the closing of the
 * connection are its application's decision.
 */
export function due(at: Endpoint, wants: Wants): Choice | null {
  const { connection } = at
  const rules = rulesNamed(wants.rules)
  if (silent(connection, role(at))) return null
  if (at.owesAlert !== null) return { say: 'Alert', alert: at.owesAlert }
  const [fault] = at.peer?.faults ?? []
  if (fault !== undefined) return { say: 'Alert', alert: alertFor(fault) }
  // RFC 8446 4.6.3: nobody sends one before its own Finished.
  if (connection.owesKeyUpdate[role(at)] && connection.finished[role(at)]) return { say: 'KeyUpdate' }
  const next = owed(connection, rules)
  if (next === 'close_notify') return { say: 'Alert', alert: 'close_notify' }
  if (wants.asksForCertificate && open(connection, rules).includes('CertificateRequest')) return { say: 'CertificateRequest' }
  if (next === null) return null
  return next === 'ServerHello' ? hello(at, wants) : choiceOf(next)
}

/** Names that need no more to be a choice. */
function choiceOf(name: MessageName): Choice | null {
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

/** RFC 5246 7.4.1.3, RFC 8446 4.1.1: a ServerHello, another try, or an end where there is nothing in common. */
function hello(at: Endpoint, wants: Wants): Choice {
  const { offer } = at.connection
  const chosen = choose(at, wants)
  if (offer === null || chosen.version === null) return { say: 'Alert', alert: 'protocol_version' }
  if (chosen.suite === null) return { say: 'Alert', alert: 'handshake_failure' }
  if (chosen.version === '1.2' || at.peerShare !== null) return { say: 'ServerHello' }
  return chosen.group === null ? { say: 'Alert', alert: 'handshake_failure' } : { say: 'HelloRetryRequest' }
}
