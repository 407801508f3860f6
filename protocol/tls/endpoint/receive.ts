/** `receive`: parses octets from TCP into messages, and judges each message. */
import { concat, toHex, equalOctets, fromHex } from '../../octets.ts'
import type { Finding } from '../../findings.ts'
import { applyToEndpoint, findPeerCertificate, currentLayout } from './apply-message.ts'
import { certificateFinding, decodePublicKey } from '../keys/certificate.ts'
import { CONTENT_TYPE, decodeMessage } from '../format/codec.ts'
import { citedVersion } from '../acceptor/connection.ts'
import type { CryptoResults } from '../acceptor/content-checks.ts'
import type { Bytes } from '../format/crypto.ts'
import type { TlsEndpoint, EndpointHost, ReceiveResult, TransmittedMessage } from './endpoint.ts'
import { mayReceiveMessage } from '../acceptor/judge-message.ts'
import type { AlertName, TlsMessage } from '../format/messages.ts'
import { unprotect } from '../keys/protection.ts'
import { readRecord, type TlsRecord, splitHandshake } from '../format/records.ts'
import { peerOf } from '../../seat.ts'
import { getTlsRules } from '../keys/rules.ts'
import { computeFinished, restoreProtection, encodeSignedParameters, encodeSignedTranscript } from './endpoint-keys.ts'
import { verifySignature } from '../keys/signatures.ts'
import { findScheme } from '../format/suites.ts'

/** Processes octets that TCP has delivered. Stops at the first message that breaks a rule or cannot be decoded. */
export function receive(before: TlsEndpoint, octets: Bytes, host: EndpointHost): ReceiveResult {
  const all = concat(fromHex(before.partRecord), octets)
  const messages: TransmittedMessage[] = []
  let at: TlsEndpoint = before
  let next = 0
  for (;;) {
    const read = readRecord(all, next)
    if (read.kind === 'more') return { endpoint: { ...at, partRecord: toHex(all.subarray(next)) }, messages }
    if (read.kind === 'fault') return failWith(at, messages, 'decode_error')
    const taken = takeRecord(at, read.record, read.next - next, host)
    at = taken.endpoint
    messages.push(...taken.messages)
    if (taken.failed) return { ...taken, messages, endpoint: { ...at, partRecord: '' } }
    next = read.next
  }
}

const failWith = (
  at: TlsEndpoint,
  messages: readonly TransmittedMessage[],
  alert: AlertName,
  findings: readonly Finding[] = [],
): ReceiveResult => ({
  endpoint: { ...at, owesAlert: alert },
  messages,
  failed: { alert, findings },
})

/** Processes one record and all messages that it completes. `octets`: the length of the record on the wire. */
function takeRecord(before: TlsEndpoint, record: TlsRecord, octets: number, host: EndpointHost): ReceiveResult {
  const opened = isProtectedRecord(before, record) ? unprotect(host.crypto, restoreProtection(before, before.reads!), record) : null
  if (opened?.ok === false) return failWith(before, [], opened.alert)
  let at: TlsEndpoint = opened ? { ...before, reads: { ...before.reads!, sequence: opened.protection.sequence } } : before
  const { content, fragment } = opened?.record ?? record
  const messages: TransmittedMessage[] = []
  const whole = content === CONTENT_TYPE.Handshake ? splitHandshake(concat(fromHex(at.partMessage), fragment)) : null
  if (whole) at = { ...at, partMessage: toHex(whole.rest) }
  for (const part of whole ? whole.messages : [fragment]) {
    const decoded = decodeMessage(content, part, currentLayout(at))
    if (!decoded.ok) return failWith(at, messages, 'decode_error')
    const taken = takeMessage(at, decoded.value, part, opened !== null, host)
    // If a record completes several messages, its length is attributed to the first.
    messages.push({ ...taken.transmitted, octets: messages.length === 0 ? octets : 0 })
    at = taken.endpoint
    if (taken.broken) return failWith(at, messages, taken.broken.alert, taken.broken.findings)
  }
  return { endpoint: at, messages }
}

/** In 1.3 only ApplicationData records are protected. A ChangeCipherSpec never is, nor is an alert whose sender had no keys yet. */
const isProtectedRecord = ({ reads, connection }: TlsEndpoint, { content }: TlsRecord): boolean =>
  reads !== null && (connection.version !== '1.3' || content === CONTENT_TYPE.ApplicationData)

function takeMessage(at: TlsEndpoint, message: TlsMessage, octets: Bytes, isProtected: boolean, host: EndpointHost) {
  const rules = getTlsRules(host.config.rules)
  const from = peerOf(at.connection.role)
  const known = verifyMessage(at, message, isProtected, host)
  const signed = message.kind === 'ServerKeyExchange' || message.kind === 'CertificateVerify'
  const transmitted: TransmittedMessage = {
    from,
    message,
    octets: 0,
    protected: isProtected,
    ...(signed && known.verifies !== undefined ? { verifies: known.verifies } : {}),
  }
  const arrival = mayReceiveMessage(at.connection, message, { rules, cryptoResults: known })
  if (!arrival.ok) {
    const { alert, findings } = arrival
    // If a signature does not verify, its sender does not have the private key of the certificate.
    const lacksKey = known.verifies === false && !isFinished(message) && at.peer !== null
    const proven = lacksKey ? [certificateFinding('no-private-key', citedVersion(at.connection), rules)] : []
    const peer = lacksKey ? { ...at.peer, faults: [...at.peer.faults, 'no-private-key' as const] } : at.peer
    return { endpoint: { ...at, peer }, transmitted, broken: { alert, findings: [...findings, ...proven] } }
  }
  return {
    endpoint: applyToEndpoint({ ...at, connection: arrival.connection }, from, message, octets, host),
    transmitted,
    broken: null,
  }
}

const isFinished = (message: TlsMessage): boolean => message.kind === 'Finished'

/** Checks the signature or verify data of a message. */
function verifyMessage(at: TlsEndpoint, message: TlsMessage, isProtected: boolean, host: EndpointHost): CryptoResults {
  const from = peerOf(at.connection.role)
  const known: CryptoResults = { protected: isProtected }
  if (at.connection.version === null) return known
  switch (message.kind) {
    case 'Finished':
      return canVerifyFinished(at)
        ? { ...known, verifies: equalOctets(computeFinished(at, from, host), message.verifyData) }
        : known
    case 'ServerKeyExchange':
      return { ...known, verifies: verifySigned(at, message, encodeSignedParameters(at, message), host) }
    case 'CertificateVerify':
      return { ...known, verifies: verifySigned(at, message, encodeSignedTranscript(at, from, host), host) }
    default:
      return known
  }
}

const canVerifyFinished = ({ connection, secrets }: TlsEndpoint): boolean =>
  connection.version === '1.2' ? secrets.master !== null : secrets.handshakeTraffic !== null

function verifySigned(
  at: TlsEndpoint,
  { scheme, signature }: { scheme: number; signature: Bytes },
  data: Bytes,
  host: EndpointHost,
): boolean {
  const certificate = findPeerCertificate(at, host)
  const known = findScheme(scheme)
  return (
    certificate !== null &&
    known !== null &&
    verifySignature(host.crypto, known, { kind: 'RSA', ...decodePublicKey(certificate) }, data, signature)
  )
}
