/** Where on the page a judgement is told: beside the field that it is about, else beside the buttons. */
import type { Field } from '../../../protocol/findings.ts'
import type { ActView, FindingView } from '../../../protocol/world/view.ts'
import type { Draft } from '../lib/draft.ts'
import { isTyped } from '../lib/round.ts'

export const SLOTS_IN_ORDER = ['flags', 'numbers', 'state', 'message', 'acts'] as const
export type Slot = (typeof SLOTS_IN_ORDER)[number]

const SLOTS: { readonly [F in Field]: Slot } = {
  flags: 'flags',
  seq: 'numbers',
  ack: 'numbers',
  payload: 'numbers',
  window: 'numbers',
  state: 'state',
  message: 'message',
  answer: 'acts',
}

/** Acts whose fields stand on the page. */
const OF_FIELDS: readonly ActView['action']['type'][] = ['send', 'claim', 'write']

/** Remarks on what was sent stand beside the buttons: the form is empty again by then. */
export const slotOf = (act: ActView, finding: FindingView): Slot => {
  if (finding.kind === 'remark') return 'acts'
  return OF_FIELDS.includes(act.action.type) ? SLOTS[finding.field] : 'acts'
}

/** Element id of a finding's field. */
export const elementOf = (field: Field): string => (field === 'payload' ? 'length' : field)

/** The element ids of what was refused, while the draft there still is what was refused. */
export function wrongFields(act: ActView | null, draft: Draft): ReadonlySet<string> {
  const wrong = new Set<string>()
  if (act?.outcome !== 'refused' || !OF_FIELDS.includes(act.action.type)) return wrong
  for (const { field } of act.findings) if (unchanged(act, field, draft)) wrong.add(elementOf(field))
  return wrong
}

function unchanged({ action }: ActView, field: Field, draft: Draft): boolean {
  if (action.type === 'claim') return field === 'state' && draft.state === action.state
  if (action.type === 'write') return field === 'message' && isTyped(draft, action.message)
  if (action.type !== 'send') return false
  const { segment, state } = action
  switch (field) {
    case 'flags':
      return draft.bits === segment.bits
    case 'seq':
      return draft.seq.trim() === segment.seq
    case 'ack':
      return draft.ack.trim() === segment.ack
    case 'payload':
      return Number(draft.length || 0) === segment.length
    case 'window':
      return Number(draft.window || 0) === (segment.window ?? 0)
    case 'state':
      return draft.state === state
    case 'answer':
    case 'message':
      return false
  }
}
