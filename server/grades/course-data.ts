/** Reads what the grades of a course are computed from: its roster, its sessions, their rounds with points, and what has been decided. */
import type { RoundFacts } from '../../protocol/round/insights/round-facts.ts'
import type { Score } from '../../protocol/round/fold/score.ts'
import { SEATS, type Seat } from '../../protocol/seat.ts'
import { ApiError } from '../base/api-error.ts'
import type { Course, Member, PrismaClient, Round, Session } from '../generated/prisma/client.ts'
import type { RoundFactsReader } from '../lessons/round-facts-reader.ts'
import { playlistOf } from '../lessons/session-rows.ts'
import { computeGrades, type MemberGrades } from './compute-grades.ts'
import { readRecords } from './record-rows.ts'
import { Standing, type RegradedRound } from './standing.ts'

/** A round of the course. */
export interface CourseRound {
  readonly row: Round
  readonly facts: RoundFacts
  /** What counts: with what was given back and judged again. */
  readonly scores: { readonly [S in Seat]: Score }
  /** Id of the member in each seat; null for anybody else. */
  readonly members: { readonly [S in Seat]: string | null }
}

export interface CourseData {
  readonly course: Course
  readonly standing: Standing
  /** By number; those who are on the roster no more only if they have played. */
  readonly members: readonly Member[]
  /** In the order in which they were made. Without open ones, whose participants are only names. */
  readonly sessions: readonly Session[]
  /** In the order in which they were played. */
  readonly rounds: readonly CourseRound[]
}

export interface CourseDataDeps {
  readonly prisma: PrismaClient
  readonly facts: RoundFactsReader
}

/** Reads a course, or only one of its sessions, or of that only one member's rounds. Rejects with `not-found`. */
export type ReadCourseData = (courseId: string, sessionId?: string, memberId?: string) => Promise<CourseData>

export function createCourseDataReader({ prisma, facts }: CourseDataDeps): ReadCourseData {
  const scoreRound = async (row: Round, read: RoundFacts, standing: Standing): Promise<CourseRound['scores']> => {
    const own = { client: read.seats.client.score, server: read.seats.server.score }
    const regraded = standing.regradedOf(row.id)
    const forgiven = forgivenBy(standing.forgivenOf(row.id), regraded)
    if (forgiven.size === 0) return regraded?.scores ?? own
    const better = (await facts.readForgiven(row, forgiven))?.seats
    const scoreOf = (seat: Seat) => addForgiven(regraded?.scores[seat] ?? own[seat], own[seat], better?.[seat].score ?? own[seat])
    return { client: scoreOf('client'), server: scoreOf('server') }
  }

  return async (courseId, sessionId, memberId) => {
    const course = await prisma.course.findUnique({ where: { id: courseId } })
    if (!course) throw new ApiError('not-found', 'There is no such course.')
    const [records, everybody, sessions] = await Promise.all([
      readRecords(prisma, courseId),
      prisma.member.findMany({ where: { courseId }, orderBy: { number: 'asc' } }),
      prisma.session.findMany({
        where: { ...(sessionId === undefined ? {} : { id: sessionId }), courseId, kind: { not: 'open' }, deletedAt: null },
        include: {
          participants: { where: { memberId: { not: null } }, select: { id: true, memberId: true } },
          rounds: {
            ...(memberId === undefined ? {} : { where: { OR: [{ client: { memberId } }, { server: { memberId } }] } }),
            orderBy: [{ createdAt: 'asc' }, { leg: 'asc' }, { id: 'asc' }],
          },
        },
        orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
      }),
    ])
    const graded = sessions.filter(({ rehearsal }) => rehearsal === null)
    const standing = new Standing(records)
    const memberOf = new Map(graded.flatMap(({ participants }) => participants.map(({ id, memberId }) => [id, memberId])))
    const rows = graded.flatMap(({ rounds }) => rounds)
    const read = await facts.read(rows)
    const rounds = await Promise.all(
      rows.map(async (row, i): Promise<CourseRound[]> => {
        const own = read[i]
        if (!own) return []
        const members = { client: memberOf.get(row.clientId) ?? null, server: memberOf.get(row.serverId) ?? null }
        return [{ row, facts: own, scores: await scoreRound(row, own, standing), members }]
      }),
    )
    const present = new Set(memberOf.values())
    return {
      course,
      standing,
      members: everybody.filter(({ id, removedAt }) => removedAt === null || present.has(id)),
      sessions: graded,
      rounds: rounds.flat(),
    }
  }
}

/** The forgiven entries that still cost something under the rules by which the round was judged again. */
function forgivenBy(entries: ReadonlySet<number>, regraded: RegradedRound | undefined): ReadonlySet<number> {
  return regraded ? new Set([...entries].filter((entry) => !regraded.entries.includes(entry))) : entries
}

/** A score with what is given back: the difference between `better` and `own`. */
const addForgiven = (score: Score, own: Score, better: Score): Score => ({
  eighths: Math.min(score.of, score.eighths + better.eighths - own.eighths),
  of: score.of,
})

/** The grades of the course's members, in their order; of only these members, if they are named. */
export function gradeCourse({ standing, members, sessions, rounds }: CourseData, only?: string): MemberGrades[] {
  return computeGrades({
    scheme: standing.scheme,
    members: members
      .filter(({ id }) => only === undefined || id === only)
      .map(({ id, createdAt }) => ({ id, enrolledAt: createdAt.getTime() })),
    sessions: sessions.map((session) => ({
      id: session.id,
      isAssignment: session.kind === 'assignment',
      endedAt: session.endedAt?.getTime() ?? null,
      weight: standing.weightOf(session.id, null),
      exercises: playlistOf(session).map((_, position) => standing.weightOf(session.id, position)),
    })),
    rounds: rounds.map(({ row, scores, members: players }) => ({
      id: row.id,
      session: row.sessionId,
      position: row.position,
      seats: {
        client: { member: players.client, score: scores.client },
        server: { member: players.server, score: scores.server },
      },
    })),
    decisions: standing,
  })
}

/** The seats of a round that are this member's. */
export const seatsOf = ({ members }: CourseRound, member: string): Seat[] => SEATS.filter((seat) => members[seat] === member)
