/** The draft of a student's form: all fields of the segment and the message exactly as typed, so that no input is lost or changed. */
import { ACK, hasBit } from '../../../protocol/segment.ts'
import type { State } from '../../../protocol/tcp/tcb.ts'
import type { MessageDraft, SeatAction } from '../../../protocol/round/model/action.ts'
import type { TlsDraft } from '../tls/tls-draft.ts'

export interface FormDraft {
  readonly bits: number
  readonly seq: string
  readonly ack: string
  /** Octets of data; empty means none. */
  readonly length: string
  /** Octets; empty means the window of the own TCB. */
  readonly window: string
  /** Starts empty: a preselected value would give part of the answer away. */
  readonly state: State | ''
  /** The HTTP message for the other application; empty if none. */
  readonly message: string
  /** The TLS message; null until something in it has been chosen. */
  readonly tls: TlsDraft | null
}

export const EMPTY_DRAFT: FormDraft = { bits: 0, seq: '', ack: '', length: '', window: '', state: '', message: '', tls: null }

export type SendAction = Extract<SeatAction, { kind: 'send' }>
/** A field that prevents sending because it is empty, or because it is not a valid number of octets. */
export type UnfinishedField = 'seq' | 'ack' | 'length' | 'window' | 'state'

/** The action that a draft describes, or the first unfinished field. */
export function buildSendAction(draft: FormDraft): SendAction | UnfinishedField {
  const seq = draft.seq.trim()
  const ack = hasBit(draft.bits, ACK) ? draft.ack.trim() : ''
  const length = parseOctetCount(draft.length)
  const window = parseOctetCount(draft.window)
  if (seq === '') return 'seq'
  if (hasBit(draft.bits, ACK) && ack === '') return 'ack'
  if (length === null) return 'length'
  if (window === null) return 'window'
  if (draft.state === '') return 'state'
  return {
    kind: 'send',
    segment: { bits: draft.bits, seq, ack, length: length ?? 0, ...(window === undefined ? {} : { window }) },
    state: draft.state,
  }
}

/** Whether the draft still equals the segment and state of this action. */
export function matchesSegment(draft: FormDraft, action: SendAction): boolean {
  const now = buildSendAction(draft)
  if (typeof now === 'string' || now.state !== action.state) return false
  const [a, b] = [now.segment, action.segment]
  return a.bits === b.bits && a.seq === b.seq && a.ack === b.ack && a.length === b.length && a.window === b.window
}

/** The message in the draft; null if it is incomplete. `secure`: the scene has TLS; without it, only HTTP messages are possible. */
export function buildMessage({ message, tls }: FormDraft, secure: boolean): MessageDraft | null {
  if (secure && tls?.say !== 'http') return tls?.choice ? { kind: 'tls', choice: tls.choice } : null
  return message === '' ? null : { kind: 'http', text: message }
}

/** Parses 0 … 65535, in any digits that NFKC maps to ASCII, grouped or not. Undefined if empty, null if invalid. */
export function parseOctetCount(text: string): number | null | undefined {
  const digits = text.normalize('NFKC').replace(/[\s,_]/g, '')
  if (digits === '') return undefined
  const value = Number(digits)
  return /^\d+$/.test(digits) && value <= 65_535 ? value : null
}
