/** Which misconception would explain a message out of its place. */
import type { Misconception } from '../../findings.ts'
import type { TlsConnection } from './connection.ts'
import type { MessageName } from '../format/messages.ts'
import type { HandshakeStep } from './handshake-order.ts'
import type { Seat } from '../../seat.ts'
import type { TlsRules } from '../keys/rules.ts'

/** `due` is the step that may not be left out. */
export function diagnoseMisplaced(
  { version }: TlsConnection,
  from: Seat,
  is: MessageName,
  due: HandshakeStep | undefined,
  rules: TlsRules,
): Misconception | null {
  const instead = due?.from === from ? due.message : null
  if (is === 'Finished' && instead === 'ChangeCipherSpec') return 'finished-before-ccs'
  if (is === 'ClientKeyExchange') {
    if (version === '1.3') return 'tls-is-rsa-aes'
    if (from === 'server' && rules.secretOf === 'client') return 'server-sends-secret'
  }
  // The suite says ECDHE, and the server goes on as with RSA.
  if (instead === 'ServerKeyExchange' && from === 'server') return 'tls-is-rsa-aes'
  if (instead === 'ClientKeyExchange' && (is === 'ChangeCipherSpec' || is === 'Finished')) return 'certificate-makes-the-key'
  // In 1.3 all is encrypted by then, and yet nobody knows who the server is.
  if (version === '1.3' && from === 'server' && is === 'Finished' && (instead === 'Certificate' || instead === 'CertificateVerify'))
    return 'encryption-is-identity'
  return null
}
