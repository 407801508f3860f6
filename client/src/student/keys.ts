/** The keyboard of the round page. Letters act only while no text field has the focus, and can be switched off. */
import { ACK, FIN, PSH, RST, SYN, URG } from '../../../protocol/segment.ts'

/** Fields that a key moves to; each is the id of its element. */
export type FieldId = 'seq' | 'ack' | 'length' | 'state' | 'message'

export type Command =
  | { readonly does: 'toggle'; readonly bit: number }
  | { readonly does: 'focus'; readonly field: FieldId }
  /** Of a question, counted from 1. */
  | { readonly does: 'choose'; readonly place: number }
  /** Hints cost: their key only moves to the button. */
  | { readonly does: 'call' | 'discard' | 'wait' | 'claim' | 'to-hint' | 'why' | 'send' | 'write' | 'leave' }

const LETTERS: { readonly [key: string]: Command } = {
  s: { does: 'toggle', bit: SYN },
  a: { does: 'toggle', bit: ACK },
  f: { does: 'toggle', bit: FIN },
  r: { does: 'toggle', bit: RST },
  p: { does: 'toggle', bit: PSH },
  u: { does: 'toggle', bit: URG },
  q: { does: 'focus', field: 'seq' },
  k: { does: 'focus', field: 'ack' },
  l: { does: 'focus', field: 'length' },
  t: { does: 'focus', field: 'state' },
  e: { does: 'focus', field: 'message' },
  c: { does: 'call' },
  d: { does: 'discard' },
  w: { does: 'wait' },
  m: { does: 'claim' },
  h: { does: 'to-hint' },
}

/** What has the focus: nothing that takes text, a field of the segment or of a TLS message, a button that Enter presses, or another text field. */
export type Where = 'page' | 'field' | 'select' | 'message' | 'button' | 'elsewhere'

export interface Stroke {
  readonly key: string
  readonly where: Where
  /** An input method is composing: every key is its own. */
  readonly composing: boolean
  /** Ctrl, Alt or Meta is down: a shortcut of the browser's. */
  readonly modified: boolean
  /** The key is held down. */
  readonly repeated: boolean
}

/** What a key stroke means, or null where it is left to the browser. */
export function commandOf({ key, where, composing, modified, repeated }: Stroke, letters: boolean): Command | null {
  if (composing || modified || repeated || where === 'elsewhere') return null
  if (key === 'Enter') return where === 'button' ? null : { does: where === 'message' ? 'write' : 'send' }
  if (key === '?' || key === '？') return { does: 'why' }
  if (key === 'Escape') return { does: 'leave' }
  if (!letters || where === 'field' || where === 'select' || where === 'message') return null
  if (/^[1-9]$/.test(key)) return { does: 'choose', place: Number(key) }
  return LETTERS[key.toLowerCase()] ?? null
}
