/** The ladder's rows in the language of the page: what stands in the diagram, and the sentence that says the same. */
import type { Field } from '../../../protocol/findings.ts'
import type { Timer } from '../../../protocol/tcp/tcb.ts'
import { callText, composedGist, seatName, utteranceName } from '../lib/words.ts'
import { m } from '../paraglide/messages.js'
import type { Label } from './geometry.ts'
import { draftParts, part, segmentParts, type Part } from './label.ts'
import { carriedBy, type Layer } from './layers.ts'
import type { Doer, LadderRow, LadderSegment, SeatRow } from './rows.ts'

type Refused = Extract<SeatRow, { kind: 'refused' }>

const FIELDS: { readonly [F in Field]: () => string } = {
  state: m.ladder_field_state,
  flags: m.ladder_field_flags,
  seq: m.ladder_field_seq,
  ack: m.ladder_field_ack,
  payload: m.ladder_field_payload,
  window: m.ladder_field_window,
  message: m.ladder_field_message,
  answer: m.ladder_field_answer,
}

export const TIMERS: { readonly [T in Timer]: () => string } = {
  retransmission: m.ladder_timer_retransmission,
  persist: m.ladder_timer_persist,
  'time-wait': m.ladder_timer_time_wait,
  user: m.ladder_timer_user,
}

/** World ms as seconds, three digits of them. */
const seconds = (ms: number): string => String(Number((ms / 1000).toPrecision(3)))

/** What stands at a row of the diagram. */
export function labelOf(row: LadderRow, layer: Layer = 'tcp'): Label {
  switch (row.kind) {
    case 'clock':
      return { parts: [], note: m.ladder_passed({ seconds: seconds(row.elapsed) }) }
    case 'scene':
      return { parts: [], note: m.ladder_scene({ number: row.number }) }
    case 'state':
      return { parts: [part(row.state)], note: null }
    case 'called':
      return { parts: [], note: withNote(callText(row.call), standIn(row.by)) }
    case 'fired':
      return { parts: [], note: TIMERS[row.timer]() }
    case 'discarded':
      return { parts: [], note: m.ladder_discarded() }
    case 'sent':
      return {
        parts: segmentLabel(row.segment, layer),
        note: standIn(row.by) ?? whither(row.segment) ?? (row.useless ? m.ladder_useless() : null),
      }
    case 'arrived':
      return {
        parts: segmentLabel(row.segment, layer),
        note: whence(row.segment) ?? (row.lived === undefined ? null : m.ladder_lived({ seconds: seconds(row.lived) })),
      }
    case 'lost':
      return { parts: segmentLabel(row.segment, layer), note: lost(row) }
    case 'refused':
      return { parts: tried(row), note: refusal(row) }
  }
}

/** A segment with the messages in it; of a layer above TCP these alone. */
function segmentLabel(segment: LadderSegment, layer: Layer): Part[] {
  const carried = carriedBy(segment.pieces ?? [], layer)
  const alone = carried.length === 1 && carried[0]?.whole === true
  const messages = carried.map(({ of, octets, encrypted, whole }) => {
    const name = encrypted ? `{${utteranceName(of)}}` : utteranceName(of)
    const size = whole ? `${octets}` : m.ladder_part({ octets })
    return part(layer === 'tcp' && alone ? name : `${name} ${size}`)
  })
  return layer === 'tcp' ? [...segmentParts(segment), ...messages] : messages
}

/** A row as a sentence, without its side and time. */
export function sentence(row: LadderRow, layer: Layer = 'tcp'): string {
  const { parts, note } = labelOf(row, layer)
  const what = parts.map(({ text }) => text).join(' ')
  switch (row.kind) {
    case 'sent':
      return withNote(m.ladder_sends({ segment: what }), note)
    case 'arrived':
      return withNote(m.ladder_receives({ segment: what }), note)
    case 'lost':
      return withNote(m.ladder_loses({ segment: what }), note)
    case 'refused':
      return withNote(row.act.type === 'claim' ? m.ladder_claims({ state: what }) : m.ladder_tries({ what }), note)
    case 'called':
      return m.ladder_calls({ call: note ?? '' })
    case 'state':
      return m.ladder_is_in({ state: what })
    default:
      return note ?? ''
  }
}

/** A row as a sentence for those who hear it. */
export function spoken(row: LadderRow, layer: Layer = 'tcp'): string {
  const what = sentence(row, layer)
  return row.kind === 'clock' || row.kind === 'scene' ? what : m.ladder_spoken({ seat: seatName(row.seat), what })
}

/** What was tried, with what was wrong in it. */
function tried({ act, faults }: Refused): Part[] {
  switch (act.type) {
    case 'send': {
      const wrong = faults.map(({ field }) => field)
      return draftParts(act.segment, act.state, wrong)
    }
    case 'claim':
      return [part(act.state, true)]
    case 'call':
      return [part(callText(act.call), true)]
    case 'write':
      return [part(composedGist(act.message), true)]
    case 'discard':
      return [part(m.ladder_discard(), true)]
    case 'wait':
      return [part(m.ladder_wait(), true)]
    case 'hint':
      return [part(m.ladder_hint(), true)]
    case 'answer':
      return [part(m.ladder_answer(), true)]
  }
}

function refusal({ act, faults }: Refused): string {
  if (act.type !== 'send' || faults.length === 0) return m.ladder_not_accepted()
  const fields = faults.map(({ field, want }) =>
    want === null ? FIELDS[field]() : m.ladder_wanted({ field: FIELDS[field](), want }),
  )
  return m.ladder_not_sent({ fields: fields.reduce((before, field) => m.ladder_list({ before, field })) })
}

const LOST: { readonly [W in Extract<SeatRow, { kind: 'lost' }>['why']]: () => string } = {
  dropped: m.ladder_lost,
  corrupted: m.ladder_lost_corrupted,
  backlog: m.ladder_lost_backlog,
  vanished: m.ladder_lost_vanished,
}

const lost = ({ why, lived }: Extract<SeatRow, { kind: 'lost' }>): string =>
  why === 'dropped' && lived !== undefined ? m.ladder_lost_after({ seconds: seconds(lived) }) : LOST[why]()

/** Where a segment has come from that its peer's seat has not sent, or not twice. */
function whence({ as, stranger }: LadderSegment): string | null {
  if (stranger !== undefined) return m.ladder_from({ stranger })
  if (as === undefined) return null
  return { stale: m.ladder_stale, forged: m.ladder_forged, planted: m.ladder_planted, copy: m.ladder_copied }[as]()
}

const whither = ({ stranger }: LadderSegment): string | null => (stranger === undefined ? null : m.ladder_to({ stranger }))

const standIn = (by: Doer): string | null => (by === 'invigilator' ? m.ladder_invigilator() : null)

const withNote = (what: string, note: string | null): string => (note === null ? what : m.ladder_with_note({ what, note }))
