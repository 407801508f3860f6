/** Launches by LTI 1.3: what is accepted and where it leads, and each thing that makes a launch refused. */
import { generateKeyPair, SignJWT, UnsecuredJWT, type JWTPayload } from 'jose'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { ANN, BOB, TEACHER, type Bend } from './platform.ts'
import { startSetting, ticketOf, Visitor, type Setting } from './setting.ts'

let setting: Setting
beforeAll(async () => {
  setting = await startSetting()
})
afterAll(async () => {
  expect(setting.platform.state.faults).toEqual([])
  await setting.stop()
})

/** A session of the owner's. */
async function makeSession(title: string) {
  const wanted = { title, level: 'guided', playlist: ['handshake'], swap: false }
  return (await setting.owner.post('/api/sessions', wanted)).json<{ id: string; code: string }>()
}

/** The teacher's first launch of a link, with a new account and course, as far as the session of this title. */
async function connect(link: string, title: string) {
  const { visitor, ...launched } = await setting.launch(TEACHER, { target: { link } })
  const ticket = ticketOf(launched)
  let { step } = (await visitor.read(ticket)).body
  if (step === 'account') step = (await visitor.choose(ticket, { account: 'new' })).body.step
  if (step === 'course') await visitor.choose(ticket, { course: null })
  const { teacherId } = (await setting.at.prisma.ltiAccount.findFirst({ where: { sub: TEACHER.sub } }))!
  const session = await makeSession(title)
  await setting.at.prisma.session.update({ where: { id: session.id }, data: { teacherId } })
  const chosen = await visitor.choose(ticket, { session: session.id })
  expect(chosen.body).toMatchObject({ step: 'ready', session: title })
  return { session, visitor, ticket }
}

describe('a launch', () => {
  let session: { id: string }

  test('of a student, before a teacher has connected the course, says that it is not ready', async () => {
    const { visitor, ...launched } = await setting.launch(ANN)
    expect(launched.status).toBe(303)
    expect((await visitor.read(ticketOf(launched))).body).toMatchObject({ step: 'not-ready', role: 'student', name: 'Ann Lee' })
  })

  test('of a teacher for the first time asks for account, course and session, and leads to the board', async () => {
    const { visitor, ...launched } = await setting.launch(TEACHER)
    const ticket = ticketOf(launched)
    expect((await visitor.read(ticket)).body).toMatchObject({
      step: 'account',
      name: 'Tess Teacher',
      context: 'Networks 101',
      mayCreateAccount: true,
      signedIn: null,
    })
    expect((await visitor.choose(ticket, { account: 'mine' })).status).toBe(403)
    expect((await visitor.choose(ticket, { session: 'AAAAAAAAAAAAAAAAAAAAAA' })).status).toBe(400)
    expect((await visitor.choose(ticket, { account: 'new' })).body).toMatchObject({ step: 'course', courses: [] })
    expect((await visitor.choose(ticket, { course: null })).body).toMatchObject({ step: 'session', sessions: [] })
    ;({ session } = await connect('link-1', 'Monday'))

    expect(await visitor.goOn(ticket)).toEqual({ status: 303, location: `/teach/${session.id}` })
    const board = await visitor.ask(`/api/sessions/${session.id}`)
    expect(board.status).toBe(200)
    const { courseId } = (await setting.at.prisma.session.findUnique({ where: { id: session.id } }))!
    const course = await visitor.ask(`/api/courses/${courseId}`)
    expect(await course.json()).toMatchObject({ course: { title: 'Networks 101', role: 'owner' } })
    expect((await visitor.read(ticket)).status, 'a ticket is good once').toBe(410)
  })

  test('of a teacher for the second time leads to the board at once', async () => {
    const { status, location } = await setting.launch(TEACHER)
    expect({ status, location }).toEqual({ status: 303, location: `/teach/${session.id}` })
  })

  test('of a student makes a member of the roster, who is the same the next time', async () => {
    const first = await setting.launch(ANN)
    expect(first.location).toMatch(/^\/r\//)
    const second = await setting.launch(ANN)
    expect(second.location).toBe(first.location)
    const members = await setting.at.prisma.member.findMany({ where: { name: 'Ann Lee' }, include: { participants: true } })
    expect(members).toMatchObject([
      { number: '2023001', email: 's-1@uni.example', participants: [{ sessionId: session.id, name: 'Ann Lee' }] },
    ])
    const held = await first.visitor.ask(
      `/api/codes/${(await setting.at.prisma.session.findFirst({ where: { id: session.id } }))!.code}`,
    )
    expect(await held.json()).toMatchObject({ known: [{ name: 'Ann Lee' }] })
  })

  test('in a frame whose cookies the browser keeps goes on in the frame, with partitioned cookies', async () => {
    const { location, visitor } = await setting.launch(ANN, { where: 'iframe' })
    expect(location).toMatch(/^\/r\//)
    for (const [name, { attributes }] of visitor.cookies) {
      expect(attributes, name).toMatch(/; Secure/)
      expect(attributes, name).toMatch(/; SameSite=None/)
      expect(attributes, name).toMatch(/; Partitioned/)
    }
    const framed = await visitor.ask(location)
    expect(framed.headers.get('content-security-policy')).toContain(`frame-ancestors ${setting.platform.state.origin}`)
    expect(framed.headers.get('x-frame-options')).toBeNull()
  })

  test('in a frame without cookies is kept for a tab of its own, where its ticket is good once, for this site only', async () => {
    const { visitor, ...launched } = await setting.launch(ANN, { where: 'iframe', withoutCookies: true })
    const ticket = ticketOf(launched)
    expect((await visitor.read(ticket)).body).toMatchObject({ step: 'ready', keepsCookies: false, session: 'Monday' })
    expect(visitor.cookies.size).toBe(0)
    const elsewhere = await visitor.postForm('/lti/continue', { ticket }, { origin: 'https://evil.example' })
    expect(elsewhere.status).toBe(403)
    expect(await visitor.goOn(ticket)).toMatchObject({ status: 303, location: expect.stringMatching(/^\/r\//) as string })
    expect([...visitor.cookies.values()].map(({ attributes }) => attributes).join()).not.toContain('SameSite=None')
    expect(await visitor.goOn(ticket)).toEqual({ status: 303, location: '/lti/refused/-#state' })
  })

  test('of a teacher in a frame goes on in a tab of its own, also with cookies', async () => {
    const { visitor, ...launched } = await setting.launch(TEACHER, { where: 'iframe' })
    expect((await visitor.read(ticketOf(launched))).body).toMatchObject({ step: 'ready', keepsCookies: true })
    expect(await visitor.goOn(ticketOf(launched))).toEqual({ status: 303, location: `/teach/${session.id}` })
  })

  test('that begun in another browser is not let in before somebody has said so', async () => {
    const visitor = new Visitor(setting.tool)
    const { status, location } = await setting.launch(BOB, { visitor, withoutCookies: true })
    expect(status).toBe(303)
    expect(location).toMatch(/^\/lti\/launched\//)
    expect(visitor.cookies.size).toBe(0)
  })

  test('is framed by its platform only, and every other page by nobody', async () => {
    const { visitor, ...launched } = await setting.launch(ANN, { withoutCookies: true })
    const policyAt = async (path: string) => (await visitor.ask(path)).headers.get('content-security-policy')
    const [path = ''] = launched.location.split('#')
    expect(await policyAt(path)).toMatch(new RegExp(`frame-ancestors ${setting.platform.state.origin}$`))
    for (const other of ['/', '/teach', '/lti/launched/AAAAAAAAAAAAAAAAAAAAAA', '/lti/refused/-'])
      expect(await policyAt(other), other).toContain("frame-ancestors 'none'")
  })

  test('of an assistant runs the session, and is on the staff as such', async () => {
    const membership = 'http://purl.imsglobal.org/vocab/lis/v2/membership'
    const assistant = {
      ...TEACHER,
      sub: 't-2',
      name: 'Asa',
      roles: [`${membership}#Instructor`, `${membership}/Instructor#TeachingAssistant`],
    }
    const { visitor, ...launched } = await setting.launch(assistant)
    await visitor.choose(ticketOf(launched), { account: 'new' })
    expect(await visitor.goOn(ticketOf(launched))).toEqual({ status: 303, location: `/teach/${session.id}` })
    const { role } = (await setting.at.prisma.courseStaff.findFirst({ where: { teacher: { name: 'Asa' } } }))!
    expect(role).toBe('assistant')
  })

  test('connects an account that is signed in, only in the browser that began the launch', async () => {
    const colleague = { ...TEACHER, sub: 't-3', name: 'Cole' }
    const { visitor, ...launched } = await setting.launch(colleague, { where: 'iframe', withoutCookies: true })
    const ticket = ticketOf(launched)
    const signedIn = setting.owner.cookies.get('t') ?? ''
    const elsewhere = new Visitor(setting.tool)
    elsewhere.cookies.set('t', { value: signedIn, attributes: '' })
    expect((await elsewhere.read(ticket)).body).toMatchObject({ step: 'account', signedIn: null })
    expect((await elsewhere.choose(ticket, { account: 'mine' })).status).toBe(403)

    visitor.cookies.set('t', { value: signedIn, attributes: '' })
    expect(await visitor.goOn(ticket)).toEqual({ status: 303, location: launched.location })
    expect((await visitor.read(ticket)).body).toMatchObject({ step: 'account', signedIn: 'Olga Owner' })
    expect((await visitor.choose(ticket, { account: 'mine' })).body.step).toBe('ready')
    const account = await setting.at.prisma.ltiAccount.findFirst({ where: { sub: 't-3' } })
    expect(account?.teacherId).toBe(setting.ownerId)
  })

  test('of a student to a session that is over or locked leads in only who has taken part', async () => {
    const closing = await connect('link-closing', 'Closing')
    expect((await setting.launch(ANN, { target: { link: 'link-closing' } })).location).toMatch(/^\/r\//)
    await setting.at.prisma.session.update({ where: { id: closing.session.id }, data: { lockedAt: setting.at.clock.now } })
    expect((await setting.launch(ANN, { target: { link: 'link-closing' } })).location).toMatch(/^\/r\//)
    const { visitor, ...launched } = await setting.launch(BOB, { target: { link: 'link-closing' } })
    expect((await visitor.read(ticketOf(launched))).body.step).toBe('closed')
    await setting.at.prisma.session.update({ where: { id: closing.session.id }, data: { endedAt: setting.at.clock.now } })
    expect((await setting.launch(ANN, { target: { link: 'link-closing' } })).location).toMatch(/^\/r\//)
  })
})

describe('a launch is refused', () => {
  const claim = (name: string) => `https://purl.imsglobal.org/spec/lti/claim/${name}`
  const seconds = () => Math.floor(setting.at.clock.now.getTime() / 1000)
  const hs256: Bend['sign'] = (claims: JWTPayload) =>
    // The confusion of algorithms: the public key, which everybody has, as the secret of an HMAC.
    new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', kid: setting.platform.key().kid })
      .sign(new TextEncoder().encode(JSON.stringify(setting.platform.key().jwk)))
  const otherKey: Bend['sign'] = async (claims: JWTPayload) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', kid: setting.platform.key().kid })
      .sign((await generateKeyPair('RS256')).privateKey)

  const cases: Record<string, [code: string, bend: () => Bend]> = {
    'from another issuer': ['issuer', () => ({ claims: { iss: 'https://other.example' } })],
    'for another audience': ['audience', () => ({ claims: { aud: 'other', azp: 'other' } })],
    'for several audiences that does not say which': [
      'audience',
      () => ({ claims: { aud: [setting.platform.state.clientId, 'other'], azp: undefined } }),
    ],
    'for another authorized party': ['audience', () => ({ claims: { azp: 'other' } })],
    'with another nonce': ['nonce', () => ({ claims: { nonce: 'of another login' } })],
    'without a nonce': ['nonce', () => ({ claims: { nonce: undefined } })],
    'of another deployment': ['deployment', () => ({ claims: { [claim('deployment_id')]: 'dep-9' } })],
    'that has expired': ['expired', () => ({ claims: { iat: seconds() - 400, exp: seconds() - 61 } })],
    'that is old, however long it says that it is valid': [
      'expired',
      () => ({ claims: { iat: seconds() - 700, exp: seconds() + 9e6 } }),
    ],
    'from the future': ['expired', () => ({ claims: { iat: seconds() + 120 } })],
    'without an expiry': ['expired', () => ({ claims: { exp: undefined } })],
    'of another version': ['claims', () => ({ claims: { [claim('version')]: '1.1' } })],
    'of an unknown message': ['claims', () => ({ claims: { [claim('message_type')]: 'LtiSubmissionReviewRequest' } })],
    'without a resource link': ['claims', () => ({ claims: { [claim('resource_link')]: undefined } })],
    'for another address than its login': [
      'target',
      () => ({ claims: { [claim('target_link_uri')]: `${setting.tool}/lti/other` } }),
    ],
    'of nobody': ['anonymous', () => ({ claims: { sub: undefined } })],
    'of a role that is neither': ['role', () => ({ claims: { [claim('roles')]: ['Mentor'] } })],
    'of no course': ['context', () => ({ claims: { [claim('context')]: undefined } })],
    'that is not signed (none)': ['signature', () => ({ sign: (claims) => new UnsecuredJWT(claims).encode() })],
    'that is signed by an HMAC (HS256)': ['signature', () => ({ sign: hs256 })],
    "that is signed by another than the platform's key": ['signature', () => ({ sign: otherKey })],
    'that is not a token': ['signature', () => ({ sign: () => 'a.b.c' })],
  }
  test.each(Object.entries(cases))('%s', async (_, [code, bend]) => {
    const { status, location } = await setting.launch(ANN, { bend: bend() })
    const [platform] = await setting.at.prisma.ltiPlatform.findMany()
    expect({ status, location }).toEqual({ status: 303, location: `/lti/refused/${platform?.id}#${code}` })
  })

  test('within the tolerance of clocks it is taken', async () => {
    const { location } = await setting.launch(ANN, { bend: { claims: { iat: seconds() + 45, exp: seconds() - 45 } } })
    expect(location).toMatch(/^\/r\//)
  })

  test('that is sent a second time, or to a login that is too old or unknown', async () => {
    const { form, visitor } = await setting.launch(ANN)
    const again = (fields: Readonly<Record<string, string>>) => visitor.postForm('/lti/launch', fields, {})
    expect((await again(form)).headers.get('location')).toBe('/lti/refused/-#state')
    expect((await again({ ...form, state: 'unknown' })).headers.get('location')).toBe('/lti/refused/-#state')
    expect((await again({ id_token: form['id_token'] ?? '' })).headers.get('location')).toBe('/lti/refused/-#state')

    const begun = await visitor.ask(setting.platform.loginUrl(setting.platform.prepare(ANN)).slice(setting.tool.length))
    const late = await setting.platform.authenticate(begun.headers.get('location') ?? '')
    setting.at.clock.now = new Date(setting.at.clock.now.getTime() + 10 * 60_000)
    expect((await again(late.fields)).headers.get('location')).toBe('/lti/refused/-#state')
  })

  test('by the platform itself, and its login cannot be finished any more', async () => {
    const visitor = new Visitor(setting.tool)
    const begun = await visitor.ask(setting.platform.loginUrl(setting.platform.prepare(ANN)).slice(setting.tool.length))
    const { fields } = await setting.platform.authenticate(begun.headers.get('location') ?? '')
    const error = await visitor.postForm('/lti/launch', { state: fields['state'] ?? '', error: 'login_required' }, {})
    expect(error.headers.get('location')).toMatch(/^\/lti\/refused\/[\w-]{22}#platform$/)
    expect((await visitor.postForm('/lti/launch', fields, {})).headers.get('location')).toBe('/lti/refused/-#state')
  })

  test('while the account that registered the platform is blocked', async () => {
    const block = (blockedAt: Date | null) =>
      setting.at.prisma.teacher.update({ where: { id: setting.ownerId }, data: { blockedAt } })
    await block(setting.at.clock.now)
    expect((await setting.launch(ANN)).location).toMatch(/#blocked$/)
    await block(null)
  })

  test.each([
    ['an unknown issuer', { iss: 'https://other.example' }, 'unknown-platform'],
    ['an unknown client', { client_id: 'other' }, 'unknown-platform'],
    ['an address elsewhere', { target_link_uri: 'https://evil.example/lti/launch' }, 'target'],
    ['no user', { login_hint: '' }, 'claims'],
  ])('at its login: %s', async (_, change, code) => {
    const url = new URL(setting.platform.loginUrl(setting.platform.prepare(ANN)))
    for (const [name, value] of Object.entries(change)) url.searchParams.set(name, value)
    for (const answer of [
      await new Visitor(setting.tool).ask(url.pathname + url.search),
      await new Visitor(setting.tool).postForm('/lti/login', Object.fromEntries(url.searchParams), {}),
    ])
      expect(answer.headers.get('location')).toMatch(new RegExp(`^/lti/refused/.+#${code}$`))
  })
})

test('a deployment that a launch has named waits to be accepted', async () => {
  const bend = { claims: { 'https://purl.imsglobal.org/spec/lti/claim/deployment_id': 'dep-2' } }
  expect((await setting.launch(ANN, { bend })).location).toMatch(/#deployment$/)
  const { platforms } = (await setting.owner.get('/api/platforms')).json<{
    platforms: { id: string; deployments: { id: string; accepted: boolean }[] }[]
  }>()
  expect(platforms[0]?.deployments).toContainEqual({ id: 'dep-2', accepted: false })
  await setting.owner.post(`/api/platforms/${platforms[0]?.id}/deployments`, { deployment: 'dep-2', accepted: true })
  expect((await setting.launch(ANN, { bend })).location).toMatch(/^\/lti\/launched\//)
})

test('the platform’s key set is fetched when it is needed, kept, and fetched again for a key that is new', async () => {
  await setting.launch(ANN)
  const before = setting.platform.state.keySetReads
  await setting.launch(ANN)
  expect(setting.platform.state.keySetReads).toBe(before)
  await setting.platform.rotateKeys()
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 31_000 })
  try {
    expect((await setting.launch(ANN)).location).toMatch(/^\/r\//)
  } finally {
    vi.useRealTimers()
  }
  expect(setting.platform.state.keySetReads).toBe(before + 1)
})

test('this tool publishes two keys, the next one before it signs, and never a private part', async () => {
  const { prisma, clock, browser } = setting.at
  const read = async () => (await browser().get('/.well-known/jwks.json')).json<{ keys: Record<string, string>[] }>().keys
  const month = 30 * 24 * 3_600_000
  const noon = Math.floor(clock.now.getTime() / month) * month + month / 2
  const start = clock.now
  clock.now = new Date(noon)
  const first = await read()
  expect(first).toHaveLength(2)
  for (const key of first) expect(Object.keys(key).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use'])
  clock.now = new Date(noon + month / 2 + 60_000)
  const turned = (await read()).map(({ kid }) => kid)
  expect(turned).toContain(first[1]?.kid)
  expect(turned, 'for an hour also the one before').toContain(first[0]?.kid)
  clock.now = new Date(noon + month)
  expect(await read()).toMatchObject([{ kid: first[1]?.kid }, {}])
  expect(await prisma.ltiKey.count()).toBeGreaterThan(0)
  clock.now = start
})
