/** Texts for the codes of the server and the judge. The records list every code by name, so that a code without a text does not compile. */
import type { UserCall } from '../../../protocol/tcp/user-calls.ts'
import type { Seat } from '../../../protocol/seat.ts'
import type { ErrorCode } from '../../../contract/errors.ts'
import type { Failure } from '../../../contract/answers.ts'
import type { Place } from '../../../contract/places.ts'
import type { MessageDraft } from '../../../protocol/round/model/action.ts'
import type { Reason } from '../../../protocol/round/model/verdict.ts'
import type { UpperLayerMessage } from '../../../protocol/round/model/upper-layer-messages.ts'
import { m } from '../generated/messages.ts'

const REASON_TEXTS: { readonly [R in Reason]: () => string } = {
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
  'not-open': m.reason_not_open,
  listening: m.reason_listening,
  'pay-first': m.reason_pay_first,
  'already-waiting': m.reason_already_waiting,
  'nothing-to-send': m.reason_nothing_to_send,
  'same-again': m.reason_same_again,
  'answer-first': m.reason_answer_first,
  'question-first': m.reason_question_first,
  'no-question': m.reason_no_question,
  'no-segment': m.reason_no_segment,
  'not-wanted': m.reason_not_wanted,
  autopilot: m.reason_autopilot,
}

/** Why an act is not possible now. */
export const describeReason = (reason: Reason): string => REASON_TEXTS[reason]()

const ERROR_TEXTS: { readonly [E in ErrorCode]: () => string } = {
  malformed: m.error_malformed,
  unauthenticated: m.error_unauthenticated,
  outdated: m.error_outdated,
  forbidden: m.error_forbidden,
  'not-found': m.error_not_found,
  'wrong-code': m.error_wrong_code,
  'session-ended': m.error_session_ended,
  'members-only': m.error_members_only,
  'unknown-number': m.error_unknown_number,
  'other-device': m.error_other_device,
  asleep: m.error_asleep,
  'door-locked': m.error_door_locked,
  'too-many': m.error_too_many,
  'id-reused': m.error_id_reused,
  'round-over': m.error_round_over,
  'round-full': m.error_round_full,
  conflict: m.error_conflict,
  unavailable: m.error_unavailable,
  'already-used': m.error_already_used,
  'wrong-password': m.error_wrong_password,
  'not-over': m.error_not_over,
  'not-released': m.error_not_released,
  'platform-failed': m.error_platform_failed,
  'bad-exercise': m.error_bad_exercise,
}

/** What went wrong and what to do. */
export const describeError = ({ error, retryAfter }: Pick<Failure, 'error' | 'retryAfter'>): string =>
  retryAfter === undefined ? ERROR_TEXTS[error]() : `${ERROR_TEXTS[error]()} ${m.try_again_in({ seconds: retryAfter })}`

/** The name of a seat as a label. */
export const formatSeat = (seat: Seat): string => (seat === 'client' ? m.client() : m.server())

/** `name`: null for the built-in partner. */
export const formatPlayer = (name: string | null): string => name ?? m.built_in_partner()

/** A user call in the RFC's words: `active OPEN`, `SEND 20`, `CLOSE`. */
export const formatCall = (call: UserCall): string => {
  switch (call.call) {
    case 'OPEN':
      return call.mode === 'active' ? m.call_active_open() : m.call_passive_open()
    case 'SEND':
      return m.call_send({ octets: call.octets })
    default:
      return call.call
  }
}

/** The name of a message; TLS messages keep their names from the RFCs in every language. */
export const formatMessageName = (name: UpperLayerMessage): string =>
  name === 'request' ? m.http_request() : name === 'response' ? m.http_response() : name

/** A message in short: the first line of its text if it has one, otherwise its name. */
export const summarizeMessage = ({ name, text }: { readonly name: string; readonly text?: string }): string =>
  text?.split(/\r?\n/, 1)[0] ?? name

/** The same for a message that is being composed. */
export const summarizeComposed = (message: MessageDraft): string =>
  message.kind === 'http'
    ? summarizeMessage({ name: '', text: message.text })
    : message.choice.say === 'Alert'
      ? message.choice.alert
      : message.choice.say

const WAITING_TEXTS: { readonly [W in NonNullable<Place['waiting']>]: () => string } = {
  'for-partner': m.waiting_for_partner,
  'for-start': m.waiting_for_start,
  'for-next': m.waiting_for_next,
  ended: m.waiting_ended,
}

/** Why the participant has no round to play, and what happens next. */
export const describeWaiting = (waiting: NonNullable<Place['waiting']>): string => WAITING_TEXTS[waiting]()
