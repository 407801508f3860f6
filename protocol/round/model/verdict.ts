/** What the judge answers to an action. */
import type { Finding } from '../../findings.ts'

/**
 * - `accepted`: it happened.
 * - `refused`: it broke a rule; the findings say which.
 * - `crossed`: it is wrong now, but was right on the view that it was composed on. No finding, no cost.
 * - `asked`: it is legal and makes the goal unreachable; sent again with `sure` it happens. TCP has none: RST and FIN take a call of the application.
 * - `idle`: a legal act that serves nothing, one too many in a row; not sent, free.
 * - `barred`: it does not apply (not this seat's to make, the round is over, paused, an unreadable number); free. `reason` says why.
 */
export type Outcome = 'accepted' | 'refused' | 'crossed' | 'asked' | 'idle' | 'barred'

/** Why an act does not apply. The pages have a sentence for each. */
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
  'pay-first',
  'already-waiting',
  'nothing-to-send',
  'answer-first',
  'question-first',
  'no-question',
  'no-segment',
  'not-wanted',
] as const
export type Reason = (typeof REASONS)[number]

export interface Verdict {
  readonly outcome: Outcome
  readonly findings: readonly Finding[]
  readonly reason?: Reason
}
