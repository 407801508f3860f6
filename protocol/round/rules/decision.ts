/** What the judge decides about a seat's action in a given world, before anything happens: barred, wrong, or permitted with what it will do. */
import type { Finding } from '../../findings.ts'
import type { Reason, Verdict } from '../model/verdict.ts'
import type { EffectRecorder } from './effect-recorder.ts'

export type Decision =
  | { readonly kind: 'barred'; readonly reason: Reason }
  /** `free`: it is no attempt, and costs nothing. */
  | { readonly kind: 'wrong'; readonly findings: readonly Finding[]; readonly reason?: Reason; readonly free?: true }
  | PermittedDecision

export interface PermittedDecision {
  readonly kind: 'allowed'
  readonly remarks: readonly Finding[]
  /** Legal, but it acknowledges or sends nothing new. */
  readonly useless: boolean
  /** It makes the goal unreachable. */
  readonly endsRound: boolean
  /** Does it, on a recorder that stands at the world for which this was decided. */
  readonly execute: (recorder: EffectRecorder) => void
}

export const permit = (
  execute: (recorder: EffectRecorder) => void,
  what: { remarks?: readonly Finding[]; useless?: boolean; endsRound?: boolean } = {},
): PermittedDecision => ({ kind: 'allowed', remarks: [], useless: false, endsRound: false, ...what, execute })

export const ACCEPTED: Verdict = { outcome: 'accepted', findings: [] }

export const barAction = (reason: Reason): Verdict => ({ outcome: 'barred', findings: [], reason })
