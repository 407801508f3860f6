/** One node, put together: the classroom and its HTTP, the rounds and their sockets, and the other nodes. */
import { randomInt } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { createAccess } from './access.ts'
import { urlsOf } from './addresses.ts'
import { createAuth, tokenSecret } from './auth.ts'
import { tileOf } from './board.ts'
import type { Rate } from './bucket.ts'
import { createClassroom, type Notifier } from './classroom.ts'
import { alone, joinCluster } from './cluster.ts'
import type { Config } from './config.ts'
import { textsOf, type Exercises } from '../exercises/load.ts'
import type { PrismaClient } from './generated/prisma/client.ts'
import { buildHttp } from './http.ts'
import { createLibrary, referenceTo } from './library.ts'
import type { Log } from './log.ts'
import { createPractices } from './practice.ts'
import { createPresence } from './presence.ts'
import type { News } from './room.ts'
import { createReplays } from './replays.ts'
import { createRooms } from './rooms.ts'
import { ROOT } from './root.ts'
import { createScores } from './scores.ts'
import { createSockets } from './sockets.ts'
import { createTeachers } from './teachers.ts'

export interface AppDeps {
  readonly config: Config
  readonly prisma: PrismaClient
  readonly log: Log
  readonly exercises: Exercises
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
  const cluster = redisUrl === null ? alone() : await joinCluster(redisUrl, warn)
  const presence = createPresence({ cluster, now })

  const library = createLibrary({ prisma, builtIn: exercises, now })

  // The rounds tell the sockets, the sockets ask the classroom, and the classroom starts the rounds.
  const rooms = createRooms({
    log,
    now,
    cluster,
    texts: async ({ exercise: id, version }) => textsOf(await library.played(referenceTo({ id, version }))),
    publish: (news: News) => sockets.publish(news),
    heldBy: (roundId) => sockets.hears(roundId),
  })
  const random = () => randomInt(2 ** 32) / 2 ** 32
  const notifier: Notifier = {
    places: (participants) => cluster.tellAll('places', participants),
    session: (session) => cluster.tellAll('session', session),
    participants: (session) => cluster.tellAll('participants', session),
    tiles: (session, pairs) => cluster.tellAll('pairs', { session, pairs }),
  }
  const classroom = createClassroom({
    prisma,
    library,
    presence,
    rounds: rooms,
    now,
    random,
    async tile(round) {
      const world = await rooms.world(round.id)
      const entries = await rooms.entries(round.id)
      return world && tileOf(round, world, entries.slice(0, world.index))
    },
    notifier,
  })

  const access = createAccess(prisma)
  const auth = createAuth({ secret: await tokenSecret(prisma), secure: baseUrl?.startsWith('https:') ?? false, now })
  const app = await buildHttp({
    baseUrl,
    auth,
    access,
    classroom,
    teachers: createTeachers({ prisma, now }),
    scores: createScores({ prisma, rounds: rooms }),
    replays: createReplays({ prisma, library, rounds: rooms, auth }),
    practices: createPractices({ prisma, exercises, rounds: rooms, notifier, now, random }),
    library,
    urls: () => urlsOf(config, (app.server.address() as AddressInfo).port),
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
    rooms,
    lessons: classroom,
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
