/** Texts of ladder rows in the language of the page: labels of the diagram, and equivalent sentences. */
import type { FindingField } from '../../../protocol/findings.ts'
import type { Timer } from '../../../protocol/tcp/tcb.ts'
import { formatCall, summarizeComposed, formatSeat, formatMessageName } from '../lib/labels.ts'
import { m } from '../generated/messages.ts'
import type { Label } from './layout.ts'
import { formatDraftParts, createPart, formatSegmentParts, type LabelPart } from './segment-label.ts'
import { listCarriedMessages, type Layer } from './layer-filter.ts'
import type { RowActor, LadderRow, LadderSegment, SeatRow } from './rows.ts'

type RefusedRow = Extract<SeatRow, { kind: 'refused' }>

const FIELD_LABELS: { readonly [F in FindingField]: () => string } = {
  state: m.ladder_field_state,
  flags: m.ladder_field_flags,
  seq: m.ladder_field_seq,
  ack: m.ladder_field_ack,
  payload: m.ladder_field_payload,
  window: m.ladder_field_window,
  message: m.ladder_field_message,
  answer: m.ladder_field_answer,
}

export const TIMER_LABELS: { readonly [T in Timer]: () => string } = {
  retransmission: m.ladder_timer_retransmission,
  persist: m.ladder_timer_persist,
  'time-wait': m.ladder_timer_time_wait,
  user: m.ladder_timer_user,
}

/** World ms as seconds with three significant digits. */
const formatSeconds = (ms: number): string => String(Number((ms / 1000).toPrecision(3)))

/** The label of a row in the diagram. */
export function buildRowLabel(row: LadderRow, layer: Layer = 'tcp'): Label {
  switch (row.kind) {
    case 'clock':
      return { parts: [], note: m.ladder_passed({ seconds: formatSeconds(row.elapsedMs) }) }
    case 'scene':
      return { parts: [], note: m.ladder_scene({ number: row.number }) }
    case 'state':
      return { parts: [createPart(row.state)], note: null }
    case 'called':
      return { parts: [], note: appendNote(formatCall(row.call), describeActor(row.by)) }
    case 'fired':
      return { parts: [], note: TIMER_LABELS[row.timer]() }
    case 'discarded':
      return { parts: [], note: m.ladder_discarded() }
    case 'sent':
      return {
        parts: buildSegmentLabel(row.segment, layer),
        note: describeActor(row.by) ?? describeDestination(row.segment) ?? (row.useless ? m.ladder_useless() : null),
      }
    case 'arrived':
      return {
        parts: buildSegmentLabel(row.segment, layer),
        note:
          describeOrigin(row.segment) ??
          (row.transitMs === undefined ? null : m.ladder_lived({ seconds: formatSeconds(row.transitMs) })),
      }
    case 'lost':
      return { parts: buildSegmentLabel(row.segment, layer), note: describeLoss(row) }
    case 'refused':
      return { parts: describeAttempt(row), note: describeRefusal(row) }
  }
}

/** A segment and the messages in it; at a layer above TCP only the messages. */
function buildSegmentLabel(segment: LadderSegment, layer: Layer): LabelPart[] {
  const carried = listCarriedMessages(segment.payload ?? [], layer)
  const alone = carried.length === 1 && carried[0]?.whole === true
  const messages = carried.map(({ message, octets, encrypted, whole }) => {
    const name = encrypted ? `{${formatMessageName(message)}}` : formatMessageName(message)
    const size = whole ? `${octets}` : m.ladder_part({ octets })
    return createPart(layer === 'tcp' && alone ? name : `${name} ${size}`)
  })
  return layer === 'tcp' ? [...formatSegmentParts(segment), ...messages] : messages
}

/** A row as a sentence, without its seat and time. */
export function describeRow(row: LadderRow, layer: Layer = 'tcp'): string {
  const { parts, note } = buildRowLabel(row, layer)
  const what = parts.map(({ text }) => text).join(' ')
  switch (row.kind) {
    case 'sent':
      return appendNote(m.ladder_sends({ segment: what }), note)
    case 'arrived':
      return appendNote(m.ladder_receives({ segment: what }), note)
    case 'lost':
      return appendNote(m.ladder_loses({ segment: what }), note)
    case 'refused':
      return appendNote(row.act.kind === 'claim' ? m.ladder_claims({ state: what }) : m.ladder_tries({ what }), note)
    case 'called':
      return m.ladder_calls({ call: note ?? '' })
    case 'state':
      return m.ladder_is_in({ state: what })
    default:
      return note ?? ''
  }
}

/** A row as a sentence with its seat, for screen readers. */
export function describeRowWithSeat(row: LadderRow, layer: Layer = 'tcp'): string {
  const what = describeRow(row, layer)
  return row.kind === 'clock' || row.kind === 'scene' ? what : m.ladder_spoken({ seat: formatSeat(row.seat), what })
}

/** What was attempted, with its faults marked. */
function describeAttempt({ act, faults }: RefusedRow): LabelPart[] {
  switch (act.kind) {
    case 'send': {
      const wrong = faults.map(({ field }) => field)
      return formatDraftParts(act.segment, act.state, wrong)
    }
    case 'claim':
      return [createPart(act.state, true)]
    case 'call':
      return [createPart(formatCall(act.call), true)]
    case 'write':
      return [createPart(summarizeComposed(act.message), true)]
    case 'discard':
      return [createPart(m.ladder_discard(), true)]
    case 'wait':
      return [createPart(m.ladder_wait(), true)]
    case 'hint':
      return [createPart(m.ladder_hint(), true)]
    case 'predict':
      return formatSegmentParts(act.segment)
    case 'answer':
      return [createPart(m.ladder_answer(), true)]
  }
}

function describeRefusal({ act, faults }: RefusedRow): string {
  if (act.kind !== 'send' || faults.length === 0) return m.ladder_not_accepted()
  const fields = faults.map(({ field, want }) =>
    want === null ? FIELD_LABELS[field]() : m.ladder_wanted({ field: FIELD_LABELS[field](), want }),
  )
  return m.ladder_not_sent({ fields: fields.reduce((before, field) => m.ladder_list({ before, field })) })
}

const LOSS_LABELS: { readonly [W in Extract<SeatRow, { kind: 'lost' }>['why']]: () => string } = {
  dropped: m.ladder_lost,
  corrupted: m.ladder_lost_corrupted,
  backlog: m.ladder_lost_backlog,
  vanished: m.ladder_lost_vanished,
}

const describeLoss = ({ why, transitMs }: Extract<SeatRow, { kind: 'lost' }>): string =>
  why === 'dropped' && transitMs !== undefined ? m.ladder_lost_after({ seconds: formatSeconds(transitMs) }) : LOSS_LABELS[why]()

/** The origin of a segment that neither host sent. */
function describeOrigin({ origin, stranger }: LadderSegment): string | null {
  if (stranger !== undefined) return m.ladder_from({ stranger })
  if (origin === undefined) return null
  return { stale: m.ladder_stale, forged: m.ladder_forged, planted: m.ladder_planted, copy: m.ladder_copied }[origin]()
}

const describeDestination = ({ stranger }: LadderSegment): string | null =>
  stranger === undefined ? null : m.ladder_to({ stranger })

const describeActor = (by: RowActor): string | null => (by === 'invigilator' ? m.ladder_invigilator() : null)

const appendNote = (what: string, note: string | null): string => (note === null ? what : m.ladder_with_note({ what, note }))
