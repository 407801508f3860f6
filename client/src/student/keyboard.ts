/** The keyboard of the round page. Letters act only while no text field has the focus, and can be switched off. */
import { ACK, FIN, PSH, RST, SYN, URG } from '../../../protocol/segment.ts'

/** Fields that a key moves to; each is the id of its element. */
export type FieldId = 'seq' | 'ack' | 'length' | 'state' | 'message'

export type KeyCommand =
  | { readonly kind: 'toggle'; readonly bit: number }
  | { readonly kind: 'focus'; readonly field: FieldId }
  /** Of a question, counted from 1. */
  | { readonly kind: 'choose'; readonly choiceNumber: number }
  /** Hints cost: their key only moves to the button. */
  | { readonly kind: 'call' | 'discard' | 'wait' | 'claim' | 'focus-hint' | 'why' | 'send' | 'write' | 'blur' }

const LETTER_COMMANDS: { readonly [key: string]: KeyCommand } = {
  s: { kind: 'toggle', bit: SYN },
  a: { kind: 'toggle', bit: ACK },
  f: { kind: 'toggle', bit: FIN },
  r: { kind: 'toggle', bit: RST },
  p: { kind: 'toggle', bit: PSH },
  u: { kind: 'toggle', bit: URG },
  q: { kind: 'focus', field: 'seq' },
  k: { kind: 'focus', field: 'ack' },
  l: { kind: 'focus', field: 'length' },
  t: { kind: 'focus', field: 'state' },
  e: { kind: 'focus', field: 'message' },
  c: { kind: 'call' },
  d: { kind: 'discard' },
  w: { kind: 'wait' },
  m: { kind: 'claim' },
  h: { kind: 'focus-hint' },
}

/** What has the focus: nothing that takes text, a field of the segment or of a TLS message, a button that Enter presses, or another text field. */
export type FocusKind = 'page' | 'field' | 'select' | 'message' | 'button' | 'other-text-field'

export interface KeyStroke {
  readonly key: string
  readonly focus: FocusKind
  /** An input method is composing: every key is its own. */
  readonly composing: boolean
  /** Ctrl, Alt or Meta is down: a shortcut of the browser's. */
  readonly modified: boolean
  /** The key is held down. */
  readonly repeated: boolean
}

/** What a key stroke means, or null where it is left to the browser. */
export function interpretKey(
  { key, focus: where, composing, modified, repeated }: KeyStroke,
  lettersEnabled: boolean,
): KeyCommand | null {
  if (composing || modified || repeated || where === 'other-text-field') return null
  if (key === 'Enter') return where === 'button' ? null : { kind: where === 'message' ? 'write' : 'send' }
  if (key === '?' || key === '？') return { kind: 'why' }
  if (key === 'Escape') return { kind: 'blur' }
  if (!lettersEnabled || where === 'field' || where === 'select' || where === 'message') return null
  if (/^[1-9]$/.test(key)) return { kind: 'choose', choiceNumber: Number(key) }
  return LETTER_COMMANDS[key.toLowerCase()] ?? null
}
