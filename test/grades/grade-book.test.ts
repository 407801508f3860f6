/** The grade book over HTTP: what is stored of decisions, and what becomes of points computed from the logs. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ContestInfo, GradeBook, GradeReasons, GradeRecordInfo, OwnGrade, RegradePreview } from '../../contract/grades.ts'
import { ENGINE_VERSION } from '../../protocol/version.ts'
import { newId } from '../../server/base/ids.ts'
import { createGrades } from '../../server/grades/grades.ts'
import { createLibrary } from '../../server/lessons/library.ts'
import { createRoundFactsReader } from '../../server/lessons/round-facts-reader.ts'
import { testApp, type Browser, type TestApp } from '../support/app.ts'
import { exercises } from '../support/exercises.ts'
import { makeGradedCourse, type GradedCourse } from '../support/graded-course.ts'

let at: TestApp
let made: GradedCourse & { readonly teacher: Browser }
let session: string

beforeAll(async () => {
  at = await testApp()
})
afterAll(() => at.stop())
beforeEach(async () => {
  made = await makeGradedCourse(at, ['Ann', 'Bob', 'Cat', 'Dan'])
  session = await made.addSession()
})

const idOf = (name: string) => made.members.get(name) ?? ''
const path = (rest = '') => `/api/courses/${made.course}/grades${rest}`
const readBook = async (by = made.teacher) => (await by.get(path())).json<GradeBook>()
const post = (rest: string, body: object) => made.teacher.post(path(rest), body)
const readHistory = async () => (await made.teacher.get(path('/history'))).json<GradeRecordInfo[]>()
const memberOf = (book: GradeBook, name: string) => book.members.find((member) => member.name === name)!
const reasonsOf = async (name: string) =>
  (await made.teacher.get(path(`/members/${idOf(name)}/sessions/${session}`))).json<GradeReasons>()
/** A browser that holds the cookie of a member's participant in a session. */
const browserOf = async (name: string, of = session) => {
  const browser = at.browser()
  const participant = { id: await made.participantOf(of, name), session: of }
  for (const { name: key, value } of await at.auth.createParticipantCookies(participant, {})) browser.cookies.set(key, value)
  return browser
}
const deductionsIn = ({ rounds }: OwnGrade) => rounds.flatMap(({ deductions }) => deductions)
const contestsNow = async () => (await made.teacher.get(path('/contests'))).json<ContestInfo[]>()

/** The server of the handshake has four milestones: each mistake costs a quarter of a point. */
const WITH_ONE_MISTAKE = 3.75 / 4

describe('the book', () => {
  test('has the shares of members and says what each step has cost, with the entry of the log', async () => {
    const round = await made.play({ session, client: 'Ann', server: 'Bob', mistakes: ['not-counted'] })
    const book = await readBook()
    expect(book).toMatchObject({ mayChange: true, scheme: { rounds: 'best', missed: 'left-out', dropLowest: 0 }, openContests: 0 })
    expect(book.sessions).toMatchObject([{ id: session, weight: 1, released: false, exercises: [{ id: 'handshake', weight: 1 }] }])
    expect(book.members.map(({ number, name, total }) => [number, name, total])).toEqual([
      ['1001', 'Ann', 1],
      ['1002', 'Bob', WITH_ONE_MISTAKE],
      ['1003', 'Cat', null],
      ['1004', 'Dan', null],
    ])
    expect(memberOf(book, 'Bob').sessions[0]?.exercises[0]?.seats).toEqual({ client: null, server: WITH_ONE_MISTAKE })

    const { rounds } = await reasonsOf('Bob')
    expect(rounds).toMatchObject([{ id: round, seat: 'server', partner: 'Ann', counts: true, points: 3.75, of: 4, over: 'goal' }])
    const [deduction] = rounds[0]!.deductions
    expect(deduction).toMatchObject({ points: 0.25, mistake: 'syn-consumes-one', rung: null, contest: null, givenBack: false })
    expect(deduction?.milestone?.en).toMatch(/\S/)
    expect((await at.log.read(round))[deduction!.entry]).toMatchObject({ actor: 'server', verdict: { outcome: 'refused' } })
  })

  test('what was not reached when the bell rang, and what the built-in partner plays, costs nothing', async () => {
    await made.play({ session, client: 'Ann', server: null })
    await made.play({ session, client: 'Cat', server: 'Dan', unfinished: true })
    const totals = (await readBook()).members.map(({ total }) => total)
    expect(totals).toEqual([1, null, 1, 1])
  })

  test('leaves out open sessions, rehearsals and deleted ones, and keeps who has been removed from the roster', async () => {
    await made.play({ session, client: 'Ann', server: 'Bob' })
    await made.addSession({ kind: 'open' })
    const [rehearsal, deleted] = [await made.addSession(), await made.addSession()]
    await at.prisma.session.update({ where: { id: rehearsal }, data: { rehearsal: {} } })
    await at.prisma.session.update({ where: { id: deleted }, data: { deletedAt: at.clock.now } })
    await at.prisma.member.updateMany({
      where: { id: { in: [idOf('Bob'), idOf('Dan')] } },
      data: { removedAt: at.clock.now },
    })
    const book = await readBook()
    expect(book.sessions.map(({ id }) => id)).toEqual([session])
    expect(book.members.map(({ name, removed }) => [name, removed])).toEqual([
      ['Ann', false],
      ['Bob', true],
      ['Cat', false],
    ])
  })

  test('is handed out as CSV, in the form that each program imports', async () => {
    await made.play({ session, client: 'Ann', server: 'Bob' })
    const read = (format: string) => made.teacher.get(path(`/csv/${format}`))
    const moodle = await read('moodle')
    expect(moodle.headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="grades-moodle.csv"',
    })
    expect(moodle.body.split('\r\n').slice(0, 2)).toEqual([
      '\uFEFFID number,Email address,Name,Monday,Course total',
      '1001,,Ann,100,100',
    ])
    expect((await read('canvas')).body).toContain('Ann,,1001,,,100')
    expect((await read('all')).body).toContain('1001,Ann,,,100,100,100')
    expect((await read('pdf')).statusCode).toBe(400)
  })

  test('is read by an assistant, who may change nothing', async () => {
    const assistant = await at.teacher()
    const teacherId = (await at.auth.verifyTeacher(Object.fromEntries(assistant.cookies)))?.id ?? ''
    await at.prisma.courseStaff.create({ data: { courseId: made.course, teacherId, role: 'assistant' } })
    expect(await readBook(assistant)).toMatchObject({ mayChange: false })
    const override = { member: idOf('Ann'), session, position: null, share: 1, reason: 'because' }
    expect((await assistant.post(path('/overrides'), override)).statusCode).toBe(403)
  })
})

describe('changes', () => {
  beforeEach(async () => {
    await made.play({ session, client: 'Ann', server: 'Bob', mistakes: ['not-counted'] })
  })

  test('of scheme, weights, overrides, excuses and remarks change the book, and each is on record with what was before', async () => {
    const second = await made.addSession({ playlist: ['handshake', 'data'] })
    await made.play({ session: second, client: 'Bob', server: 'Ann' })
    await post('/scheme', { rounds: 'last', missed: 'zero', dropLowest: 0, reason: '' })
    await post('/weights', { session: second, position: null, weight: 3, reason: 'twice as long' })
    await post('/weights', { session: second, position: 1, weight: 0, reason: '' })
    await post('/overrides', { member: idOf('Ann'), session, position: 0, share: 0.5, reason: 'dictated' })
    await post('/excuses', { member: idOf('Cat'), session, position: null, excused: true, reason: 'was ill' })
    const book = (await post('/remarks', { member: idOf('Dan'), session: null, text: 'ask again' })).json<GradeBook>()

    expect(book.scheme).toEqual({ rounds: 'last', missed: 'zero', dropLowest: 0 })
    expect(book.sessions.map(({ weight, exercises }) => [weight, exercises.map((each) => each.weight)])).toEqual([
      [1, [1]],
      [3, [1, 0]],
    ])
    expect(memberOf(book, 'Ann')).toMatchObject({ total: (0.5 + 3) / 4, sessions: [{ share: 0.5 }, { share: 1 }] })
    expect(memberOf(book, 'Ann').sessions[0]?.exercises[0]).toMatchObject({ share: 0.5, overridden: true })
    expect(memberOf(book, 'Cat').sessions[0]).toMatchObject({ share: null, excused: true })
    expect(memberOf(book, 'Dan').remark).toBe('ask again')

    const before = { rounds: 'best', missed: 'left-out', dropLowest: 0 }
    const history = await readHistory()
    expect(history.map((each) => [each.number, each.kind, each.before, each.after, each.reason])).toEqual([
      [6, 'remark', '', 'ask again', ''],
      [5, 'excuse', false, true, 'was ill'],
      [4, 'override', null, 0.5, 'dictated'],
      [3, 'weight', 1, 0, ''],
      [2, 'weight', 1, 3, 'twice as long'],
      [1, 'scheme', before, { rounds: 'last', missed: 'zero', dropLowest: 0 }, ''],
    ])
    expect((await reasonsOf('Ann')).records).toMatchObject([{ kind: 'override', position: 0, reason: 'dictated' }])
  })

  test('can be taken back, which is on record, too', async () => {
    const place = { member: idOf('Bob'), session, position: null }
    await post('/overrides', { ...place, share: 0.25, reason: 'first' })
    const back = (await post('/overrides', { ...place, share: null, reason: 'a slip' })).json<GradeBook>()
    expect(memberOf(back, 'Bob').sessions[0]).toMatchObject({ share: WITH_ONE_MISTAKE })
    expect(memberOf(back, 'Bob').sessions[0]).not.toHaveProperty('overridden')
    expect((await readHistory()).map(({ before, after }) => [before, after])).toEqual([
      [0.25, null],
      [null, 0.25],
    ])
  })

  test('to what already is make no record', async () => {
    await post('/scheme', { rounds: 'best', missed: 'left-out', dropLowest: 0, reason: 'none' })
    await post('/weights', { session, position: null, weight: 1, reason: '' })
    await post('/overrides', { member: idOf('Ann'), session, position: null, share: null, reason: 'none' })
    await post('/excuses', { member: idOf('Ann'), session, position: null, excused: false, reason: 'none' })
    expect(await readHistory()).toEqual([])
  })

  test('made at the same moment get numbers of their own, and each says what was before it', async () => {
    const shares = [0.1, 0.2, 0.3, 0.4, 0.5]
    await Promise.all(
      shares.map((share) => post('/overrides', { member: idOf('Ann'), session, position: null, share, reason: 'race' })),
    )
    const history = (await readHistory()).reverse()
    expect(history.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5])
    expect(history.map(({ before }) => before)).toEqual([null, ...history.slice(0, -1).map(({ after }) => after)])
  })

  test('need a reason, a member and a session of this course, and a place in its playlist', async () => {
    const override = { member: idOf('Ann'), session, position: null, share: 1, reason: 'because' }
    const other = await makeGradedCourse(at, ['Eve'])
    const wrong: [number, object][] = [
      [400, { reason: ' ' }],
      [400, { share: 1.5 }],
      [404, { member: other.members.get('Eve') }],
      [404, { session: await other.addSession() }],
      [404, { session: newId() }],
      [404, { position: 1 }],
    ]
    for (const [status, change] of wrong)
      expect((await post('/overrides', { ...override, ...change })).statusCode, JSON.stringify(change)).toBe(status)
    expect(await readHistory()).toEqual([])
  })
})

describe('a contest', () => {
  let round: string
  let entry: number
  let bob: Browser
  const contest = (by: Browser, body: object = {}) =>
    by.post(`/api/rounds/${round}/contests`, { entry, text: 'My SYN was counted.', ...body })

  beforeEach(async () => {
    round = await made.play({ session, client: 'Ann', server: 'Bob', mistakes: ['not-counted'] })
    entry = (await reasonsOf('Bob')).rounds[0]!.deductions[0]!.entry
    bob = await browserOf('Bob')
  })

  test('is made by the member at a step of their own finished round, once, and is seen in the book', async () => {
    const own = (await bob.get(`/api/rounds/${round}/grade`)).json<OwnGrade>()
    expect(own).toMatchObject({ session: null, rounds: [{ id: round, seat: 'server', points: 3.75, of: 4 }] })
    expect(deductionsIn(own)).toMatchObject([{ entry, contest: null }])
    expect(deductionsIn((await contest(bob)).json<OwnGrade>())).toMatchObject([{ entry, contest: 'open', givenBack: false }])
    expect((await contest(bob)).statusCode).toBe(409)

    const book = await readBook()
    expect(book.openContests).toBe(1)
    expect(memberOf(book, 'Bob').sessions[0]).toMatchObject({ contested: true, exercises: [{ contested: true }] })
    const [listed] = await contestsNow()
    expect(listed).toMatchObject({
      member: { name: 'Bob', number: '1002' },
      session: { title: 'Monday' },
      round,
      entry,
      points: 0.25,
      mistake: 'syn-consumes-one',
      text: 'My SYN was counted.',
      status: 'open',
      alike: 0,
    })
  })

  test('is neither made by the partner or at another step, nor where nobody is a member, nor before the round is over', async () => {
    expect((await contest(await browserOf('Ann'))).statusCode).toBe(400)
    expect((await contest(await browserOf('Cat'))).statusCode).toBe(403)
    expect((await contest(bob, { entry: entry + 1 })).statusCode).toBe(400)
    await at.prisma.round.update({ where: { id: round }, data: { endedAt: null } })
    expect((await contest(bob)).statusCode).toBe(409)
    await at.prisma.round.update({ where: { id: round }, data: { endedAt: at.clock.now } })
    await at.prisma.participant.updateMany({ where: { sessionId: session }, data: { memberId: null } })
    expect((await bob.get(`/api/rounds/${round}/grade`)).json<OwnGrade>()).toEqual({ rounds: [], session: null })
    expect((await contest(bob)).statusCode).toBe(400)
  })

  test('upheld gives back what the step has cost; rejected afterwards it costs again', async () => {
    await contest(bob)
    const [{ number } = { number: 0 }] = await contestsNow()
    const decide = (upheld: boolean) => post(`/contests/${number}`, { upheld, everyone: false, reason: 'as the RFC says' })
    expect((await decide(true)).json<ContestInfo[]>()).toMatchObject([{ status: 'upheld', reason: 'as the RFC says', alike: null }])
    expect(memberOf(await readBook(), 'Bob').total).toBe(1)
    const own = (await bob.get(`/api/rounds/${round}/grade`)).json<OwnGrade>()
    expect(own.rounds).toMatchObject([{ points: 4, of: 4 }])
    expect(deductionsIn(own)).toMatchObject([{ contest: 'upheld', reason: 'as the RFC says', givenBack: true }])
    await decide(false)
    expect(memberOf(await readBook(), 'Bob').total).toBe(WITH_ONE_MISTAKE)
    expect((await readHistory()).map(({ kind, by, before, after }) => [kind, by === null, before, after])).toEqual([
      ['decision', false, 'upheld', 'rejected'],
      ['decision', false, 'open', 'upheld'],
      ['contest', true, null, 'open'],
    ])
  })

  test('upheld for everybody gives the same back to all to whom the same was charged, and nothing else', async () => {
    const same = await made.play({ session, client: 'Bob', server: 'Ann', mistakes: ['not-counted'] })
    await made.play({ session, client: 'Bob', server: 'Cat', mistakes: ['beyond'] })
    const older = await made.play({ session, client: 'Bob', server: 'Dan', mistakes: ['not-counted'] })
    await at.prisma.round.update({ where: { id: older }, data: { exercise: 'handshake@0' } })
    await contest(bob)
    const [open] = await contestsNow()
    expect(open).toMatchObject({ alike: 1 })
    await post(`/contests/${open?.number}`, { upheld: true, everyone: true, reason: 'the text was unclear' })

    const serverShare = (book: GradeBook, name: string) => memberOf(book, name).sessions[0]?.exercises[0]?.seats.server
    const book = await readBook()
    expect(['Bob', 'Ann', 'Cat', 'Dan'].map((name) => serverShare(book, name))).toEqual([1, 1, WITH_ONE_MISTAKE, WITH_ONE_MISTAKE])
    const decisions = (await readHistory()).filter(({ kind }) => kind === 'decision')
    expect(decisions.map((each) => each.round).sort()).toEqual([round, same].sort())
  })
})

describe('release', () => {
  test('opens the grade of the session to its members, and hides it again', async () => {
    const round = await made.play({ session, client: 'Ann', server: 'Bob', mistakes: ['not-counted'] })
    const bob = await browserOf('Bob')
    const readOwn = async () => (await bob.get(`/api/rounds/${round}/grade`)).json<OwnGrade>()
    await post('/overrides', { member: idOf('Bob'), session, position: null, share: 0.5, reason: 'came late' })
    expect(await readOwn()).toMatchObject({ session: null })
    const book = (await post('/releases', { session, released: true })).json<GradeBook>()
    expect(book.sessions[0]).toMatchObject({ released: true })
    expect(await readOwn()).toMatchObject({ session: { share: 0.5, overridden: true, reason: 'came late' } })
    await post('/releases', { session, released: false })
    expect(await readOwn()).toMatchObject({ session: null })
    expect((await readHistory()).map(({ kind, after }) => [kind, after])).toEqual([
      ['release', false],
      ['release', true],
      ['override', 0.5],
    ])
  })

  test('of an exam also opens what its steps have cost, which cannot be contested before', async () => {
    const exam = await made.addSession({ level: 'exam' })
    const round = await made.play({ session: exam, client: 'Ann', server: 'Bob', mistakes: ['not-counted'] })
    const bob = await browserOf('Bob', exam)
    expect((await bob.get(`/api/rounds/${round}/grade`)).statusCode).toBe(403)
    await post('/releases', { session: exam, released: true })
    expect(deductionsIn((await bob.get(`/api/rounds/${round}/grade`)).json<OwnGrade>())).toHaveLength(1)
  })
})

test('a regrade shows what changes for each member first, and counts once it is accepted', async () => {
  await made.play({ session, client: 'Cat', server: 'Dan' })
  const round = await made.play({ session, client: 'Ann', server: 'Bob', mistakes: ['not-counted'], refusalEighths: 4 })
  const preview = async () => (await made.teacher.get(path('/regrade'))).json<RegradePreview>()
  const change = { id: idOf('Bob'), seat: 'server', points: 3.5, of: 4, pointsNow: 3.75, ofNow: 4 }
  expect(await preview()).toMatchObject({ rounds: 2, changes: [{ round, session, position: 0, members: [change] }] })
  expect(memberOf(await readBook(), 'Bob').total).toBe(3.5 / 4)

  const accepted = (await post('/regrade', { rounds: [round], reason: 'newer engine' })).json<GradeBook>()
  expect(memberOf(accepted, 'Bob').total).toBe(WITH_ONE_MISTAKE)
  expect(await preview()).toMatchObject({ changes: [] })
  const { rounds, records } = await reasonsOf('Bob')
  expect(rounds).toMatchObject([{ points: 3.75, of: 4, regradedBy: ENGINE_VERSION }])
  expect(records).toMatchObject([{ kind: 'regrade', round, before: null, after: '3 / 3 · 3.75 / 4', reason: 'newer engine' }])
})

test('a platform is told the grade of each member of a session, and when it last changed', async () => {
  const deps = { prisma: at.prisma, log: at.log, lessons: at.classroom, now: () => at.clock.now }
  const library = createLibrary({ prisma: at.prisma, builtIn: exercises, now: deps.now })
  const grades = createGrades({ ...deps, facts: createRoundFactsReader({ rounds: at.rounds, log: at.log }), library })
  const read = async (name: string) => (await grades.readSessionScores(session)).find(({ member }) => member === idOf(name))

  expect(await read('Bob')).toEqual({ member: idOf('Bob'), share: null, exercises: [null], isPlaying: false, changedAt: null })
  const round = await made.play({ session, client: 'Ann', server: 'Bob', mistakes: ['not-counted'] })
  const playedAt = (await at.prisma.round.findUniqueOrThrow({ where: { id: round } })).endedAt
  expect(await read('Bob')).toMatchObject({ share: WITH_ONE_MISTAKE, isPlaying: false, changedAt: playedAt })
  const decidedAt = (at.clock.now = new Date(at.clock.now.getTime() + 3_600_000))
  await post('/overrides', { member: idOf('Bob'), session, position: null, share: 1, reason: 'because' })
  expect(await read('Bob')).toMatchObject({ share: 1, changedAt: decidedAt })
  expect(await read('Ann')).toMatchObject({ share: 1, changedAt: playedAt })
})
