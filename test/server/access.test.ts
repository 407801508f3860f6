/** Checks the whole access table: every existing route and every event, for every kind of client. */
import type { SeatOrNetwork } from '../../protocol/seat.ts'
import { readFileSync } from 'node:fs'
import cookie from '@fastify/cookie'
import Fastify from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TOKEN_SCOPES, type AccessRule, type TokenScope } from '../../contract/access-rules.ts'
import { CLIENT_EVENTS, type ClientEventName } from '../../contract/events.ts'
import { listServedPaths } from '../../contract/pages.ts'
import { ROUTES } from '../../contract/routes/all-routes.ts'
import { ACCESS, createAccess, TOKEN_NEEDS, type Access, type AccessKey } from '../../server/identity/access.ts'
import type { Principal } from '../../server/identity/auth.ts'
import { accessGuard } from '../../server/http/plugins/access-guard.ts'
import { testApp, type Browser, type TestApp } from '../support/app.ts'

let at: TestApp
let access: Access
/** Whoever may ask over HTTP. The lesson is one of the course's. */
const WHO = ['nobody', 'student', 'bystander', 'other', 'owner', 'assistant', 'colleague', 'teacher'] as const
type Who = (typeof WHO)[number]
/**
 * `student` plays in the lesson, `bystander` has only joined it. `teacher`: of the lesson, and the course's owner; `colleague`: a teacher of
 * the course; `assistant`: of the course; `other`: another teacher; `owner`: of the installation, who has nothing to do with the course.
 */
let by: { readonly [W in Who]: Browser }
let session: string, pair: string, round: string, exercise: string, course: string, platform: string
let client: string, server: string, third: string, network: string

beforeAll(async () => {
  at = await testApp()
  access = createAccess(at.prisma)
  const teacher = await at.teacher()
  by = {
    nobody: at.browser(),
    student: at.browser(),
    bystander: at.browser(),
    other: await at.teacher(),
    owner: await at.teacher(),
    assistant: await at.teacher(),
    colleague: await at.teacher(),
    teacher,
  }
  course = (await teacher.post('/api/courses', { title: 'Networks', language: 'en' })).json<{ id: string }>().id
  for (const [who, role] of [
    ['assistant', 'assistant'],
    ['colleague', 'teacher'],
  ] as const)
    await at.prisma.courseStaff.create({ data: { courseId: course, teacherId: (await teacherOf(who)).id, role } })
  await at.prisma.teacher.update({ where: { id: (await teacherOf('owner')).id }, data: { owner: true } })

  const made = await teacher.post('/api/sessions', { title: 'Monday', level: 'guided', playlist: ['handshake'], swap: false })
  const { id, code } = made.json<{ id: string; code: string }>()
  session = id
  await at.prisma.session.update({ where: { id }, data: { courseId: course } })
  const join = async (browser: Browser, name: string) => {
    const joined = (await browser.post('/api/join', { code, name })).json<{ participant: { id: string } }>()
    return joined.participant.id
  }
  client = await join(by.student, 'Ada')
  server = await join(at.browser(), 'Bob')
  third = await join(by.bystander, 'Cyd')
  network = await join(at.browser(), 'Dan')
  await teacher.post(`/api/sessions/${session}/pairs`, { members: [client, server, network] })
  await teacher.post(`/api/sessions/${session}/position`, { position: 0 })
  const source = readFileSync('exercises/data.yaml', 'utf8')
  exercise = (await teacher.post('/api/exercises', { source })).json<{ id: string }>().id
  const [authenticationUrl, tokenUrl, keySetUrl] = ['auth', 'token', 'keys'].map((name) => `https://moodle.example/${name}`)
  const addresses = { issuer: 'https://moodle.example', clientId: 'tool', authenticationUrl, tokenUrl, keySetUrl }
  const registered = await teacher.post('/api/platforms', { name: 'Moodle', ...addresses, deployments: [] })
  platform = registered.json<{ platforms: { id: string }[] }>().platforms[0]?.id ?? ''
  pair = (await at.classroom.readTiles(session))[0]?.pair ?? ''
  round = (await at.classroom.readPlaces([client]))[0]?.round?.id ?? ''
})
afterAll(() => at.stop())

const teacherOf = async (who: Who) => (await at.auth.authenticate(by[who].cookieHeader, { teacher: true })) as Principal

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

/** Who is admitted by each rule that a route has. All others are refused: a teacher with 403, whoever is not signed in with 401. */
const ADMITTED: { readonly [R in AccessRule]?: readonly Who[] } = {
  anyone: WHO,
  teacher: ['other', 'owner', 'assistant', 'colleague', 'teacher'],
  owner: ['owner'],
  'staff of the course': ['assistant', 'colleague', 'teacher'],
  'teacher of the course': ['colleague', 'teacher'],
  'teacher of the platform': ['teacher'],
  'teacher of the session': ['assistant', 'colleague', 'teacher'],
  'teacher of the exercise': ['teacher'],
  'seat of the round': ['student'],
  'seat or teacher of the round': ['student', 'assistant', 'colleague', 'teacher'],
}

describe('HTTP', () => {
  const address = (key: string) =>
    (key.split(' ')[1] ?? '')
      .replace(':session', session)
      .replace(':course', course)
      .replace(':platform', platform)
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
  const principalOf = async (who: Who): Promise<Principal | null> => {
    if (who === 'nobody') return null
    if (who === 'student' || who === 'bystander') return { kind: 'participant', id: who === 'student' ? client : third, session }
    return teacherOf(who)
  }
  const isTeacher = (who: Who) => !['nobody', 'student', 'bystander'].includes(who)

  test.each(HTTP)('%s: whoever its rule admits, and nobody else', async (key) => {
    const admitted = ADMITTED[ACCESS[key]]
    // A rule that only sockets know is asked of no route.
    if (!admitted) expect.fail(`${ACCESS[key]} admits nobody here`)
    const playing = at.rounds.worlds.get(round)!
    at.rounds.worlds.set(round, { ...playing, over: 'goal' })
    for (const who of WHO) {
      if (!admitted.includes(who)) {
        const isSeat = who === 'bystander' && ACCESS[key].includes('seat')
        expect(await ask(by[who], key), who).toBe(isTeacher(who) || isSeat ? 403 : 401)
        continue
      }
      // What changes something is not asked for: it would change it for the next one.
      if (key.startsWith('GET')) expect([401, 403], who).not.toContain(await ask(by[who], key))
      else
        expect(await access.authorize(await principalOf(who), key, { session, course, platform, round, exercise })).toMatchObject({
          ok: true,
        })
    }
    at.rounds.worlds.set(round, playing)
  })

  test.each(HTTP)('%s: a token of the scope that it needs, as its teacher', async (key) => {
    const needed = TOKEN_NEEDS[key]
    const target = { session, course, round, exercise }
    const { id } = await teacherOf('teacher')
    for (const scope of TOKEN_SCOPES) {
      const answer = await access.authorize({ kind: 'token', id, scopes: [scope] }, key, target)
      if (scope === needed || ACCESS[key] === 'anyone') expect(answer, scope).toEqual({ ok: true, seat: null })
      else expect(answer, scope).toMatchObject({ ok: false, error: 'forbidden' })
    }
    if (needed === 'none' || ACCESS[key] === 'teacher') return
    // A token opens nothing that is not its teacher's.
    const others: Principal = { kind: 'token', id: (await teacherOf('other')).id, scopes: TOKEN_SCOPES }
    expect(await access.authorize(others, key, target)).toMatchObject({ ok: false, error: 'forbidden' })
  })

  test('no token opens an account, and each scope opens what it says', () => {
    const keysOf = (scope: TokenScope) => HTTP.filter((key) => TOKEN_NEEDS[key] === scope)
    for (const key of HTTP)
      if (/ \/api\/(teacher|colleagues)|\/staff/.test(key) || ACCESS[key] === 'owner') expect(TOKEN_NEEDS[key], key).toBe('none')
    expect(keysOf('read').every((key) => key.startsWith('GET '))).toBe(true)
    expect(keysOf('run')).toContain('POST /api/sessions/:session/position')
    for (const key of HTTP)
      if (/\/(grades|results)(\/|$)/.test(key) && key.startsWith('POST /api/')) expect(TOKEN_NEEDS[key], key).toBe('grade')
  })

  test('a token is shown in the Authorization header, and makes nobody signed in', async () => {
    const { secret } = (await by.teacher.post('/api/teacher/tokens', { name: 'script', scopes: ['read'] })).json<{
      secret: string
    }>()
    const status = async (token: string, method: 'GET' | 'POST', url: string) =>
      (await by.nobody.ask(method, url, { headers: { authorization: `Bearer ${token}` } })).statusCode
    expect(await status(secret, 'GET', `/api/sessions/${session}`)).toBe(200)
    expect(await status(secret, 'POST', `/api/sessions/${session}/end`)).toBe(403)
    expect(await status(secret, 'GET', '/api/teacher/tokens')).toBe(403)
    expect(await status(`${secret.slice(0, -1)}!`, 'GET', '/api/sessions')).toBe(401)
    const info = await by.nobody.get('/api/teacher', { authorization: `Bearer ${secret}` })
    expect(info.json()).toMatchObject({ signedIn: false, account: null })
  })

  test('a round that is being played is open to its teacher, and to its players once it is over', async () => {
    const key = HTTP.find((each) => each.startsWith('GET') && ACCESS[each] === 'seat or teacher of the round')!
    expect(await ask(by.student, key)).toBe(409)
    expect(await ask(by.teacher, key)).toBe(200)
    await at.rounds.finish(round)
    expect(await ask(by.student, key)).toBe(200)
    expect(await ask(by.bystander, key)).toBe(403)
  })

  test('a session that does not exist, or that no id could name, is not found', async () => {
    for (const id of ['AAAAAAAAAAAAAAAAAAAAAA', 'x', '%00%00%00%00%00%00%00%00', '..%2F..%2Fetc', "'%20OR%20TRUE%20--%20'"]) {
      const answer = await by.teacher.get(`/api/sessions/${id}`)
      expect(answer.statusCode, id).toBe(404)
      expect(answer.json()).toMatchObject({ ok: false, error: 'not-found' })
    }
  })
})

describe('sockets', () => {
  const principals = async () => {
    const participant = (id: string): Principal => ({ kind: 'participant', id, session })
    return {
      teacher: await teacherOf('teacher'),
      assistant: await teacherOf('assistant'),
      owner: await teacherOf('owner'),
      other: await teacherOf('other'),
      client: participant(client),
      server: participant(server),
      network: participant(network),
      third: participant(third),
      nobody: null,
    }
  }
  type OnSocket = keyof Awaited<ReturnType<typeof principals>>
  const events = Object.keys(CLIENT_EVENTS) as ClientEventName[]

  const granted = {
    participant: { client: null, server: null, network: null, third: null },
    'seat of the round': { client: 'client', server: 'server' },
    'network seat of the round': { network: 'network' },
    'teacher of the session': { teacher: null, assistant: null },
    'teacher of the round': { teacher: null, assistant: null },
  } as const satisfies Record<string, { [W in OnSocket]?: SeatOrNetwork | null }>

  test.each(events)('%s', async (event) => {
    const rule = ACCESS[event]
    for (const [who, principal] of Object.entries(await principals())) {
      const answer = await access.authorize(principal, event, { session, round })
      const allowed: Record<string, SeatOrNetwork | null> = granted[rule]
      if (who in allowed) expect(answer, who).toEqual({ ok: true, seat: allowed[who] })
      else expect(answer, who).toMatchObject({ ok: false, error: who === 'nobody' ? 'unauthenticated' : 'forbidden' })
    }
  })

  test("a round of a session that has come to a course only now is open to the course's staff", async () => {
    const { assistant, client: player } = await principals()
    const setCourse = (courseId: string | null) => at.prisma.session.update({ where: { id: session }, data: { courseId } })
    await setCourse(null)
    const fresh = createAccess(at.prisma)
    expect(await fresh.authorize(player, 'resume', { round })).toMatchObject({ ok: true })
    expect(await fresh.authorize(assistant, 'follow', { round })).toMatchObject({ ok: false, error: 'forbidden' })
    await setCourse(course)
    expect(await fresh.authorize(assistant, 'follow', { round })).toMatchObject({ ok: true })
  })

  test.each(events)('%s: tokens', async (event) => {
    const { id } = await teacherOf('teacher')
    for (const scope of TOKEN_SCOPES) {
      const answer = await access.authorize({ kind: 'token', id, scopes: [scope] }, event, { session, round })
      if (scope === TOKEN_NEEDS[event]) expect(answer, scope).toEqual({ ok: true, seat: null })
      else expect(answer, scope).toMatchObject({ ok: false, error: 'forbidden' })
    }
  })

  test.each(events.filter((event) => ACCESS[event] !== 'participant'))('%s of what does not exist', async (event) => {
    const { teacher, client: participant } = await principals()
    const principal = ACCESS[event].includes('seat') ? participant : teacher
    for (const id of ['AAAAAAAAAAAAAAAAAAAAAA', '', '\u0000'.repeat(10), undefined]) {
      expect(await access.authorize(principal, event, { session: id, round: id })).toMatchObject({ ok: false, error: 'not-found' })
    }
  })

  test('a socket is whom its cookies prove, and nobody else', async () => {
    const cookies = by.student.cookieHeader
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
