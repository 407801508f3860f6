/** The draft of a TLS message. Pure. It starts empty, because a preselected value would give away part of the answer. */
import type { NamedGroup } from '../../../protocol/tls/format/crypto.ts'
import type { KeyExchangePayload, MessageChoice, KeyName } from '../../../protocol/tls/endpoint/endpoint.ts'
import type { AlertName, TlsVersion } from '../../../protocol/tls/format/messages.ts'

/** The name of a message that can be chosen. Application data is not among them: it results from HTTP messages. */
export type ComposableName = MessageChoice['say']
/** What a student can choose as the input of the verify data in Finished. */
export type FinishedInput = NonNullable<Extract<MessageChoice, { say: 'Finished' }>['over']>

/** All inputs of the form, for every message; empty strings and null mean that nothing was chosen. */
export interface TlsDraft {
  readonly say: ComposableName | 'http' | ''
  /** The resulting choice; null while something is missing. */
  readonly choice: MessageChoice | null
  /** ClientHello: suite numbers, most preferred first. */
  readonly suites: readonly number[]
  readonly versions: readonly TlsVersion[]
  /** ServerHello. */
  readonly suite: number | null
  readonly version: TlsVersion | ''
  /** ClientHello and ServerHello: encrypt it (which is wrong). */
  readonly hidden: boolean
  /** HelloRetryRequest. */
  readonly group: NamedGroup | ''
  /** Certificate: send an empty list. */
  readonly none: boolean
  readonly carries: KeyExchangePayload | ''
  readonly under: KeyName | ''
  readonly over: FinishedInput | ''
  readonly alert: AlertName | ''
  /** KeyUpdate: ask the peer to update its keys, too. */
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

/** Applies a change and recomputes `choice`. */
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
