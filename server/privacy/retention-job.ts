/** The retention job: erases students whose time is over, and deletes what has expired. */
import { formerStudent } from '../../contract/personal-data.ts'
import type { ErasedCounts, Erasure } from '../../contract/student-data.ts'
import type { After } from '../base/timer.ts'
import { newId } from '../base/ids.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import type { RetentionSettings } from './retention-settings.ts'
import { deleteExpired, eraseRows } from './personal-rows.ts'

/** Carries out the rules of `PERSONAL_DATA`. */
export interface RetentionJob {
  /** Erases and deletes what is due. Resolves to what it did, which is also recorded if it is anything. */
  run(): Promise<ErasedCounts>
  /** What has been erased, by the job or by hand, newest first. */
  listErasures(): Promise<Erasure[]>
  /** Runs it now and then, until `stop`. Failures are reported, and it is tried again the next time. */
  start(): void
  stop(): void
}

/** Real ms. */
const FIRST_RUN_MS = 60_000
const INTERVAL_MS = 6 * 3_600_000
const DAY_MS = 24 * 3_600_000
const MAX_LISTED = 100

export interface RetentionJobDeps {
  readonly prisma: PrismaClient
  readonly settings: Pick<RetentionSettings, 'read' | 'daysOf'>
  readonly now: () => Date
  readonly after: After
  readonly report: (error: unknown) => void
}

export function createRetentionJob({ prisma, settings, now, after, report }: RetentionJobDeps): RetentionJob {
  let cancel = () => {}

  const addTo = (sums: Record<string, number>, counts: ErasedCounts) => {
    for (const [table, count] of Object.entries(counts)) sums[table] = (sums[table] ?? 0) + count
  }

  const run = async (): Promise<ErasedCounts> => {
    const bounds = await settings.read()
    const time = now()
    const isOver = (from: Date, keepDays: number | null) =>
      time.getTime() - from.getTime() > settings.daysOf(keepDays, bounds) * DAY_MS
    // No course may keep data for less than this, so nothing younger has to be looked at.
    const oldest = new Date(time.getTime() - Math.min(bounds.minDays, bounds.days) * DAY_MS)
    const counts: Record<string, number> = {}

    const sessions = await prisma.session.findMany({
      where: { createdAt: { lt: oldest }, teacherId: { not: null }, participants: { some: NOT_ERASED } },
      include: { course: true, participants: { where: { builtIn: false }, orderBy: [{ createdAt: 'asc' }, { id: 'asc' }] } },
    })
    for (const { id, endedAt, createdAt, course, participants } of sessions) {
      if (!isOver(endedAt ?? createdAt, course?.keepDays ?? null)) continue
      await prisma.$transaction(async (tx) => {
        addTo(counts, await eraseRows(tx, { session: [id] }, '', time))
        for (const [i, participant] of participants.entries()) {
          if (participant.skeleton.startsWith('erased ')) continue
          const name = formerStudent(course?.language ?? 'en', i + 1)
          addTo(counts, await eraseRows(tx, { participant: [participant.id] }, name, time))
        }
      })
    }

    const courses = await prisma.course.findMany({
      where: { createdAt: { lt: oldest } },
      include: { sessions: true, members: { orderBy: [{ createdAt: 'asc' }, { id: 'asc' }] } },
    })
    for (const { language, keepDays, sessions, members } of courses) {
      if (sessions.some(({ endedAt, createdAt }) => !isOver(endedAt ?? createdAt, keepDays))) continue
      for (const [i, member] of members.entries()) {
        if (member.number.startsWith('erased ') || !isOver(member.createdAt, keepDays)) continue
        addTo(counts, await eraseRows(prisma, { member: [member.id] }, formerStudent(language, i + 1), time))
      }
    }

    addTo(counts, await deleteExpired(prisma, time))
    if (Object.keys(counts).length > 0) await prisma.erasureRecord.create({ data: { id: newId(), at: time, counts } })
    return counts
  }

  const runAfter = (ms: number) => {
    cancel = after(ms, () => {
      run()
        .catch(report)
        .finally(() => runAfter(INTERVAL_MS))
    })
  }

  return {
    run,
    async listErasures() {
      const rows = await prisma.erasureRecord.findMany({ orderBy: [{ at: 'desc' }, { id: 'asc' }], take: MAX_LISTED })
      const ids = rows.flatMap(({ teacherId }) => (teacherId === null ? [] : [teacherId]))
      const teachers = await prisma.teacher.findMany({ where: { id: { in: ids } }, select: { id: true, name: true } })
      const names = new Map(teachers.map(({ id, name }) => [id, name]))
      return rows.map(({ at, teacherId, counts }) => ({
        at: at.toISOString(),
        by: teacherId === null ? null : (names.get(teacherId) ?? ''),
        counts: counts as ErasedCounts,
      }))
    },
    start: () => runAfter(FIRST_RUN_MS),
    stop: () => cancel(),
  }
}

/** Participants whose name has not been erased yet. */
const NOT_ERASED = { builtIn: false, NOT: { skeleton: { startsWith: 'erased ' } } }
