/** Routes of sessions and of the server: their answers, and their errors for invalid bodies. (access.test.ts tests who may use them.) */
import { describe, expect, test, vi } from 'vitest'
import type { Board, CodeInfo, ExercisePreview, SessionInfo } from '../../contract/answers.ts'
import { ROUTES } from '../../contract/routes/all-routes.ts'
import type { RouteDeclaration } from '../../contract/routes/declare-routes.ts'
import { httpFixture } from '../support/http-fixture.ts'

const http = httpFixture()

describe('sessions', () => {
  test('made, listed newest first, read', async () => {
    const own = await http.at.teacher()
    const make = async (title: string) => {
      http.at.clock.now = new Date(http.at.clock.now.getTime() + 1000)
      return (
        await own.post('/api/sessions', { title, level: 'standard', playlist: ['handshake'], swap: true })
      ).json<SessionInfo>()
    }
    const [one, two] = [await make('One'), await make('Two')]
    expect(one).toEqual({
      id: expect.stringMatching(/^[\w-]{22}$/) as string,
      code: expect.stringMatching(/^[A-Z2-9]{6}$/) as string,
      title: 'One',
      level: 'standard',
      playlist: ['handshake'],
      swap: true,
      position: null,
      next: { level: 'standard', swap: true },
      released: false,
      automatics: { pace: 'together', latecomers: 'wait', claims: 'ask' },
      pausedAt: null,
      deadlineAt: null,
      announcement: '',
      archived: false,
      locked: false,
      partner: {},
      tcpByHand: false,
      discussion: false,
      course: null,
      kind: 'open',
      rehearsal: false,
      ended: false,
      createdAt: expect.any(String) as string,
    })
    expect((await own.get('/api/sessions')).json<SessionInfo[]>()).toEqual([two, one])
    const board = (await own.get(`/api/sessions/${one.id}`)).json<Board>()
    expect(board).toEqual({ session: one, tiles: [], participants: [], missing: [], now: http.at.clock.now.toISOString() })
  })

  test('pairing, pairs, position, end: each answers with the board', async () => {
    const { id, code } = await http.lesson()
    const url = `/api/sessions/${id}`
    const [a, b, c] = [await http.join(code, 'Ada'), await http.join(code, 'Bob'), await http.join(code, 'Cyd')]
    const paired = (await http.teacher.post(`${url}/pairing`, { odd: 'built-in' })).json<Board>()
    expect(paired.tiles).toHaveLength(2)
    expect(paired.participants.map(({ name }) => name).sort()).toEqual(['Ada', 'Bob', 'Cyd'])
    expect(paired.participants.filter(({ pair }) => pair === null)).toEqual([])
    const moved = (await http.teacher.post(`${url}/position`, { position: 0 })).json<Board>()
    expect(moved.session.position).toBe(0)
    const remade = (await http.teacher.post(`${url}/pairs`, { members: [a, c] })).json<Board>()
    const [together] = remade.tiles.filter(({ members }) => members.every(({ id }) => id === a || id === c))
    expect(together?.members.map(({ name }) => name)).toEqual(['Ada', 'Cyd'])
    for (const { pair } of remade.tiles.slice(1)) await http.teacher.delete(`${url}/pairs/${pair}`)
    const apart = (await http.teacher.delete(`${url}/pairs/${remade.tiles[0]?.pair}`)).json<Board>()
    expect(apart.tiles).toEqual([])
    expect(apart.participants.find(({ id }) => id === b)).toEqual({
      id: b,
      name: 'Bob',
      present: true,
      pair: null,
      hand: false,
      claims: null,
    })
    expect((await http.teacher.post(`${url}/end`)).json<Board>().session.ended).toBe(true)
    const late = await http.teacher.post(`${url}/pairing`, { odd: 'built-in' })
    expect([late.statusCode, late.json<{ error: string }>().error]).toEqual([409, 'session-ended'])
  })

  test('renamed, put away, deleted; each is undone by its contrary', async () => {
    const { id, code } = await http.lesson()
    const change = (body: object) => http.teacher.ask('PATCH', `/api/sessions/${id}`, { payload: body })
    const listed = async () => (await http.teacher.get('/api/sessions')).json<SessionInfo[]>().find((each) => each.id === id)
    expect((await change({ title: ' Tuesday ' })).json()).toMatchObject({ title: 'Tuesday', archived: false })
    await change({ archived: true })
    expect(await listed()).toMatchObject({ title: 'Tuesday', archived: true })
    await change({ archived: false, deleted: true })
    expect(await listed()).toBeUndefined()
    for (const url of [`/api/sessions/${id}`, `/api/sessions/${id}/scores.csv`])
      expect((await http.teacher.get(url)).statusCode, url).toBe(404)
    expect((await http.teacher.get(`/api/codes/${code}`)).json()).toMatchObject({ error: 'wrong-code' })
    await change({ deleted: false })
    expect(await listed()).toMatchObject({ archived: false, ended: false })

    await http.teacher.post(`/api/sessions/${id}/end`)
    http.at.clock.now = new Date(http.at.clock.now.getTime() + 1000)
    await change({ deleted: true })
    await change({ deleted: false })
    expect(await listed()).toMatchObject({ ended: true })
  })

  test('a hand that is up is on the board and with its student, until either takes it down', async () => {
    const { id, code } = await http.lesson()
    const ada = await http.join(code, 'Ada')
    const hands = async () => [
      (await http.at.classroom.readParticipants(id)).map(({ hand }) => hand),
      (await http.at.classroom.readPlaces([ada])).map(({ me }) => me.hand),
    ]
    await http.at.classroom.setHand(ada, true)
    expect(await hands()).toEqual([[true], [true]])
    const down = await http.teacher.delete(`/api/sessions/${id}/participants/${ada}/hand`)
    expect(down.json<Board>().participants[0]?.hand).toBe(false)
    expect(await hands()).toEqual([[false], [false]])
  })

  test('a locked door lets nobody new join, and whoever has joined come back', async () => {
    const { id, code } = await http.lesson()
    const ada = http.at.browser()
    await ada.post('/api/join', { code, name: 'Ada' })
    const door = (locked: boolean) => http.teacher.post(`/api/sessions/${id}/door`, { locked })
    expect((await door(true)).json<Board>().session.locked).toBe(true)
    const late = await http.at.browser().post('/api/join', { code, name: 'Bob' })
    expect([late.statusCode, late.json<{ error: string }>().error]).toEqual([409, 'door-locked'])
    expect((await ada.get(`/api/codes/${code}`)).json<CodeInfo>().known).toHaveLength(1)
    await door(false)
    expect((await http.at.browser().post('/api/join', { code, name: 'Bob' })).statusCode).toBe(200)
  })

  test('a session that is being played is not deleted', async () => {
    const { id } = await http.lesson()
    await http.teacher.post(`/api/sessions/${id}/position`, { position: 0 })
    const answer = await http.teacher.ask('PATCH', `/api/sessions/${id}`, { payload: { deleted: true } })
    expect([answer.statusCode, answer.json<{ error: string }>().error]).toEqual([409, 'conflict'])
  })

  test('an exercise can be read before it is chosen; what asks and what hints is left out', async () => {
    const { scenes } = (await http.teacher.get('/api/exercises/handshake/preview')).json<ExercisePreview>()
    expect(scenes).toHaveLength(1)
    expect(Object.keys(scenes[0]!)).toEqual(['title', 'brief', 'milestones'])
    expect(scenes[0]!.milestones.client.length).toBeGreaterThan(2)
  })

  test.each([
    ['POST', '', { title: 'T', level: 'easy', playlist: ['handshake'], swap: true }],
    ['POST', '', { title: 'T', level: 'guided', playlist: [], swap: true }],
    ['POST', '', { title: 'T', level: 'guided', playlist: ['no-such-exercise'], swap: true }],
    ['POST', '', { title: ' \u0000 ', level: 'guided', playlist: ['handshake'], swap: true }],
    ['POST', '', { title: 'T', level: 'guided', playlist: ['handshake'], swap: 'true' }],
    ['POST', '/:session/pairs', { members: [] }],
    ['POST', '/:session/pairs', { members: ['AAAAAAAAAAAAAAAAAAAAAA', 'AAAAAAAAAAAAAAAAAAAAAA'] }],
    ['POST', '/:session/position', { position: '0' }],
    ['POST', '/:session/position', { position: -1 }],
    ['POST', '/:session/position', { position: 3 }],
    ['POST', '/:session/position', {}],
  ] as const)('%s /api/sessions%s %j is malformed and moves nothing', async (method, path, payload) => {
    const { id } = await http.lesson()
    const before = (await http.teacher.get('/api/sessions')).body
    const answer = await http.teacher.ask(method, `/api/sessions${path.replace(':session', id)}`, { payload })
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toMatchObject({ ok: false, error: 'malformed', detail: expect.any(String) as string })
    expect((await http.teacher.get('/api/sessions')).body).toBe(before)
  })

  test('GET /api/exercises and /api/addresses', async () => {
    const exercises = (await http.teacher.get('/api/exercises')).json<{ id: string; title: { zh: string } }[]>()
    expect(exercises.map(({ id }) => id)).toEqual(expect.arrayContaining(['handshake', 'data', 'close-client']))
    expect(Object.keys(exercises[0] ?? {})).toEqual(['id', 'version', 'topic', 'origin', 'title', 'point', 'minutes'])
    expect((await http.teacher.get('/api/addresses')).json()).toEqual({ urls: ['http://192.0.2.1:8080'], reached: true })
  })
})

describe('whatever is wrong', () => {
  test('a body that is no JSON, too long, or of another kind', async () => {
    const send = (payload: string, type = 'application/json') =>
      http.visitor().ask('POST', '/api/join', { payload, headers: { 'content-type': type } })
    for (const [answer, status] of [
      [await send('{"code":'), 400],
      [await send('{"__proto__":{"admin":true},"code":"ABCDEF","name":"x"}'), 400],
      [await send(JSON.stringify({ code: 'ABCDEF', name: 'x'.repeat(70_000) })), 413],
      [await send('<code/>', 'application/xml'), 415],
    ] as const) {
      expect(answer.statusCode).toBe(status)
      expect(answer.json()).toMatchObject({ ok: false, error: 'malformed' })
    }
  })

  test('a page of another site may change nothing, whatever cookies come with it', async () => {
    const before = (await http.teacher.get('/api/sessions')).body
    const body = { title: 'T', level: 'guided', playlist: ['handshake'], swap: true }
    for (const origin of [
      'https://evil.test',
      'http://classroom.test:81',
      'https://classroom.test.evil.test',
      'null',
      'nonsense',
    ]) {
      const answer = await http.teacher.ask('POST', '/api/sessions', { payload: body, headers: { origin } })
      expect([answer.statusCode, answer.json<{ error: string }>().error], origin).toEqual([403, 'forbidden'])
    }
    expect((await http.teacher.get('/api/sessions')).body).toBe(before)
  })

  test('a route that does not exist', async () => {
    const answer = await http.visitor().get('/api/nonsense')
    expect([answer.statusCode, answer.json<{ error: string }>().error]).toEqual([404, 'not-found'])
  })

  test('a database that does not answer: unavailable, and nothing of the inside', async () => {
    const stderr = vi.spyOn(process.stderr, 'write')
    const told = new Promise<string>((resolve) => stderr.mockImplementation((text) => (resolve(String(text)), true)))
    const broken = vi.spyOn(http.at.classroom, 'findByCode').mockRejectedValue(new Error('connect ECONNREFUSED secret:5432'))
    const answer = await http.visitor().get('/api/codes/ABCDEF')
    broken.mockRestore()
    expect(answer.statusCode).toBe(503)
    expect(answer.json()).toMatchObject({ ok: false, error: 'unavailable' })
    expect(answer.body).not.toContain('secret')
    expect(await told).toContain('ECONNREFUSED')
    stderr.mockRestore()
  })

  test('GET /healthz and /openapi.json', async () => {
    expect((await http.visitor().get('/healthz')).json()).toEqual({ ok: true })
    const api = (await http.visitor().get('/openapi.json')).json<{
      openapi: string
      paths: Record<string, Record<string, unknown>>
    }>()
    expect(api.openapi).toBe('3.1.0')
    const outline = ({ type, required }: { type?: string; required?: string[] }) => ({ type, ...(required ? { required } : {}) })
    for (const [key, { body, params, answer, contentType = 'application/json', hidden }] of Object.entries<RouteDeclaration>(
      ROUTES,
    )) {
      const [method = '', path = ''] = key.split(' ')
      const described = api.paths[path.replace(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()]
      if (hidden) expect(described, key).toBeUndefined()
      else
        expect(described, key).toMatchObject({
          ...(body ? { requestBody: { content: { 'application/json': { schema: outline(body) } } } } : {}),
          ...(params ? { parameters: [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({ in: 'path', name })) } : {}),
          responses: { 200: { content: { [contentType]: { schema: outline(answer) } } } },
        })
    }
    expect(api.paths['/api/join']?.post).toMatchObject({
      requestBody: { content: { 'application/json': { schema: { required: ['code', 'name'] } } } },
      responses: { 200: { content: { 'application/json': { schema: { required: ['participant', 'renamed'] } } } } },
    })
  })
})
