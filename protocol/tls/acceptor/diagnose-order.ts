/** Finds the misconception that explains a message that is out of order. */
import type { Misconception } from '../../findings.ts'
import type { TlsConnection } from './connection.ts'
import type { MessageName } from '../format/messages.ts'
import type { HandshakeStep } from './handshake-order.ts'
import type { Seat } from '../../seat.ts'
import type { TlsRules } from '../keys/rules.ts'

/** `due`: the next mandatory step; undefined if there is none. Returns null if no known misconception fits. */
export function diagnoseMisplaced(
  { version }: TlsConnection,
  from: Seat,
  name: MessageName,
  due: HandshakeStep | undefined,
  rules: TlsRules,
): Misconception | null {
  const instead = due?.from === from ? due.message : null
  if (name === 'Finished' && instead === 'ChangeCipherSpec') return 'finished-before-ccs'
  if (name === 'ClientKeyExchange') {
    if (version === '1.3') return 'tls-is-rsa-aes'
    if (from === 'server' && rules.secretOf === 'client') return 'server-sends-secret'
  }
  // The suite uses ECDHE, but the server continues as with RSA key exchange.
  if (instead === 'ServerKeyExchange' && from === 'server') return 'tls-is-rsa-aes'
  if (instead === 'ClientKeyExchange' && (name === 'ChangeCipherSpec' || name === 'Finished')) return 'certificate-makes-the-key'
  // In 1.3 everything is encrypted at this point, but the server has not been authenticated yet.
  if (
    version === '1.3' &&
    from === 'server' &&
    name === 'Finished' &&
    (instead === 'Certificate' || instead === 'CertificateVerify')
  )
    return 'encryption-is-identity'
  return null
}
