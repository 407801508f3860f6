/** The rows of what has been decided about grades: read in order, and added to, never changed. */
import type { GradeRecordKind } from '../../contract/grades.ts'
import { ApiError } from '../base/api-error.ts'
import { Prisma, type PrismaClient } from '../generated/prisma/client.ts'
import { Standing, type GradeRecord, type GradeRecordValues } from './standing.ts'

/** A record to be added. What it is not about is left out. */
export type NewGradeRecord = {
  readonly [K in GradeRecordKind]: {
    readonly kind: K
    readonly before: GradeRecordValues[K]
    readonly after: GradeRecordValues[K]
  }
}[GradeRecordKind] &
  Partial<Pick<GradeRecord, 'member' | 'session' | 'position' | 'round' | 'entry' | 'reason' | 'teacher'>>

/** The course's records, in their order. */
export async function readRecords(
  db: Pick<PrismaClient, 'gradeRecord'>,
  courseId: string,
  where: Prisma.GradeRecordWhereInput = {},
): Promise<GradeRecord[]> {
  const rows = await db.gradeRecord.findMany({ where: { ...where, courseId }, orderBy: { number: 'asc' } })
  return rows.map(({ kind, memberId, sessionId, roundId, teacherId, number, position, entry, before, after, reason, at }) => ({
    number,
    kind: kind as GradeRecordKind,
    member: memberId,
    session: sessionId,
    position,
    round: roundId,
    entry,
    before,
    after,
    reason,
    teacher: teacherId,
    at,
  }))
}

/**
 * Adds what `decide` makes of what stands now. The course's row is locked meanwhile, so that each record says truly what was before it.
 * Rejects with `not-found`.
 */
export const addRecords = (
  prisma: PrismaClient,
  courseId: string,
  at: Date,
  decide: (standing: Standing) => readonly NewGradeRecord[],
): Promise<void> =>
  prisma.$transaction(async (tx) => {
    const found = await tx.$queryRaw<unknown[]>`SELECT 1 FROM "Course" WHERE "id" = ${courseId} FOR NO KEY UPDATE`
    if (found.length === 0) throw new ApiError('not-found', 'There is no such course.')
    const records = await readRecords(tx, courseId)
    const last = records.at(-1)?.number ?? 0
    const added = decide(new Standing(records))
    await tx.gradeRecord.createMany({
      data: added.map(({ kind, before, after, ...about }, i) => ({
        courseId,
        number: last + 1 + i,
        kind,
        memberId: about.member ?? null,
        sessionId: about.session ?? null,
        position: about.position ?? null,
        roundId: about.round ?? null,
        entry: about.entry ?? null,
        before: toJson(before),
        after: toJson(after),
        reason: about.reason ?? '',
        teacherId: about.teacher ?? null,
        at,
      })),
    })
  })

const toJson = (value: NewGradeRecord['after']) => (value === null ? Prisma.DbNull : (value as unknown as Prisma.InputJsonValue))
