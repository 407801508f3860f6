/** The judge's decision about a seat's action in a given world, before the action is executed: barred, wrong or permitted. */
import type { Finding } from '../../findings.ts'
import type { Reason, Verdict } from '../model/verdict.ts'
import type { EffectRecorder } from './effect-recorder.ts'

export type Decision =
  | { readonly kind: 'barred'; readonly reason: Reason }
  /** `free`: the refusal does not count as an attempt and costs nothing. */
  | { readonly kind: 'wrong'; readonly findings: readonly Finding[]; readonly reason?: Reason; readonly free?: true }
  | PermittedDecision

export interface PermittedDecision {
  readonly kind: 'allowed'
  readonly remarks: readonly Finding[]
  /** The action is legal, but has no purpose, for example because it sends and acknowledges nothing new. */
  readonly useless: boolean
  /** The action is of a kind that may put the goal, or milestones of its author, out of reach. */
  readonly mayEndRound: boolean
  /** Executes the action. The recorder's world must be the one for which the decision was made. */
  readonly execute: (recorder: EffectRecorder) => void
}

export const permit = (
  execute: (recorder: EffectRecorder) => void,
  what: { remarks?: readonly Finding[]; useless?: boolean; mayEndRound?: boolean } = {},
): PermittedDecision => ({ kind: 'allowed', remarks: [], useless: false, mayEndRound: false, ...what, execute })

export const ACCEPTED: Verdict = { outcome: 'accepted', findings: [] }

export const barAction = (reason: Reason): Verdict => ({ outcome: 'barred', findings: [], reason })
