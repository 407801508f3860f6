/** What a member of a course sees of their grades once rounds are over. It is loaded only for members. */
import type { OwnGrade } from '../../../contract/grades.ts'
import { callApi } from '../lib/api.ts'
import OwnRounds from './OwnRounds.svelte'
import ReleasedGrade from './ReleasedGrade.svelte'
import StepContest from './StepContest.svelte'

export interface OwnGradeParts {
  readonly grade: OwnGrade
  readonly OwnRounds: typeof OwnRounds
  readonly ReleasedGrade: typeof ReleasedGrade
  readonly StepContest: typeof StepContest
}

/** Loads a member's grade of a finished round's session. Null if it cannot be had. */
export async function loadOwnGrade(round: string): Promise<OwnGradeParts | null> {
  const answer = await callApi('GET /api/rounds/:round/grade', { params: { round } })
  return answer.ok ? { grade: answer.data, OwnRounds, ReleasedGrade, StepContest } : null
}
