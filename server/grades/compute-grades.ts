/**
 * Computes the grades of a course: members × sessions × exercises, in both seats. Pure; the points come from the rounds' logs. A share is a
 * part of the maximum, from 0 to 1, and null where there is nothing to grade. The rules are in the section "Grades" of docs/teachers.md.
 */
import type { Scheme } from '../../contract/grades.ts'
import type { Score } from '../../protocol/round/fold/score.ts'
import { SEATS, type Seat } from '../../protocol/seat.ts'

export interface GradedMember {
  readonly id: string
  /** Real ms since 1970. What had ended before then, they have not missed. */
  readonly enrolledAt: number
}

export interface GradedSession {
  readonly id: string
  /** Members play when it suits them, so that what they have not played by its end is missed exercise by exercise. */
  readonly isAssignment: boolean
  /** Real ms since 1970; null until it has ended. */
  readonly endedAt: number | null
  /** How much it counts beside the others; 0: not at all. */
  readonly weight: number
  /** The weights of its exercises beside each other, by place in the playlist. */
  readonly exercises: readonly number[]
}

/** A round with its points. Rounds are in the order in which they were played. */
export interface GradedRound {
  readonly id: string
  readonly session: string
  readonly position: number
  /** `member`: null for anybody who is no member, such as the built-in partner. */
  readonly seats: { readonly [S in Seat]: { readonly member: string | null; readonly score: Score } }
}

/** Where a grade stands in the book. `position`: null for the session as a whole. */
export interface GradePlace {
  readonly member: string
  readonly session: string
  readonly position: number | null
}

/** What the teacher has decided about single grades. */
export interface GradeDecisions {
  /** The share that takes the computed one's place; undefined if none does. */
  overrideAt(place: GradePlace): number | undefined
  /** Whether it is excused, that is, left out of what it would count in. */
  isExcusedAt(place: GradePlace): boolean
}

/** What a member has reached in one seat of an exercise. */
export interface SeatGrade {
  readonly share: number
  /** Of the round that counts; null if that is the mean of several. */
  readonly score: Score | null
  /** The rounds that count. */
  readonly rounds: readonly string[]
}

/** What a session's grade and an exercise's have in common. */
interface Grade {
  /** What counts. */
  readonly share: number | null
  /** What it would be without an override. */
  readonly computed: number | null
  readonly isOverridden: boolean
  readonly isExcused: boolean
  /** Nothing was played, and that counts as zero. */
  readonly isMissed: boolean
}

export interface ExerciseGrade extends Grade {
  readonly seats: { readonly [S in Seat]: SeatGrade | null }
}

export interface SessionGrade extends Grade {
  /** It is one of the lowest, which the scheme drops. */
  readonly isDropped: boolean
  readonly exercises: readonly ExerciseGrade[]
}

export interface MemberGrades {
  readonly member: string
  /** By place in the list of sessions. */
  readonly sessions: readonly SessionGrade[]
  /** The weighted mean of the sessions that count. */
  readonly total: number | null
}

export interface GradeInput {
  readonly scheme: Scheme
  readonly members: readonly GradedMember[]
  readonly sessions: readonly GradedSession[]
  readonly rounds: readonly GradedRound[]
  readonly decisions: GradeDecisions
}

/** The grades of each member, in the order of `members`. */
export function computeGrades({ scheme, members, sessions, rounds, decisions }: GradeInput): MemberGrades[] {
  const played = new Map<string, GradedRound[]>()
  for (const round of rounds)
    for (const seat of SEATS) {
      const { member, score } = round.seats[seat]
      if (member === null || score.of === 0) continue // no milestone was ever open to this seat
      const key = keyOf(member, round.session, round.position, seat)
      played.set(key, [...(played.get(key) ?? []), round])
    }

  const gradeExercise = (member: GradedMember, session: GradedSession, position: number, isMissable: boolean): ExerciseGrade => {
    const gradeSeat = (seat: Seat) =>
      applyPolicy(scheme.rounds, played.get(keyOf(member.id, session.id, position, seat)) ?? [], seat)
    const seats = { client: gradeSeat('client'), server: gradeSeat('server') }
    const computed = weightedMean(SEATS.flatMap((seat) => (seats[seat] ? [{ share: seats[seat].share, weight: 1 }] : [])))
    return { ...decide(computed, isMissable, decisions, { member: member.id, session: session.id, position }), seats }
  }

  const gradeSession = (member: GradedMember, session: GradedSession): Omit<SessionGrade, 'isDropped'> => {
    const isMissable = scheme.missed === 'zero' && session.endedAt !== null && member.enrolledAt < session.endedAt
    const exercises = session.exercises.map((_, position) =>
      gradeExercise(member, session, position, isMissable && session.isAssignment),
    )
    const counted = exercises.flatMap(({ share }, position) =>
      share === null ? [] : [{ share, weight: session.exercises[position] ?? 0 }],
    )
    const isExcusedInParts = exercises.some(({ isExcused }) => isExcused)
    const place = { member: member.id, session: session.id, position: null }
    return { ...decide(weightedMean(counted), isMissable && !isExcusedInParts, decisions, place), exercises }
  }

  return members.map((member) => {
    const graded = sessions.map((session) => ({ weight: session.weight, grade: gradeSession(member, session) }))
    const dropped = new Set(listLowest(graded, scheme.dropLowest))
    return {
      member: member.id,
      sessions: graded.map(({ grade }, i) => ({ ...grade, isDropped: dropped.has(i) })),
      total: weightedMean(
        graded.flatMap(({ weight, grade: { share } }, i) => (share === null || dropped.has(i) ? [] : [{ share, weight }])),
      ),
    }
  })
}

const keyOf = (member: string, session: string, position: number, seat: Seat) => `${member} ${session} ${position} ${seat}`

/** What counts of the rounds that a member has played in this seat. Of equally good ones the last. */
function applyPolicy(policy: Scheme['rounds'], rounds: readonly GradedRound[], seat: Seat): SeatGrade | null {
  const results = rounds.map(({ id, seats }) => {
    const { score } = seats[seat]
    return { share: score.eighths / score.of, score, rounds: [id] }
  })
  const last = results.at(-1)
  if (!last) return null
  switch (policy) {
    case 'last':
      return last
    case 'best':
      return results.reduce((best, each) => (each.share >= best.share ? each : best))
    case 'mean':
      return {
        share: results.reduce((sum, { share }) => sum + share, 0) / results.length,
        score: results.length === 1 ? last.score : null,
        rounds: rounds.map(({ id }) => id),
      }
  }
}

function decide(computed: number | null, isMissable: boolean, decisions: GradeDecisions, place: GradePlace): Grade {
  const override = decisions.overrideAt(place)
  const isExcused = decisions.isExcusedAt(place)
  const isMissed = isMissable && computed === null && override === undefined && !isExcused
  const share = isExcused ? null : (override ?? (isMissed ? 0 : computed))
  return { share, computed, isOverridden: override !== undefined && !isExcused, isExcused, isMissed }
}

/** Null if nothing is in it, or nothing that weighs anything. */
function weightedMean(parts: readonly { readonly share: number; readonly weight: number }[]): number | null {
  const weight = parts.reduce((sum, part) => sum + part.weight, 0)
  return weight === 0 ? null : parts.reduce((sum, part) => sum + part.share * part.weight, 0) / weight
}

/** The indices of the `count` sessions with the lowest shares, of those that count. At least one of these is not in the list. */
function listLowest(
  graded: readonly { readonly weight: number; readonly grade: Pick<Grade, 'share'> }[],
  count: number,
): readonly number[] {
  const counted = graded.flatMap(({ weight, grade: { share } }, index) =>
    share === null || weight === 0 ? [] : [{ index, share }],
  )
  counted.sort((a, b) => a.share - b.share || a.index - b.index)
  return counted.slice(0, Math.min(count, counted.length - 1)).map(({ index }) => index)
}
