/** Courses over HTTP: staff, the roster by hand, sessions and saved playlists. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { SessionInfo } from '../../contract/answers.ts'
import type { Course, CourseInfo, RosterPreview } from '../../contract/courses.ts'
import { testApp, type Browser, type TestApp } from '../support/app.ts'

let at: TestApp
let teacher: Browser, colleague: Browser
let colleagueId: string

beforeAll(async () => {
  at = await testApp()
  ;[teacher, colleague] = [await at.teacher(), await at.teacher()]
  colleagueId = (await at.auth.verifyTeacher(Object.fromEntries(colleague.cookies)))?.id ?? ''
  await at.prisma.teacher.update({ where: { id: colleagueId }, data: { name: 'Ada Ek', email: 'ada@school.test' } })
})
afterAll(() => at.stop())

let course: string
const path = (rest = '') => `/api/courses/${course}${rest}`
const read = async (by = teacher) => (await by.get(path())).json<Course>()
const add = (member: object) => teacher.post(path('/members'), member)
const change = (id: string, payload: object, by = teacher) => by.ask('PATCH', path(`/members/${id}`), { payload })
const idOf = async (number: string) => (await read()).members.find((each) => each.number === number)?.id ?? ''

beforeEach(async () => {
  course = (await teacher.post('/api/courses', { title: ' Networks  1', language: 'zh' })).json<CourseInfo>().id
})

describe('a course', () => {
  test('is listed for its staff only, with how many members and sessions it has', async () => {
    await add({ number: '1', name: 'Bo' })
    await teacher.post(path('/sessions'), { title: 'M', level: 'guided', playlist: ['handshake'], swap: false, kind: 'roster' })
    const mine = (await teacher.get('/api/courses')).json<CourseInfo[]>().find(({ id }) => id === course)
    expect(mine).toMatchObject({ title: 'Networks 1', language: 'zh', role: 'owner', archived: false, members: 1, sessions: 1 })
    expect((await colleague.get('/api/courses')).json()).toEqual([])
  })

  test('is renamed and put away, and comes back', async () => {
    const patch = async (payload: object) => (await teacher.ask('PATCH', path(), { payload })).json<Course>().course
    expect(await patch({ title: 'TCP', archived: true })).toMatchObject({ title: 'TCP', language: 'zh', archived: true })
    expect(await patch({ archived: false })).toMatchObject({ title: 'TCP', archived: false })
  })

  test('keeps playlists, and has sessions of its own', async () => {
    const kept = { title: 'Week 1', playlist: ['handshake', 'data'], level: 'standard', swap: true }
    const [playlist] = (await teacher.post(path('/playlists'), kept)).json<Course>().playlists
    expect(playlist).toMatchObject(kept)
    const wanted = { title: 'Monday', level: 'guided', playlist: ['handshake'], swap: false, kind: 'roster' }
    const session = (await teacher.post(path('/sessions'), wanted)).json<SessionInfo>()
    expect(session).toMatchObject({ course, kind: 'roster', title: 'Monday' })
    expect((await read()).sessions).toEqual([session])
    const after = (await teacher.delete(path(`/playlists/${playlist?.id}`))).json<Course>()
    expect(after.playlists).toEqual([])
    expect((await teacher.delete(path(`/playlists/${playlist?.id}`))).statusCode).toBe(404)
  })
})

describe('staff', () => {
  const addStaff = (account: string, role: string, by = teacher) => by.post(path('/staff'), { account, role })

  test('is found by e-mail address in any case, or by name', async () => {
    expect((await addStaff('ADA@school.test', 'assistant')).json<Course>().staff).toContainEqual({
      id: colleagueId,
      name: 'Ada Ek',
      email: 'ada@school.test',
      role: 'assistant',
    })
    expect((await addStaff('Ada Ek', 'teacher')).json<Course>().staff.map(({ role }) => role)).toEqual(['owner', 'teacher'])
    expect((await addStaff('nobody@school.test', 'teacher')).statusCode).toBe(404)
  })

  test('an assistant runs sessions and sees the roster, but changes nothing', async () => {
    await addStaff('Ada Ek', 'assistant')
    expect((await read(colleague)).course.role).toBe('assistant')
    const wanted = { title: 'Monday', level: 'guided', playlist: ['handshake'], swap: false, kind: 'open' }
    const session = (await teacher.post(path('/sessions'), wanted)).json<SessionInfo>().id
    expect((await colleague.get(`/api/sessions/${session}`)).statusCode).toBe(200)
    expect((await colleague.post(path('/sessions'), wanted)).statusCode).toBe(200)
    expect((await colleague.post(path('/members'), { number: '1', name: 'Bo' })).statusCode).toBe(403)
  })

  test('only an owner makes an owner, and the last one stays', async () => {
    await addStaff('Ada Ek', 'teacher')
    const mine = (await read()).staff.find(({ role }) => role === 'owner')?.id ?? ''
    const setRole = (id: string, role: string, by: Browser) => by.ask('PATCH', path(`/staff/${id}`), { payload: { role } })
    expect((await setRole(colleagueId, 'owner', colleague)).statusCode).toBe(403)
    expect((await colleague.delete(path(`/staff/${mine}`))).statusCode).toBe(403)
    expect((await setRole(mine, 'teacher', teacher)).statusCode).toBe(409)
    expect((await teacher.delete(path(`/staff/${mine}`))).statusCode).toBe(409)
    expect((await setRole(colleagueId, 'owner', teacher)).statusCode).toBe(200)
    expect((await setRole(mine, 'teacher', teacher)).statusCode).toBe(200)
  })
})

describe('the roster by hand', () => {
  test('numbers are told apart whatever their width, and equal names by their number', async () => {
    expect((await add({ number: '２０２３００２', name: '张伟', email: 'Wei@Uni.test', group: 'A' })).statusCode).toBe(200)
    expect((await add({ number: '2023 002', name: '李娜' })).statusCode).toBe(409)
    await add({ number: '2023001', name: '张伟', timeFactor: 1.5, remarks: 'sits in front' })
    await add({ number: '2023010', name: '李娜' })
    expect((await read()).members).toMatchObject([
      { number: '2023001', displayName: '张伟 (2023001)', timeFactor: 1.5, remarks: 'sits in front', email: null },
      { number: '2023002', displayName: '张伟 (2023002)', email: 'wei@uni.test', group: 'A' },
      { number: '2023010', displayName: '李娜' },
    ])
  })

  test('a member is changed, removed, brought back', async () => {
    await add({ number: '1', name: 'Bo', email: 'bo@uni.test' })
    await add({ number: '2', name: 'Cy' })
    const id = await idOf('1')
    expect((await change(id, { number: '2' })).statusCode).toBe(409)
    expect((await change(id, { email: 'nonsense' })).statusCode).toBe(400)
    await change(id, { name: 'Bob', email: null, removed: true })
    expect((await read()).members.at(-1)).toMatchObject({ id, name: 'Bob', email: null, removed: true })
    await add({ number: '1', name: 'Bo' })
    expect((await read()).members).toMatchObject([{ id, name: 'Bo', removed: false }, { name: 'Cy' }])
  })

  test("a member of another course is not found, whoever's it is", async () => {
    await add({ number: '1', name: 'Bo' })
    const id = await idOf('1')
    course = (await teacher.post('/api/courses', { title: 'Other', language: 'en' })).json<CourseInfo>().id
    expect((await change(id, { name: 'X' })).statusCode).toBe(404)
  })

  test('of two rows that are merged, what the first has played goes to the second', async () => {
    await add({ number: '1', name: 'Bo' })
    await add({ number: '2', name: 'Boo' })
    const [wrong, kept] = [await idOf('1'), await idOf('2')]
    const wanted = { title: 'Monday', level: 'guided', playlist: ['handshake'], swap: false, kind: 'roster' }
    const { id: session } = (await teacher.post(path('/sessions'), wanted)).json<SessionInfo>()
    const participate = (id: string, memberId: string) =>
      at.prisma.participant.create({ data: { id, sessionId: session, memberId, name: id, skeleton: id, createdAt: at.clock.now } })
    await participate('first-play', wrong)
    const merge = () => teacher.post(path(`/members/${wrong}/merge/${kept}`))
    const both = await participate('second-play', kept)
    expect((await merge()).statusCode).toBe(409)
    await at.prisma.participant.delete({ where: { id: both.id } })
    expect((await merge()).json<Course>().members).toMatchObject([{ id: kept, number: '2', sessions: 1 }])
    expect(await at.prisma.participant.findUnique({ where: { id: 'first-play' } })).toMatchObject({ memberId: kept })
  })
})

describe('a roster file', () => {
  const file = (text: string) => ({ file: Buffer.from(text).toString('base64') })
  const preview = async (text: string) => (await teacher.post(path('/roster/preview'), file(text))).json<RosterPreview>()
  const store = (text: string, fingerprint: string, removeGone = false) =>
    teacher.post(path('/roster'), { ...file(text), fingerprint, removeGone })

  test('stores nothing before it has been shown, and then exactly that', async () => {
    const text = '学号,姓名,邮箱\n1,张伟,wei@uni.test\n,李娜,\n3,王芳,\n'
    const shown = await preview(text)
    expect(shown).toMatchObject({
      faults: [{ line: 3, reason: 'no-number' }],
      changes: { added: [{ number: '1' }, { number: '3' }] },
    })
    expect((await read()).members).toEqual([])
    const { members } = (await store(text, shown.fingerprint)).json<Course>()
    expect(members).toMatchObject([{ number: '1', name: '张伟', email: 'wei@uni.test' }, { number: '3' }])
  })

  test('again, changes what is shown; who is gone leaves only if the teacher says so, and comes back', async () => {
    const first = 'number,name,group\n1,Ada,A\n2,Bo,A\n'
    await store(first, (await preview(first)).fingerprint)
    const second = 'number,name\n1,Ada Ek\n'
    const { fingerprint } = await preview(second)
    expect((await store(second, fingerprint)).json<Course>().members).toMatchObject([
      { number: '1', name: 'Ada Ek', group: 'A' },
      { number: '2', removed: false },
    ])
    const again = await preview(second)
    expect((await store(second, again.fingerprint, true)).json<Course>().members).toMatchObject([
      { number: '1' },
      { number: '2', removed: true },
    ])
    const back = await preview(first)
    expect(back.changes.added).toEqual([{ number: '2', name: 'Bo', returns: true }])
    expect((await store(first, back.fingerprint)).json<Course>().members).toMatchObject([
      { name: 'Ada', removed: false },
      { name: 'Bo', removed: false },
    ])
  })

  test('is not imported over a roster that has changed since the preview', async () => {
    const text = 'number,name\n1,Ada\n'
    const { fingerprint } = await preview(text)
    await add({ number: '1', name: 'Eve' })
    expect((await store(text, fingerprint)).statusCode).toBe(409)
    expect((await read()).members).toMatchObject([{ name: 'Eve' }])
  })
})
