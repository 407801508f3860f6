/**
 * The outbox of scores: compares the points of linked sessions with what their platforms have been told, and sends what differs, one
 * row a member and column. Rows outlive restarts; what fails is tried again, ever more seldom. Any node may do it: a row is claimed by
 * moving its time ahead.
 */
import type { After } from '../base/timer.ts'
import type { Grades } from '../grades/grades.ts'
import type { LtiContext, LtiLink, LtiPlatform, LtiScore, Prisma, PrismaClient, Session } from '../generated/prisma/client.ts'
import { playlistOf } from '../lessons/session-rows.ts'
import { ensureLineItem, scoresUrl } from './line-items.ts'
import { PlatformError } from './lti-error.ts'
import { requireSuccess } from './platform-http.ts'
import { isSameScore, toScore, type Score } from './score.ts'
import type { CallService } from './services.ts'
import { MEDIA_TYPE, SCOPE } from './vocabulary.ts'

/** The outbox. It works by itself until `stop`. */
export interface Outbox {
  /** Compares and sends what is due, once. */
  run(): Promise<void>
  /** Makes everything of a course that has failed due, and starts a run. */
  retry(courseId: string): Promise<void>
  /** Stops; resolves when work under way has finished. */
  stop(): Promise<void>
}

export interface OutboxDeps {
  readonly prisma: PrismaClient
  readonly grades: Pick<Grades, 'readSessionScores'>
  readonly callService: CallService
  readonly now: () => Date
  readonly after: After
  readonly report: (error: unknown) => void
}

/** Real ms between two runs. */
const INTERVAL_MS = 15_000
/** Real ms for which a node that has claimed a row may take, before another one tries. */
const CLAIM_MS = 120_000
/** Real ms before a failed row is tried again; it doubles with each failure. */
const MIN_DELAY_MS = 30_000
const MAX_DELAY_MS = 6 * 3_600_000
/** Rows that one run sends. */
const BATCH_SIZE = 100
/**
 * Real ms by which a comparison looks back before its own beginning: a round's end may become visible a little after the time that it
 * bears.
 */
const LOOK_BACK_MS = 10_000

type LinkWithAll = LtiLink & { session: Session; context: LtiContext & { platform: LtiPlatform } }
const WITH_ALL = { session: true, context: { include: { platform: true } } } as const satisfies Prisma.LtiLinkInclude

/** Whether the platform takes scores for this link. */
export const takesScores = ({ lineItemUrl, context }: LtiLink & { context: LtiContext }): boolean => {
  const scopes = context.gradeScopes as string[]
  return (
    scopes.includes(SCOPE.score) && (lineItemUrl !== null || (context.lineItemsUrl !== null && scopes.includes(SCOPE.lineItem)))
  )
}

export function createOutbox({ prisma, grades, callService, now, after, report }: OutboxDeps): Outbox {
  /**
   * The links whose session has changed since they were compared: a round has ended, the session has, its results are open, or
   * something has been decided about grades of its course.
   */
  const findChangedLinks = () => prisma.$queryRaw<{ id: string }[]>`
    SELECT l."id" FROM "LtiLink" l JOIN "Session" s ON s."id" = l."sessionId"
    WHERE s."deletedAt" IS NULL AND (l."comparedAt" IS NULL OR l."comparedAt" < GREATEST(s."endedAt", s."releasedAt",
      (SELECT max(r."endedAt") FROM "Round" r WHERE r."sessionId" = s."id"),
      (SELECT max(g."at") FROM "GradeRecord" g WHERE g."courseId" = s."courseId")))`

  const compare = async (link: LinkWithAll): Promise<void> => {
    const startedAt = now()
    const { session } = link
    // The points of an exam are its teacher's until they are released.
    if (takesScores(link) && (session.level !== 'exam' || session.releasedAt)) {
      const played = { playlist: playlistOf(session), ended: session.endedAt !== null }
      const scores = new Map((await grades.readSessionScores(session.id)).map((each) => [each.member, toScore(each, played)]))
      const rows = new Map((await prisma.ltiScore.findMany({ where: { linkId: link.id } })).map((row) => [row.memberId, row]))
      // Only who is known at the platform, through this context.
      const users = await prisma.ltiUser.findMany({ where: { contextId: link.contextId } })
      for (const memberId of new Set(users.map((user) => user.memberId))) {
        const score = scores.get(memberId)
        const row = rows.get(memberId)
        if (!score || (row && isSameScore(row.score as unknown as Score, score))) continue
        // 3.4: a platform must not take a score that is not newer than the one before, whichever node's clock has made that.
        const changedAt = new Date(Math.max(startedAt.getTime(), row ? row.changedAt.getTime() + 1 : 0))
        const change = { score: { ...score }, changedAt, dueAt: startedAt, attempts: 0, lastError: null }
        await prisma.ltiScore.upsert({
          where: { linkId_memberId: { linkId: link.id, memberId } },
          update: change,
          create: { linkId: link.id, memberId, ...change },
        })
      }
    }
    await prisma.ltiLink.updateMany({
      where: { id: link.id },
      data: { comparedAt: new Date(startedAt.getTime() - LOOK_BACK_MS) },
    })
  }

  /** Takes due rows for this node. */
  const claim = async (): Promise<LtiScore[]> => {
    const [from, until] = [now(), new Date(now().getTime() + CLAIM_MS)]
    const claimed = await prisma.$queryRaw<{ linkId: string; memberId: string }[]>`
      UPDATE "LtiScore" SET "dueAt" = ${until} WHERE ("linkId", "memberId") IN (
        SELECT "linkId", "memberId" FROM "LtiScore" WHERE "dueAt" <= ${from}
        ORDER BY "dueAt", "memberId" LIMIT ${BATCH_SIZE} FOR UPDATE SKIP LOCKED)
      RETURNING "linkId", "memberId"`
    if (claimed.length === 0) return []
    return prisma.ltiScore.findMany({
      where: { OR: claimed.map(({ linkId, memberId }) => ({ linkId, memberId })) },
      orderBy: [{ linkId: 'asc' }, { member: { number: 'asc' } }],
    })
  }

  /** Writes down how sending a row went, unless it has changed meanwhile: then it is due already. */
  const settle = ({ linkId, memberId, changedAt }: LtiScore, data: Prisma.LtiScoreUpdateManyMutationInput) =>
    prisma.ltiScore.updateMany({ where: { linkId, memberId, changedAt }, data })

  const fail = (row: LtiScore, error: PlatformError) => {
    const delayMs = Math.min(MIN_DELAY_MS * 2 ** row.attempts, MAX_DELAY_MS)
    const waitMs = Math.min(Math.max(delayMs, (error.retryAfter ?? 0) * 1000), MAX_DELAY_MS)
    const dueAt = new Date(now().getTime() + waitMs)
    return settle(row, { attempts: row.attempts + 1, lastError: error.message, dueAt })
  }

  /** Sends rows of one link, one after another. Once the platform cannot be reached, the others wait as well. */
  const sendAll = async (linkId: string, rows: readonly LtiScore[]): Promise<void> => {
    const link = await prisma.ltiLink.findUnique({ where: { id: linkId }, include: WITH_ALL })
    if (!link) return // with it, its rows are gone
    const { platform } = link.context
    const users = await prisma.ltiUser.findMany({
      where: { contextId: link.contextId, memberId: { in: rows.map(({ memberId }) => memberId) } },
    })
    /** What has failed for all rows: no column, or no answer. */
    let failure: PlatformError | null = null
    let url = ''
    try {
      url = scoresUrl(await ensureLineItem({ prisma, callService }, link))
    } catch (error) {
      failure = requirePlatformError(error)
    }
    for (const row of rows) {
      const user = users.find(({ memberId }) => memberId === row.memberId)
      try {
        if (failure) throw failure
        if (!user) throw new PlatformError('The platform does not know this member.')
        const body = { ...(row.score as object), userId: user.sub, timestamp: row.changedAt.toISOString() }
        const answer = await callService(platform, {
          method: 'POST',
          url,
          scopes: [SCOPE.score],
          contentType: MEDIA_TYPE.score,
          body,
        })
        requireSuccess(answer, 'score')
        await settle(row, { dueAt: null, sentAt: now(), attempts: 0, lastError: null })
      } catch (thrown) {
        const error = requirePlatformError(thrown)
        if (error.status === null && user) failure = error
        // The column has been deleted there: the next attempt looks for another one, or makes it.
        if (error.status === 404 && link.context.lineItemsUrl !== null)
          await prisma.ltiLink.updateMany({ where: { id: link.id }, data: { lineItemUrl: null } })
        await fail(row, error)
      }
    }
  }

  /** Removes logins and launches that nobody finished. */
  const clean = async () => {
    const expired = { where: { expiresAt: { lt: now() } } }
    await prisma.ltiState.deleteMany(expired)
    await prisma.ltiLaunch.deleteMany(expired)
  }

  const run = async (): Promise<void> => {
    for (const { id } of await findChangedLinks()) {
      const link = await prisma.ltiLink.findUnique({ where: { id }, include: WITH_ALL })
      if (link) await compare(link)
    }
    const due = await claim()
    const links = new Set(due.map(({ linkId }) => linkId))
    await Promise.all(
      [...links].map((link) =>
        sendAll(
          link,
          due.filter(({ linkId }) => linkId === link),
        ),
      ),
    )
    await clean()
  }

  const underWay = new Set<Promise<void>>()
  let stopped = false
  let cancel = () => {}
  const start = (): Promise<void> => {
    const running: Promise<void> = run()
      .catch((error: unknown) => {
        if (!stopped) report(error)
      })
      .finally(() => underWay.delete(running))
    underWay.add(running)
    return running
  }
  const schedule = () => {
    if (!stopped) cancel = after(INTERVAL_MS, () => void start().finally(schedule))
  }
  schedule()

  return {
    run,
    async retry(courseId) {
      await prisma.ltiScore.updateMany({
        where: { link: { context: { courseId } }, dueAt: { not: null }, attempts: { gt: 0 } },
        data: { dueAt: now() },
      })
      void start()
    },
    async stop() {
      stopped = true
      cancel()
      await Promise.all(underWay)
    },
  }
}

/** The error, if it is one of the platform's; others are thrown on. */
function requirePlatformError(error: unknown): PlatformError {
  if (error instanceof PlatformError) return error
  throw error
}
