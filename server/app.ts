/** One node, put together: the classroom and its HTTP, the rounds and their sockets, and the other nodes. */
import { randomInt } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { createAccess } from './identity/access.ts'
import { listServerUrls } from './base/addresses.ts'
import { createAuth, loadTokenSecret } from './identity/auth.ts'
import { buildTileRound } from './lessons/tiles.ts'
import type { Rate } from './base/token-bucket.ts'
import { createLessons, type LessonNotifier } from './lessons/lessons.ts'
import { createLocalCluster, joinCluster } from './nodes/cluster.ts'
import type { Config } from './base/config.ts'
import { textsFor, type ExerciseLibrary } from '../exercises/load.ts'
import type { PrismaClient } from './generated/prisma/client.ts'
import { buildHttp } from './http/build-http.ts'
import { createLibrary, formatReference } from './lessons/library.ts'
import type { RoundLog } from './rounds/log.ts'
import { createPractices } from './lessons/practices.ts'
import { createPresence } from './nodes/presence.ts'
import type { RoundEvent } from './rounds/live-round.ts'
import { createReplays } from './lessons/replays.ts'
import { createRounds } from './rounds/rounds.ts'
import { ROOT } from './base/root.ts'
import { createScoreExport } from './lessons/scores.ts'
import { createSockets } from './live/sockets.ts'
import { createTeachers } from './identity/teachers.ts'

export interface AppDeps {
  readonly config: Config
  readonly prisma: PrismaClient
  readonly log: RoundLog
  readonly exercises: ExerciseLibrary
  readonly now?: () => Date
  /** How often one person may act; the sockets' own where absent. */
  readonly rate?: Rate
  /** Where the client has been built. */
  readonly pagesDirectory?: string
}

/** Ready to `listen`. `close` tells everybody, finishes what is being written and stops. Rejects where REDIS_URL cannot be reached. */
export async function buildApp(deps: AppDeps): Promise<FastifyInstance> {
  const { config, prisma, log, exercises, now = () => new Date(), rate, pagesDirectory = join(ROOT, 'dist/client') } = deps
  const { baseUrl, redisUrl } = config

  const warn = (line: string) => process.stderr.write(`${line}\n`)
  const cluster = redisUrl === null ? createLocalCluster() : await joinCluster(redisUrl, warn)
  const presence = createPresence({ cluster, now })

  const library = createLibrary({ prisma, builtIn: exercises, now })

  // The rounds tell the sockets, the sockets ask the classroom, and the classroom starts the rounds.
  const rounds = createRounds({
    log,
    now,
    cluster,
    texts: async ({ exercise: id, version }) => textsFor(await library.findByReference(formatReference({ id, version }))),
    publish: (news: RoundEvent) => sockets.deliver(news),
    hasListeners: (roundId) => sockets.hasListeners(roundId),
  })
  const random = () => randomInt(2 ** 32) / 2 ** 32
  const notifier: LessonNotifier = {
    placesChanged: (participants) => cluster.publish('places', participants),
    sessionChanged: (session) => cluster.publish('session', session),
    participantsChanged: (session) => cluster.publish('participants', session),
    tilesChanged: (session, pairs) => cluster.publish('pairs', { session, pairs }),
  }
  const lessons = createLessons({
    prisma,
    library,
    presence,
    rounds: rounds,
    now,
    random,
    async readTileRound(round) {
      const world = await rounds.readWorld(round.id)
      const entries = await rounds.readEntries(round.id)
      return world && buildTileRound(round, world, entries.slice(0, world.entryCount))
    },
    notifier,
  })

  const access = createAccess(prisma)
  const auth = createAuth({ secret: await loadTokenSecret(prisma), secure: baseUrl?.startsWith('https:') ?? false, now })
  const app = await buildHttp({
    baseUrl,
    auth,
    access,
    lessons,
    teachers: createTeachers({ prisma, now }),
    exportScores: createScoreExport({ prisma, rounds: rounds }),
    replays: createReplays({ prisma, library, rounds: rounds, auth }),
    practices: createPractices({ prisma, exercises, rounds: rounds, notifier, now, random }),
    library,
    urls: () => listServerUrls(config, (app.server.address() as AddressInfo).port),
    ping: () => prisma.$queryRaw`SELECT 1`,
    // The embedded one takes the whole server with it, and that is told by who started it.
    warn: config.databaseUrl === null ? () => {} : warn,
    pagesDirectory,
  })

  const sockets = createSockets({
    server: app.server,
    baseUrl,
    cluster,
    presence,
    rounds,
    lessons: lessons,
    auth,
    access,
    now,
    report: (error) => app.fault(error),
    ...(rate ? { rate } : {}),
  })

  app.addHook('preClose', () => sockets.close())
  app.addHook('onClose', () => cluster.close())
  return app
}
