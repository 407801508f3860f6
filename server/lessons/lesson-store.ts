/**
 * What a running lesson needs from the database. The implementations, in PostgreSQL and in memory, pass one contract suite. Each
 * change is one transaction, so that concurrent changes, by two clicks or two nodes, are made one after another.
 *
 * A round is current while it is the latest round of its pair at its pair's position (the session's, unless the pair has gone on by itself), its pair has not been dissolved, and its
 * session has not ended. `endedAt` of a round says when its log ended; no method of this store writes it.
 */
import type { Pair, Round, Session } from '../generated/prisma/client.ts'
import type { Participant } from '../generated/prisma/client.ts'
import type { PairWithMembers } from './session-rows.ts'

/** The database of running lessons. */
export interface LessonStore {
  findSession(sessionId: string): Promise<Session | null>
  findRound(roundId: string): Promise<(Round & { session: Session }) | null>
  findLeg(pairId: string, position: number, leg: number): Promise<Round | null>
  /**
   * The latest-created round of this exercise, among the finished ones that this pair has played with this client; null if there
   * is none.
   */
  findEarlierRound(wanted: { pairId: string; clientId: string; exerciseId: string }): Promise<Round | null>
  /** The rounds of this exercise that a participant has played in either seat, in the order of their creation. */
  findRoundsPlayed(wanted: { participantId: string; exerciseId: string }): Promise<Round[]>
  /** The built-in partner's id in this session; null if nobody plays with it. */
  findBuiltInPartnerId(sessionId: string): Promise<string | null>
  /** The students of this session whom a program plays. */
  findSimulated(sessionId: string): Promise<string[]>
  /** Those of the given rounds that are not current. */
  findStale(roundIds: readonly string[]): Promise<string[]>
  /** The participants of a session who have no pair, without the built-in partner. */
  findUnpaired(sessionId: string): Promise<string[]>
  /** The rows that say where these participants are. Unknown ids, and those of removed participants, are skipped. */
  findStudents(participantIds: readonly string[]): Promise<StudentRows[]>
  /**
   * Creates the row of the leg with seats swapped. Creates none, and resolves to an empty array, if that leg exists already or
   * the round is not current.
   */
  createSecondLeg(first: Round): Promise<Round[]>
  /**
   * Lets the round's pair go on to the next exercise (`id@version`) of a session that everybody plays at their own pace. Resolves to the
   * pair's rounds there that are to be started: the new one, or the one that somebody else has just opened; none if the round is not current.
   */
  goOn(round: Round, exercise: string): Promise<Round[]>
  /**
   * Opens the exercise (`id@version`) at this position, with a new round for each pair, and with the settings that the teacher has
   * chosen from the next exercise on. Where everybody plays at their own pace, pairs that have come as far already stay where they are,
   * unless an earlier exercise is opened. Changes nothing if this position is open
   * already. Rejects with `session-ended` and with `not-found`, the latter also if `exercise` is null although it is needed.
   */
  openPosition(sessionId: string, position: number, exercise: string | null): Promise<OpenedPosition>
  /** Ends the session, so that none of its rounds is current any more. May be called again. */
  endSession(sessionId: string): Promise<EndedSession>
}

/** A participant, their pair unless it has been dissolved, and the pair's latest round at the session's position. */
export interface StudentRows {
  readonly participant: Participant
  readonly session: Session
  readonly pair: PairWithMembers | null
  readonly round: Round | null
}

/** The result of opening a position. */
export interface OpenedPosition {
  readonly session: Session
  /** All pairs, if a new exercise was opened for them; otherwise empty. */
  readonly pairs: readonly Pair[]
  /** Rounds that must be started: the new ones, or, if the position was open already, those that are current and not over. */
  readonly opened: readonly Round[]
  /** Rounds to be ended. */
  readonly stale: readonly Round[]
}

/** The result of ending a session. */
export interface EndedSession {
  /** Rounds to be ended. */
  readonly stale: readonly Round[]
  /** All participants of the session. */
  readonly participantIds: readonly string[]
}
