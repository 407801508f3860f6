/**
 * What a running lesson needs of the database. Its two forms, in PostgreSQL and in memory, pass one contract suite. Each change is made
 * in one transaction, so that two clicks or two nodes come one after the other.
 *
 * A round is current while it is the latest one of its pair at its session's position, its pair stands, and its session has not ended.
 * `endedAt` of a round says when its log has ended: no call here writes it.
 */
import type { Pair, Round, Session } from '../generated/prisma/client.ts'
import type { Participant } from '../generated/prisma/client.ts'
import type { PairWithMembers } from './session-rows.ts'

export interface LessonStore {
  findSession(sessionId: string): Promise<Session | null>
  findRound(roundId: string): Promise<(Round & { session: Session }) | null>
  findLeg(pairId: string, position: number, leg: number): Promise<Round | null>
  /** The round of this exercise that this pair, with this client, has begun last of those that are over. */
  findEarlierRound(wanted: { pairId: string; clientId: string; exerciseId: string }): Promise<Round | null>
  /** Null where nobody of the session plays with it. */
  findBuiltInPartnerId(sessionId: string): Promise<string | null>
  /** Those of these rounds that are not current. */
  findStale(roundIds: readonly string[]): Promise<string[]>
  /** Where these participants are; ids of nobody are passed over. */
  findStudents(participantIds: readonly string[]): Promise<StudentRows[]>
  /** The row of the leg with seats swapped; none where it is there, or the round is not current. */
  createSecondLeg(first: Round): Promise<Round[]>
  /**
   * Opens the exercise (`id@version`) at this position, with a new round for each pair; where it is open already, nothing is changed.
   * Rejects with `not-found`, also where the exercise is null and needed, and `session-ended`.
   */
  openPosition(sessionId: string, position: number, exercise: string | null): Promise<OpenedPosition>
  /** From now on nothing of the session is current. May be called again. */
  endSession(sessionId: string): Promise<EndedSession>
}

/** A participant, their standing pair, and the latest round of it at the session's position. */
export interface StudentRows {
  readonly participant: Participant
  readonly session: Session
  readonly pair: PairWithMembers | null
  readonly round: Round | null
}

export interface OpenedPosition {
  readonly session: Session
  /** All pairs that play, if they have something new to play. */
  readonly pairs: readonly Pair[]
  /** Rounds to be started: the new ones, or those that are current and not over. */
  readonly opened: readonly Round[]
  /** Rounds to be ended. */
  readonly stale: readonly Round[]
}

export interface EndedSession {
  /** Rounds to be ended. */
  readonly stale: readonly Round[]
  /** Everybody of the session. */
  readonly participantIds: readonly string[]
}
