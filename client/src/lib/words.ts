/** Sentences for the codes that the server and the judge use. Each code stands here by name, so that one without a sentence does not compile. */
import type { ErrorCode, Failure, Place } from '../../../contract/events.ts'
import type { Composed, Reason } from '../../../protocol/world/action.ts'
import type { Call, Seat } from '../../../protocol/world/exercise.ts'
import type { Utterance } from '../../../protocol/world/utterances.ts'
import { m } from '../paraglide/messages.js'

const REASONS: { readonly [R in Reason]: () => string } = {
  paused: m.reason_paused,
  over: m.reason_over,
  'not-yours': m.reason_not_yours,
  'not-yet': m.reason_not_yet,
  'already-called': m.reason_already_called,
  'call-refused': m.reason_call_refused,
  'no-event': m.reason_no_event,
  'event-settled': m.reason_event_settled,
  'unreadable-seq': m.reason_unreadable_seq,
  'unreadable-ack': m.reason_unreadable_ack,
  'no-hint-left': m.reason_no_hint_left,
  'pay-first': m.reason_pay_first,
  'already-waiting': m.reason_already_waiting,
  'nothing-to-send': m.reason_nothing_to_send,
  'answer-first': m.reason_answer_first,
  'question-first': m.reason_question_first,
  'no-question': m.reason_no_question,
  'no-segment': m.reason_no_segment,
  'not-wanted': m.reason_not_wanted,
}

/** Why an act does not apply now. */
export const reasonText = (reason: Reason): string => REASONS[reason]()

const ERRORS: { readonly [E in ErrorCode]: () => string } = {
  malformed: m.error_malformed,
  unauthenticated: m.error_unauthenticated,
  forbidden: m.error_forbidden,
  'not-found': m.error_not_found,
  'wrong-code': m.error_wrong_code,
  'session-ended': m.error_session_ended,
  'too-many': m.error_too_many,
  'id-reused': m.error_id_reused,
  conflict: m.error_conflict,
  unavailable: m.error_unavailable,
  'already-used': m.error_already_used,
  'wrong-password': m.error_wrong_password,
  'not-over': m.error_not_over,
  'not-released': m.error_not_released,
  'bad-exercise': m.error_bad_exercise,
}

/** What went wrong and what to do. */
export const errorText = ({ error, retryAfter }: Pick<Failure, 'error' | 'retryAfter'>): string =>
  retryAfter === undefined ? ERRORS[error]() : `${ERRORS[error]()} ${m.try_again_in({ seconds: retryAfter })}`

export const seatName = (seat: Seat): string => (seat === 'client' ? m.client() : m.server())

/** Null: the built-in partner. */
export const playerName = (name: string | null): string => name ?? m.built_in_partner()

/** A user call in the RFC's words: `active OPEN`, `SEND 20`, `CLOSE`. */
export const callText = (call: Call): string => {
  switch (call.call) {
    case 'OPEN':
      return call.mode === 'active' ? m.call_active_open() : m.call_passive_open()
    case 'SEND':
      return m.call_send({ octets: call.octets })
    default:
      return call.call
  }
}

/** What a message is called: TLS's own keep the names of the RFCs. */
export const utteranceName = (name: Utterance): string =>
  name === 'request' ? m.http_request() : name === 'response' ? m.http_response() : name

/** What a message is in short: the first line of its text, where it has one, or its name. */
export const gistOf = ({ name, text }: { readonly name: string; readonly text?: string }): string =>
  text?.split(/\r?\n/, 1)[0] ?? name

/** The same of one that is being composed. */
export const composedGist = (message: Composed): string =>
  message.layer === 'http'
    ? gistOf({ name: '', text: message.text })
    : message.choice.say === 'Alert'
      ? message.choice.alert
      : message.choice.say

const WAITING: { readonly [W in NonNullable<Place['waiting']>]: () => string } = {
  'for-partner': m.waiting_for_partner,
  'for-start': m.waiting_for_start,
  'for-next': m.waiting_for_next,
  ended: m.waiting_ended,
}

/** Why there is nothing to play, and what happens next. */
export const waitingText = (waiting: NonNullable<Place['waiting']>): string => WAITING[waiting]()
