/** What a student is shown of a round that is over: both sides' ladder, and why points were lost. Made from the round's whole log. */
import type { Seat } from '../../../protocol/seat.ts'
import { readTimeline, type Timeline } from '../../../protocol/round/fold/timeline.ts'
import { getGivenAsTyped } from '../../../protocol/round/view/given-as-typed.ts'
import { toOpaqueStepId } from '../../../protocol/round/view/opaque-ids.ts'
import type { FindingView } from '../../../protocol/round/view/seat-view.ts'
import { callApi } from '../lib/api.ts'
import type { LadderRow } from '../ladder/rows.ts'
import { buildRowsFromLog } from './rows-from-log.ts'

/** Eighths of a point that a milestone has lost at one step. `rung`: of the hint that was bought; null if an act was refused. */
export interface Deduction {
  /** Index of the entry. */
  readonly entry: number
  readonly milestone: string
  readonly eighths: number
  readonly rung: 1 | 2 | 3 | null
  /** What the refused act was told; empty for a hint. */
  readonly findings: readonly Omit<FindingView, 'rule'>[]
}

export interface RoundReview {
  readonly rows: readonly LadderRow[]
  /** In the order of the round. Milestones have the ids of the seat's views. */
  readonly deductions: readonly Deduction[]
}

/** Loads the log of a round that is over. Null if it cannot be had. */
export async function loadRoundReview(round: string, seat: Seat): Promise<RoundReview | null> {
  const answer = await callApi('GET /api/rounds/:round/replay', { params: { round } })
  if (!answer.ok) return null
  const timeline = readTimeline(answer.data.entries)
  return { rows: buildRowsFromLog(timeline), deductions: listDeductions(timeline, seat) }
}

/** Where a seat has lost points, and why. */
export const listDeductions = (timeline: Timeline, seat: Seat): readonly Deduction[] =>
  timeline.flatMap(({ entry: { index, action, verdict, effects }, after }) => {
    const hint = effects.find((effect) => effect.kind === 'hinted')
    return effects.flatMap((effect): Deduction[] =>
      effect.kind === 'charged' && effect.seat === seat
        ? [
            {
              entry: index,
              milestone: toOpaqueStepId(after.script, seat, effect.milestone),
              eighths: effect.eighths,
              rung: hint?.rung ?? null,
              findings: verdict.findings.map((finding) => {
                const { kind, field, misconception } = finding
                return { kind, field, misconception, given: getGivenAsTyped(finding, action) }
              }),
            },
          ]
        : [],
    )
  })
