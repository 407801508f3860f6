/** Judges the finished rounds of a course again by today's rules: what comes out differently is shown first, and counts once accepted. */
import type { AcceptRegrade, RegradePreview } from '../../contract/grades.ts'
import { TLS_TOOLS } from '../../exercises/tls-tools.ts'
import { POINT_EIGHTHS, type Score } from '../../protocol/round/fold/score.ts'
import { regrade } from '../../protocol/round/play/regrade.ts'
import { SEATS, type Seat } from '../../protocol/seat.ts'
import { ENGINE_VERSION } from '../../protocol/version.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import { normalizeText } from '../lessons/names.ts'
import type { RoundLog } from '../rounds/log.ts'
import type { CourseRound, ReadCourseData } from './course-data.ts'
import { addRecords, type NewGradeRecord } from './record-rows.ts'
import type { RegradedRound } from './standing.ts'

export interface Regrading {
  preview(courseId: string): Promise<RegradePreview>
  /** Lets what today's rules give count for these rounds, as far as they are the course's. It is computed anew, never taken from the page. */
  accept(courseId: string, teacher: string, accepted: AcceptRegrade): Promise<void>
}

export interface RegradingDeps {
  readonly prisma: PrismaClient
  readonly readCourse: ReadCourseData
  readonly log: Pick<RoundLog, 'read'>
  readonly now: () => Date
}

export function createRegrading({ prisma, readCourse, log, now }: RegradingDeps): Regrading {
  /** What today's rules give; null if that is what counts already. */
  const judgeAgain = async ({ row, facts }: CourseRound, accepted: RegradedRound | undefined): Promise<RegradedRound | null> => {
    if (!facts.over) return null
    const { scores, verdicts } = regrade(await log.read(row.id), TLS_TOOLS)
    // Scenes that count in no score are left out of the facts, and judged again likewise: what was is what the book shows.
    const was = accepted?.scores ?? { client: facts.seats.client.score, server: facts.seats.server.score }
    if (SEATS.every((seat) => isSameScore(scores[seat].now, was[seat]))) return null
    return {
      engine: ENGINE_VERSION,
      scores: { client: scores.client.now, server: scores.server.now },
      entries: verdicts.map(({ index }) => index),
    }
  }

  return {
    async preview(courseId) {
      const { rounds, standing } = await readCourse(courseId)
      const changes: RegradePreview['changes'][number][] = []
      let judged = 0
      for (const round of rounds) {
        if (!round.facts.over) continue
        judged++
        const regraded = await judgeAgain(round, standing.regradedOf(round.row.id))
        if (regraded) changes.push(describeChange(round, regraded, standing.regradedOf(round.row.id)))
        // Judging a long round takes milliseconds: everybody else goes first.
        await new Promise((resolve) => setImmediate(resolve))
      }
      return { engine: ENGINE_VERSION, rounds: judged, changes: changes.filter(({ members }) => members.length > 0) }
    },

    async accept(courseId, teacher, { rounds: ids, reason: typed }) {
      const { rounds, standing } = await readCourse(courseId)
      const wanted = new Set(ids)
      const reason = normalizeText(typed)
      const records: NewGradeRecord[] = []
      for (const round of rounds.filter(({ row }) => wanted.has(row.id))) {
        const { id, sessionId: session, position } = round.row
        const before = standing.regradedOf(id)
        const after = await judgeAgain(round, before)
        if (after) records.push({ kind: 'regrade', before: before ?? null, after, round: id, session, position, reason, teacher })
      }
      await addRecords(prisma, courseId, now(), () => records)
    },
  }
}

const isSameScore = (a: Score, b: Score): boolean => a.eighths === b.eighths && a.of === b.of

function describeChange(
  { row, facts, members }: CourseRound,
  regraded: RegradedRound,
  accepted: RegradedRound | undefined,
): RegradePreview['changes'][number] {
  const changed = (seat: Seat) => {
    const was = accepted?.scores[seat] ?? facts.seats[seat].score
    const now = regraded.scores[seat]
    const id = members[seat]
    if (id === null || isSameScore(was, now)) return []
    const points = (eighths: number) => eighths / POINT_EIGHTHS
    return [{ id, seat, points: points(was.eighths), of: points(was.of), pointsNow: points(now.eighths), ofNow: points(now.of) }]
  }
  return {
    round: row.id,
    session: row.sessionId,
    position: row.position,
    members: SEATS.flatMap(changed),
    entries: [...regraded.entries],
  }
}
