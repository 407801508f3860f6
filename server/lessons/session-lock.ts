/** Transactions that lock a session's row, so that changes of who plays what are made one after another. */
import type { Prisma, PrismaClient, Session } from '../generated/prisma/client.ts'
import { sessionEndedError, sessionNotFoundError } from './session-rows.ts'

/** Real ms, sufficient for a class of thousands on a slow disk. */
const TRANSACTION_OPTIONS = { maxWait: 10_000, timeout: 30_000 }

/**
 * Runs work in a transaction that locks the session's row: `exclusive` excludes all other callers, `shared` allows other shared
 * callers and only keeps the row unchanged. Rejects with `not-found`.
 */
export const withSessionLock = <T>(
  prisma: PrismaClient,
  id: string,
  mode: 'exclusive' | 'shared',
  work: (tx: Prisma.TransactionClient, session: Session) => Promise<T>,
): Promise<T> =>
  prisma.$transaction(async (tx) => {
    if (mode === 'exclusive') await tx.$queryRaw`SELECT 1 FROM "Session" WHERE "id" = ${id} FOR NO KEY UPDATE`
    else await tx.$queryRaw`SELECT 1 FROM "Session" WHERE "id" = ${id} FOR SHARE`
    const session = await tx.session.findUnique({ where: { id } })
    if (!session) throw sessionNotFoundError()
    return work(tx, session)
  }, TRANSACTION_OPTIONS)

/**
 * Runs work in a transaction that locks the row of a running session exclusively. Rejects with `not-found` and `session-ended`.
 */
export const withRunningSession = <T>(
  prisma: PrismaClient,
  id: string,
  work: (tx: Prisma.TransactionClient, session: Session) => Promise<T>,
): Promise<T> =>
  withSessionLock(prisma, id, 'exclusive', (tx, session) => {
    if (session.endedAt) throw sessionEndedError()
    return work(tx, session)
  })
