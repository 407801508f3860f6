/** Assembles one node from its parts. This is the only place that does; tests vary a node through the overrides. */
import { randomInt } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import type { ExerciseLibrary } from '../exercises/load.ts'
import { TLS_TOOLS } from '../exercises/tls-tools.ts'
import { createActivities, type Activities } from './activities/activities.ts'
import { createActivityStore } from './activities/activity-store.ts'
import { listServerUrls } from './base/addresses.ts'
import { createAddressReader } from './base/client-address.ts'
import type { Config } from './base/config.ts'
import { LIVE_LIMITS, type LiveLimits } from './base/limits.ts'
import { createRetry } from './base/retry.ts'
import { createLogger } from './base/logger.ts'
import type { Metrics } from './base/metrics.ts'
import { ROOT } from './base/root.ts'
import { after as realAfter, type After } from './base/timer.ts'
import type { PrismaClient } from './generated/prisma/client.ts'
import { createGrades } from './grades/grades.ts'
import { createHttpApp, registerRoutes } from './http/build-http.ts'
import { createReadiness } from './http/readiness.ts'
import { createCourses } from './courses/courses.ts'
import { createLti, type Lti } from './lti/lti.ts'
import { createAccess, type Access } from './identity/access.ts'
import { createAuth, loadTokenSecret, type Auth } from './identity/auth.ts'
import { createAccountAdmin } from './identity/account-admin.ts'
import { createApiTokens } from './identity/api-tokens.ts'
import { createSignIns } from './identity/sign-ins.ts'
import { createTeachers } from './identity/teachers.ts'
import { createClassroom } from './lessons/classroom.ts'
import { createPlayedRounds } from './lessons/played-rounds.ts'
import { createScreens } from './lessons/screens.ts'
import { createSessionInsights } from './lessons/session-insights.ts'
import type { LessonStore } from './lessons/lesson-store.ts'
import { createPrismaLessonStore } from './lessons/lesson-store-prisma.ts'
import { createLessons, type Lessons } from './lessons/lessons.ts'
import { createLibrary } from './lessons/library.ts'
import type { LessonNotifier } from './lessons/notifier.ts'
import { createDemonstrations } from './lessons/demonstrations.ts'
import { createPractices } from './lessons/practices.ts'
import type { Progress } from './lessons/progress.ts'
import { createReplays } from './lessons/replays.ts'
import { createRoundFactsReader } from './lessons/round-facts-reader.ts'
import { createScoreExport } from './lessons/scores.ts'
import { startActivityFeed } from './live/activity-feed.ts'
import { createChannels } from './live/channels.ts'
import { createDelivery } from './live/delivery.ts'
import { createSockets } from './live/sockets.ts'
import { createLocalCluster, joinCluster, type Cluster } from './nodes/cluster.ts'
import { createPostgresNodeTable } from './nodes/node-table.ts'
import type { Presence } from './nodes/presence.ts'
import type { RoundLog } from './rounds/log.ts'
import { createRetentionJob } from './privacy/retention-job.ts'
import { createRetentionSettings } from './privacy/retention-settings.ts'
import { createStudentRecords } from './privacy/student-data.ts'
import type { Rounds } from './rounds/rounds.ts'

/** What a node is built from. `metrics` is absent if metrics are disabled. */
export interface AppDeps {
  readonly config: Config
  readonly prisma: PrismaClient
  readonly log: RoundLog
  readonly exercises: ExerciseLibrary
  readonly metrics?: Metrics | undefined
}

/** Parts that a caller, usually a test, may supply in place of those that the node creates. */
export interface AppOverrides {
  readonly now: () => Date
  readonly after: After
  /** Numbers in [0, 1). */
  readonly random: () => number
  readonly cluster: Cluster
  readonly presence: Presence
  readonly rounds: Rounds
  readonly notifier: LessonNotifier
  readonly store: LessonStore
  readonly lessons: Lessons
  readonly activities: Activities
  readonly auth: Auth
  readonly access: Access
  /** Only the limits that differ from `LIVE_LIMITS`. */
  readonly limits: Partial<LiveLimits>
  /** Receives unexpected errors. */
  readonly report: (error: unknown) => void
  /** The URLs at which people reach this server, likeliest first. */
  readonly urls: () => readonly string[]
  /** The directory of the built client. */
  readonly pagesDirectory: string
}

/** A node and those of its parts that callers use. */
export interface App {
  /** The HTTP server, ready to `listen`. Its `close` notifies all clients, finishes pending writes and stops the node. */
  readonly http: FastifyInstance
  readonly auth: Auth
  readonly cluster: Cluster
  readonly presence: Presence
  readonly rounds: Rounds
  readonly lessons: Lessons
  readonly progress: Progress
  readonly lti: Lti
}

/** Real ms that closing waits for a log that does not answer, in addition to the time for which the sockets have waited. */
const CLOSE_TIMEOUT_MS = 500

/** Builds a node. Rejects if the Redis of REDIS_URL cannot be reached. */
export async function buildApp(
  { config, prisma, log, exercises, metrics }: AppDeps,
  overrides: Partial<AppOverrides> = {},
): Promise<App> {
  const { baseUrl, redisUrl } = config
  const { now = () => new Date(), after = realAfter, random = () => randomInt(2 ** 32) / 2 ** 32 } = overrides
  const limits: LiveLimits = { ...LIVE_LIMITS, ...overrides.limits }
  const logger = createLogger(config.logLevel)
  const ping = () => prisma.$queryRaw`SELECT 1`

  const cluster =
    overrides.cluster ??
    (redisUrl === null
      ? createLocalCluster()
      : await joinCluster(redisUrl, createPostgresNodeTable(prisma), (line) => logger.warn(line)))
  const http = await createHttpApp({
    trustedProxies: config.trustedProxies,
    ping,
    logger,
    reportsDatabase: config.databaseUrl !== null,
  })
  const readiness = createReadiness({ 'the database': ping, ...(cluster.ping ? { Redis: cluster.ping } : {}) }, after)
  const { report = (error: unknown) => http.fault(error), urls = () => listServerUrls(config, portOf(http)) } = overrides
  const { retry, stop: stopRetrying } = createRetry({ report, after })
  const channels = createChannels({
    server: http.server,
    baseUrl,
    limits,
    addressOf: createAddressReader(config.trustedProxies),
    now,
    after,
  })

  const library = createLibrary({ prisma, builtIn: exercises, now })
  const classroom = createClassroom({
    store: overrides.store ?? createPrismaLessonStore({ prisma, now }),
    log,
    library,
    cluster,
    retry,
    now,
    after,
    random,
    metrics,
    hasListeners: channels.hasListeners,
    presence: overrides.presence,
    rounds: overrides.rounds,
    notifier: overrides.notifier,
    places: overrides.lessons,
  })
  const { presence, rounds, lifecycle, notifier, progress } = classroom
  const lessons = overrides.lessons ?? createLessons({ ...classroom, prisma, library, now, random })
  const activities =
    overrides.activities ??
    createActivities({
      store: createActivityStore({ prisma, now }),
      library,
      cluster,
      notifier,
      rounds,
      tls: TLS_TOOLS,
      now,
      after,
      random,
      retry,
    })

  const access = overrides.access ?? createAccess(prisma)
  const signIns = createSignIns({ prisma, now })
  const tokens = createApiTokens({ prisma, now })
  const teachers = createTeachers({ prisma, now })
  const auth =
    overrides.auth ??
    createAuth({
      secret: await loadTokenSecret(prisma),
      secure: baseUrl?.startsWith('https:') ?? false,
      now,
      signIns,
      tokens,
    })

  const delivery = createDelivery({
    channels,
    cluster,
    presence,
    rounds,
    lessons,
    retry,
    after,
    onPlaceSent: progress.resume,
  })
  const sockets = createSockets({
    channels,
    delivery,
    presence,
    rounds,
    lessons,
    activities,
    activityFeed: startActivityFeed({ channels, activities, retry, after }),
    auth,
    access,
    now,
    after,
    report,
    limits,
    // If a round has just ended, this also starts and announces its next leg.
    async finish() {
      await rounds.settle()
      await stopRetrying()
    },
  })

  const courses = createCourses({ prisma, notifier, presence, auth, now })
  const replays = createReplays({ prisma, library, rounds, auth })
  const facts = createRoundFactsReader({ rounds, log })
  const playedRounds = createPlayedRounds({ prisma, facts })
  const grades = createGrades({ prisma, facts, log, library, lessons, now })
  const lti = createLti({ prisma, courses, grades, baseUrl, now, after, report })
  const retention = createRetentionSettings({ prisma })
  const retentionJob = createRetentionJob({ prisma, settings: retention, now, after, report })
  await registerRoutes(http, {
    trustedProxies: config.trustedProxies,
    after,
    cluster,
    baseUrl,
    auth,
    access,
    lessons,
    courses,
    grades,
    lti,
    teachers,
    signIns,
    tokens,
    retention,
    retentionJob,
    students: createStudentRecords({ prisma, log, notifier, now }),
    accounts: createAccountAdmin({ prisma, teachers, now }),
    activities,
    exportScores: createScoreExport({ prisma, rounds }),
    insights: createSessionInsights({ prisma, playedRounds, library, replays }),
    screens: createScreens({ prisma, playedRounds, library, presence, now }),
    replays,
    demonstrations: createDemonstrations({ exercises }),
    practices: createPractices({ prisma, exercises, lifecycle, notifier, now }),
    library,
    urls,
    readiness,
    metrics: metrics ?? null,
    metricsToken: config.metricsToken,
    pagesDirectory: overrides.pagesDirectory ?? join(ROOT, 'dist/client'),
  })

  metrics?.addGauge('handshake_sockets', 'Connected sockets', () => channels.io.engine.clientsCount)
  metrics?.addGauge('handshake_live_rounds', 'Rounds in memory', () => rounds.count())
  rounds.subscribe(({ entry, source }) => {
    if (source === 'local') metrics?.countAct(entry.actor, entry.verdict.outcome)
    metrics?.observeDelivery(Math.max(0, now().getTime() - Date.parse(entry.at)) / 1000)
  })

  http.addHook('onListen', async () => retentionJob.start())
  http.addHook('preClose', async () => {
    retentionJob.stop()
    readiness.stop()
    await lti.outbox.stop()
    await sockets.close()
  })
  // By the time of this hook, pending requests have been answered.
  http.addHook('onClose', async () => {
    await Promise.race([rounds.close(), new Promise<void>((resolve) => after(CLOSE_TIMEOUT_MS, resolve))])
    await cluster.close()
  })
  return { http, auth, cluster, presence, rounds, lessons, progress, lti }
}

const portOf = ({ server }: FastifyInstance): number => (server.address() as AddressInfo).port
