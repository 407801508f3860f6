/** Transactions that lock a course's row, so that changes of its roster are made one after another. */
import type { Prisma, PrismaClient } from '../generated/prisma/client.ts'
import type { LessonNotifier } from '../lessons/notifier.ts'

/** Real ms: a large roster takes a while. */
const TRANSACTION_OPTIONS = { maxWait: 10_000, timeout: 30_000 }

/** Runs a change of a course's roster. Afterwards the boards of its sessions show who is missing now. */
export async function withCourseLock<T>(
  { prisma, notifier }: { prisma: PrismaClient; notifier: Pick<LessonNotifier, 'participantsChanged'> },
  courseId: string,
  change: (tx: Prisma.TransactionClient) => Promise<T>,
): Promise<T> {
  const result = await prisma.$transaction(async (tx) => {
    await tx.$queryRaw`SELECT 1 FROM "Course" WHERE "id" = ${courseId} FOR NO KEY UPDATE`
    return change(tx)
  }, TRANSACTION_OPTIONS)
  const running = { courseId, kind: 'roster', endedAt: null }
  for (const { id } of await prisma.session.findMany({ where: running, select: { id: true } })) notifier.participantsChanged(id)
  return result
}
