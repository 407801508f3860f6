/** What a session is going to play can be changed while it runs. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Board, SessionInfo } from '../../contract/answers.ts'
import { testApp, type Browser, type TestApp } from '../support/app.ts'

let at: TestApp
let teacher: Browser
let id: string
beforeAll(async () => {
  at = await testApp()
  teacher = await at.teacher()
})
afterAll(() => at.stop())
beforeEach(async () => {
  const wanted = { title: 'Monday', level: 'guided', playlist: ['handshake', 'data', 'close-client'], swap: true }
  id = (await teacher.post('/api/sessions', wanted)).json<SessionInfo>().id
})

const change = (wanted: object) => teacher.post(`/api/sessions/${id}/upcoming`, wanted)
const open = (position: number) => teacher.post(`/api/sessions/${id}/position`, { position })
const boardOf = (answer: Awaited<ReturnType<typeof change>>) => answer.json<Board>().session

describe('the exercises to come', () => {
  it('all change, with level and swap, before the first one has begun', async () => {
    const wanted = { playlist: ['reset', 'handshake'], level: 'exam', swap: false }
    expect(boardOf(await change(wanted))).toMatchObject({ ...wanted, next: { level: 'exam', swap: false } })
  })

  it('change behind those that have begun; level and swap hold from the next one on', async () => {
    await open(0)
    const answer = boardOf(await change({ playlist: ['handshake', 'reset'], level: 'standard', swap: false }))
    expect(answer).toMatchObject({ playlist: ['handshake', 'reset'], level: 'guided', swap: true })
    expect(answer.next).toEqual({ level: 'standard', swap: false })
    expect(boardOf(await open(1))).toMatchObject({ level: 'standard', swap: false, next: { level: 'standard', swap: false } })
  })

  it.each([
    ['an exercise that has begun is dropped', { playlist: ['data', 'close-client'], level: 'guided' }, 409, 'conflict'],
    ['the playlist becomes shorter than what has begun', { playlist: ['handshake'], level: 'guided' }, 409, 'conflict'],
    ['it would become an exam', { playlist: ['handshake', 'data', 'reset'], level: 'exam' }, 409, 'conflict'],
    ['there is no such exercise', { playlist: ['handshake', 'data', 'nothing'], level: 'guided' }, 400, 'malformed'],
    ['nothing is left', { playlist: [], level: 'guided' }, 400, 'malformed'],
  ])('stay as they are where %s', async (_, wanted, status, error) => {
    await open(0)
    await open(1)
    const answer = await change({ ...wanted, swap: true })
    expect([answer.statusCode, answer.json<{ error: string }>().error]).toEqual([status, error])
    expect((await teacher.get(`/api/sessions/${id}`)).json<Board>().session.playlist).toEqual(['handshake', 'data', 'close-client'])
  })

  it('count as begun if anybody has played them, even after the teacher has gone back', async () => {
    const { code } = (await teacher.get(`/api/sessions/${id}`)).json<Board>().session
    const join = (name: string) => at.browser().post('/api/join', { code, name })
    const members = (await Promise.all([join('Ann'), join('Bob')])).map((joined) => joined.json<{ participant: { id: string } }>())
    await teacher.post(`/api/sessions/${id}/pairs`, { members: members.map(({ participant }) => participant.id) })
    await open(1)
    await open(0)
    const answer = await change({ playlist: ['handshake', 'close-client'], level: 'guided', swap: true })
    expect(answer.statusCode).toBe(409)
  })

  it('of a session that is over stay', async () => {
    await teacher.post(`/api/sessions/${id}/end`)
    const answer = await change({ playlist: ['handshake'], level: 'guided', swap: true })
    expect(answer.json<{ error: string }>().error).toBe('session-ended')
  })
})
