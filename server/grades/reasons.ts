/** Why a member has a grade: rounds, what each step has cost, and the records. */
import type { Deduction, GradedRoundInfo, GradeRecordInfo, Scheme } from '../../contract/grades.ts'
import { findQuestion, type Exercise } from '../../protocol/round/model/exercise.ts'
import type { LocalizedText } from '../../protocol/round/model/exercise-file.ts'
import type { LossFact } from '../../protocol/round/insights/round-facts.ts'
import { POINT_EIGHTHS } from '../../protocol/round/fold/score.ts'
import { peerOf, SEATS, type Seat } from '../../protocol/seat.ts'
import type { Library } from '../lessons/library.ts'
import type { MemberGrades } from './compute-grades.ts'
import { seatsOf, type CourseData, type CourseRound } from './course-data.ts'
import type { GradeRecord, RegradedRound, Standing } from './standing.ts'

/** What each step of a seat has cost. `exercise`: absent if this server no longer has it. */
export const listDeductions = (
  { row, facts }: Pick<CourseRound, 'row' | 'facts'>,
  seat: Seat,
  exercise: Exercise | undefined,
  standing: Standing,
): Deduction[] => facts.seats[seat].losses.map((loss) => toDeduction(loss, row.id, seat, exercise, standing))

function toDeduction(
  { entry, eighths, milestone, why }: LossFact,
  round: string,
  seat: Seat,
  exercise: Exercise | undefined,
  standing: Standing,
): Deduction {
  return {
    entry,
    points: eighths / POINT_EIGHTHS,
    mistake: why && 'mistake' in why ? why.mistake : null,
    rung: why && 'rung' in why ? why.rung : null,
    milestone: findMilestoneText(exercise, seat, milestone),
    contest: standing.findDecision(round, entry)?.value ?? null,
    reason: standing.findDecision(round, entry)?.reason ?? '',
    givenBack: standing.forgivenOf(round).has(entry),
  }
}

/** What a milestone or a question says; null if the exercise does not have it. */
export function findMilestoneText(exercise: Exercise | undefined, seat: Seat, id: string): LocalizedText | null {
  if (!exercise) return null
  for (const scene of exercise.scenes) {
    const found = scene.milestones[seat].find((each) => each.id === id)?.text ?? findQuestion(exercise, scene.id, seat, id)?.ask
    if (found) return found
  }
  return null
}

/** The rounds of a member that count in one session, or could have. `data`: of this session alone. */
export async function describeRounds(
  data: CourseData,
  grades: MemberGrades,
  library: Pick<Library, 'findByReference'>,
): Promise<GradedRoundInfo[]> {
  const nameOf = new Map(data.members.map(({ id, name }) => [id, name]))
  const described = data.rounds.map(async (round): Promise<GradedRoundInfo[]> => {
    const seats = seatsOf(round, grades.member)
    if (seats.length === 0) return []
    const { row, facts, scores, members } = round
    const exercise = await library.findByReference(row.exercise)
    return seats.map((seat) => {
      const partner = members[peerOf(seat)]
      const counted = grades.sessions[0]?.exercises[row.position]?.seats[seat]?.rounds ?? []
      return {
        id: row.id,
        position: row.position,
        seat,
        playedAt: row.createdAt.toISOString(),
        over: facts.over,
        partner: partner === null ? null : (nameOf.get(partner) ?? ''),
        counts: counted.includes(row.id),
        points: scores[seat].eighths / POINT_EIGHTHS,
        of: scores[seat].of / POINT_EIGHTHS,
        regradedBy: data.standing.regradedOf(row.id)?.engine ?? null,
        deductions: listDeductions(round, seat, exercise, data.standing),
      }
    })
  })
  return (await Promise.all(described)).flat()
}

/** Records as they are shown, newest first. `nameOf`: names of teachers by id. */
export const describeRecords = (records: readonly GradeRecord[], nameOf: ReadonlyMap<string, string>): GradeRecordInfo[] =>
  [...records].reverse().map(({ teacher, at, before, after, ...rest }) => ({
    ...rest,
    at: at.toISOString(),
    by: teacher === null ? null : (nameOf.get(teacher) ?? ''),
    before: toPlainValue(before),
    after: toPlainValue(after),
  }))

/** Scores as text; the rest as it is. */
function toPlainValue(value: unknown): GradeRecordInfo['before'] {
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string' || value === null) return value
  const { scores } = value as Partial<RegradedRound>
  if (!scores) return value as Scheme
  return SEATS.map((seat) => `${scores[seat].eighths / POINT_EIGHTHS} / ${scores[seat].of / POINT_EIGHTHS}`).join(' · ')
}
