/** Interprets the rows of a session: its own, and those of its pairs and rounds. */
import type { SessionInfo } from '../../contract/answers.ts'
import type { Automatics } from '../../contract/requests.ts'
import type { Level } from '../../protocol/round/model/exercise.ts'
import type { Partner } from '../../protocol/round/model/script.ts'
import { ApiError } from '../base/api-error.ts'
import type { Pair, Participant, Prisma, Round, Session } from '../generated/prisma/client.ts'

/** A Prisma include clause that reads a pair with its members and its session. */
export const WITH_MEMBERS = { first: true, second: true, third: true, session: true } as const satisfies Prisma.PairInclude
export type PairWithMembers = Pair & { first: Participant; second: Participant; third: Participant | null; session: Session }

export const levelOf = (session: Session): Level => session.level as Level
export const partnerOf = (session: Session): Partial<Partner> => session.partner as Partial<Partner>
export const playlistOf = (session: Session): string[] => session.playlist as string[]

/**
 * Whether this is the first or the second leg of an exercise. The numbers continue if an exercise is opened again: odd legs open
 * it, even legs have the seats swapped.
 */
export const legOf = ({ leg }: Round): 1 | 2 => (leg % 2 === 1 ? 1 : 2)
/** How many legs each exercise of the session has. */
export const legsOf = (session: Session): 1 | 2 => (session.swap ? 2 : 1)
/** The exercise's id, taken from `id@version`. */
export const exerciseIdOf = ({ exercise }: Round): string => exercise.slice(0, exercise.lastIndexOf('@'))

export const toSessionInfo = (session: Session): SessionInfo => ({
  id: session.id,
  code: session.code,
  course: session.courseId,
  kind: session.kind as SessionInfo['kind'],
  title: session.title,
  level: levelOf(session),
  playlist: playlistOf(session),
  swap: session.swap,
  position: session.position,
  next: { level: (session.nextLevel ?? session.level) as Level, swap: session.nextSwap ?? session.swap },
  ended: session.endedAt !== null,
  released: session.releasedAt !== null,
  rehearsal: session.rehearsal !== null,
  automatics: automaticsOf(session),
  locked: session.lockedAt !== null,
  pausedAt: session.pausedAt?.toISOString() ?? null,
  deadlineAt: session.deadlineAt?.toISOString() ?? null,
  announcement: session.announcement,
  archived: session.archivedAt !== null,
  partner: partnerOf(session),
  tcpByHand: session.tcpByHand,
  discussion: session.discussion,
  createdAt: session.createdAt.toISOString(),
})

export const automaticsOf = ({ pace, latecomers, claims }: Session) => ({ pace, latecomers, claims }) as Automatics
/** Where a pair is in the playlist: where it has gone on to by itself, or else where the session is. */
export const positionOf = (pair: Pick<Pair, 'position'>, session: Pick<Session, 'position'>): number | null =>
  pair.position ?? session.position

/** Whether a pair stays where it has gone on to by itself, when this position is opened for everybody. */
export const staysAhead = (pair: Pair, session: Session, position: number): boolean =>
  session.pace === 'own' && position > (session.position ?? -1) && (positionOf(pair, session) ?? -1) >= position

/** The ids of the members of a pair: two or three. */
export const memberIds = ({ firstId, secondId, thirdId }: Pair): string[] => [
  firstId,
  secondId,
  ...(thirdId === null ? [] : [thirdId]),
]
/** The members of a pair: two or three. */
export const membersOf = ({ first, second, third }: PairWithMembers): Participant[] => [first, second, ...(third ? [third] : [])]

/** A Prisma OR clause for the pairs that have one of these members. */
export const whereMemberIn = (among: { in: string[] }) => [{ firstId: among }, { secondId: among }, { thirdId: among }]

export const sessionNotFoundError = () => new ApiError('not-found', 'There is no such session.')
export const sessionEndedError = () => new ApiError('session-ended', 'This lesson is over.')
export const exerciseGoneError = (exercise: string) =>
  new ApiError('not-found', `The exercise ${exercise} is not on this server any more.`)
