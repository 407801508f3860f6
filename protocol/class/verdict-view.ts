/** The verdict on an act in the form in which its author's page receives it. */
import type { Verdict } from '../round/model/verdict.ts'
import { getGivenAsTyped } from '../round/view/given-as-typed.ts'
import type { ActView } from '../round/view/seat-view.ts'
import type { ClassAction } from './kinds.ts'

export type VerdictView = Pick<ActView, 'outcome' | 'findings' | 'reason'>

export function viewVerdict({ outcome, findings, reason }: Verdict, action: ClassAction): VerdictView {
  const given = (finding: Verdict['findings'][number]) =>
    action.kind === 'send' ? (getGivenAsTyped(finding, action)?.trim() ?? null) : null
  return {
    outcome,
    findings: findings.map((finding) => {
      const { kind, field, rule, misconception } = finding
      return { kind, field, given: given(finding), rule, misconception }
    }),
    ...(reason ? { reason } : {}),
  }
}
