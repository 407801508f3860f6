/** Choices of a TLS message, for tests that try what a seat may say. */
import { type MessageChoice, MESSAGES_WITHOUT_CHOICE } from '../../protocol/tls/endpoint/endpoint.ts'
import { NAMED_GROUPS } from '../../protocol/tls/format/crypto.ts'
import { CIPHER_SUITES } from '../../protocol/tls/format/suites.ts'

/** The messages that a seat may choose, whether or not they are due. */
export const CHOICES: readonly MessageChoice[] = [
  ...MESSAGES_WITHOUT_CHOICE.map((say) => ({ say })),
  ...(['1.2', '1.3'] as const).map((version) => ({ say: 'ClientHello', versions: [version] }) as const),
  ...CIPHER_SUITES.map(({ number }) => ({ say: 'ClientHello', suites: [number] }) as const),
  ...CIPHER_SUITES.map(({ number, version }) => ({ say: 'ServerHello', suite: number, version }) as const),
  ...NAMED_GROUPS.map((group) => ({ say: 'HelloRetryRequest', group }) as const),
  { say: 'Certificate' },
  { say: 'Certificate', none: true },
  { say: 'Finished' },
  { say: 'KeyUpdate', requested: true },
  ...(['close_notify', 'no_renegotiation', 'internal_error'] as const).map((alert) => ({ say: 'Alert', alert }) as const),
]
