/** The steps of the first minute: which control the coach points at. Pure. */
import { SYN } from '../../../protocol/segment.ts'
import type { FormDraft } from '../round/form-draft.ts'

/** `watch`: a SYN flies by itself. `bits`, `seq`, `state`, `send`: the student writes one. `free`: the rest, without help. */
export const COACH_STEPS = ['watch', 'bits', 'seq', 'state', 'send', 'free'] as const
export type CoachStep = (typeof COACH_STEPS)[number]

/** The keys that take each step, in order. */
export const COACH_KEYS: { readonly [S in CoachStep]: readonly string[] } = {
  watch: [],
  bits: ['S'],
  seq: ['Q', 'x'],
  state: ['Esc', 'T', 'S'],
  send: ['Enter'],
  free: [],
}

interface Progress {
  readonly watched: boolean
  /** Whether a segment has been sent. */
  readonly sent: boolean
  readonly draft: FormDraft
}

/** The step that comes next: whatever has been undone comes again. */
export function findCoachStep({ watched, sent, draft }: Progress): CoachStep {
  if (!watched) return 'watch'
  if (sent) return 'free'
  if (draft.bits !== SYN) return 'bits'
  if (draft.seq.trim() === '') return 'seq'
  return draft.state === 'SYN-SENT' ? 'send' : 'state'
}
