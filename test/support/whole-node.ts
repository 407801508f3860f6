/** The whole node, as `main.ts` runs it, on a PostgreSQL of its own, with browsers and their sockets. */
import type { FastifyInstance } from 'fastify'
import { io } from 'socket.io-client'
import { afterAll, beforeAll } from 'vitest'
import type { SocketClaim } from '../../contract/events.ts'
import type { Place } from '../../contract/places.ts'
import { WIRE_VERSION } from '../../contract/wire-version.ts'
import { buildApp } from '../../server/app.ts'
import { readConfig } from '../../server/base/config.ts'
import { createPostgresLog } from '../../server/rounds/log-postgres.ts'
import { Browser, teacherLink } from './app.ts'
import { testDatabase, type TestDatabase } from './database.ts'
import { exercises } from './exercises.ts'
import { collect, type Client } from './pair.ts'

/** Runs a node for the tests of a file. */
export function wholeNode() {
  let database: TestDatabase
  let log: ReturnType<typeof createPostgresLog>
  let app: FastifyInstance
  let url: string
  const clients: Client[] = []

  beforeAll(async () => {
    database = await testDatabase()
    log = createPostgresLog(database)
    const node = await buildApp({ config: readConfig({ HOST: '127.0.0.1', PORT: '0' }), prisma: database.prisma, log, exercises })
    app = node.http
    url = await app.listen({ host: '127.0.0.1', port: 0 })
  })
  afterAll(async () => {
    await app.close()
    for (const client of clients) client.disconnect()
    await log.close()
    await database.stop()
  })

  const browser = () => new Browser(app)
  const connect = (from: Browser, auth: SocketClaim): Client => {
    const client: Client = io(url, {
      auth: { ...auth, wire: WIRE_VERSION },
      transports: ['websocket'],
      forceNew: true,
      extraHeaders: { cookie: from.cookieHeader },
    })
    clients.push(client)
    return client
  }
  return {
    browser,
    /** A browser in which the teacher is signed in. */
    async teacher(): Promise<Browser> {
      const teacher = browser()
      await teacher.post('/api/teacher/link', { token: await teacherLink(database.prisma, new Date()) })
      return teacher
    },
    connect,
    /** A student's page: it connects, and keeps track of its places. */
    openPage(from: Browser, participant: string) {
      const client = connect(from, { participant })
      const places = collect(client, 'place')
      /** Resolves with the first place, received already or later, that `wanted` accepts. */
      const at = async (wanted: (place: Place) => boolean): Promise<Place> => {
        for (let count = 1; ; count++) {
          await places.until(count)
          const place = places.bodies[count - 1]
          if (place && wanted(place)) return place
        }
      }
      return { client, places, at }
    },
  }
}
