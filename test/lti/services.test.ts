/** What the tool asks of a platform: its roster, its columns of grades, the choice of content, a registration. */
import type { JWTPayload } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Connections } from '../../contract/learning-platforms.ts'
import { createOutbox } from '../../server/lti/outbox.ts'
import { findNextPage } from '../../server/lti/roster-fetch.ts'
import { manualTime } from '../support/time.ts'
import { standIn } from '../support/stand-in.ts'
import { makeGradedCourse } from '../support/graded-course.ts'
import { ANN, BOB, SCOPES, TEACHER, type User } from './platform.ts'
import { startSetting, ticketOf, type Setting, type Visitor } from './setting.ts'

let setting: Setting
/** The teacher's browser, signed in by a launch. */
let teacher: Visitor
let course: string
let session: string

beforeAll(async () => {
  setting = await startSetting()
  const { visitor, ...launched } = await setting.launch(TEACHER, { where: 'iframe' })
  teacher = visitor
  const ticket = ticketOf(launched)
  await visitor.choose(ticket, { account: 'new' })
  await visitor.choose(ticket, { course: null })
  course = (await setting.at.prisma.course.findFirstOrThrow()).id
  session = await makeSession('Monday')
  await visitor.choose(ticket, { session })
  await visitor.goOn(ticket)
})
afterAll(async () => {
  expect(setting.platform.state.faults).toEqual([])
  await setting.stop()
})

async function makeSession(title: string): Promise<string> {
  const wanted = { title, level: 'guided', playlist: ['handshake', 'warm-up'], swap: false }
  const { id } = (await setting.owner.post('/api/sessions', wanted)).json<{ id: string }>()
  await setting.at.prisma.session.update({ where: { id }, data: { courseId: course } })
  return id
}

/** Asks the API as the teacher. */
async function ask<T = Connections>(
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: object,
): Promise<{ status: number; body: T }> {
  const answer = await teacher.ask(path, {
    method,
    headers: { origin: setting.tool, ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  return { status: answer.status, body: (await answer.json()) as T }
}
const connections = async () => (await ask('GET', '/api/platforms')).body
const members = () => setting.at.prisma.member.findMany({ where: { courseId: course }, orderBy: { number: 'asc' } })
const pass = (ms: number) => void (setting.at.clock.now = new Date(setting.at.clock.now.getTime() + ms))

describe('the roster (NRPS)', () => {
  const fetchRoster = () => ask('POST', `/api/connections/${course}/roster`)

  test('is fetched page by page: learners who are active become members', async () => {
    const gone: User = { ...ANN, sub: 's-9', name: 'Gus Gone', number: '2023009', status: 'Inactive' }
    setting.platform.state.users = [TEACHER, ANN, BOB, gone]
    expect(await fetchRoster()).toEqual({ status: 200, body: { added: 2, changed: 0, gone: [] } })
    expect(setting.platform.state.pages).toEqual(['', '?from=2'])
    expect(await members()).toMatchObject([
      { number: '2023001', name: 'Ann Lee', email: 's-1@uni.example' },
      { number: '2023002', name: 'Bob Ray', email: 's-2@uni.example' },
    ])
  })

  test('fetched again brings what has changed, and tells who is not on the list any more', async () => {
    setting.platform.state.users = [TEACHER, { ...ANN, name: 'Ann Lee-Fox' }]
    expect((await fetchRoster()).body).toEqual({ added: 0, changed: 1, gone: ['Bob Ray'] })
    expect((await members()).map(({ name }) => name)).toEqual(['Ann Lee-Fox', 'Bob Ray'])
    setting.platform.state.users = [TEACHER, ANN, BOB]
    expect((await fetchRoster()).body).toEqual({ added: 0, changed: 1, gone: [] })
  })

  test('a launch is of the member whom the roster has brought', async () => {
    expect((await setting.launch(ANN)).location).toMatch(/^\/r\//)
    expect(await setting.at.prisma.member.count({ where: { courseId: course } })).toBe(2)
  })

  test('a row of the roster with the same number is proposed, and becomes theirs only once a teacher has said so', async () => {
    await setting.at.prisma.member.create({
      data: { id: 'by-hand-cyd', courseId: course, number: '2023003', name: 'Cyd', remarks: 'needs time', createdAt: new Date() },
    })
    const cyd = { ...ANN, sub: 's-3', name: 'Cyd Moss', email: 's-3@uni.example', number: '2023003' }
    setting.platform.state.users = [TEACHER, ANN, BOB, cyd]
    const { location } = await setting.launch(cyd)
    expect(location).toMatch(/^\/r\//)
    const [proposal] = (await connections()).courses[0]!.proposals
    expect(proposal).toMatchObject({
      member: { name: 'Cyd Moss', number: expect.stringMatching(/^lti-[0-9a-f]{8}$/) as string },
      proposed: { id: 'by-hand-cyd', number: '2023003' },
    })
    await ask('POST', `/api/connections/${course}/proposals`, { member: proposal!.member.id, same: true })
    expect((await connections()).courses[0]!.proposals).toEqual([])
    expect((await setting.launch(cyd)).location).toBe(location)
    const participant = await setting.at.prisma.participant.findUniqueOrThrow({ where: { id: location.slice('/r/'.length) } })
    expect(participant.memberId).toBe('by-hand-cyd')
    // What the teacher has written stays, whatever the platform calls them.
    await fetchRoster()
    expect(await setting.at.prisma.member.findUnique({ where: { id: 'by-hand-cyd' } })).toMatchObject({
      name: 'Cyd',
      remarks: 'needs time',
    })
  })

  test('two members whose names look the same come in told apart by their numbers', async () => {
    const twin = { ...ANN, sub: 's-4', name: 'Bob Ray', email: 's-4@uni.example', number: '2023004' }
    const { location } = await setting.launch(twin)
    const participant = await setting.at.prisma.participant.findUniqueOrThrow({ where: { id: location.slice('/r/'.length) } })
    expect(participant.name).toBe('Bob Ray (2023004)')
  })

  test('a platform that does not answer is told to the teacher', async () => {
    setting.platform.state.failures.token = 1
    setting.at.clock.now = new Date(setting.at.clock.now.getTime() + 2 * 3_600_000) // past the life of the access token
    expect(await fetchRoster()).toMatchObject({
      status: 502,
      body: { error: 'platform-failed', problems: ['The platform refused the access token with status 503.'] },
    })
  })

  test('the next page is what a Link header says, among others', () => {
    expect(findNextPage('<https://a.example/2>; rel=next', 'https://a.example/1')).toBe('https://a.example/2')
    expect(findNextPage('</x>; rel="prev", </2>; rel="next last"', 'https://a.example/1')).toBe('https://a.example/2')
    for (const none of [null, '', '<https://a.example/2>; rel="differences"', '<https://a.example/2>; title="next"'])
      expect(findNextPage(none, 'https://a.example/1')).toBeNull()
  })
})

describe('the scores (AGS)', () => {
  const run = () => setting.at.lti.outbox.run()
  const scores = () => setting.platform.state.scores
  let made: Awaited<ReturnType<typeof makeGradedCourse>>
  let monday: string
  const linkOf = async () => (await made.teacher.get('/api/platforms')).json<Connections>().courses[0]!.links[0]!
  const override = (name: string, share: number) =>
    made.teacher.post(`/api/courses/${made.course}/grades/overrides`, {
      member: made.members.get(name) ?? '',
      session: monday,
      position: null,
      share,
      reason: 'because',
    })

  beforeAll(async () => {
    setting.platform.state.users = [TEACHER, ANN, BOB]
    made = await makeGradedCourse(setting.at, ['Ann Lee', 'Bob Ray'])
    monday = await made.addSession({ playlist: ['handshake', 'warm-up'] })
    const { prisma } = setting.at
    const platform = await prisma.ltiPlatform.findFirstOrThrow()
    await prisma.ltiContext.create({
      data: {
        id: 'context-of-scores',
        platformId: platform.id,
        deploymentId: 'dep-1',
        contextId: 'course-2',
        title: 'Networks 102',
        courseId: made.course,
        lineItemsUrl: `${platform.issuer}/lineitems?type=1`,
        gradeScopes: [SCOPES.lineItem, SCOPES.score],
        links: { create: { id: 'link-of-scores', resourceLinkId: 'link-8', sessionId: monday } },
        users: {
          create: [
            { sub: ANN.sub, memberId: made.members.get('Ann Lee')!, made: true },
            { sub: BOB.sub, memberId: made.members.get('Bob Ray')!, made: true },
          ],
        },
      },
    })
  })

  test('leave for a column that is made for the session, once each, with their progress', async () => {
    await made.play({ session: monday, client: 'Ann Lee', server: 'Bob Ray', mistakes: ['not-counted'] })
    await run()
    expect([...setting.platform.state.lineItems.values()]).toMatchObject([
      { label: 'Monday', scoreMaximum: 100, resourceId: monday, tag: 'handshake', resourceLinkId: 'link-8' },
    ])
    expect(scores()).toMatchObject([
      {
        userId: ANN.sub,
        scoreGiven: 100,
        scoreMaximum: 100,
        activityProgress: 'InProgress',
        gradingProgress: 'Pending',
        comment: '1/2 · handshake 100 %',
      },
      { userId: BOB.sub, scoreGiven: 93.75, comment: '1/2 · handshake 94 %' },
    ])
    pass(60_000)
    await run()
    expect(scores(), 'nothing is sent that has not changed').toHaveLength(2)
    expect(await linkOf()).toMatchObject({ takesScores: true, sent: 2, waiting: 0, failed: [] })
  })

  test('only what has changed is sent, also by a decision of the teacher, and the end of the session completes it', async () => {
    await override('Bob Ray', 0.5)
    await run()
    expect(scores().slice(2)).toMatchObject([{ userId: BOB.sub, scoreGiven: 50, activityProgress: 'InProgress' }])
    pass(60_000)
    await made.teacher.post(`/api/sessions/${monday}/end`)
    await run()
    expect(scores().slice(3)).toMatchObject([
      { userId: ANN.sub, scoreGiven: 100, activityProgress: 'Completed', gradingProgress: 'FullyGraded' },
      { userId: BOB.sub, scoreGiven: 50, activityProgress: 'Completed', gradingProgress: 'FullyGraded' },
    ])
  })

  test('of a platform that fails twice arrive at the third attempt, after growing delays; the error can be read, the latest is sent', async () => {
    const before = scores().length
    setting.platform.state.failures.scores = 2
    pass(60_000)
    await override('Bob Ray', 0.6)
    await run()
    const failed = async () => (await linkOf()).failed
    expect(await failed()).toMatchObject([
      { name: 'Bob Ray', error: 'The platform refused the score with status 500.', attempts: 1 },
    ])
    pass(29_000)
    await run()
    expect(await failed(), 'not before its time').toMatchObject([{ attempts: 1 }])
    pass(1_000)
    await run()
    expect(await failed()).toMatchObject([{ attempts: 2 }])
    await setting.at.prisma.ltiScore.updateMany({ where: { attempts: 2 }, data: { score: { ...scores()[1], scoreGiven: 61 } } })
    pass(59_000)
    await run()
    expect(scores()).toHaveLength(before)
    pass(1_000)
    await run()
    expect(scores().slice(before)).toMatchObject([{ userId: BOB.sub, scoreGiven: 61 }])
    expect(await failed()).toEqual([])
  })

  test('for a column that has been deleted at the platform go to a new one', async () => {
    const before = scores().length
    setting.platform.state.lineItems.clear()
    pass(60_000)
    await override('Bob Ray', 0.7)
    await run()
    pass(30_000)
    await run()
    expect(scores().slice(before)).toMatchObject([{ userId: BOB.sub, scoreGiven: 70 }])
    expect(setting.platform.state.lineItems.size).toBe(1)
  })

  test('that failed are sent at once where the teacher asks', async () => {
    const before = scores().length
    setting.platform.state.failures.scores = 1
    pass(60_000)
    await override('Ann Lee', 0.9)
    await run()
    const waiting = scores().length
    await made.teacher.post(`/api/connections/${made.course}/scores`, {})
    await expect.poll(() => scores().length).toBe(waiting + 1)
    expect(scores().slice(before)).toContainEqual(expect.objectContaining({ userId: ANN.sub, scoreGiven: 90 }))
  })

  /** An outbox of another node. */
  const anotherOutbox = (deps: Partial<Parameters<typeof createOutbox>[0]>) =>
    createOutbox({
      prisma: setting.at.prisma,
      grades: { readSessionScores: () => Promise.resolve([]) },
      callService: standIn({}),
      now: () => setting.at.clock.now,
      after: () => () => {},
      report: (error) => {
        throw error
      },
      ...deps,
    })

  test('survive a restart: what one node has left is sent by the next', async () => {
    const row = await setting.at.prisma.ltiScore.findFirstOrThrow()
    await setting.at.prisma.ltiScore.update({
      where: { linkId_memberId: { linkId: row.linkId, memberId: row.memberId } },
      data: { dueAt: setting.at.clock.now, attempts: 3, lastError: 'It was away.' },
    })
    const time = manualTime(setting.at.clock.now.getTime())
    const sent: unknown[] = []
    const callService: Parameters<typeof createOutbox>[0]['callService'] = (_platform, { body }) => {
      sent.push(body)
      return Promise.resolve(new Response(null, { status: 204 }))
    }
    const next = anotherOutbox({ callService, now: time.now, after: time.after })
    time.pass(15_000)
    await next.stop()
    expect(sent).toMatchObject([{ scoreGiven: (row.score as { scoreGiven: number }).scoreGiven }])
  })

  test('of an exam wait until it is released', async () => {
    const exam = await made.addSession({ level: 'exam' })
    await setting.at.prisma.ltiLink.create({
      data: { id: 'link-of-exam', contextId: 'context-of-scores', resourceLinkId: 'link-9', sessionId: exam },
    })
    let asked = 0
    const outbox = anotherOutbox({
      grades: {
        readSessionScores: (session) => {
          if (session === exam) asked++
          return Promise.resolve([])
        },
      },
    })
    await outbox.run()
    expect(asked).toBe(0)
    pass(60_000)
    await setting.at.prisma.session.update({ where: { id: exam }, data: { releasedAt: setting.at.clock.now } })
    await outbox.run()
    expect(asked).toBe(1)
  })
})

describe('the choice of content (deep linking)', () => {
  test('is answered by a signed list of sessions, and a link made of it opens its session', async () => {
    const tuesday = await makeSession('Tuesday')
    const { visitor, ...launched } = await setting.launch(TEACHER, {
      target: { deepLinking: { multiple: false } },
      where: 'iframe',
    })
    const ticket = ticketOf(launched)
    const { body } = await visitor.read(ticket)
    expect(body).toMatchObject({ step: 'content', multiple: false })
    expect(body.sessions.map(({ title }) => title)).toEqual(expect.arrayContaining(['Monday', 'Tuesday']))
    const choose = (sessions: string[]) => visitor.call<{ url: string; jwt: string }>('/api/launches/content', { ticket, sessions })
    expect((await choose([session, tuesday])).status, 'one only').toBe(400)
    const { url, jwt } = (await choose([tuesday])).body
    expect((await choose([tuesday])).status, 'once only').toBe(410)
    await fetch(url, { method: 'POST', body: new URLSearchParams({ JWT: jwt }) })
    const content = setting.platform.state.content as JWTPayload
    expect(content).toMatchObject({
      'https://purl.imsglobal.org/spec/lti/claim/message_type': 'LtiDeepLinkingResponse',
      'https://purl.imsglobal.org/spec/lti/claim/version': '1.3.0',
      'https://purl.imsglobal.org/spec/lti/claim/deployment_id': 'dep-1',
      'https://purl.imsglobal.org/spec/lti-dl/claim/data': 'as it was',
      'https://purl.imsglobal.org/spec/lti-dl/claim/content_items': [
        {
          type: 'ltiResourceLink',
          title: 'Tuesday',
          url: `${setting.tool}/lti/launch`,
          custom: { session: tuesday },
          lineItem: { scoreMaximum: 100, label: 'Tuesday', resourceId: tuesday, tag: 'handshake' },
        },
      ],
    })
    const opened = await setting.launch(TEACHER, { target: { link: 'link-2', custom: { session: tuesday }, lineItem: 'item-7' } })
    expect(opened.location).toBe(`/teach/${tuesday}`)
    const link = await setting.at.prisma.ltiLink.findFirstOrThrow({ where: { resourceLinkId: 'link-2' } })
    expect(link.lineItemUrl).toBe(`${setting.platform.state.origin}/lineitems/item-7?type=1`)
  })

  test('a link cannot name a session of another course', async () => {
    const other = (
      await setting.owner.post('/api/sessions', { title: 'Other', level: 'guided', playlist: ['handshake'], swap: false })
    ).json<{ id: string }>()
    const { visitor, ...launched } = await setting.launch(ANN, { target: { link: 'link-3', custom: { session: other.id } } })
    expect((await visitor.read(ticketOf(launched))).body.step).toBe('not-ready')
  })
})

describe('a platform', () => {
  test('registers itself by a link, once, and its teacher launches without anything else', async () => {
    const own = await startSetting({ registered: false })
    try {
      const { url } = (await own.owner.post('/api/platforms/invitation')).json<{ url: string }>()
      const path = new URL(url).pathname
      const open = (configuration: string) =>
        own
          .visitor()
          .ask(
            `${path}?${new URLSearchParams({ openid_configuration: configuration, registration_token: 'registration-token' }).toString()}`,
          )
      const configuration = `${own.platform.state.origin}/.well-known/openid-configuration`

      const failed = await open(`${own.platform.state.origin}/nothing`)
      expect(failed.status).toBe(502)
      expect(await failed.text()).toBe('The platform refused the OpenID configuration with status 404.\n')
      expect(failed.headers.get('content-security-policy')).toContain(`frame-ancestors ${own.platform.state.origin}`)
      expect((await own.owner.get('/api/platforms')).json<Connections>().invitation).toMatchObject({
        lastError: 'The platform refused the OpenID configuration with status 404.',
      })

      const done = await open(configuration)
      expect(done.headers.get('location')).toMatch(/^\/lti\/registered\/[\w-]{22}$/)
      expect((await open(configuration)).status, 'once').toBe(410)
      expect(own.platform.state.registered).toMatchObject({
        // The owner's browser has another name for this server than the platform; each is told its own.
        initiate_login_uri: `${own.tool}/lti/login`,
        redirect_uris: [`${own.tool}/lti/launch`],
        jwks_uri: `${own.tool}/.well-known/jwks.json`,
        token_endpoint_auth_method: 'private_key_jwt',
      })
      const { platforms } = (await own.owner.get('/api/platforms')).json<Connections>()
      expect(platforms).toMatchObject([{ clientId: 'dynamic-1', deployments: [{ id: 'dep-1', accepted: true }] }])
      const { visitor, ...launched } = await own.launch(TEACHER)
      expect((await visitor.read(ticketOf(launched))).body.step).toBe('account')
      expect(own.platform.state.faults).toEqual([])
    } finally {
      await own.stop()
    }
  })

  test.each([
    ['http://platform.example/keys', 'http://platform.example is not an https address.'],
    ['https://127.0.0.1/keys', 'https://127.0.0.1 is this machine, not a platform.'],
    ['https://[::1]/keys', 'https://[::1] is this machine, not a platform.'],
    ['https://169.254.169.254/latest', 'https://169.254.169.254 is this machine, not a platform.'],
    ['https://me:secret@platform.example/keys', 'An address with a password in it cannot be used.'],
    ['not an address', 'not an address is not an address.'],
  ])('is not registered with the address %s', async (keySetUrl, problem) => {
    const answer = await setting.owner.post('/api/platforms', { ...setting.platform.registration(), clientId: 'x', keySetUrl })
    expect(answer.json()).toMatchObject({ error: 'malformed', problems: [problem] })
  })

  test('is registered once, and is its teacher’s', async () => {
    expect((await setting.owner.post('/api/platforms', setting.platform.registration())).statusCode).toBe(409)
    const [platform] = (await setting.owner.get('/api/platforms')).json<Connections>().platforms
    expect(
      (await teacher.ask(`/api/platforms/${platform?.id}`, { method: 'DELETE', headers: { origin: setting.tool } })).status,
    ).toBe(403)
  })

  test('is changed by its teacher, and answers with a redirect in vain', async () => {
    const { createPlatformHttp } = await import('../../server/lti/platform-http.ts')
    const http = createPlatformHttp({ loopback: true })
    const hint = setting.platform.prepare(ANN)
    await expect(http(`${setting.platform.state.origin}/open?hint=${hint}`)).rejects.toThrow(
      /redirect \(302\), which is not followed/,
    )
    const [platform] = (await setting.owner.get('/api/platforms')).json<Connections>().platforms
    const changed = await setting.owner.ask('PATCH', `/api/platforms/${platform?.id}`, { payload: { name: 'Moodle' } })
    expect(changed.json<Connections>().platforms[0]?.name).toBe('Moodle')
  })
})
