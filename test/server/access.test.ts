/** Checks the whole access table: every existing route and every event, for every kind of client. */
import type { SeatOrNetwork } from '../../protocol/seat.ts'
import { readFileSync } from 'node:fs'
import cookie from '@fastify/cookie'
import Fastify from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CLIENT_EVENTS, type ClientEventName } from '../../contract/events.ts'
import { listServedPaths } from '../../contract/pages.ts'
import { ROUTES } from '../../contract/routes/all-routes.ts'
import { ACCESS, createAccess, type Access, type AccessKey } from '../../server/identity/access.ts'
import type { Principal } from '../../server/identity/auth.ts'
import { accessGuard } from '../../server/http/plugins/access-guard.ts'
import { testApp, type Browser, type TestApp } from '../support/app.ts'

let at: TestApp
let access: Access
/**
 * The teacher of the lesson and the course, another teacher, an assistant of the course, a student who plays in it, one who only joined it, and a visitor without a session.
 */
let owner: Browser, other: Browser, assistant: Browser, player: Browser, bystander: Browser, nobody: Browser
let session: string, pair: string, round: string, exercise: string, course: string
let client: string, server: string, third: string, network: string

beforeAll(async () => {
  at = await testApp()
  access = createAccess(at.prisma)
  ;[owner, other, assistant] = [await at.teacher(), await at.teacher(), await at.teacher()]
  ;[player, bystander, nobody] = [at.browser(), at.browser(), at.browser()]
  const made = await owner.post('/api/sessions', { title: 'Monday', level: 'guided', playlist: ['handshake'], swap: false })
  const { id, code } = made.json<{ id: string; code: string }>()
  session = id
  const join = async (browser: Browser, name: string) => {
    const joined = (await browser.post('/api/join', { code, name })).json<{ participant: { id: string } }>()
    return joined.participant.id
  }
  client = await join(player, 'Ada')
  server = await join(at.browser(), 'Bob')
  third = await join(bystander, 'Cyd')
  network = await join(at.browser(), 'Dan')
  await owner.post(`/api/sessions/${session}/pairs`, { members: [client, server, network] })
  await owner.post(`/api/sessions/${session}/position`, { position: 0 })
  const source = readFileSync('exercises/data.yaml', 'utf8')
  exercise = (await owner.post('/api/exercises', { source })).json<{ id: string }>().id
  course = (await owner.post('/api/courses', { title: 'Networks', language: 'en' })).json<{ id: string }>().id
  const { id: assistantId } = (await at.auth.authenticate(assistant.cookieHeader, { teacher: true })) as Principal
  await at.prisma.courseStaff.create({ data: { courseId: course, teacherId: assistantId, role: 'assistant' } })
  pair = (await at.classroom.readTiles(session))[0]?.pair ?? ''
  round = (await at.classroom.readPlaces([client]))[0]?.round?.id ?? ''
})
afterAll(() => at.stop())

const HTTP = Object.keys(ACCESS).filter((key): key is AccessKey => key.includes(' '))

test('each event has a row, and there is no row for anything but routes and events', () => {
  const pages = [...listServedPaths(), '/*'].map((path) => `GET ${path}`)
  expect(Object.keys(ACCESS).sort()).toEqual([...Object.keys(ROUTES), ...Object.keys(CLIENT_EVENTS), ...pages].sort())
  for (const key of HTTP) {
    const [method = '', url = ''] = key.split(' ')
    expect(at.app.hasRoute({ method, url }), key).toBe(true)
  }
})

test('a route without a row does not start', async () => {
  const app = Fastify()
  await app.register(cookie)
  await app.register(accessGuard, { access, auth: at.auth })
  app.get('/healthz', () => 'well')
  await expect(async () => {
    app.get('/api/secrets', () => 'all of them')
    await app.ready()
  }).rejects.toThrow('GET /api/secrets has no row in the access table')
})

describe('HTTP', () => {
  const address = (key: string) =>
    (key.split(' ')[1] ?? '')
      .replace(':session', session)
      .replace(':course', course)
      .replace(':pair', pair)
      .replace(':code', 'AAAAAA')
      .replace(':participant', client)
      .replace(':round', round)
      .replace(':token', 'nobodys')
      .replace(':exercise', key.endsWith('/preview') ? 'handshake' : exercise)
      .replace('*', 'nothing')
  /** The status of the answer to a request without a body. */
  const ask = async (browser: Browser, key: string): Promise<number> => {
    const [method] = key.split(' ') as ['GET' | 'POST' | 'PATCH' | 'DELETE']
    return (await browser.ask(method, address(key), { headers: { accept: 'application/json' } })).statusCode
  }

  test.each(HTTP.filter((key) => ACCESS[key] === 'anyone'))('%s: anyone', async (key) => {
    for (const browser of [nobody, player, other, owner]) expect([401, 403]).not.toContain(await ask(browser, key))
  })

  test.each(HTTP.filter((key) => ACCESS[key] === 'teacher'))('%s: teachers', async (key) => {
    for (const browser of [nobody, player, bystander]) expect(await ask(browser, key)).toBe(401)
    // Not for logout, which would sign the teachers out. Elsewhere only the missing body can be an error.
    if (key === 'POST /api/teacher/logout') return
    for (const browser of [other, owner]) expect([200, 400]).toContain(await ask(browser, key))
  })

  test.each(HTTP.filter((key) => ACCESS[key] === 'teacher of the session'))('%s: the teacher whose session it is', async (key) => {
    for (const browser of [nobody, player, bystander]) expect(await ask(browser, key)).toBe(401)
    expect(await ask(other, key)).toBe(403)
    if (key.startsWith('GET')) expect(await ask(owner, key)).toBe(200)
  })

  test.each(HTTP.filter((key) => ACCESS[key] === 'staff of the course'))('%s: the staff of the course', async (key) => {
    for (const browser of [nobody, player, bystander]) expect(await ask(browser, key)).toBe(401)
    expect(await ask(other, key)).toBe(403)
    for (const browser of [owner, assistant]) expect([401, 403]).not.toContain(await ask(browser, key))
  })

  test.each(HTTP.filter((key) => ACCESS[key] === 'teacher of the course'))('%s: the teachers of the course', async (key) => {
    for (const browser of [nobody, player, bystander]) expect(await ask(browser, key)).toBe(401)
    for (const browser of [other, assistant]) expect(await ask(browser, key)).toBe(403)
    expect([401, 403]).not.toContain(await ask(owner, key))
  })

  test.each(HTTP.filter((key) => ACCESS[key] === 'teacher of the exercise'))(
    '%s: the teacher who brought it along',
    async (key) => {
      for (const browser of [nobody, player, bystander]) expect(await ask(browser, key)).toBe(401)
      expect(await ask(other, key)).toBe(403)
      expect(await ask(owner, key)).toBe(200)
    },
  )

  test.each(HTTP.filter((key) => ACCESS[key] === 'seat or teacher of the round'))(
    '%s: whoever plays in the round, once it is over, and its teacher',
    async (key) => {
      const playing = at.rounds.worlds.get(round)!
      at.rounds.worlds.set(round, { ...playing, over: null })
      expect(await ask(nobody, key)).toBe(401)
      for (const browser of [other, bystander]) expect(await ask(browser, key)).toBe(403)
      expect(await ask(player, key)).toBe(409)
      expect(await ask(owner, key)).toBe(200)
      await at.rounds.finish(round)
      expect(await ask(player, key)).toBe(200)
      expect(await ask(bystander, key)).toBe(403)
    },
  )

  test.each(HTTP.filter((key) => ACCESS[key] === 'seat of the round'))('%s: whoever plays as client or server', async (key) => {
    expect(await ask(nobody, key)).toBe(401)
    for (const browser of [owner, other, bystander]) expect(await ask(browser, key)).toBe(403)
    expect([401, 403]).not.toContain(await ask(player, key))
  })

  test('a session that does not exist, or that no id could name, is not found', async () => {
    for (const id of ['AAAAAAAAAAAAAAAAAAAAAA', 'x', '%00%00%00%00%00%00%00%00', '..%2F..%2Fetc', "'%20OR%20TRUE%20--%20'"]) {
      const answer = await owner.get(`/api/sessions/${id}`)
      expect(answer.statusCode, id).toBe(404)
      expect(answer.json()).toMatchObject({ ok: false, error: 'not-found' })
    }
  })

  test('no rule asked of HTTP is one that only sockets know', () => {
    const asked = [
      'anyone',
      'teacher',
      'staff of the course',
      'teacher of the course',
      'teacher of the session',
      'teacher of the exercise',
      'seat of the round',
      'seat or teacher of the round',
    ]
    for (const key of HTTP) expect(asked).toContain(ACCESS[key])
  })
})

describe('sockets', () => {
  const principals = async () => {
    const teacher = async (browser: Browser) => (await at.auth.authenticate(browser.cookieHeader, { teacher: true })) as Principal
    const participant = (id: string): Principal => ({ kind: 'participant', id, session })
    return {
      owner: await teacher(owner),
      other: await teacher(other),
      client: participant(client),
      server: participant(server),
      network: participant(network),
      third: participant(third),
      nobody: null,
    }
  }
  type Who = keyof Awaited<ReturnType<typeof principals>>
  const events = Object.keys(CLIENT_EVENTS) as ClientEventName[]

  const granted = {
    participant: { client: null, server: null, network: null, third: null },
    'seat of the round': { client: 'client', server: 'server' },
    'network seat of the round': { network: 'network' },
    'teacher of the session': { owner: null },
    'teacher of the round': { owner: null },
  } as const satisfies Record<string, { [W in Who]?: SeatOrNetwork | null }>

  test.each(events)('%s', async (event) => {
    const rule = ACCESS[event]
    for (const [who, principal] of Object.entries(await principals())) {
      const answer = await access.authorize(principal, event, { session, round })
      const allowed: Record<string, SeatOrNetwork | null> = granted[rule]
      if (who in allowed) expect(answer, who).toEqual({ ok: true, seat: allowed[who] })
      else expect(answer, who).toMatchObject({ ok: false, error: who === 'nobody' ? 'unauthenticated' : 'forbidden' })
    }
  })

  test.each(events.filter((event) => ACCESS[event] !== 'participant'))('%s of what does not exist', async (event) => {
    const { owner: teacher, client: participant } = await principals()
    const principal = ACCESS[event].includes('seat') ? participant : teacher
    for (const id of ['AAAAAAAAAAAAAAAAAAAAAA', '', '\u0000'.repeat(10), undefined]) {
      expect(await access.authorize(principal, event, { session: id, round: id })).toMatchObject({ ok: false, error: 'not-found' })
    }
  })

  test('a socket is whom its cookies prove, and nobody else', async () => {
    const cookies = player.cookieHeader
    expect(await at.auth.authenticate(cookies, { participant: client })).toEqual({ kind: 'participant', id: client, session })
    for (const auth of [
      { participant: server },
      { teacher: true },
      {},
      null,
      undefined,
      'teacher',
      { participant: 7 },
      { teacher: 'true' },
    ]) {
      expect(await at.auth.authenticate(cookies, auth)).toBeNull()
    }
    // Another participant's token under one's own name, a participant's token as a teacher's, and a token with the algorithm
    // `none`.
    const [, token = ''] = /p_[^=]+=([^;]+)/.exec(cookies) ?? []
    expect(await at.auth.authenticate(`p_${server}=${token}`, { participant: server })).toBeNull()
    expect(await at.auth.authenticate(`t=${token}`, { teacher: true })).toBeNull()
    const [, claims = ''] = token.split('.')
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${claims}.`
    expect(await at.auth.authenticate(`p_${client}=${none}`, { participant: client })).toBeNull()
    expect(await at.auth.authenticate(undefined, { participant: client })).toBeNull()
  })
})
