/** `receive`: octets from TCP become messages, each of which is measured against what has been said before. */
import { concat, hex, same, unhex } from '../octets.ts'
import type { Finding } from '../findings.ts'
import { advance, certificateOfPeer, layoutOf } from './advance.ts'
import { findingOf, publicKey } from './certificate.ts'
import { CONTENT, decodeMessage } from './codec.ts'
import { versionOf } from './connection.ts'
import type { Known } from './contents.ts'
import type { Bytes } from './crypto.ts'
import type { Endpoint, Host, Received, SaidMessage } from './endpoint.ts'
import { messageArrives } from './may-say.ts'
import type { AlertName, Message } from './messages.ts'
import { unprotect } from './protection.ts'
import { readRecord, type Record, splitHandshake } from './records.ts'
import { peerOf, rulesNamed } from './rules.ts'
import { finishedOf, protectionOf, signedParameters, signedSoFar } from './schedule.ts'
import { verify } from './signatures.ts'
import { schemeOf } from './suites.ts'

export function receive(before: Endpoint, octets: Bytes, host: Host): Received {
  const all = concat(unhex(before.partRecord), octets)
  const messages: SaidMessage[] = []
  let at: Endpoint = before
  let next = 0
  for (;;) {
    const read = readRecord(all, next)
    if (read.is === 'more') return { endpoint: { ...at, partRecord: hex(all.subarray(next)) }, messages }
    if (read.is === 'fault') return failed(at, messages, 'decode_error')
    const taken = takeRecord(at, read.record, read.next - next, host)
    at = taken.endpoint
    messages.push(...taken.messages)
    if (taken.failed) return { ...taken, messages, endpoint: { ...at, partRecord: '' } }
    next = read.next
  }
}

const failed = (at: Endpoint, messages: readonly SaidMessage[], alert: AlertName, findings: readonly Finding[] = []): Received => ({
  endpoint: { ...at, owesAlert: alert },
  messages,
  failed: { alert, findings },
})

/** One record of `octets` octets on the wire, with all messages that are complete in it. */
function takeRecord(before: Endpoint, record: Record, octets: number, host: Host): Received {
  const opened = opens(before, record) ? unprotect(host.crypto, protectionOf(before, before.reads!), record) : null
  if (opened?.ok === false) return failed(before, [], opened.alert)
  let at: Endpoint = opened ? { ...before, reads: { ...before.reads!, sequence: opened.protection.sequence } } : before
  const { content, fragment } = opened?.record ?? record
  const messages: SaidMessage[] = []
  const whole = content === CONTENT.Handshake ? splitHandshake(concat(unhex(at.partMessage), fragment)) : null
  if (whole) at = { ...at, partMessage: hex(whole.rest) }
  for (const part of whole ? whole.messages : [fragment]) {
    const decoded = decodeMessage(content, part, layoutOf(at))
    if (!decoded.ok) return failed(at, messages, 'decode_error')
    const taken = takeMessage(at, decoded.value, part, opened !== null, host)
    // What several messages of one record took on the wire is counted once.
    messages.push({ ...taken.said, octets: messages.length === 0 ? octets : 0 })
    at = taken.endpoint
    if (taken.broken) return failed(at, messages, taken.broken.alert, taken.broken.findings)
  }
  return { endpoint: at, messages }
}

/** Of 1.3 only ApplicationData is protected: a ChangeCipherSpec never, and an alert not where its sender had no keys yet. */
const opens = ({ reads, connection }: Endpoint, { content }: Record): boolean =>
  reads !== null && (connection.version !== '1.3' || content === CONTENT.ApplicationData)

function takeMessage(at: Endpoint, message: Message, octets: Bytes, isProtected: boolean, host: Host) {
  const rules = rulesNamed(host.config.rules)
  const from = peerOf(at.connection.role)
  const said: SaidMessage = { from, message, octets: 0, protected: isProtected }
  const known = knownOf(at, message, isProtected, host)
  const arrival = messageArrives(at.connection, message, { rules, known })
  if (!arrival.ok) {
    const { alert, findings } = arrival
    // A signature that does not verify was made without the key of the certificate.
    const lacksKey = known.verifies === false && !isFinished(message) && at.peer !== null
    const proven = lacksKey ? [findingOf('no-private-key', versionOf(at.connection), rules)] : []
    const peer = lacksKey ? { ...at.peer, faults: [...at.peer.faults, 'no-private-key' as const] } : at.peer
    return { endpoint: { ...at, peer }, said, broken: { alert, findings: [...findings, ...proven] } }
  }
  return { endpoint: advance({ ...at, connection: arrival.connection }, from, message, octets, host), said, broken: null }
}

const isFinished = (message: Message): boolean => message.is === 'Finished'

/** Whether the signature or the verify data of a message is what it has to be. */
function knownOf(at: Endpoint, message: Message, isProtected: boolean, host: Host): Known {
  const from = peerOf(at.connection.role)
  const known: Known = { protected: isProtected }
  if (at.connection.version === null) return known
  switch (message.is) {
    case 'Finished':
      return canFinish(at) ? { ...known, verifies: same(finishedOf(at, from, host), message.verifyData) } : known
    case 'ServerKeyExchange':
      return { ...known, verifies: signedWell(at, message, signedParameters(at, message), host) }
    case 'CertificateVerify':
      return { ...known, verifies: signedWell(at, message, signedSoFar(at, from, host), host) }
    default:
      return known
  }
}

const canFinish = ({ connection, secrets }: Endpoint): boolean =>
  connection.version === '1.2' ? secrets.master !== null : secrets.handshakeTraffic !== null

function signedWell(at: Endpoint, { scheme, signature }: { scheme: number; signature: Bytes }, data: Bytes, host: Host): boolean {
  const certificate = certificateOfPeer(at, host)
  const known = schemeOf(scheme)
  return (
    certificate !== null &&
    known !== null &&
    verify(host.crypto, known, { kind: 'RSA', ...publicKey(certificate) }, data, signature)
  )
}
