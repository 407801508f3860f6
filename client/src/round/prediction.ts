/** What a student expects to arrive next: read from the form, and found again in the views. Pure. */
import { ACK, hasBit } from '../../../protocol/segment.ts'
import type { SeatAction } from '../../../protocol/round/model/action.ts'
import type { EventView, NowView, PlayerView, SegmentView } from '../../../protocol/round/view/seat-view.ts'
import { parseOctetCount, type FormDraft, type UnfinishedField } from './form-draft.ts'

type PredictAction = Extract<SeatAction, { kind: 'predict' }>

/**
 * Whether the student may write down what is expected next: nothing is due at the seat, as far as the seat is told. Says the same whether a
 * segment was lost or the partner is thinking.
 */
export const mayPredict = ({ turn, autopilot }: NowView): boolean =>
  !autopilot && (turn === 'idle' || turn === 'sent' || turn === 'waiting' || turn === 'peer-opens')

/** The prediction that a draft describes, or the first unfinished field. The state is not asked for: it would be the peer's. */
export function buildPrediction(draft: FormDraft): PredictAction | UnfinishedField {
  const seq = draft.seq.trim()
  const ack = hasBit(draft.bits, ACK) ? draft.ack.trim() : ''
  const length = parseOctetCount(draft.length)
  if (seq === '') return 'seq'
  if (hasBit(draft.bits, ACK) && ack === '') return 'ack'
  if (length === null) return 'length'
  return { kind: 'predict', segment: { bits: draft.bits, seq, ack, length: length ?? 0 } }
}

/** The prediction that no arrival has settled yet, as it was typed; null if there is none. */
export function findOpenPrediction(views: readonly PlayerView[]): PredictAction['segment'] | null {
  const made = views.findLastIndex(({ event: { act } }) => act?.action.kind === 'predict' && act.outcome === 'accepted')
  const action = views[made]?.event.act?.action
  const isSettled = views.slice(made + 1).some(({ event }) => event.arrived || event.scene)
  return action?.kind === 'predict' && !isSettled ? action.segment : null
}

/** A prediction beside what has arrived; null once the student has gone on, or predicted again. */
export function findSettledPrediction(
  views: readonly PlayerView[],
): { readonly predicted: NonNullable<EventView['predicted']>; readonly arrived: SegmentView } | null {
  const at = views.findLastIndex(({ event }) => event.predicted)
  const { predicted, arrived } = views[at]?.event ?? {}
  const isPast = views.slice(at + 1).some(({ event: { act } }) => act?.outcome === 'accepted' && act.action.kind !== 'hint')
  return predicted && arrived?.[0] && !isPast ? { predicted, arrived: arrived[0] } : null
}
