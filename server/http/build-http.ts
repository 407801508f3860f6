/**
 * The HTTP server: plugins in the order in which they handle a request, then the routes. This module does not depend on sockets.
 */
import cookie from '@fastify/cookie'
import { TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyRequest } from 'fastify'
import { createProxyTest } from '../base/client-address.ts'
import { HTTP_LIMITS } from '../base/limits.ts'
import type { Logger } from '../base/logger.ts'
import type { After } from '../base/timer.ts'
import type { Metrics } from '../base/metrics.ts'
import type { Access } from '../identity/access.ts'
import type { AccountAdmin } from '../identity/account-admin.ts'
import type { ApiTokens } from '../identity/api-tokens.ts'
import type { Auth } from '../identity/auth.ts'
import type { SignIns } from '../identity/sign-ins.ts'
import type { Cluster } from '../nodes/cluster.ts'
import type { Courses } from '../courses/courses.ts'
import type { Grades } from '../grades/grades.ts'
import type { Activities } from '../activities/activities.ts'
import type { Lti } from '../lti/lti.ts'
import type { Lessons } from '../lessons/lessons.ts'
import type { Library } from '../lessons/library.ts'
import { framing } from './plugins/framing.ts'
import { errorHandler } from './plugins/error-handler.ts'
import { faultReporting } from './plugins/fault-reporting.ts'
import { accessGuard } from './plugins/access-guard.ts'
import { pendingLimits } from './plugins/pending-limits.ts'
import { rateLimits } from './plugins/rate-limits.ts'
import { refusePipelining } from './pipelining.ts'
import { openapi } from './plugins/openapi.ts'
import { pages } from './plugins/pages.ts'
import { reachability } from './plugins/reachability.ts'
import { security } from './plugins/security.ts'
import { aboutHandlers } from './routes/about.ts'
import { activityHandlers } from './routes/class-activity.ts'
import { replayHandlers } from './routes/replay.ts'
import { courseHandlers } from './routes/course.ts'
import { ltiHandlers } from './routes/lti-launches.ts'
import { platformHandlers } from './routes/lti-platforms.ts'
import { exerciseHandlers } from './routes/exercises.ts'
import { gradeHandlers } from './routes/grading.ts'
import { insightHandlers } from './routes/insights.ts'
import { joinHandlers } from './routes/join.ts'
import { memberEntryHandlers } from './routes/members.ts'
import { practiceHandlers } from './routes/practice.ts'
import { privacyHandlers } from './routes/privacy.ts'
import { sessionHandlers } from './routes/sessions.ts'
import { teacherHandlers } from './routes/teacher.ts'
import { colleagueHandlers } from './routes/colleagues.ts'
import { serveRoutes } from './routes/serve-routes.ts'
import type { Demonstrations } from '../lessons/demonstrations.ts'
import type { RetentionJob } from '../privacy/retention-job.ts'
import type { RetentionSettings } from '../privacy/retention-settings.ts'
import type { StudentRecords } from '../privacy/student-data.ts'
import type { Practices } from '../lessons/practices.ts'
import type { Replays } from '../lessons/replays.ts'
import type { Screens } from '../lessons/screens.ts'
import type { SessionInsights } from '../lessons/session-insights.ts'
import type { ExportScores } from '../lessons/scores.ts'
import type { Teachers } from '../identity/teachers.ts'
import type { Readiness } from './readiness.ts'

/** Options of the HTTP server. */
export interface HttpOptions {
  /** Proxies whose `X-Forwarded-For` is trusted: addresses, ranges, or proxy-addr's names of ranges. */
  readonly trustedProxies: readonly string[]
  /** Rejects if the database does not answer. */
  readonly ping: () => Promise<unknown>
  readonly logger: Logger
  /** Whether to log one line when the database becomes unavailable and one when it is back. */
  readonly reportsDatabase: boolean
}

/** What the plugins and routes depend on. */
export interface RoutesDeps {
  /** As in `HttpOptions`. */
  readonly trustedProxies: readonly string[]
  readonly after: After
  readonly cluster: Pick<Cluster, 'on' | 'sendToOthers' | 'publish'>
  readonly baseUrl: string | null
  readonly auth: Auth
  readonly access: Access
  readonly lessons: Lessons
  readonly courses: Courses
  readonly grades: Grades
  readonly activities: Pick<Activities, 'start' | 'end'>
  readonly lti: Lti
  readonly teachers: Teachers
  readonly signIns: SignIns
  readonly tokens: ApiTokens
  readonly accounts: AccountAdmin
  readonly retention: RetentionSettings
  readonly retentionJob: RetentionJob
  readonly students: StudentRecords
  readonly exportScores: ExportScores
  readonly insights: SessionInsights
  readonly screens: Screens
  readonly replays: Replays
  readonly practices: Practices
  readonly demonstrations: Demonstrations
  readonly library: Library
  /** The URLs at which people reach this server, likeliest first. */
  readonly urls: () => readonly string[]
  readonly readiness: Readiness
  readonly metrics: Metrics | null
  readonly metricsToken: string | null
  /** The directory of the built client. */
  readonly pagesDirectory: string
}

/** Maximum octets of a request body, unless the route declares its own maximum. */
const MAX_BODY_OCTETS = 64 * 1024
/** Real ms within which a complete request must arrive, including its body of up to 512 kB. */
const REQUEST_TIMEOUT_MS = 30_000
/**
 * Real ms within which the request's head must arrive. It must be less than the request timeout: otherwise Node.js swaps the two
 * values.
 */
const HEAD_TIMEOUT_MS = 20_000
/** Real ms between two checks for connections that exceed these timeouts. */
const TIMEOUT_CHECK_MS = 1_000
/**
 * Real ms without any progress, while a request is handled or its answer is being sent, after which the connection is closed. Longer
 * than a long poll of live traffic lasts. WebSockets have their own heartbeat.
 */
const STALL_TIMEOUT_MS = 60_000

/** A server without routes that already reports faults. Sockets may be attached to its `server`. */
export async function createHttpApp({ trustedProxies, ping, logger, reportsDatabase }: HttpOptions): Promise<FastifyInstance> {
  const loggerInstance: FastifyBaseLogger = logger
  const app = Fastify({
    loggerInstance,
    bodyLimit: MAX_BODY_OCTETS,
    forceCloseConnections: true,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionTimeout: STALL_TIMEOUT_MS,
    http: { headersTimeout: HEAD_TIMEOUT_MS, connectionsCheckingInterval: TIMEOUT_CHECK_MS },
    trustProxy: trustedProxies.length > 0 && [...trustedProxies],
  }).setValidatorCompiler(TypeBoxValidatorCompiler)

  refusePipelining(app.server)
  await app.register(faultReporting, { ping, reportsDatabase })
  return app
}

/** Registers the plugins, then the routes, on a server of `createHttpApp`. */
export async function registerRoutes(app: FastifyInstance, deps: RoutesDeps): Promise<void> {
  const {
    trustedProxies,
    after,
    cluster,
    baseUrl,
    auth,
    access,
    lessons,
    courses,
    grades,
    activities,
    lti,
    teachers,
    signIns,
    tokens,
    accounts,
    retention,
    retentionJob,
    students,
    exportScores,
    insights,
    screens,
    replays,
    practices,
    demonstrations,
    library,
    urls,
    readiness,
    metrics,
    metricsToken,
    pagesDirectory,
  } = deps
  await app.register(errorHandler)
  await app.register(pendingLimits, { limits: HTTP_LIMITS, isProxy: createProxyTest(trustedProxies), after })
  await app.register(security, { baseUrl })
  await app.register(rateLimits, { cluster })
  await app.register(cookie)
  await app.register(framing, { readOrigins: (platform) => lti.platforms.readOrigins(platform) })
  await app.register(accessGuard, { access, auth })
  await app.register(reachability)
  await app.register(openapi)

  const onSignedOut = (teacherId: string) => cluster.publish('signedOut', teacherId)
  const originOf = ({ protocol, host }: FastifyRequest) => baseUrl ?? `${protocol}://${host}`
  serveRoutes(app, {
    ...joinHandlers(app, { auth, lessons }),
    ...practiceHandlers(app, { auth, practices, demonstrations }),
    ...courseHandlers({ courses, lessons, urls }),
    ...memberEntryHandlers(app, { auth, courses, lessons }),
    ...gradeHandlers({ grades }),
    ...teacherHandlers(app, { auth, teachers, signIns, tokens, onSignedOut }),
    ...colleagueHandlers({ accounts, onSignedOut }),
    ...ltiHandlers(app, { lti, auth, originOf }),
    ...platformHandlers(app, { lti, originOf }),
    ...privacyHandlers({ retention, retentionJob, students }),
    ...sessionHandlers({ lessons, exportScores }),
    ...insightHandlers({ insights, screens }),
    ...activityHandlers({ activities }),
    ...replayHandlers(app, { replays }),
    ...exerciseHandlers(app, { library }),
    ...aboutHandlers(app, { urls, readiness, metrics, metricsToken }),
  })
  await app.register(pages, { directory: pagesDirectory, baseUrl })
}
