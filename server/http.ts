/** The HTTP side: plugins in the order in which a request meets them, then the routes. It knows no sockets. */
import cookie from '@fastify/cookie'
import { TypeBoxValidatorCompiler, type TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import Fastify, { type FastifyInstance } from 'fastify'
import type { Access } from './access.ts'
import type { Auth } from './auth.ts'
import type { Classroom } from './classroom.ts'
import type { Library } from './library.ts'
import { failures } from './plugins/failures.ts'
import { faults } from './plugins/faults.ts'
import { guard } from './plugins/guard.ts'
import { limits } from './plugins/limits.ts'
import { openapi } from './plugins/openapi.ts'
import { pages } from './plugins/pages.ts'
import { reach } from './plugins/reach.ts'
import { security } from './plugins/security.ts'
import { aboutRoutes } from './routes/about.ts'
import { debriefRoutes } from './routes/debrief.ts'
import { exerciseRoutes } from './routes/exercises.ts'
import { joinRoutes } from './routes/join.ts'
import { practiceRoutes } from './routes/practice.ts'
import { sessionRoutes } from './routes/sessions.ts'
import { teacherRoutes } from './routes/teacher.ts'
import type { Practices } from './practice.ts'
import type { Replays } from './replays.ts'
import type { Scores } from './scores.ts'
import type { Teachers } from './teachers.ts'

export interface HttpDeps {
  /** BASE_URL; null where people come by the machine's own addresses. */
  readonly baseUrl: string | null
  readonly auth: Auth
  readonly access: Access
  readonly classroom: Classroom
  readonly teachers: Teachers
  readonly scores: Scores
  readonly replays: Replays
  readonly practices: Practices
  readonly library: Library
  /** Where people reach this server. */
  readonly urls: () => readonly string[]
  /** Rejects where the database does not answer. */
  readonly ping: () => Promise<unknown>
  /** Hears one line when the database goes and one when it is back. */
  readonly warn: (line: string) => void
  /** Where the client has been built. */
  readonly pagesDirectory: string
}

/** Octets. */
const LONGEST_BODY = 64 * 1024

export async function buildHttp(deps: HttpDeps): Promise<FastifyInstance> {
  const { baseUrl, auth, access, classroom, teachers, scores, replays, practices, library, urls, ping, warn, pagesDirectory } = deps
  const app = Fastify({
    logger: { level: 'error', stream: process.stderr },
    bodyLimit: LONGEST_BODY,
    forceCloseConnections: true,
    // BASE_URL says that a proxy stands in front; without one an address is the one that is connected, whatever it claims.
    trustProxy: baseUrl === null ? false : ['loopback', 'linklocal', 'uniquelocal'],
  })
    .withTypeProvider<TypeBoxTypeProvider>()
    .setValidatorCompiler(TypeBoxValidatorCompiler)

  await app.register(faults, { ping, warn })
  await app.register(failures)
  await app.register(security, { baseUrl })
  await app.register(limits)
  await app.register(cookie)
  await app.register(guard, { access, auth })
  await app.register(reach)
  await app.register(openapi)

  await app.register(joinRoutes, { auth, classroom })
  await app.register(practiceRoutes, { auth, practices })
  await app.register(teacherRoutes, { auth, teachers })
  await app.register(sessionRoutes, { classroom, scores })
  await app.register(debriefRoutes, { replays })
  await app.register(exerciseRoutes, { library })
  await app.register(aboutRoutes, { urls, ping })
  await app.register(pages, { directory: pagesDirectory })
  return app
}
