/** Export and erasure of one student, and the retention job. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Erasure, StudentData } from '../../contract/student-data.ts'
import type { SessionInfo } from '../../contract/answers.ts'
import { newId } from '../../server/base/ids.ts'
import { createRetentionJob } from '../../server/privacy/retention-job.ts'
import { createRetentionSettings } from '../../server/privacy/retention-settings.ts'
import { testApp, type Browser, type TestApp } from '../support/app.ts'

const DAY_MS = 24 * 3_600_000
let at: TestApp
let teacher: Browser
beforeAll(async () => {
  at = await testApp()
  teacher = await at.teacher()
  await at.prisma.teacher.updateMany({ data: { owner: true, name: 'Wang' } })
})
afterAll(() => at.stop())

/** A session with a pair, which has played one round to its end. */
const play = async (names: readonly [string, string]) => {
  at.clock.now = new Date(at.clock.now.getTime() + 1000)
  const { id, code } = (
    await teacher.post('/api/sessions', { title: 'Monday', level: 'guided', playlist: ['handshake'], swap: false })
  ).json<SessionInfo>()
  const members: string[] = []
  for (const name of names) {
    at.clock.now = new Date(at.clock.now.getTime() + 1000)
    members.push((await at.browser().post('/api/join', { code, name })).json<{ participant: { id: string } }>().participant.id)
  }
  await teacher.post(`/api/sessions/${id}/pairs`, { members })
  await teacher.post(`/api/sessions/${id}/position`, { position: 0 })
  const [round] = await at.prisma.round.findMany({ where: { sessionId: id } })
  await at.rounds.finish(round!.id)
  return { id, members: members as [string, string], round: round!.id, url: `/api/sessions/${id}/participants` }
}
const end = (id: string) => teacher.post(`/api/sessions/${id}/end`)
const namesIn = async (id: string) =>
  (await at.prisma.participant.findMany({ where: { sessionId: id }, orderBy: { createdAt: 'asc' } })).map(({ name }) => name)

/** A course with two members, of whom the first has the seat of this participant. */
const enrol = async (session: string, participant: string, language = 'zh') => {
  const [course, member] = [newId(), newId()]
  const me = (await teacher.get('/api/teacher')).json<{ account: { id: string } }>().account.id
  const row = (id: string, number: string, name: string) => ({ id, number, name, createdAt: at.clock.now })
  await at.prisma.course.create({
    data: {
      id: course,
      title: 'Networks',
      language,
      createdAt: at.clock.now,
      staff: { create: { teacherId: me, role: 'owner' } },
      members: {
        create: [
          { ...row(member, '2026001', 'Zhang Wei'), email: 'zw@example.org', timeFactor: 1.5, remarks: 'needs more time' },
          { ...row(newId(), '2026002', 'Li Na'), createdAt: new Date(at.clock.now.getTime() + 1) },
        ],
      },
      sessions: { connect: { id: session } },
    },
  })
  await at.prisma.participant.update({ where: { id: participant }, data: { memberId: member } })
  const record = { courseId: course, memberId: member, sessionId: session, at: at.clock.now }
  await at.prisma.gradeRecord.createMany({
    data: [
      { ...record, number: 1, kind: 'remark', before: '', after: 'was ill', reason: '' },
      { ...record, number: 2, kind: 'override', after: 0.5, reason: 'Zhang Wei was ill' },
    ],
  })
  return { course, member, url: `/api/courses/${course}/members/${member}` }
}

describe('the export of a student', () => {
  it('holds everything of the student, nothing of the partner, and reads in both languages', async () => {
    const { id, members, round, url } = await play(['Zhang Wei', 'Li Na'])
    const { url: memberUrl } = await enrol(id, members[0])
    const data = (await teacher.get(`${memberUrl}/data`)).json<StudentData>()
    const rowsOf = (kind: string) => data.kinds.find((each) => each.kind === kind)?.rows.map(({ row }) => row)
    expect(rowsOf('roster')).toMatchObject([{ number: '2026001', name: 'Zhang Wei', email: 'zw@example.org', timeFactor: 1.5 }])
    expect(rowsOf('student-name')).toMatchObject([{ id: members[0], name: 'Zhang Wei' }])
    expect(rowsOf('play')).toContainEqual(
      expect.objectContaining({ id: round, exercise: expect.stringMatching(/^handshake@/) as string }),
    )
    expect(rowsOf('grades')).toMatchObject([{ after: 'was ill' }, { after: 0.5, reason: 'Zhang Wei was ill' }])
    expect(JSON.stringify(data)).not.toContain('Li Na')
    for (const [lang, word] of [
      ['en', 'student number'],
      ['zh', '学号'],
    ] as const) {
      const text = await teacher.get(`${memberUrl}/data/${lang}`)
      expect(text.headers['content-type']).toBe('text/plain; charset=utf-8')
      expect(text.body).toContain(word)
      expect(text.body).toContain('name Zhang Wei')
    }
    const own = (await teacher.get(`${url}/${members[1]}/data`)).json<StudentData>()
    expect(JSON.stringify(own)).toContain('Li Na')
    expect(JSON.stringify(own)).not.toContain('Zhang Wei')
  })
})

describe('the erasure of a student', () => {
  it('of an open session: a number stands in the place of the name, everywhere; what was played stays', async () => {
    const { id, members, url, round } = await play(['Ann Otter', 'Bob Heron'])
    const early = await teacher.post(`${url}/${members[0]}/erasure`)
    expect([early.statusCode, early.json<{ error: string }>().error]).toEqual([409, 'conflict'])
    await end(id)
    const scores = (await teacher.get(`/api/sessions/${id}/scores.csv`)).body
    expect((await teacher.post(`${url}/${members[0]}/erasure`)).json()).toMatchObject({ Participant: 1 })
    expect(await namesIn(id)).toEqual(['former student 1', 'Bob Heron'])
    const lines = (csv: string) => csv.split('\r\n').sort() // by name, which is another one now
    const later = (await teacher.get(`/api/sessions/${id}/scores.csv`)).body
    expect(lines(later)).toEqual(lines(scores.replace('Ann Otter', 'former student 1')))
    expect((await teacher.get(`/api/rounds/${round}`)).body).not.toContain('Otter')
    expect((await teacher.post(`${url}/${members[1]}/erasure`)).statusCode).toBe(200)
    expect(await namesIn(id)).toEqual(['former student 1', 'former student 2'])
    expect((await teacher.post(`${url}/${newId()}/erasure`)).statusCode).toBe(404)
  })

  it('of a member: roster, sessions and the texts of grades; the grades themselves stay', async () => {
    const { id, members } = await play(['Zhang Wei', 'Li Na'])
    const { course, member, url } = await enrol(id, members[0])
    await end(id)
    await teacher.post(`${url}/erasure`)
    expect(await namesIn(id)).toEqual(['以前的学生 1', 'Li Na'])
    expect(await at.prisma.member.findUnique({ where: { id: member } })).toMatchObject({
      number: `erased ${member}`,
      name: '以前的学生 1',
      email: null,
      timeFactor: 1,
      remarks: '',
      removedAt: at.clock.now,
    })
    const records = await at.prisma.gradeRecord.findMany({ where: { memberId: member }, orderBy: { number: 'asc' } })
    expect(records.map(({ after, reason }) => [after, reason])).toEqual([
      ['', ''],
      [0.5, ''],
    ])
    const book = await teacher.get(`/api/courses/${course}/grades`)
    expect(book.statusCode).toBe(200)
    expect(book.body).not.toMatch(/Zhang|2026001|was ill/)
    expect(book.body).toContain('Li Na')
    const erasures = (await teacher.get('/api/privacy/erasures')).json<Erasure[]>()
    expect(erasures[0]).toMatchObject({ by: 'Wang', counts: { Participant: 1, Member: 1, GradeRecord: 2 } })
    expect(JSON.stringify(erasures)).not.toContain('Zhang')
  })
})

describe('retention', () => {
  const job = () =>
    createRetentionJob({
      prisma: at.prisma,
      settings: createRetentionSettings({ prisma: at.prisma }),
      now: () => at.clock.now,
      after: () => () => {},
      report: (error) => expect.fail(String(error)),
    })
  const later = (days: number) => (at.clock.now = new Date(at.clock.now.getTime() + days * DAY_MS))

  it('has a default and bounds of the installation, within which a course chooses', async () => {
    const bounds = { days: 100, minDays: 30, maxDays: 200 }
    expect((await teacher.ask('PATCH', '/api/privacy', { payload: bounds })).json()).toEqual({ ...bounds, lastBackup: null })
    expect((await teacher.ask('PATCH', '/api/privacy', { payload: { ...bounds, days: 20 } })).statusCode).toBe(400)
    expect((await at.browser().get('/api/privacy')).json()).toMatchObject(bounds)
    const { id, members } = await play(['Ann', 'Bob'])
    const { course } = await enrol(id, members[0])
    const choose = (keepDays: number | null) => teacher.ask('PATCH', `/api/courses/${course}/retention`, { payload: { keepDays } })
    expect((await choose(29)).statusCode).toBe(400)
    expect((await choose(40)).json()).toEqual({ keepDays: 40 })
    await end(id)
  })

  it('erases what is over and nothing else, says what it did, and finds nothing the second time', async () => {
    await job().run() // what earlier tests have left
    const open = await play(['Ann Otter', 'Bob Heron'])
    await at.prisma.session.update({ where: { id: open.id }, data: { notes: 'Ann asks good questions' } })
    const inCourse = await play(['Zhang Wei', 'Li Na'])
    const { course, member } = await enrol(inCourse.id, inCourse.members[0], 'en')
    await teacher.ask('PATCH', `/api/courses/${course}/retention`, { payload: { keepDays: 200 } })
    for (const { id } of [open, inCourse]) await end(id)
    later(99)
    await job().run()
    expect(await namesIn(open.id)).toEqual(['Ann Otter', 'Bob Heron'])
    later(2)
    expect((await job().run())['Participant']).toBeGreaterThanOrEqual(2)
    expect(await namesIn(open.id)).toEqual(['former student 1', 'former student 2'])
    expect(await at.prisma.session.findUnique({ where: { id: open.id } })).toMatchObject({ notes: '' })
    expect(await namesIn(inCourse.id)).toEqual(['Zhang Wei', 'Li Na'])
    later(100)
    await job().run()
    expect(await namesIn(inCourse.id)).toEqual(['former student 1', 'former student 2'])
    expect(await at.prisma.member.findUnique({ where: { id: member } })).toMatchObject({ name: 'former student 1', email: null })
    expect(await job().run()).toEqual({})
    const [last] = await job().listErasures()
    expect(last).toMatchObject({ by: null, at: at.clock.now.toISOString() })
  })

  it('deletes sign-ins that no cookie can prove any more, and old links', async () => {
    const browser = await at.teacher()
    later(119)
    await job().run()
    expect((await browser.get('/api/sessions')).statusCode).toBe(200)
    later(121)
    await job().run()
    expect(await at.prisma.signIn.count({ where: { seenAt: { lt: new Date(at.clock.now.getTime() - 120 * DAY_MS) } } })).toBe(0)
    expect(await at.prisma.teacherLink.count()).toBe(0)
  })
})
