/** What each message changes, once it has been found to be in its place and right. */
import { hex } from '../octets.ts'
import { type Connection, type MessageOf, NEITHER, offerOf, versionOf } from './connection.ts'
import { endsConnection, suiteChosen, versionChosen } from './contents.ts'
import { COOKIE, find, SELECTED_GROUP, SELECTED_PSK, SERVER_SHARE, SIGNATURE_ALGORITHMS } from './extensions.ts'
import { ALERT, type Message } from './messages.ts'
import { handshake } from './order.ts'
import { peerOf, type Role, type Rules } from './rules.ts'

/** The connection after `message` of `from`. `place` has been moved already, where the message is a step of the handshake. */
export function after(connection: Connection, from: Role, message: Message, rules: Rules): Connection {
  switch (message.is) {
    case 'ClientHello':
      return { ...(connection.finished.client ? anew(connection) : connection), offer: offerOf(message) }
    case 'HelloRetryRequest': {
      const cookie = find(message.extensions, COOKIE)
      const retry = { suite: message.suite, group: find(message.extensions, SELECTED_GROUP), cookie: cookie && hex(cookie) }
      return { ...connection, retry }
    }
    case 'ServerHello':
      return afterServerHello(connection, message)
    case 'EncryptedExtensions':
      return { ...connection, answered: message.extensions.map(({ type }) => type) }
    case 'ServerKeyExchange':
      return { ...connection, group: message.group }
    case 'CertificateRequest':
      return afterCertificateRequest(connection, message, rules)
    case 'Certificate':
      return from === 'client' ? { ...connection, certified: message.chain.length > 0 } : connection
    case 'ChangeCipherSpec':
      return connection.version === '1.2' ? { ...connection, protects: { ...connection.protects, [from]: true } } : connection
    case 'Finished':
      return {
        ...connection,
        finished: { ...connection.finished, [from]: true },
        verifyData: { ...connection.verifyData, [from]: hex(message.verifyData) },
      }
    case 'EndOfEarlyData':
      return { ...connection, earlyDataEnded: true }
    case 'KeyUpdate': {
      const owes = { ...connection.owesKeyUpdate, [from]: false }
      return { ...connection, owesKeyUpdate: message.requested ? { ...owes, [peerOf(from)]: true } : owes }
    }
    case 'Alert': {
      if (message.description === ALERT.close_notify) return { ...connection, closed: { ...connection.closed, [from]: true } }
      if (!endsConnection(message, versionOf(connection))) return connection
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

/** RFC 5246 7.4.1.2: a ClientHello on a connection that stands. What protects it goes on until the next ChangeCipherSpec. */
const anew = (connection: Connection): Connection => ({
  ...connection,
  place: 1,
  answered: [],
  resumed: false,
  requested: null,
  certified: false,
  finished: NEITHER,
  renegotiates: true,
})

function afterServerHello(connection: Connection, message: MessageOf<'ServerHello' | 'HelloRetryRequest'>): Connection {
  const { offer } = connection
  const answered = message.extensions.map(({ type }) => type)
  const chosen = { ...connection, version: versionChosen(message), suite: message.suite }
  if (suiteChosen(message) === null) return { ...chosen, hidden: { client: true, server: true } }
  if (chosen.version === '1.3') {
    const group = find(message.extensions, SERVER_SHARE)?.group ?? null
    const resumed = find(message.extensions, SELECTED_PSK) !== null
    return { ...chosen, group, resumed, protects: { client: true, server: true } }
  }
  const echoed = message.sessionId.length > 0 && hex(message.sessionId) === offer?.sessionId
  // RFC 5077 3.4: with a ticket and without a session id the ServerHello does not tell.
  const untold = offer !== null && offer.ticket && offer.sessionId === ''
  return { ...chosen, group: null, answered, resumed: echoed || (untold ? null : false) }
}

function afterCertificateRequest(connection: Connection, message: MessageOf<'CertificateRequest'>, rules: Rules): Connection {
  const schemes = connection.version === '1.3' ? (find(message.extensions, SIGNATURE_ALGORITHMS) ?? []) : message.schemes
  const asked = { ...connection, requested: { context: hex(message.context), schemes }, certified: false }
  if (!connection.finished.client) return asked
  // RFC 8446 4.6.2: after the handshake the client's part comes once more, from its Certificate on.
  return { ...asked, place: handshake(asked, rules).findIndex(({ from, is }) => from === 'client' && is === 'Certificate') }
}
