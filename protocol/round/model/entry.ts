/** One row of a round's log. */
import type { Action, Actor } from './action.ts'
import type { Effect } from './effect.ts'
import type { Verdict } from './verdict.ts'

/** An action, what the judge answered, and what it did. The log of these is the only truth about a round. */
export interface Entry {
  readonly roundId: string
  /** From 0. */
  readonly index: number
  readonly actionId: string
  readonly actor: Actor
  readonly action: Action
  /** How many views the seat held when it composed this; null for teacher and system. */
  readonly seen: number | null
  readonly verdict: Verdict
  readonly effects: readonly Effect[]
  /** Version of the engine that judged, where it is another than that of the entry before. */
  readonly engine?: string
  /** Real time, ISO 8601. */
  readonly at: string
}
