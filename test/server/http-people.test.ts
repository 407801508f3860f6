/** Routes by which students join and teachers sign in. */
import { describe, expect, test } from 'vitest'
import type { CodeInfo, Joined, SessionInfo } from '../../contract/answers.ts'
import { MAX_PARTICIPANTS_PER_BROWSER } from '../../server/identity/auth.ts'
import { type Browser } from '../support/app.ts'
import { httpFixture } from '../support/http-fixture.ts'

const http = httpFixture()

describe('codes and joining', () => {
  test('GET /api/codes/:code tells the session and who has joined it from this browser', async () => {
    const [{ id, code }, elsewhere] = [await http.lesson(), await http.lesson()]
    const browser = http.visitor()
    const heron = await http.join(code, 'Heron', browser)
    await http.join(code, 'Stork')
    await http.join(elsewhere.code, 'Heron', browser)
    const answer = await browser.get(`/api/codes/${code.toLowerCase().slice(0, 3)}%20${code.slice(3)}`)
    expect(answer.statusCode).toBe(200)
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(answer.json<CodeInfo>()).toEqual({
      session: { id, code, title: 'Monday', level: 'guided', members: false },
      known: [{ id: heron, name: 'Heron' }],
    })
  })

  test('POST /api/join sets the cookie of this participant, which pages cannot read', async () => {
    const { code, id: session } = await http.lesson()
    const browser = http.visitor()
    const answer = await browser.post('/api/join', { code, name: 'Heron' })
    expect(answer.statusCode).toBe(200)
    const { participant, renamed } = answer.json<Joined>()
    expect({ name: participant.name, renamed }).toEqual({ name: 'Heron', renamed: false })
    expect(answer.cookies).toMatchObject([{ name: `p_${participant.id}`, path: '/', httpOnly: true, sameSite: 'Lax' }])
    expect(answer.cookies[0]).not.toHaveProperty('secure')
    const principal = await http.at.auth.authenticate(browser.cookieHeader, { participant: participant.id })
    expect(principal).toEqual({ kind: 'participant', id: participant.id, session })
  })

  test('two windows of one browser are two students', async () => {
    const { code } = await http.lesson()
    const browser = http.visitor()
    const [one, two] = [await http.join(code, 'Heron', browser), await http.join(code, 'Stork', browser)]
    for (const id of [one, two])
      expect(await http.at.auth.authenticate(browser.cookieHeader, { participant: id })).toMatchObject({ id })
  })

  test('a browser holds the newest participants only', async () => {
    const { code } = await http.lesson()
    const browser = http.visitor()
    const ids: string[] = []
    for (let i = 0; i < MAX_PARTICIPANTS_PER_BROWSER + 2; i++) {
      ids.push(await http.join(code, `S${i}`, browser))
      http.at.clock.now = new Date(http.at.clock.now.getTime() + 1000)
    }
    expect([...browser.cookies.keys()].sort()).toEqual(
      ids
        .slice(2)
        .map((id) => `p_${id}`)
        .sort(),
    )
  })

  test('a name in use gets a suffix, and the answer says so', async () => {
    const { code } = await http.lesson()
    await http.join(code, 'Heron')
    const answer = await http.visitor().post('/api/join', { code, name: ' Heron ' })
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
    const answer = await http.visitor().ask('POST', '/api/join', body === undefined ? {} : { payload: body })
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toMatchObject({ ok: false, error: 'malformed' })
  })

  test('a wrong code, and a lesson that is over', async () => {
    const { id, code } = await http.lesson()
    expect((await http.visitor().get('/api/codes/AAAAAA')).json()).toMatchObject({ error: 'wrong-code' })
    await http.teacher.post(`/api/sessions/${id}/end`)
    for (const answer of [
      await http.visitor().get(`/api/codes/${code}`),
      await http.visitor().post('/api/join', { code, name: 'Heron' }),
    ]) {
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
    const token = await http.at.link()
    const [first, second] = [http.visitor(), http.visitor()]
    const answer = await first.post('/api/teacher/link', { token })
    expect(answer.json()).toMatchObject({ signedIn: true, hasPassword: false, account: { name: '', email: null, owner: false } })
    expect(answer.cookies).toMatchObject([{ name: 't', httpOnly: true, sameSite: 'Strict', path: '/' }])
    const again = await second.post('/api/teacher/link', { token })
    expect([again.statusCode, again.json<{ error: string }>().error]).toEqual([410, 'already-used'])
    expect((await first.post('/api/teacher/link', { token })).json()).toMatchObject({ signedIn: true })
    expect((await second.get('/api/teacher')).json()).toMatchObject({ signedIn: false })
  })

  test('of ten who spend a link at once, one is signed in', async () => {
    const token = await http.at.link()
    const answers = await Promise.all(Array.from({ length: 10 }, () => http.visitor().post('/api/teacher/link', { token })))
    expect(answers.filter(({ statusCode }) => statusCode === 200)).toHaveLength(1)
  })

  test('a link that is too old, or never was one, signs nobody in', async () => {
    const old = await http.at.link({ expiresAt: new Date(http.at.clock.now.getTime() - 1) })
    for (const token of [old, 'x'.repeat(43)]) {
      expect((await http.visitor().post('/api/teacher/link', { token })).json()).toMatchObject({ error: 'already-used' })
    }
  })

  test('signing out ends the cookie on the server, and no other', async () => {
    const browser = await http.at.teacher()
    const copy = http.visitor()
    for (const [name, value] of browser.cookies) copy.cookies.set(name, value)
    const login = await named(browser, 'Horse')
    await browser.post('/api/teacher/password', { password: 'horse of another' })
    const other = http.visitor()
    await other.post('/api/teacher/login', { login, password: 'horse of another' })
    expect((await copy.get('/api/teacher')).json()).toMatchObject({ signedIn: true })
    await browser.post('/api/teacher/logout')
    expect((await copy.get('/api/teacher')).json()).toMatchObject({ signedIn: false })
    expect((await copy.get('/api/sessions')).statusCode).toBe(401)
    expect(await http.at.auth.authenticate(copy.cookieHeader, { teacher: true })).toBeNull()
    expect((await other.get('/api/sessions')).statusCode).toBe(200)
  })

  test('a new password ends all cookies but that of whoever has set it', async () => {
    const browser = await http.at.teacher()
    const login = await named(browser, 'First')
    await browser.post('/api/teacher/password', { password: 'first of them' })
    const others = [http.visitor(), http.visitor()]
    for (const other of others) await other.post('/api/teacher/login', { login, password: 'first of them' })
    const [first, second] = others
    await first!.post('/api/teacher/password', { password: 'second of them' })
    expect((await first!.get('/api/sessions')).statusCode).toBe(200)
    for (const ended of [browser, second!]) expect((await ended.get('/api/sessions')).statusCode).toBe(401)
  })

  test('password, logout, login', async () => {
    const browser = await http.at.teacher()
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
    const [row] = await http.at.prisma.teacher.findMany({ where: { passwordHash: { not: null } } })
    expect(row?.passwordHash).toMatch(/^\$argon2id\$/)
  })
})
