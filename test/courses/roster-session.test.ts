/** Roster sessions: who enters, how, and on which device. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Board, Joined, SessionInfo } from '../../contract/answers.ts'
import type { Course, CourseInfo, MemberHome, PersonalLink } from '../../contract/courses.ts'
import { testApp, type Browser, type TestApp } from '../support/app.ts'

let at: TestApp
let teacher: Browser

beforeAll(async () => {
  at = await testApp()
  teacher = await at.teacher()
})
afterAll(() => at.stop())

let course: string
let session: SessionInfo
let links: readonly PersonalLink[]
let addresses = 0
/** A browser at an address of its own, so that no limit of another test counts. */
const device = () => at.browser(`203.0.113.${++addresses}`)
const tokenOf = (number: string) => links.find((link) => link.number === number)?.path.replace('/m/', '') ?? ''
const enter = (by: Browser, number: string, { takeOver = false, into = session.id } = {}) =>
  by.post(`/api/members/${tokenOf(number)}/sessions/${into}`, { takeOver })
const enterByNumber = (by: Browser, number: string, { takeOver = false, code = session.code } = {}) =>
  by.post('/api/members', { code, number, takeOver })
const readBoard = async () => (await teacher.get(`/api/sessions/${session.id}`)).json<Board>()
const begin = async (kind: 'open' | 'roster') => {
  const wanted = { title: 'Monday', level: 'guided', playlist: ['handshake'], swap: false, kind }
  return (await teacher.post(`/api/courses/${course}/sessions`, wanted)).json<SessionInfo>()
}

beforeEach(async () => {
  at.present.clear()
  course = (await teacher.post('/api/courses', { title: 'Networks', language: 'zh' })).json<CourseInfo>().id
  for (const [number, name] of [
    ['1', '张伟'],
    ['2', '李娜'],
    ['3', '张伟'],
  ])
    await teacher.post(`/api/courses/${course}/members`, { number, name })
  links = (await teacher.get(`/api/courses/${course}/links`)).json<PersonalLink[]>()
  session = await begin('roster')
})

describe('who enters', () => {
  test('a member by personal link: it names them, their course and the open sessions', async () => {
    const phone = device()
    const home = (await phone.get(`/api/members/${tokenOf('2')}`)).json<MemberHome>()
    expect(home).toEqual({ name: '李娜', number: '2', course: 'Networks', sessions: [{ id: session.id, title: 'Monday' }] })
    const { participant } = (await enter(phone, '2')).json<Joined>()
    expect(participant.name).toBe('李娜')
    expect(await at.prisma.participant.findUnique({ where: { id: participant.id } })).toMatchObject({
      memberId: links.find(({ number }) => number === '2')?.member,
    })
  })

  test('a member by code and number, of any width; who has no such number learns no name', async () => {
    expect((await enterByNumber(device(), ' ２ ')).json<Joined>().participant.name).toBe('李娜')
    const wrong = await enterByNumber(device(), '4')
    expect(wrong.json()).toMatchObject({ ok: false, error: 'unknown-number' })
    expect(wrong.body).not.toMatch(/张伟|李娜/)
  })

  test('nobody else: a name opens no roster session, and a number no open one', async () => {
    expect((await device().get(`/api/codes/${session.code}`)).json()).toMatchObject({ session: { members: true } })
    const byName = await device().post('/api/join', { code: session.code, name: '李娜' })
    expect(byName.json()).toMatchObject({ error: 'members-only' })
    const open = await begin('open')
    expect((await enterByNumber(device(), '2', { code: open.code })).json()).toMatchObject({ error: 'unknown-number' })
    expect((await enter(device(), '2', { into: open.id })).statusCode).toBe(404)
  })

  test('members with equal names are told apart by number, also on the board, which says who is missing', async () => {
    expect((await readBoard()).missing).toEqual(['张伟 (1)', '李娜', '张伟 (3)'])
    expect((await enter(device(), '1')).json<Joined>().participant.name).toBe('张伟 (1)')
    const board = await readBoard()
    expect(board.participants.map(({ name }) => name)).toEqual(['张伟 (1)'])
    expect(board.missing).toEqual(['李娜', '张伟 (3)'])
  })

  test('not by a link that has been renewed, or of a member who was removed, or that somebody made up', async () => {
    const [one, two] = [tokenOf('1'), tokenOf('2')]
    const memberOf = (number: string) => links.find((link) => link.number === number)?.member ?? ''
    await teacher.post(`/api/courses/${course}/members/${memberOf('1')}/link`)
    await teacher.ask('PATCH', `/api/courses/${course}/members/${memberOf('2')}`, { payload: { removed: true } })
    const forged = `${two.slice(0, 22)}${memberOf('3')}`
    for (const token of [one, two, forged, 'x'.repeat(44)])
      expect((await device().get(`/api/members/${token}`)).statusCode).toBe(404)
    links = (await teacher.get(`/api/courses/${course}/links`)).json<PersonalLink[]>()
    expect(links.map(({ number }) => number)).toEqual(['1', '3'])
    expect((await enter(device(), '1')).statusCode).toBe(200)
  })

  test('nobody new through a locked door, and nobody once it is over', async () => {
    await enter(device(), '1')
    await teacher.post(`/api/sessions/${session.id}/door`, { locked: true })
    expect((await enter(device(), '2')).json()).toMatchObject({ error: 'door-locked' })
    expect((await enter(device(), '1')).statusCode).toBe(200)
    await teacher.post(`/api/sessions/${session.id}/end`)
    expect((await enter(device(), '1')).json()).toMatchObject({ error: 'session-ended' })
  })

  test('whom the teacher has sent away comes back as who they were', async () => {
    const { id } = (await enter(device(), '1')).json<Joined>().participant
    await enter(device(), '2')
    const board = await readBoard()
    await teacher.post(`/api/sessions/${session.id}/pairs`, { members: board.participants.map((each) => each.id) })
    await teacher.delete(`/api/sessions/${session.id}/participants/${id}`)
    expect((await readBoard()).missing).toEqual(['张伟 (1)', '张伟 (3)'])
    expect((await enter(device(), '1')).json<Joined>().participant.id).toBe(id)
    expect((await readBoard()).missing).toEqual(['张伟 (3)'])
  })
})

describe('guessing', () => {
  test('wrong numbers count against the address, right ones do not', async () => {
    const [guesser, school] = [device(), device()]
    for (let i = 0; i < 30; i++) expect((await enterByNumber(guesser, `x${i}`)).statusCode).toBe(404)
    expect((await enterByNumber(guesser, 'x30')).statusCode).toBe(429)
    for (const number of ['1', '2', '3']) expect((await enterByNumber(school, number)).statusCode).toBe(200)
  })

  test('tries of one number count wherever they come from', async () => {
    for (let i = 0; i < 10; i++) await enterByNumber(device(), '1')
    expect((await enterByNumber(device(), '1')).statusCode).toBe(429)
  })
})

describe('one device at a time', () => {
  test('the second one asks, and goes on if it says so; the first may go on again', async () => {
    const [phone, laptop] = [device(), device()]
    const { id } = (await enter(phone, '1')).json<Joined>().participant
    at.present.add(id)
    expect((await enter(laptop, '1')).json()).toMatchObject({ error: 'other-device' })
    expect(laptop.cookies.size).toBe(0)
    const device1 = (await at.prisma.participant.findUniqueOrThrow({ where: { id } })).device
    expect((await enter(laptop, '1', { takeOver: true })).json<Joined>().participant.id).toBe(id)
    const device2 = (await at.prisma.participant.findUniqueOrThrow({ where: { id } })).device
    expect(device2).not.toBe(device1)
    expect((await device().post(`/api/participants/${id}/wake`)).statusCode).toBe(404)
    expect((await phone.post(`/api/participants/${id}/wake`)).statusCode).toBe(200)
    expect(await at.auth.verifyParticipants(Object.fromEntries(phone.cookies))).toEqual([
      expect.objectContaining({ id, device: (await at.prisma.participant.findUniqueOrThrow({ where: { id } })).device }),
    ])
  })

  test('a device whose page is reloaded is not asked, nor one that comes after the first has left', async () => {
    const phone = device()
    const { id } = (await enter(phone, '1')).json<Joined>().participant
    at.present.add(id)
    expect((await enter(phone, '1')).statusCode).toBe(200)
    at.present.delete(id)
    expect((await enter(device(), '1')).statusCode).toBe(200)
  })
})

test('links as a table for a mail merge', async () => {
  const { body, headers } = await teacher.get(`/api/courses/${course}/links.csv`)
  expect(headers['content-type']).toContain('text/csv')
  expect(body).toContain(`2,李娜,,,http://192.0.2.1:8080/m/${tokenOf('2')}`)
})

test('a member who is renamed keeps the name of the session', async () => {
  await enter(device(), '2')
  const member = links.find(({ number }) => number === '2')?.member ?? ''
  const payload = { name: '李娜娜' }
  const changed = await teacher.ask('PATCH', `/api/courses/${course}/members/${member}`, { payload })
  expect(changed.json<Course>().members.map(({ name }) => name)).toContain('李娜娜')
  expect((await readBoard()).participants.map(({ name }) => name)).toEqual(['李娜'])
})
