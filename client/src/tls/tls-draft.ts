/** A TLS message as a student writes it. Pure. It starts empty: a preselected value would give part of the answer away. */
import type { NamedGroup } from '../../../protocol/tls/format/crypto.ts'
import type { KeyExchangePayload, MessageChoice, KeyName } from '../../../protocol/tls/endpoint/endpoint.ts'
import type { AlertName, TlsVersion } from '../../../protocol/tls/format/messages.ts'

/** A message that can be chosen; application data is what an HTTP message becomes. */
export type ComposableName = MessageChoice['say']
export type FinishedInput = NonNullable<Extract<MessageChoice, { say: 'Finished' }>['over']>

export interface TlsDraft {
  readonly say: ComposableName | 'http' | ''
  /** What all of it amounts to; null as long as something is left open. */
  readonly choice: MessageChoice | null
  /** ClientHello: by number, in the order of preference. */
  readonly suites: readonly number[]
  readonly versions: readonly TlsVersion[]
  /** ServerHello. */
  readonly suite: number | null
  readonly version: TlsVersion | ''
  /** Of a hello: it is to be encrypted. */
  readonly hidden: boolean
  /** HelloRetryRequest. */
  readonly group: NamedGroup | ''
  /** Certificate: an empty list. */
  readonly none: boolean
  readonly carries: KeyExchangePayload | ''
  readonly under: KeyName | ''
  readonly over: FinishedInput | ''
  readonly alert: AlertName | ''
  /** KeyUpdate: the peer is to change its keys, too. */
  readonly requested: boolean
}

export const EMPTY_TLS_DRAFT: TlsDraft = {
  say: '',
  choice: null,
  suites: [],
  versions: [],
  suite: null,
  version: '',
  hidden: false,
  group: '',
  none: false,
  carries: '',
  under: '',
  over: '',
  alert: '',
  requested: false,
}

/** The draft with this changed in it. */
export function updateTlsDraft(draft: TlsDraft, change: Partial<TlsDraft>): TlsDraft {
  const next = { ...draft, ...change }
  return { ...next, choice: buildChoice(next) }
}

function buildChoice(draft: TlsDraft): MessageChoice | null {
  const { say, suites, versions, suite, version, hidden, group, none, carries, under, over, alert, requested } = draft
  const secretly = hidden ? { hidden } : {}
  switch (say) {
    case '':
    case 'http':
      return null
    case 'ClientHello':
      return suites.length > 0 && versions.length > 0 ? { say, suites, versions, ...secretly } : null
    case 'ServerHello':
      return suite !== null && version !== '' ? { say, suite, version, ...secretly } : null
    case 'HelloRetryRequest':
      return group === '' ? null : { say, group }
    case 'Certificate':
      return none ? { say, none } : { say }
    case 'ClientKeyExchange':
      return carries !== '' && under !== '' ? { say, carries, under } : null
    case 'Finished':
      return over === '' ? null : { say, over }
    case 'Alert':
      return alert === '' ? null : { say, alert }
    case 'KeyUpdate':
      return { say, requested }
    default:
      return { say }
  }
}
