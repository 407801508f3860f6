/** The verdict: the judge's answer to an action. */
import type { Finding } from '../../findings.ts'

/**
 * - `accepted`: the action was executed.
 * - `refused`: the action breaks a rule, and the findings say which.
 * - `crossed`: the action is wrong now, but was right on the view that it was composed on. No findings, no cost.
 * - `asked`: the action is legal but makes the goal unreachable; it is executed if it is sent again with `sure`. Only TLS messages
 *   can do this. A TCP segment cannot, since RST and FIN require a call of the application first.
 * - `idle`: the action is legal but useless, and too many useless ones preceded it. It is not executed and costs nothing.
 * - `barred`: the action does not apply (not for this seat, round over or paused, unreadable number). No cost. `reason` says why.
 */
export type Outcome = 'accepted' | 'refused' | 'crossed' | 'asked' | 'idle' | 'barred'

/** Reasons why an action does not apply. The pages have a sentence for each. */
export const REASONS = [
  'paused',
  'over',
  'not-yours',
  'not-yet',
  'already-called',
  'call-refused',
  'no-event',
  'event-settled',
  'unreadable-seq',
  'unreadable-ack',
  'no-hint-left',
  'not-open',
  'listening',
  'pay-first',
  'already-waiting',
  'nothing-to-send',
  'same-again',
  'answer-first',
  'question-first',
  'no-question',
  'no-segment',
  'not-wanted',
  'autopilot',
] as const
export type Reason = (typeof REASONS)[number]

export interface Verdict {
  readonly outcome: Outcome
  readonly findings: readonly Finding[]
  readonly reason?: Reason
}
