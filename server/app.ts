/** One node, put together. Nothing else wires it: a test varies it by what it hands in. */
import { randomInt } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { textsFor, type ExerciseLibrary } from '../exercises/load.ts'
import { TLS_TOOLS } from '../exercises/tls-tools.ts'
import { listServerUrls } from './base/addresses.ts'
import type { Config } from './base/config.ts'
import { createRetry } from './base/retry.ts'
import { ROOT } from './base/root.ts'
import { after as realAfter, type After } from './base/timer.ts'
import type { Rate } from './base/token-bucket.ts'
import type { PrismaClient } from './generated/prisma/client.ts'
import { createHttpApp, registerRoutes } from './http/build-http.ts'
import { createAccess, type Access } from './identity/access.ts'
import { createAuth, loadTokenSecret, type Auth } from './identity/auth.ts'
import { createTeachers } from './identity/teachers.ts'
import { createLessons, type Lessons } from './lessons/lessons.ts'
import { createLibrary, formatReference } from './lessons/library.ts'
import { createNotifier, type LessonNotifier } from './lessons/notifier.ts'
import { createPractices } from './lessons/practices.ts'
import { createProgress } from './lessons/progress.ts'
import { createReplays } from './lessons/replays.ts'
import { createScoreExport } from './lessons/scores.ts'
import { createChannels } from './live/channels.ts'
import { createDelivery } from './live/delivery.ts'
import { createSockets } from './live/sockets.ts'
import { createLocalCluster, joinCluster, type Cluster } from './nodes/cluster.ts'
import { createPresence, type Presence } from './nodes/presence.ts'
import type { RoundLog } from './rounds/log.ts'
import { createRounds, type Rounds } from './rounds/rounds.ts'

export interface AppDeps {
  readonly config: Config
  readonly prisma: PrismaClient
  readonly log: RoundLog
  readonly exercises: ExerciseLibrary
}

/** What may be handed in instead of the node's own. */
export interface AppOverrides {
  readonly now: () => Date
  readonly after: After
  /** Numbers in [0, 1). */
  readonly random: () => number
  readonly cluster: Cluster
  readonly presence: Presence
  readonly rounds: Rounds
  readonly notifier: LessonNotifier
  readonly lessons: Lessons
  readonly auth: Auth
  readonly access: Access
  /** How often one person may act; the sockets' own where absent. */
  readonly rate: Rate
  /** Receives unexpected errors. */
  readonly report: (error: unknown) => void
  /** Where people reach this server. */
  readonly urls: () => readonly string[]
  /** Where the client has been built. */
  readonly pagesDirectory: string
}

/** A node, and those of its parts that others ask. */
export interface App {
  /** Ready to `listen`. `close` tells everybody, finishes what is being written and stops. */
  readonly http: FastifyInstance
  readonly auth: Auth
  readonly cluster: Cluster
  readonly presence: Presence
  readonly rounds: Rounds
  readonly lessons: Lessons
}

/** Rejects where REDIS_URL cannot be reached. */
export async function buildApp({ config, prisma, log, exercises }: AppDeps, overrides: Partial<AppOverrides> = {}): Promise<App> {
  const { baseUrl, redisUrl } = config
  const { now = () => new Date(), after = realAfter, random = () => randomInt(2 ** 32) / 2 ** 32, rate } = overrides
  const warn = (line: string) => process.stderr.write(`${line}\n`)
  const ping = () => prisma.$queryRaw`SELECT 1`

  const cluster = overrides.cluster ?? (redisUrl === null ? createLocalCluster() : await joinCluster(redisUrl, warn))
  // The embedded database takes the whole server with it when it goes, and whoever started it says so.
  const http = await createHttpApp({ baseUrl, ping, warn: config.databaseUrl === null ? () => {} : warn })
  const { report = (error: unknown) => http.fault(error), urls = () => listServerUrls(config, portOf(http)) } = overrides
  const { retry, stop: stopRetrying } = createRetry({ report, after })
  const channels = createChannels({ server: http.server, baseUrl, after })

  const presence = overrides.presence ?? createPresence({ cluster, now, after })
  const library = createLibrary({ prisma, builtIn: exercises, now })
  const rounds =
    overrides.rounds ??
    createRounds({
      log,
      now,
      after,
      tls: TLS_TOOLS,
      cluster,
      texts: async ({ exercise: id, version }) => textsFor(await library.findByReference(formatReference({ id, version }))),
      hasListeners: channels.hasListeners,
    })
  const notifier = overrides.notifier ?? createNotifier(cluster)
  const lessons = overrides.lessons ?? createLessons({ prisma, library, presence, rounds, notifier, now, random })
  const progress = createProgress({ rounds, lessons, presence, cluster, retry, after })

  const access = overrides.access ?? createAccess(prisma)
  const auth =
    overrides.auth ?? createAuth({ secret: await loadTokenSecret(prisma), secure: baseUrl?.startsWith('https:') ?? false, now })

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
    auth,
    access,
    now,
    after,
    report,
    ...(rate ? { rate } : {}),
  })

  await registerRoutes(http, {
    baseUrl,
    auth,
    access,
    lessons,
    teachers: createTeachers({ prisma, now }),
    exportScores: createScoreExport({ prisma, rounds }),
    replays: createReplays({ prisma, library, rounds, auth }),
    practices: createPractices({ prisma, exercises, rounds, notifier, now, random }),
    library,
    urls,
    ping,
    pagesDirectory: overrides.pagesDirectory ?? join(ROOT, 'dist/client'),
  })

  http.addHook('preClose', async () => {
    stopRetrying()
    await sockets.close()
  })
  http.addHook('onClose', () => cluster.close())
  return { http, auth, cluster, presence, rounds, lessons }
}

const portOf = ({ server }: FastifyInstance): number => (server.address() as AddressInfo).port
