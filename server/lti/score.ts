/** What a platform is told of a member's points in a session: the body of a score (Assignment and Grade Services 2.0, 3.4). */
import type { SessionScore } from '../grades/grades.ts'

/** A score, without the user and the time. */
export interface Score {
  readonly scoreGiven: number
  readonly scoreMaximum: number
  /** 3.4.7: whether the member has finished. */
  readonly activityProgress: 'InProgress' | 'Completed'
  /** 3.4.8: only a score that is `FullyGraded` is final; platforms may leave out others. */
  readonly gradingProgress: 'Pending' | 'FullyGraded'
  readonly comment: string
}

/** Points of a column, whatever the exercises have: a share of the maximum in percent. */
export const SCORE_MAXIMUM = 100

/** The score for what a member has reached; null if there is nothing to grade. `ended`: whether the session is over. */
export function toScore(
  { share, exercises, isPlaying }: Pick<SessionScore, 'share' | 'exercises' | 'isPlaying'>,
  { playlist, ended }: { readonly playlist: readonly string[]; readonly ended: boolean },
): Score | null {
  if (share === null) return null
  const done = ended || (!isPlaying && exercises.every((each) => each !== null))
  const parts = exercises.flatMap((each, i) => (each === null ? [] : [`${playlist[i] ?? ''} ${Math.round(each * 100)} %`]))
  return {
    scoreGiven: Math.round(share * SCORE_MAXIMUM * 100) / 100,
    scoreMaximum: SCORE_MAXIMUM,
    activityProgress: done ? 'Completed' : 'InProgress',
    gradingProgress: done ? 'FullyGraded' : 'Pending',
    // Without words, so that it is of no language.
    comment: [`${parts.length}/${exercises.length}`, ...parts].join(' · '),
  }
}

/** Whether two scores are the same to the platform, whatever the order of their keys. */
export const isSameScore = (one: Score, other: Score): boolean =>
  one.scoreGiven === other.scoreGiven &&
  one.scoreMaximum === other.scoreMaximum &&
  one.activityProgress === other.activityProgress &&
  one.gradingProgress === other.gradingProgress &&
  one.comment === other.comment
