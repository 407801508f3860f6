/** Accounts of several teachers: signing in, inviting, blocking, resetting, and the list of sign-ins. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Colleague, CreatedApiToken, Invited, SignInInfo } from '../../contract/account.ts'
import type { SessionInfo } from '../../contract/answers.ts'
import { createTeachers, DEFAULT_TEACHER_ID } from '../../server/identity/teachers.ts'
import { newId } from '../../server/base/ids.ts'
import { testApp, type Browser, type TestApp } from '../support/app.ts'

let at: TestApp
let owner: Browser
let visitors = 0
const visitor = () => at.browser(`203.0.113.${++visitors}`)
beforeAll(async () => {
  at = await testApp()
  owner = await at.teacher()
  await at.prisma.teacher.updateMany({ data: { owner: true, name: 'Owner' } })
})
afterAll(() => at.stop())

/** Invites somebody, who comes by the link. */
const invite = async (name: string, email?: string) => {
  const { colleague, token } = (await owner.post('/api/colleagues', { name, ...(email ? { email } : {}) })).json<Invited>()
  const browser = visitor()
  await browser.post('/api/teacher/link', { token })
  return { id: colleague.id, browser }
}
const change = (id: string, payload: object, by = owner) => by.ask('PATCH', `/api/colleagues/${id}`, { payload })
const errorOf = async (answer: ReturnType<Browser['get']>) => (await answer).json<{ error?: string }>().error

describe('signing in', () => {
  it('needs no name while one account has a password, and needs it from the second one on', async () => {
    const { browser: one } = await invite('One', 'One@Example.org')
    await one.post('/api/teacher/password', { password: 'password of one' })
    expect((await visitor().get('/api/teacher')).json()).toMatchObject({ hasPassword: true, passwordAlone: true })
    expect((await visitor().post('/api/teacher/login', { password: 'password of one' })).statusCode).toBe(200)
    const { browser: two } = await invite('Two')
    await two.post('/api/teacher/password', { password: 'password of two' })
    expect((await visitor().get('/api/teacher')).json()).toMatchObject({ hasPassword: true, passwordAlone: false })
    expect(await errorOf(visitor().post('/api/teacher/login', { password: 'password of one' }))).toBe('wrong-password')
    for (const [login, password] of [
      [' one@example.org ', 'password of one'],
      ['One', 'password of one'],
      ['Two', 'password of two'],
    ]) {
      expect((await visitor().post('/api/teacher/login', { login, password })).statusCode, login).toBe(200)
    }
  })

  it('answers the same whether or not there is such an account, a password, or a block', async () => {
    const { id, browser } = await invite('Kim', 'kim@example.org')
    await browser.post('/api/teacher/password', { password: 'password of kim' })
    await invite('No password', 'none@example.org')
    const ask = async (login: string, password: string) => (await visitor().post('/api/teacher/login', { login, password })).body
    const wrong = await ask('kim@example.org', 'something else')
    expect(JSON.parse(wrong)).toMatchObject({ error: 'wrong-password' })
    expect(await ask('nobody@example.org', 'something else')).toBe(wrong)
    expect(await ask('none@example.org', 'something else')).toBe(wrong)
    expect(await ask('%', 'password of kim')).toBe(wrong)
    await change(id, { blocked: true })
    expect(await ask('kim@example.org', 'password of kim')).toBe(wrong)
  })

  it('is limited to 20 attempts a minute from one address', async () => {
    const guesser = visitor()
    const guess = async () => (await guesser.post('/api/teacher/login', { login: 'One', password: 'a guess' })).statusCode
    for (let i = 0; i < 20; i++) expect(await guess()).toBe(401)
    expect(await guess()).toBe(429)
  })
})

describe('the own account', () => {
  it('has a name and an e-mail address, which no other account has', async () => {
    const { browser } = await invite('Ann')
    const patch = (payload: object) => browser.ask('PATCH', '/api/teacher', { payload })
    expect((await patch({ name: ' Ann B. ', email: 'Ann@Example.org' })).json()).toMatchObject({
      account: { name: 'Ann B.', email: 'ann@example.org', owner: false },
    })
    const { browser: other } = await invite('Ben')
    const taken = await other.ask('PATCH', '/api/teacher', { payload: { email: 'ANN@example.org' } })
    expect([taken.statusCode, taken.json<{ error: string }>().error]).toEqual([409, 'conflict'])
    for (const email of ['ann', 'a b@example.org', '@', `${'a'.repeat(65)}@example.org`])
      expect((await patch({ email })).statusCode, email).toBe(400)
    expect((await patch({ name: ' ' })).statusCode).toBe(400)
    expect((await patch({ owner: true })).statusCode).toBe(400)
  })

  it('lists its sign-ins with browser and times, and ends one of them, but none of another account', async () => {
    const { browser } = await invite('Cam')
    await browser.post('/api/teacher/password', { password: 'password of cam' })
    const second = visitor()
    await second.ask('POST', '/api/teacher/login', {
      payload: { login: 'Cam', password: 'password of cam' },
      headers: { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0' },
    })
    const since = at.clock.now.toISOString()
    at.clock.now = new Date(at.clock.now.getTime() + 6 * 60_000)
    const list = async (by: Browser) => (await by.get('/api/teacher/sign-ins')).json<SignInInfo[]>()
    const seen = await list(browser)
    expect(seen).toHaveLength(2)
    expect(seen[0]).toMatchObject({ current: true, since, lastSeen: at.clock.now.toISOString() })
    expect(seen[1]).toMatchObject({ current: false, since, lastSeen: since })
    expect(seen[1]?.browser).toContain('Firefox/140')
    const { browser: stranger } = await invite('Dee')
    await stranger.delete(`/api/teacher/sign-ins/${seen[1]!.id}`)
    expect((await second.get('/api/sessions')).statusCode).toBe(200)
    const left = (await browser.delete(`/api/teacher/sign-ins/${seen[1]!.id}`)).json<SignInInfo[]>()
    expect(left.map(({ current }) => current)).toEqual([true])
    expect((await second.get('/api/sessions')).statusCode).toBe(401)
  })
})

describe('tokens', () => {
  it('are shown once, kept as a hash, listed with their last use, and revoked', async () => {
    const { browser } = await invite('Tom')
    const created = await browser.post('/api/teacher/tokens', { name: 'nightly', scopes: ['grade', 'read', 'read'] })
    const { secret, token } = created.json<CreatedApiToken>()
    expect(secret).toMatch(/^hsk_[\w-]{43}$/)
    expect(token).toMatchObject({ name: 'nightly', scopes: ['read', 'grade'], lastUsed: null })
    expect(JSON.stringify(await at.prisma.apiToken.findMany())).not.toContain(secret)
    const asProgram = () => visitor().get('/api/sessions', { authorization: `Bearer ${secret}` })
    expect((await asProgram()).statusCode).toBe(200)
    const listed = await browser.get('/api/teacher/tokens')
    expect(listed.body).not.toContain(secret)
    expect(listed.json()).toEqual([{ ...token, lastUsed: at.clock.now.toISOString() }])
    const { browser: stranger } = await invite('Uwe')
    await stranger.delete(`/api/teacher/tokens/${token.id}`)
    expect((await asProgram()).statusCode).toBe(200)
    expect((await browser.delete(`/api/teacher/tokens/${token.id}`)).json()).toEqual([])
    expect((await asProgram()).statusCode).toBe(401)
    for (const scopes of [[], ['all'], ['read', 'run', 'grade', 'read']])
      expect((await browser.post('/api/teacher/tokens', { name: 'odd', scopes })).statusCode).toBe(400)
  })

  it('end when their teacher is blocked or reset, and do not come back', async () => {
    const { id, browser } = await invite('Vic')
    const { secret } = (await browser.post('/api/teacher/tokens', { name: 'one', scopes: ['run'] })).json<CreatedApiToken>()
    expect(await at.auth.authenticate(undefined, { token: secret })).toEqual({ kind: 'token', id, scopes: ['run'] })
    await change(id, { blocked: true })
    expect(await at.auth.authenticate(undefined, { token: secret })).toBeNull()
    await change(id, { blocked: false })
    expect(await at.auth.authenticate(undefined, { token: secret })).toBeNull()
  })
})

describe("the owner's list of accounts", () => {
  it('is open to owners alone', async () => {
    const { id, browser } = await invite('Eve')
    for (const answer of [
      browser.get('/api/colleagues'),
      browser.post('/api/colleagues', { name: 'Mal' }),
      change(id, { owner: true }, browser),
      browser.post(`/api/colleagues/${id}/reset`),
    ])
      expect(await errorOf(answer)).toBe('forbidden')
    await change(id, { owner: true })
    expect((await browser.get('/api/colleagues')).statusCode).toBe(200)
  })

  it('tells who has come and who is blocked', async () => {
    await owner.post('/api/colleagues', { name: 'Fay' })
    const { id } = await invite('Gil')
    await change(id, { blocked: true })
    const all = (await owner.get('/api/colleagues')).json<Colleague[]>()
    expect(all.find(({ name }) => name === 'Fay')).toMatchObject({ hasCome: false, lastSeen: null, blocked: false })
    expect(all.find(({ name }) => name === 'Gil')).toMatchObject({ hasCome: true, lastSeen: null, blocked: true })
  })

  it('blocks at once: cookies, links and passwords; and lets in again', async () => {
    const { id, browser } = await invite('Hal')
    await browser.post('/api/teacher/password', { password: 'password of hal' })
    const login = () => visitor().post('/api/teacher/login', { login: 'Hal', password: 'password of hal' })
    const token = await at.link()
    await at.prisma.teacherLink.updateMany({ where: { usedAt: null }, data: { teacherId: id } })
    await change(id, { blocked: true })
    expect((await browser.get('/api/sessions')).statusCode).toBe(401)
    expect(await at.auth.authenticate(browser.cookieHeader, { teacher: true })).toBeNull()
    expect(await errorOf(visitor().post('/api/teacher/link', { token }))).toBe('already-used')
    expect((await login()).statusCode).toBe(401)
    await change(id, { blocked: false })
    expect((await browser.get('/api/sessions')).statusCode).toBe(401)
    expect((await login()).statusCode).toBe(200)
  })

  it('resets: password, sign-ins and unused links end, and a new link works for a week', async () => {
    const { id, browser } = await invite('Ida')
    await browser.post('/api/teacher/password', { password: 'password of ida' })
    const { token } = (await owner.post(`/api/colleagues/${id}/reset`)).json<Invited>()
    const { token: later } = (await owner.post(`/api/colleagues/${id}/reset`)).json<Invited>()
    expect((await browser.get('/api/sessions')).statusCode).toBe(401)
    expect(await errorOf(visitor().post('/api/teacher/login', { login: 'Ida', password: 'password of ida' }))).toBe(
      'wrong-password',
    )
    expect(await errorOf(visitor().post('/api/teacher/link', { token }))).toBe('already-used')
    const begun = at.clock.now
    at.clock.now = new Date(begun.getTime() + 7 * 24 * 3_600_000 - 1)
    expect((await visitor().post('/api/teacher/link', { token: later })).json()).toMatchObject({ account: { id } })
    at.clock.now = begun
    expect(await errorOf(owner.post('/api/colleagues/nobodys-id/reset'))).toBe('not-found')
  })

  it('always has an owner who can come in: nobody changes the own account, and of two who block each other one stays', async () => {
    const me = (await owner.get('/api/teacher')).json<{ account: { id: string } }>().account.id
    expect(await errorOf(change(me, { owner: false }))).toBe('conflict')
    const { id, browser } = await invite('Jo')
    await change(id, { owner: true })
    const answers = await Promise.all([change(id, { blocked: true }), change(me, { blocked: true }, browser)])
    expect(answers.map(({ statusCode }) => statusCode).filter((status) => status === 200)).toHaveLength(1)
    expect(await at.prisma.teacher.count({ where: { id: { in: [me, id] }, blockedAt: null } })).toBe(1)
    await at.prisma.teacher.updateMany({ where: { id: me }, data: { blockedAt: null } })
    owner = visitor()
    await owner.post('/api/teacher/link', { token: await linkTo(me) })
  })
})

/** A new one-time link to an account. */
const linkTo = async (teacherId: string): Promise<string> => {
  const token = await at.link()
  await at.prisma.teacherLink.updateMany({ where: { usedAt: null }, data: { teacherId } })
  return token
}

it('a teacher sees the own sessions, and those of a course in whose staff they are, and no others', async () => {
  const [mine, theirs] = [await invite('Kit'), await invite('Lea')]
  const make = async (by: Browser, title: string) =>
    (await by.post('/api/sessions', { title, level: 'guided', playlist: ['handshake'], swap: false })).json<SessionInfo>().id
  await make(theirs.browser, 'Private')
  const shared = await make(theirs.browser, 'Shared')
  const own = await make(mine.browser, 'Own')
  const titles = async () => (await mine.browser.get('/api/sessions')).json<SessionInfo[]>().map(({ id }) => id)
  expect(await titles()).toEqual([own])
  const staff = [
    { teacherId: theirs.id, role: 'owner' },
    { teacherId: mine.id, role: 'assistant' },
  ]
  await at.prisma.course.create({
    data: {
      id: newId(),
      title: 'Networks',
      createdAt: at.clock.now,
      staff: { create: staff },
      sessions: { connect: { id: shared } },
    },
  })
  expect((await titles()).sort()).toEqual([own, shared].sort())
})

it("a start's link is to an owner who is not blocked", async () => {
  const teachers = createTeachers({ prisma: at.prisma, now: () => at.clock.now })
  expect(await teachers.redeemLink(await teachers.createLink())).toBe(DEFAULT_TEACHER_ID)
  await at.prisma.teacher.update({ where: { id: DEFAULT_TEACHER_ID }, data: { blockedAt: at.clock.now } })
  const other = await teachers.redeemLink(await teachers.createLink())
  expect(await at.prisma.teacher.findUnique({ where: { id: other } })).toMatchObject({ owner: true, blockedAt: null })
})
