/** One row of a round's log. */
import type { Action, Actor } from './action.ts'
import type { Effect } from './effect.ts'
import type { Verdict } from './verdict.ts'

/** An action, the judge's verdict and the effects. The log of all entries is the single source of truth about a round. */
export interface Entry {
  readonly roundId: string
  /** Position in the log, from 0. */
  readonly index: number
  /** Identifies the action among those of the same actor: a repeated `actionId` is the same action. */
  readonly actionId: string
  readonly actor: Actor
  readonly action: Action
  /** How many views the seat had received when it composed the action; null for teacher and system. */
  readonly seen: number | null
  readonly verdict: Verdict
  readonly effects: readonly Effect[]
  /** Version of the engine that judged. Present only if it differs from that of the entry before. */
  readonly engine?: string
  /** Real time, ISO 8601. */
  readonly at: string
}
