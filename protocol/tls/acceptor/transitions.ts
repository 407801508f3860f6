/** The effect of each accepted message on the connection. */
import { toHex } from '../../octets.ts'
import { type TlsConnection, type MessageOf, NEITHER, readOffer, citedVersion } from './connection.ts'
import { closesConnection, selectedSuite, selectedVersionOf } from './content-checks.ts'
import { COOKIE, findExtension, SELECTED_GROUP, SELECTED_PSK, SERVER_SHARE, SIGNATURE_ALGORITHMS } from '../format/extensions.ts'
import { ALERT, type TlsMessage } from '../format/messages.ts'
import { listSteps } from './handshake-order.ts'
import { peerOf, type Seat } from '../../seat.ts'
import { type TlsRules } from '../keys/rules.ts'

/** The connection after `message` of `from`. If the message is a step of the handshake, the caller has already advanced `place`. */
export function applyToConnection(connection: TlsConnection, from: Seat, message: TlsMessage, rules: TlsRules): TlsConnection {
  switch (message.kind) {
    case 'ClientHello':
      return { ...(connection.finished.client ? restartHandshake(connection) : connection), offer: readOffer(message) }
    case 'HelloRetryRequest': {
      const cookie = findExtension(message.extensions, COOKIE)
      const retry = {
        suite: message.suite,
        group: findExtension(message.extensions, SELECTED_GROUP),
        cookie: cookie && toHex(cookie),
      }
      return { ...connection, retry }
    }
    case 'ServerHello':
      return applyServerHello(connection, message)
    case 'EncryptedExtensions':
      return { ...connection, answered: message.extensions.map(({ type }) => type) }
    case 'ServerKeyExchange':
      return { ...connection, group: message.group }
    case 'CertificateRequest':
      return applyCertificateRequest(connection, message, rules)
    case 'Certificate':
      return from === 'client' ? { ...connection, certified: message.chain.length > 0 } : connection
    case 'ChangeCipherSpec':
      return connection.version === '1.2' ? { ...connection, protects: { ...connection.protects, [from]: true } } : connection
    case 'Finished':
      return {
        ...connection,
        finished: { ...connection.finished, [from]: true },
        verifyData: { ...connection.verifyData, [from]: toHex(message.verifyData) },
      }
    case 'EndOfEarlyData':
      return { ...connection, earlyDataEnded: true }
    case 'KeyUpdate': {
      const owes = { ...connection.owesKeyUpdate, [from]: false }
      return { ...connection, owesKeyUpdate: message.requested ? { ...owes, [peerOf(from)]: true } : owes }
    }
    case 'Alert': {
      if (message.description === ALERT.close_notify) return { ...connection, closed: { ...connection.closed, [from]: true } }
      if (!closesConnection(message, citedVersion(connection))) return connection
      return { ...connection, failed: { ...connection.failed, [from]: true } }
    }
    case 'HelloRequest':
    case 'CertificateStatus':
    case 'ServerHelloDone':
    case 'ClientKeyExchange':
    case 'CertificateVerify':
    case 'NewSessionTicket':
    case 'ApplicationData':
      return connection
  }
}

/** RFC 5246 7.4.1.2: a ClientHello on an established connection. The current protection remains in force until the next ChangeCipherSpec. */
const restartHandshake = (connection: TlsConnection): TlsConnection => ({
  ...connection,
  place: 1,
  answered: [],
  resumed: false,
  requested: null,
  certified: false,
  finished: NEITHER,
  renegotiates: true,
})

function applyServerHello(connection: TlsConnection, message: MessageOf<'ServerHello' | 'HelloRetryRequest'>): TlsConnection {
  const { offer } = connection
  const answered = message.extensions.map(({ type }) => type)
  const chosen = { ...connection, version: selectedVersionOf(message), suite: message.suite }
  if (selectedSuite(message) === null) return { ...chosen, hidden: { client: true, server: true } }
  if (chosen.version === '1.3') {
    const group = findExtension(message.extensions, SERVER_SHARE)?.group ?? null
    const resumed = findExtension(message.extensions, SELECTED_PSK) !== null
    return { ...chosen, group, resumed, protects: { client: true, server: true } }
  }
  const echoed = message.sessionId.length > 0 && toHex(message.sessionId) === offer?.sessionId
  // RFC 5077 3.4: if the client sent a ticket but no session id, the ServerHello does not show whether the session is resumed.
  const unknown = offer !== null && offer.ticket && offer.sessionId === ''
  return { ...chosen, group: null, answered, resumed: echoed || (unknown ? null : false) }
}

function applyCertificateRequest(
  connection: TlsConnection,
  message: MessageOf<'CertificateRequest'>,
  rules: TlsRules,
): TlsConnection {
  const schemes = connection.version === '1.3' ? (findExtension(message.extensions, SIGNATURE_ALGORITHMS) ?? []) : message.schemes
  const asked = { ...connection, requested: { context: toHex(message.context), schemes }, certified: false }
  if (!connection.finished.client) return asked
  // RFC 8446 4.6.2: post-handshake authentication. The client repeats its messages from Certificate to Finished.
  return {
    ...asked,
    place: listSteps(asked, rules).findIndex((step) => step.from === 'client' && step.message === 'Certificate'),
  }
}
