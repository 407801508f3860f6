/** Each route: its answer, and its errors for invalid bodies. (access.test.ts tests who may use it.) */
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Board, ExercisePreview, SessionInfo, CodeInfo, Joined } from '../../contract/answers.ts'
import { ROUTES } from '../../contract/routes/all-routes.ts'
import type { RouteDeclaration } from '../../contract/routes/declare-routes.ts'
import { MAX_PARTICIPANTS_PER_BROWSER } from '../../server/identity/auth.ts'
import { testApp, type Browser, type TestApp } from '../support/app.ts'

let at: TestApp
let teacher: Browser
let visitors = 0
beforeAll(async () => {
  at = await testApp()
  teacher = await at.teacher()
})
afterAll(() => at.stop())
beforeEach(() => at.present.clear())

/** A browser with a new address, so that no test is affected by another's rate limits. */
const visitor = () => at.browser(`10.0.${visitors >> 8}.${visitors++ & 255}`)

const lesson = async (over: Partial<{ level: string; playlist: string[]; swap: boolean }> = {}) => {
  const body = { title: 'Monday', level: 'guided', playlist: ['handshake', 'data', 'close-client'], swap: false, ...over }
  return (await teacher.post('/api/sessions', body)).json<SessionInfo>()
}
const join = async (code: string, name: string, browser = visitor()) => {
  const { participant } = (await browser.post('/api/join', { code, name })).json<Joined>()
  at.present.add(participant.id)
  return participant.id
}

/** The cells of a file as a spreadsheet reads them: a quote is special only at the start of a cell. */
function splitAsSpreadsheet(text: string, separator: string): string[] {
  const cells = ['']
  let quoted = false
  for (let i = 0; i < text.length; i++) {
    const [char = '', cell = ''] = [text[i], cells.at(-1)]
    if (char === '"' && quoted && text[i + 1] === '"') cells[cells.length - 1] = cell + text[i++]
    else if (char === '"' && (quoted || cell === '')) quoted = !quoted
    else if (!quoted && (char === separator || char === '\r' || char === '\n')) cells.push('')
    else cells[cells.length - 1] = cell + char
  }
  return cells
}

describe('codes and joining', () => {
  test('GET /api/codes/:code tells the session and who has joined it from this browser', async () => {
    const [{ id, code }, elsewhere] = [await lesson(), await lesson()]
    const browser = visitor()
    const heron = await join(code, 'Heron', browser)
    await join(code, 'Stork')
    await join(elsewhere.code, 'Heron', browser)
    const answer = await browser.get(`/api/codes/${code.toLowerCase().slice(0, 3)}%20${code.slice(3)}`)
    expect(answer.statusCode).toBe(200)
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(answer.json<CodeInfo>()).toEqual({
      session: { id, code, title: 'Monday', level: 'guided', members: false },
      known: [{ id: heron, name: 'Heron' }],
    })
  })

  test('POST /api/join sets the cookie of this participant, which pages cannot read', async () => {
    const { code, id: session } = await lesson()
    const browser = visitor()
    const answer = await browser.post('/api/join', { code, name: 'Heron' })
    expect(answer.statusCode).toBe(200)
    const { participant, renamed } = answer.json<Joined>()
    expect({ name: participant.name, renamed }).toEqual({ name: 'Heron', renamed: false })
    expect(answer.cookies).toMatchObject([{ name: `p_${participant.id}`, path: '/', httpOnly: true, sameSite: 'Lax' }])
    expect(answer.cookies[0]).not.toHaveProperty('secure')
    const principal = await at.auth.authenticate(browser.cookieHeader, { participant: participant.id })
    expect(principal).toEqual({ kind: 'participant', id: participant.id, session })
  })

  test('two windows of one browser are two students', async () => {
    const { code } = await lesson()
    const browser = visitor()
    const [one, two] = [await join(code, 'Heron', browser), await join(code, 'Stork', browser)]
    for (const id of [one, two]) expect(await at.auth.authenticate(browser.cookieHeader, { participant: id })).toMatchObject({ id })
  })

  test('a browser holds the newest participants only', async () => {
    const { code } = await lesson()
    const browser = visitor()
    const ids: string[] = []
    for (let i = 0; i < MAX_PARTICIPANTS_PER_BROWSER + 2; i++) {
      ids.push(await join(code, `S${i}`, browser))
      at.clock.now = new Date(at.clock.now.getTime() + 1000)
    }
    expect([...browser.cookies.keys()].sort()).toEqual(
      ids
        .slice(2)
        .map((id) => `p_${id}`)
        .sort(),
    )
  })

  test('a name in use gets a suffix, and the answer says so', async () => {
    const { code } = await lesson()
    await join(code, 'Heron')
    const answer = await visitor().post('/api/join', { code, name: ' Heron ' })
    expect(answer.json<Joined>()).toMatchObject({ participant: { name: 'Heron 2' }, renamed: true })
  })

  test.each([
    ['no body', undefined],
    ['no name', { code: 'ABCDEF' }],
    ['an empty name', { code: 'ABCDEF', name: '' }],
    ['a name of 41 letters', { code: 'ABCDEF', name: 'x'.repeat(41) }],
    ['a number as a name', { code: 'ABCDEF', name: 7 }],
    ['something more', { code: 'ABCDEF', name: 'Heron', teacher: true }],
    ['a list', []],
  ])('POST /api/join with %s is malformed', async (_, body) => {
    const answer = await visitor().ask('POST', '/api/join', body === undefined ? {} : { payload: body })
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toMatchObject({ ok: false, error: 'malformed' })
  })

  test('a wrong code, and a lesson that is over', async () => {
    const { id, code } = await lesson()
    expect((await visitor().get('/api/codes/AAAAAA')).json()).toMatchObject({ error: 'wrong-code' })
    await teacher.post(`/api/sessions/${id}/end`)
    for (const answer of [await visitor().get(`/api/codes/${code}`), await visitor().post('/api/join', { code, name: 'Heron' })]) {
      expect(answer.statusCode).toBe(409)
      expect(answer.json()).toMatchObject({ error: 'session-ended' })
    }
  })
})

describe('the teacher', () => {
  /** Gives the account of a signed-in teacher a name, and resolves to it. */
  const named = async (browser: Browser, name: string): Promise<string> => {
    await browser.ask('PATCH', '/api/teacher', { payload: { name } })
    return name
  }

  test('a link signs in once; who is signed in loses nothing by it', async () => {
    const token = await at.link()
    const [first, second] = [visitor(), visitor()]
    const answer = await first.post('/api/teacher/link', { token })
    expect(answer.json()).toMatchObject({ signedIn: true, hasPassword: false, account: { name: '', email: null, owner: false } })
    expect(answer.cookies).toMatchObject([{ name: 't', httpOnly: true, sameSite: 'Strict', path: '/' }])
    const again = await second.post('/api/teacher/link', { token })
    expect([again.statusCode, again.json<{ error: string }>().error]).toEqual([410, 'already-used'])
    expect((await first.post('/api/teacher/link', { token })).json()).toMatchObject({ signedIn: true })
    expect((await second.get('/api/teacher')).json()).toMatchObject({ signedIn: false })
  })

  test('of ten who spend a link at once, one is signed in', async () => {
    const token = await at.link()
    const answers = await Promise.all(Array.from({ length: 10 }, () => visitor().post('/api/teacher/link', { token })))
    expect(answers.filter(({ statusCode }) => statusCode === 200)).toHaveLength(1)
  })

  test('a link that is too old, or never was one, signs nobody in', async () => {
    const old = await at.link({ expiresAt: new Date(at.clock.now.getTime() - 1) })
    for (const token of [old, 'x'.repeat(43)]) {
      expect((await visitor().post('/api/teacher/link', { token })).json()).toMatchObject({ error: 'already-used' })
    }
  })

  test('signing out ends the cookie on the server, and no other', async () => {
    const browser = await at.teacher()
    const copy = visitor()
    for (const [name, value] of browser.cookies) copy.cookies.set(name, value)
    const login = await named(browser, 'Horse')
    await browser.post('/api/teacher/password', { password: 'horse of another' })
    const other = visitor()
    await other.post('/api/teacher/login', { login, password: 'horse of another' })
    expect((await copy.get('/api/teacher')).json()).toMatchObject({ signedIn: true })
    await browser.post('/api/teacher/logout')
    expect((await copy.get('/api/teacher')).json()).toMatchObject({ signedIn: false })
    expect((await copy.get('/api/sessions')).statusCode).toBe(401)
    expect(await at.auth.authenticate(copy.cookieHeader, { teacher: true })).toBeNull()
    expect((await other.get('/api/sessions')).statusCode).toBe(200)
  })

  test('a new password ends all cookies but that of whoever has set it', async () => {
    const browser = await at.teacher()
    const login = await named(browser, 'First')
    await browser.post('/api/teacher/password', { password: 'first of them' })
    const others = [visitor(), visitor()]
    for (const other of others) await other.post('/api/teacher/login', { login, password: 'first of them' })
    const [first, second] = others
    await first!.post('/api/teacher/password', { password: 'second of them' })
    expect((await first!.get('/api/sessions')).statusCode).toBe(200)
    for (const ended of [browser, second!]) expect((await ended.get('/api/sessions')).statusCode).toBe(401)
  })

  test('password, logout, login', async () => {
    const browser = await at.teacher()
    const login = await named(browser, 'Correct')
    expect((await browser.post('/api/teacher/password', { password: 'short' })).statusCode).toBe(400)
    expect((await browser.post('/api/teacher/password', { password: 'correct horse' })).json()).toMatchObject({
      signedIn: true,
      hasPassword: true,
    })
    const made = (
      await browser.post('/api/sessions', { title: 'Mine', level: 'exam', playlist: ['data'], swap: true })
    ).json<SessionInfo>()
    expect((await browser.post('/api/teacher/logout')).json()).toMatchObject({ signedIn: false, hasPassword: true, account: null })
    expect((await browser.get('/api/sessions')).statusCode).toBe(401)

    const wrong = await browser.post('/api/teacher/login', { login, password: 'battery staple' })
    expect([wrong.statusCode, wrong.json<{ error: string }>().error]).toEqual([401, 'wrong-password'])
    expect((await browser.post('/api/teacher/login', { login, password: 'correct horse' })).json()).toMatchObject({
      signedIn: true,
    })
    expect((await browser.get('/api/sessions')).json<SessionInfo[]>().map(({ id }) => id)).toEqual([made.id])
    const [row] = await at.prisma.teacher.findMany({ where: { passwordHash: { not: null } } })
    expect(row?.passwordHash).toMatch(/^\$argon2id\$/)
  })
})

describe('sessions', () => {
  test('made, listed newest first, read', async () => {
    const own = await at.teacher()
    const make = async (title: string) => {
      at.clock.now = new Date(at.clock.now.getTime() + 1000)
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
    expect(board).toEqual({ session: one, tiles: [], participants: [], missing: [], now: at.clock.now.toISOString() })
  })

  test('pairing, pairs, position, end: each answers with the board', async () => {
    const { id, code } = await lesson()
    const url = `/api/sessions/${id}`
    const [a, b, c] = [await join(code, 'Ada'), await join(code, 'Bob'), await join(code, 'Cyd')]
    const paired = (await teacher.post(`${url}/pairing`, { odd: 'built-in' })).json<Board>()
    expect(paired.tiles).toHaveLength(2)
    expect(paired.participants.map(({ name }) => name).sort()).toEqual(['Ada', 'Bob', 'Cyd'])
    expect(paired.participants.filter(({ pair }) => pair === null)).toEqual([])
    const moved = (await teacher.post(`${url}/position`, { position: 0 })).json<Board>()
    expect(moved.session.position).toBe(0)
    const remade = (await teacher.post(`${url}/pairs`, { members: [a, c] })).json<Board>()
    const [together] = remade.tiles.filter(({ members }) => members.every(({ id }) => id === a || id === c))
    expect(together?.members.map(({ name }) => name)).toEqual(['Ada', 'Cyd'])
    for (const { pair } of remade.tiles.slice(1)) await teacher.delete(`${url}/pairs/${pair}`)
    const apart = (await teacher.delete(`${url}/pairs/${remade.tiles[0]?.pair}`)).json<Board>()
    expect(apart.tiles).toEqual([])
    expect(apart.participants.find(({ id }) => id === b)).toEqual({
      id: b,
      name: 'Bob',
      present: true,
      pair: null,
      hand: false,
      claims: null,
    })
    expect((await teacher.post(`${url}/end`)).json<Board>().session.ended).toBe(true)
    const late = await teacher.post(`${url}/pairing`, { odd: 'built-in' })
    expect([late.statusCode, late.json<{ error: string }>().error]).toEqual([409, 'session-ended'])
  })

  test('renamed, put away, deleted; each is undone by its contrary', async () => {
    const { id, code } = await lesson()
    const change = (body: object) => teacher.ask('PATCH', `/api/sessions/${id}`, { payload: body })
    const listed = async () => (await teacher.get('/api/sessions')).json<SessionInfo[]>().find((each) => each.id === id)
    expect((await change({ title: ' Tuesday ' })).json()).toMatchObject({ title: 'Tuesday', archived: false })
    await change({ archived: true })
    expect(await listed()).toMatchObject({ title: 'Tuesday', archived: true })
    await change({ archived: false, deleted: true })
    expect(await listed()).toBeUndefined()
    for (const url of [`/api/sessions/${id}`, `/api/sessions/${id}/scores.csv`])
      expect((await teacher.get(url)).statusCode, url).toBe(404)
    expect((await teacher.get(`/api/codes/${code}`)).json()).toMatchObject({ error: 'wrong-code' })
    await change({ deleted: false })
    expect(await listed()).toMatchObject({ archived: false, ended: false })

    await teacher.post(`/api/sessions/${id}/end`)
    at.clock.now = new Date(at.clock.now.getTime() + 1000)
    await change({ deleted: true })
    await change({ deleted: false })
    expect(await listed()).toMatchObject({ ended: true })
  })

  test('a hand that is up is on the board and with its student, until either takes it down', async () => {
    const { id, code } = await lesson()
    const ada = await join(code, 'Ada')
    const hands = async () => [
      (await at.classroom.readParticipants(id)).map(({ hand }) => hand),
      (await at.classroom.readPlaces([ada])).map(({ me }) => me.hand),
    ]
    await at.classroom.setHand(ada, true)
    expect(await hands()).toEqual([[true], [true]])
    const down = await teacher.delete(`/api/sessions/${id}/participants/${ada}/hand`)
    expect(down.json<Board>().participants[0]?.hand).toBe(false)
    expect(await hands()).toEqual([[false], [false]])
  })

  test('a locked door lets nobody new join, and whoever has joined come back', async () => {
    const { id, code } = await lesson()
    const ada = at.browser()
    await ada.post('/api/join', { code, name: 'Ada' })
    const door = (locked: boolean) => teacher.post(`/api/sessions/${id}/door`, { locked })
    expect((await door(true)).json<Board>().session.locked).toBe(true)
    const late = await at.browser().post('/api/join', { code, name: 'Bob' })
    expect([late.statusCode, late.json<{ error: string }>().error]).toEqual([409, 'door-locked'])
    expect((await ada.get(`/api/codes/${code}`)).json<CodeInfo>().known).toHaveLength(1)
    await door(false)
    expect((await at.browser().post('/api/join', { code, name: 'Bob' })).statusCode).toBe(200)
  })

  test('a session that is being played is not deleted', async () => {
    const { id } = await lesson()
    await teacher.post(`/api/sessions/${id}/position`, { position: 0 })
    const answer = await teacher.ask('PATCH', `/api/sessions/${id}`, { payload: { deleted: true } })
    expect([answer.statusCode, answer.json<{ error: string }>().error]).toEqual([409, 'conflict'])
  })

  test('an exercise can be read before it is chosen; what asks and what hints is left out', async () => {
    const { scenes } = (await teacher.get('/api/exercises/handshake/preview')).json<ExercisePreview>()
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
    const { id } = await lesson()
    const before = (await teacher.get('/api/sessions')).body
    const answer = await teacher.ask(method, `/api/sessions${path.replace(':session', id)}`, { payload })
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toMatchObject({ ok: false, error: 'malformed', detail: expect.any(String) as string })
    expect((await teacher.get('/api/sessions')).body).toBe(before)
  })

  test('GET /api/exercises and /api/addresses', async () => {
    const exercises = (await teacher.get('/api/exercises')).json<{ id: string; title: { zh: string } }[]>()
    expect(exercises.map(({ id }) => id)).toEqual(expect.arrayContaining(['handshake', 'data', 'close-client']))
    expect(Object.keys(exercises[0] ?? {})).toEqual(['id', 'version', 'topic', 'origin', 'title', 'point', 'minutes'])
    expect((await teacher.get('/api/addresses')).json()).toEqual({ urls: ['http://192.0.2.1:8080'], reached: true })
  })
})

describe('scores.csv', () => {
  const table = async (session: string) => {
    const answer = await teacher.get(`/api/sessions/${session}/scores.csv`)
    expect(answer.headers['content-type']).toBe('text/csv; charset=utf-8')
    expect(answer.headers['content-disposition']).toMatch(/^attachment; filename="scores-[A-Z2-9]{6}\.csv"$/)
    expect(answer.body.startsWith('\uFEFF')).toBe(true)
    const rows: Record<string, string>[] = parse(answer.body, { bom: true, columns: true })
    return new Map(rows.map((row) => [row.name, row]))
  }
  const roundOf = async (id: string) => (await at.classroom.readPlaces([id]))[0]?.round?.id ?? ''

  test('the mean of both seats, of what could be reached there; empty where not played', async () => {
    const { id, code } = await lesson({ swap: true, playlist: ['handshake', 'data'] })
    const [a, b] = [await join(code, 'Ada'), await join(code, 'Bob')]
    await join(code, 'Cyd')
    await teacher.post(`/api/sessions/${id}/pairs`, { members: [a, b] })
    await teacher.post(`/api/sessions/${id}/position`, { position: 0 })
    const first = await roundOf(a)
    at.rounds.score(first, 'client', [0, 0, 4]) // Ada: 2.5 of 3.
    at.rounds.score(first, 'server', [2, 'shut']) // Bob: 0.75 of 1; the other milestone was never opened.
    await at.rounds.finish(first)
    await at.progress.advance(first)
    const second = await roundOf(a)
    at.rounds.score(second, 'server', [0, 8]) // Ada: 1 of 2.
    at.rounds.score(second, 'client', ['shut']) // Bob had nothing that could be reached.

    const rows = await table(id)
    expect(rows.get('Ada')).toEqual({
      name: 'Ada',
      '1 handshake client points': '2.5',
      '1 handshake server points': '1',
      '1 handshake %': '66.7',
      '2 data client points': '',
      '2 data server points': '',
      '2 data %': '',
      'exercises played': '1',
      'total %': '66.7',
    })
    expect(rows.get('Bob')).toMatchObject({ '1 handshake client points': '', '1 handshake server points': '0.75', 'total %': '75' })
    expect(rows.get('Cyd')).toMatchObject({ '1 handshake %': '', 'exercises played': '0', 'total %': '' })
  })

  test('no name becomes a formula, whatever character the spreadsheet takes for its separator', async () => {
    const { id, code } = await lesson({ playlist: ['handshake'] })
    const starts = ['=', '+', '-', '@', '＝', '＋']
    for (const separator of [';', ',', '|', ':', '"', '";', '",', '"\t', ' ', "'", "';"])
      for (const start of starts) await at.classroom.join(id, `a${separator}${start}1+1`)
    for (const start of starts) await at.classroom.join(id, `${start}1+1`)
    const { body } = await teacher.get(`/api/sessions/${id}/scores.csv`)
    for (const separator of [',', ';', '\t', '|', ':', ' ']) {
      const cells = splitAsSpreadsheet(body.slice(1), separator)
      expect(cells.length).toBeGreaterThan(starts.length * 12)
      expect(cells.filter((cell) => /^[=+\-@\t\r＝＋－＠]/.test(cell))).toEqual([])
    }
    expect(code).not.toBe('')
  })

  test('of two rounds in one seat the better counts', async () => {
    const { id, code } = await lesson({ playlist: ['handshake'] })
    const [a, b, c] = [await join(code, 'Ada'), await join(code, 'Bob'), await join(code, 'Cyd')]
    await teacher.post(`/api/sessions/${id}/position`, { position: 0 })
    await teacher.post(`/api/sessions/${id}/pairs`, { members: [a, b] })
    at.rounds.score(await roundOf(a), 'client', [0, 0])
    await teacher.post(`/api/sessions/${id}/pairs`, { members: [a, c] })
    at.rounds.score(await roundOf(a), 'client', [8, 0])
    expect((await table(id)).get('Ada')).toMatchObject({ '1 handshake client points': '2' })
  })

  test('a name that a spreadsheet would take for a formula is text', async () => {
    const { id, code } = await lesson()
    const names = ['=1+1', '+1', '-1', '@SUM(A1)', '"quoted", comma']
    for (const name of names) await join(code, name)
    const cells = [...(await table(id)).keys()]
    expect(cells.sort()).toEqual([`'=1+1`, `'+1`, `'-1`, `'@SUM(A1)`, '"quoted", comma'].sort())
  })
})

describe('whatever is wrong', () => {
  test('a body that is no JSON, too long, or of another kind', async () => {
    const send = (payload: string, type = 'application/json') =>
      visitor().ask('POST', '/api/join', { payload, headers: { 'content-type': type } })
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
    const before = (await teacher.get('/api/sessions')).body
    const body = { title: 'T', level: 'guided', playlist: ['handshake'], swap: true }
    for (const origin of [
      'https://evil.test',
      'http://classroom.test:81',
      'https://classroom.test.evil.test',
      'null',
      'nonsense',
    ]) {
      const answer = await teacher.ask('POST', '/api/sessions', { payload: body, headers: { origin } })
      expect([answer.statusCode, answer.json<{ error: string }>().error], origin).toEqual([403, 'forbidden'])
    }
    expect((await teacher.get('/api/sessions')).body).toBe(before)
  })

  test('a route that does not exist', async () => {
    const answer = await visitor().get('/api/nonsense')
    expect([answer.statusCode, answer.json<{ error: string }>().error]).toEqual([404, 'not-found'])
  })

  test('a database that does not answer: unavailable, and nothing of the inside', async () => {
    const stderr = vi.spyOn(process.stderr, 'write')
    const told = new Promise<string>((resolve) => stderr.mockImplementation((text) => (resolve(String(text)), true)))
    const broken = vi.spyOn(at.classroom, 'findByCode').mockRejectedValue(new Error('connect ECONNREFUSED secret:5432'))
    const answer = await visitor().get('/api/codes/ABCDEF')
    broken.mockRestore()
    expect(answer.statusCode).toBe(503)
    expect(answer.json()).toMatchObject({ ok: false, error: 'unavailable' })
    expect(answer.body).not.toContain('secret')
    expect(await told).toContain('ECONNREFUSED')
    stderr.mockRestore()
  })

  test('GET /healthz and /openapi.json', async () => {
    expect((await visitor().get('/healthz')).json()).toEqual({ ok: true })
    const api = (await visitor().get('/openapi.json')).json<{ openapi: string; paths: Record<string, Record<string, unknown>> }>()
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
