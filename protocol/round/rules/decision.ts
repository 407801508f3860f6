/** What a seat's action is, in a given world. */
import type { Finding } from '../../findings.ts'
import type { Reason } from '../model/verdict.ts'
import type { EffectRecorder } from './effect-recorder.ts'

export type Decision =
  | { readonly kind: 'barred'; readonly reason: Reason }
  | { readonly kind: 'wrong'; readonly findings: readonly Finding[]; readonly reason?: Reason }
  | PermittedDecision

export interface PermittedDecision {
  readonly kind: 'allowed'
  readonly remarks: readonly Finding[]
  /** It served nothing. */
  readonly useless: boolean
  /** It makes the goal unreachable. */
  readonly endsRound: boolean
  readonly execute: (course: EffectRecorder) => void
}

export const permit = (
  happen: (course: EffectRecorder) => void,
  what: { remarks?: readonly Finding[]; useless?: boolean; endsRound?: boolean } = {},
): PermittedDecision => ({ kind: 'allowed', remarks: [], useless: false, endsRound: false, ...what, execute: happen })
