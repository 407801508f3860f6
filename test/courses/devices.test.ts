/** One device a member, with real sockets: a whole node on PostgreSQL, two browsers of one student, and a partner. */
import type { FastifyInstance } from 'fastify'
import { io } from 'socket.io-client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Board, Joined, SessionInfo } from '../../contract/answers.ts'
import type { CourseInfo } from '../../contract/courses.ts'
import type { SocketClaim } from '../../contract/events.ts'
import type { Place } from '../../contract/places.ts'
import { WIRE_VERSION } from '../../contract/wire-version.ts'
import { buildApp } from '../../server/app.ts'
import { readConfig } from '../../server/base/config.ts'
import { createPostgresLog } from '../../server/rounds/log-postgres.ts'
import { Browser, teacherLink } from '../support/app.ts'
import { testDatabase, type TestDatabase } from '../support/database.ts'
import { exercises } from '../support/exercises.ts'
import { LISTENS, OPENS } from '../support/handshake.ts'
import { collect, type Client } from '../support/pair.ts'

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

/** A page of this browser: it connects, and keeps track of its place. */
function open(browser: Browser, participant: string) {
  const auth: SocketClaim = { participant }
  const client: Client = io(url, {
    auth: { ...auth, wire: WIRE_VERSION },
    transports: ['websocket'],
    forceNew: true,
    extraHeaders: { cookie: browser.cookieHeader },
  })
  clients.push(client)
  const places = collect(client, 'place')
  /** Resolves with the first place, received already or later, that `wanted` accepts. */
  const at = async (wanted: (place: Place) => boolean): Promise<Place> => {
    for (let count = 1; ; count++) {
      await places.until(count)
      const place = places.bodies[count - 1]
      if (place && wanted(place)) return place
    }
  }
  return { client, at }
}

test('the second device asks, the first is told and asleep in mid-round, and goes on when it wants to', async () => {
  const teacher = new Browser(app)
  await teacher.post('/api/teacher/link', { token: await teacherLink(database.prisma, new Date()) })
  const { id: course } = (await teacher.post('/api/courses', { title: 'Networks', language: 'en' })).json<CourseInfo>()
  for (const [number, name] of [
    ['1', 'Ada'],
    ['2', 'Bo'],
  ])
    await teacher.post(`/api/courses/${course}/members`, { number, name })
  const wanted = { title: 'Monday', level: 'guided', playlist: ['handshake'], swap: false, kind: 'roster' }
  const { id: session, code } = (await teacher.post(`/api/courses/${course}/sessions`, wanted)).json<SessionInfo>()
  const enter = (browser: Browser, number: string, takeOver = false) => browser.post('/api/members', { code, number, takeOver })

  const [phone, laptop, bo] = [new Browser(app), new Browser(app), new Browser(app)]
  const ada = (await enter(phone, '1')).json<Joined>().participant.id
  const boId = (await enter(bo, '2')).json<Joined>().participant.id
  const onPhone = open(phone, ada)
  await Promise.all([onPhone.at(() => true), open(bo, boId).at(() => true)])
  await teacher.post(`/api/sessions/${session}/pairs`, { members: [ada, boId] })
  await teacher.post(`/api/sessions/${session}/position`, { position: 0 })
  const { round } = await onPhone.at((place) => place.round !== null)
  if (!round) throw new Error('no round')
  const act = (client: Client, id: string) =>
    client.emitWithAck('act', { round: round.id, id, seen: 0, action: round.seat === 'client' ? OPENS : LISTENS })

  // The first device is in its round: the second one has to say that it takes over.
  expect((await enter(laptop, '1')).json()).toMatchObject({ error: 'other-device' })
  expect((await enter(laptop, '1', true)).statusCode).toBe(200)
  const asleep = await onPhone.at((place) => place.me.asleep === true)
  // It stays connected and keeps its round in sight, but acts no more.
  expect(asleep.round?.id).toBe(round.id)
  expect(onPhone.client.connected).toBe(true)
  expect(await act(onPhone.client, 'from-the-phone')).toMatchObject({ ok: false, error: 'asleep' })
  expect(await onPhone.client.emitWithAck('resume', { round: round.id, from: 0 })).toMatchObject({ ok: true })

  const onLaptop = open(laptop, ada)
  expect((await onLaptop.at(() => true)).me.asleep).toBeUndefined()
  expect(await act(onLaptop.client, 'from-the-laptop')).toMatchObject({ ok: true })

  // A reload does not wake it; its own button does, and puts the other one to sleep.
  onPhone.client.disconnect()
  expect((await open(phone, ada).at(() => true)).me.asleep).toBe(true)
  expect((await phone.post(`/api/participants/${ada}/wake`)).statusCode).toBe(200)
  await onLaptop.at((place) => place.me.asleep === true)
  expect((await open(phone, ada).at(() => true)).me.asleep).toBeUndefined()
  const { participants, missing } = (await teacher.get(`/api/sessions/${session}`)).json<Board>()
  expect(participants.map(({ name }) => name).sort()).toEqual(['Ada', 'Bo'])
  expect(missing).toEqual([])
})
