/** Keyboard shortcuts of the round page. Letters work only while no text field has the focus, and can be switched off. */
import { ACK, FIN, PSH, RST, SYN, URG } from '../../../protocol/segment.ts'

/** The fields that a key can focus, by element id. */
export type FieldId = 'seq' | 'ack' | 'length' | 'state' | 'message'

export type KeyCommand =
  | { readonly kind: 'toggle'; readonly bit: number }
  | { readonly kind: 'focus'; readonly field: FieldId }
  /** A choice of the open question, counted from 1. */
  | { readonly kind: 'choose'; readonly choiceNumber: number }
  /** Hints cost points, so their key only focuses the button (`focus-hint`). */
  | {
      readonly kind: 'call' | 'discard' | 'wait' | 'predict' | 'claim' | 'states' | 'focus-hint' | 'why' | 'send' | 'write' | 'blur'
    }

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
  n: { kind: 'predict' },
  m: { kind: 'claim' },
  h: { kind: 'focus-hint' },
  g: { kind: 'states' },
}

/**
 * What has the focus. `page`: nothing that takes keys. `field`, `select`: a field of the segment. `message`: a field of a TLS message.
 * `button`: something that Enter activates. `dialog`: a dialog over the page, which takes all keys itself.
 */
export type FocusKind = 'page' | 'dialog' | 'field' | 'select' | 'message' | 'button' | 'other-text-field'

export interface KeyStroke {
  readonly key: string
  readonly focus: FocusKind
  /** Whether an input method is composing, and uses every key itself. */
  readonly composing: boolean
  /** Whether Ctrl, Alt or Meta is pressed, as for shortcuts of the browser. */
  readonly modified: boolean
  /** Whether the event was repeated because the key is held down. */
  readonly repeated: boolean
}

/** The command of a key stroke, or null if the browser handles it. */
export function interpretKey(
  { key, focus: where, composing, modified, repeated }: KeyStroke,
  lettersEnabled: boolean,
): KeyCommand | null {
  if (composing || modified || repeated || where === 'other-text-field' || where === 'dialog') return null
  if (key === 'Enter') return where === 'button' ? null : { kind: where === 'message' ? 'write' : 'send' }
  if (key === '?' || key === '？') return { kind: 'why' }
  if (key === 'Escape') return { kind: 'blur' }
  if (!lettersEnabled || where === 'field' || where === 'select' || where === 'message') return null
  if (/^[1-9]$/.test(key)) return { kind: 'choose', choiceNumber: Number(key) }
  return LETTER_COMMANDS[key.toLowerCase()] ?? null
}
