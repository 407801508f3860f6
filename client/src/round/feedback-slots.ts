/** Where feedback on an act is shown: next to the field that it is about, otherwise next to the buttons. */
import type { FindingField } from '../../../protocol/findings.ts'
import type { ActView, FindingView } from '../../../protocol/round/view/seat-view.ts'
import type { FormDraft } from './form-draft.ts'
import { isInDraft } from './round-state.ts'

export const FEEDBACK_SLOTS = ['flags', 'numbers', 'state', 'message', 'acts'] as const
export type FeedbackSlot = (typeof FEEDBACK_SLOTS)[number]

const SLOT_BY_FIELD: { readonly [F in FindingField]: FeedbackSlot } = {
  flags: 'flags',
  seq: 'numbers',
  ack: 'numbers',
  payload: 'numbers',
  window: 'numbers',
  state: 'state',
  message: 'message',
  answer: 'acts',
}

/** Actions whose fields are in the form. */
const FORM_ACTIONS: readonly ActView['action']['kind'][] = ['send', 'claim', 'write']

/** Remarks on accepted acts are shown next to the buttons, because the form has been cleared by then. */
export const selectSlot = (act: ActView, finding: FindingView): FeedbackSlot => {
  if (finding.kind === 'remark') return 'acts'
  return FORM_ACTIONS.includes(act.action.kind) ? SLOT_BY_FIELD[finding.field] : 'acts'
}

/** Element id of a finding's field. */
export const getElementId = (field: FindingField): string => (field === 'payload' ? 'length' : field)

/** The element ids of the refused fields that still contain what was refused. */
export function listWrongFields(act: ActView | null, draft: FormDraft): ReadonlySet<string> {
  const wrong = new Set<string>()
  if (act?.outcome !== 'refused' || !FORM_ACTIONS.includes(act.action.kind)) return wrong
  for (const { field } of act.findings) if (isUnchanged(act, field, draft)) wrong.add(getElementId(field))
  return wrong
}

function isUnchanged({ action }: ActView, field: FindingField, draft: FormDraft): boolean {
  if (action.kind === 'claim') return field === 'state' && draft.state === action.state
  if (action.kind === 'write') return field === 'message' && isInDraft(draft, action.message)
  if (action.kind !== 'send') return false
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
