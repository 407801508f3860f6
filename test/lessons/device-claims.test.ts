/** A student goes on with another device: the same seat, confirmed by the teacher. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Board, SessionInfo } from '../../contract/answers.ts'
import { testApp, type Browser, type TestApp } from '../support/app.ts'

let at: TestApp
let teacher: Browser
let id: string, code: string
beforeAll(async () => {
  at = await testApp()
  teacher = await at.teacher()
})
afterAll(() => at.stop())
beforeEach(async () => {
  const wanted = { title: 'Monday', level: 'guided', playlist: ['handshake'], swap: true }
  ;({ id, code } = (await teacher.post('/api/sessions', wanted)).json<SessionInfo>())
})

const joinAs = async (browser: Browser, name: string) =>
  (await browser.post('/api/join', { code, name })).json<{ participant: { id: string; name: string } }>().participant
const board = async () => (await teacher.get(`/api/sessions/${id}`)).json<Board>()
const decide = (participant: string, granted: boolean) => teacher.post(`/api/sessions/${id}/claims/${participant}`, { granted })

describe('a claim', () => {
  let phone: Browser
  let heron: { id: string }, again: { id: string; name: string }
  beforeEach(async () => {
    heron = await joinAs(at.browser(), 'Heron')
    phone = at.browser()
    again = await joinAs(phone, 'heron')
  })

  it('that the teacher grants gives the device the seat of before, and removes the later participant', async () => {
    expect((await phone.post('/api/claims', { participant: again.id, name: 'Heron' })).json()).toEqual({
      state: 'waiting',
      participant: null,
    })
    expect((await board()).participants.find((each) => each.id === again.id)?.claims).toBe('Heron')
    expect((await phone.get(`/api/claims/${again.id}`)).json()).toEqual({ state: 'waiting', participant: null })

    expect((await decide(again.id, true)).json<Board>().participants.map((each) => each.id)).toEqual([heron.id])
    expect((await phone.get(`/api/claims/${again.id}`)).json()).toEqual({ state: 'granted', participant: heron.id })
    expect(phone.cookies.has(`p_${heron.id}`)).toBe(true)
  })

  it('that the teacher refuses changes nothing', async () => {
    await phone.post('/api/claims', { participant: again.id, name: 'Heron' })
    await decide(again.id, false)
    expect((await phone.get(`/api/claims/${again.id}`)).json()).toEqual({ state: 'refused', participant: null })
    expect(phone.cookies.has(`p_${heron.id}`)).toBe(false)
    expect((await board()).participants.every(({ claims }) => claims === null)).toBe(true)
    expect((await decide(again.id, true)).statusCode).toBe(404)
  })

  it('is nobody’s but that of a browser that has joined as the one who claims', async () => {
    const stranger = at.browser()
    expect((await stranger.post('/api/claims', { participant: again.id, name: 'Heron' })).statusCode).toBe(404)
    await phone.post('/api/claims', { participant: again.id, name: 'Heron' })
    await decide(again.id, true)
    expect((await stranger.get(`/api/claims/${again.id}`)).statusCode).toBe(404)
    expect(stranger.cookies.size).toBe(0)
  })

  it.each(['Nobody', 'heron 2'])('to be %s, who is not there or is oneself, is refused at once', async (name) => {
    expect((await phone.post('/api/claims', { participant: again.id, name })).statusCode).toBe(404)
  })

  it('of somebody who has a pair meanwhile is not granted', async () => {
    await phone.post('/api/claims', { participant: again.id, name: 'Heron' })
    await teacher.post(`/api/sessions/${id}/pairs`, { members: [again.id] })
    expect((await decide(again.id, true)).statusCode).toBe(409)
  })

  it('that is open when the teacher removes the participant is not granted by that', async () => {
    await phone.post('/api/claims', { participant: again.id, name: 'Heron' })
    await teacher.post(`/api/sessions/${id}/pairs`, { members: [again.id] })
    await teacher.delete(`/api/sessions/${id}/participants/${again.id}`)
    expect((await phone.get(`/api/claims/${again.id}`)).json()).toEqual({ state: 'refused', participant: null })
  })
})
