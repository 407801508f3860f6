/** One device a member, with real sockets: a whole node on PostgreSQL, two browsers of one student, and a partner. */
import { expect, test } from 'vitest'
import type { Board, Joined, SessionInfo } from '../../contract/answers.ts'
import type { CourseInfo } from '../../contract/courses.ts'
import { type Browser } from '../support/app.ts'
import { LISTENS, OPENS } from '../support/handshake.ts'
import { type Client } from '../support/pair.ts'
import { wholeNode } from '../support/whole-node.ts'

const node = wholeNode()

test('the second device asks, the first is told and asleep in mid-round, and goes on when it wants to', async () => {
  const teacher = await node.teacher()
  const { id: course } = (await teacher.post('/api/courses', { title: 'Networks', language: 'en' })).json<CourseInfo>()
  for (const [number, name] of [
    ['1', 'Ada'],
    ['2', 'Bo'],
  ])
    await teacher.post(`/api/courses/${course}/members`, { number, name })
  const wanted = { title: 'Monday', level: 'guided', playlist: ['handshake'], swap: false, kind: 'roster' }
  const { id: session, code } = (await teacher.post(`/api/courses/${course}/sessions`, wanted)).json<SessionInfo>()
  const enter = (browser: Browser, number: string, takeOver = false) => browser.post('/api/members', { code, number, takeOver })

  const [phone, laptop, bo] = [node.browser(), node.browser(), node.browser()]
  const ada = (await enter(phone, '1')).json<Joined>().participant.id
  const boId = (await enter(bo, '2')).json<Joined>().participant.id
  const onPhone = node.openPage(phone, ada)
  await Promise.all([onPhone.at(() => true), node.openPage(bo, boId).at(() => true)])
  await teacher.post(`/api/sessions/${session}/pairs`, { members: [ada, boId] })
  await teacher.post(`/api/sessions/${session}/position`, { position: 0 })
  const { round } = await onPhone.at((place) => place.round !== null)
  if (!round) throw new Error('no round')
  const act = (client: Client, id: string) =>
    client.emitWithAck('act', { round: round.id, id, seen: 0, action: round.seat === 'client' ? OPENS : LISTENS })

  // The first device is in its round: the second one has to say that it takes over.
  expect((await enter(laptop, '1')).json()).toMatchObject({ error: 'other-device' })
  expect((await enter(laptop, '1', true)).statusCode).toBe(200)
  const asleep = await onPhone.at((place) => place.me.asleep === true)
  // It stays connected and keeps its round in sight, but acts no more.
  expect(asleep.round?.id).toBe(round.id)
  expect(onPhone.client.connected).toBe(true)
  expect(await act(onPhone.client, 'from-the-phone')).toMatchObject({ ok: false, error: 'asleep' })
  expect(await onPhone.client.emitWithAck('resume', { round: round.id, from: 0 })).toMatchObject({ ok: true })

  const onLaptop = node.openPage(laptop, ada)
  expect((await onLaptop.at(() => true)).me.asleep).toBeUndefined()
  expect(await act(onLaptop.client, 'from-the-laptop')).toMatchObject({ ok: true })

  // A reload does not wake it; its own button does, and puts the other one to sleep.
  onPhone.client.disconnect()
  expect((await node.openPage(phone, ada).at(() => true)).me.asleep).toBe(true)
  expect((await phone.post(`/api/participants/${ada}/wake`)).statusCode).toBe(200)
  await onLaptop.at((place) => place.me.asleep === true)
  expect((await node.openPage(phone, ada).at(() => true)).me.asleep).toBeUndefined()
  const { participants, missing } = (await teacher.get(`/api/sessions/${session}`)).json<Board>()
  expect(participants.map(({ name }) => name).sort()).toEqual(['Ada', 'Bo'])
  expect(missing).toEqual([])
})
