/** How a teacher steers a class that plays: pausing, saying something, giving time, renaming. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Board } from '../../contract/answers.ts'
import { testApp, type Browser, type TestApp } from '../support/app.ts'

let at: TestApp
let teacher: Browser
let session: string
let people: readonly string[]

beforeAll(async () => {
  at = await testApp()
  teacher = await at.teacher()
})
afterAll(() => at.stop())

beforeEach(async () => {
  const wanted = { title: 'Monday', level: 'guided', playlist: ['handshake', 'data'], swap: false }
  const { id, code } = (await teacher.post('/api/sessions', wanted)).json<{ id: string; code: string }>()
  session = id
  const joined: string[] = []
  for (const name of ['Ann', 'Bob', 'Cat', 'Dan']) {
    advance(1)
    joined.push((await at.browser().post('/api/join', { code, name })).json<{ participant: { id: string } }>().participant.id)
  }
  people = joined
  for (const members of [people.slice(0, 2), people.slice(2)]) await post('pairs', { members })
})
const post = async (path: string, body: object): Promise<Board> => {
  const answer = await teacher.post(`/api/sessions/${session}/${path}`, body)
  expect(answer.statusCode, answer.body).toBe(200)
  return answer.json<Board>()
}
const placesOf = async () => at.classroom.readPlaces(people)
const advance = (minutes: number) => {
  at.clock.now = new Date(at.clock.now.getTime() + minutes * 60_000)
}
const inMinutes = (minutes: number) => new Date(at.clock.now.getTime() + minutes * 60_000).toISOString()
/** How many rounds have been paused or resumed since the last time. */
const controls = () => at.rounds.asked.splice(0).filter((asked) => /pause|resume/.test(asked)).length

describe('pausing', () => {
  it('pauses all rounds, once, and those that begin meanwhile; and lets them go on', async () => {
    await post('position', { position: 0 })
    controls()
    const since = at.clock.now.toISOString()
    expect((await post('pause', { paused: true })).session.pausedAt).toBe(since)
    expect(controls()).toBe(2)
    for (const place of await placesOf()) expect(place.session.pausedAt).toBe(since)
    advance(1)
    expect((await post('pause', { paused: true })).session.pausedAt).toBe(since)
    await post('position', { position: 1 })
    expect(controls()).toBe(4) // both rounds at the second call, and both that have begun since
    expect((await post('pause', { paused: false })).session.pausedAt).toBeNull()
    expect(controls()).toBe(2)
  })

  it('does not eat up the time that was given', async () => {
    expect((await post('time', { minutes: 10 })).session.deadlineAt).toBe(inMinutes(10))
    advance(4)
    await post('pause', { paused: true })
    advance(30)
    expect((await post('time', { minutes: 1 })).session.deadlineAt).toBe(inMinutes(7 - 30))
    expect((await post('pause', { paused: false })).session.deadlineAt).toBe(inMinutes(7))
  })
})

describe('time', () => {
  it('is given from now, or added to what is left, and can be taken away', async () => {
    await post('time', { minutes: 5 })
    advance(2)
    expect((await post('time', { minutes: 5 })).session.deadlineAt).toBe(inMinutes(8))
    advance(20)
    expect((await post('time', { minutes: 5 })).session.deadlineAt).toBe(inMinutes(5))
    for (const place of await placesOf()) expect(place.session.deadlineAt).toBe(inMinutes(5))
    expect((await post('time', { minutes: null })).session.deadlineAt).toBeNull()
    expect((await teacher.post(`/api/sessions/${session}/time`, { minutes: 0 })).statusCode).toBe(400)
  })
})

describe('what is said', () => {
  it('to everybody is on each page, also of those who come later, until it is taken back', async () => {
    expect((await post('announcement', { text: ' Look at\nthe board ' })).session.announcement).toBe('Look at the board')
    expect(at.told.places.at(-1)?.toSorted()).toEqual(people.toSorted())
    for (const place of await placesOf()) expect(place.session.announcement).toBe('Look at the board')
    expect((await post('announcement', { text: ' ' })).session.announcement).toBe('')
  })

  it('to a pair is on the pages of its members, and on its tile', async () => {
    const [first, second] = (await post('time', { minutes: null })).tiles
    const said = await post(`pairs/${first!.pair}/message`, { text: 'Well done' })
    expect(said.tiles.map(({ message }) => message)).toEqual(['Well done', ''])
    expect((await placesOf()).map(({ message }) => message).toSorted()).toEqual(['', '', 'Well done', 'Well done'])
    const other = await teacher.post(`/api/sessions/${session}/pairs/AAAAAAAAAAAAAAAAAAAAAA/message`, { text: 'x' })
    expect(other.statusCode).toBe(404)
    expect(second?.message).toBe('')
  })

  it('is refused once the session has ended', async () => {
    await post('end', {})
    for (const [path, body] of Object.entries({ announcement: { text: 'x' }, pause: { paused: true }, time: { minutes: 1 } }))
      expect((await teacher.post(`/api/sessions/${session}/${path}`, body)).json()).toMatchObject({ error: 'session-ended' })
  })
})

describe('renaming', () => {
  const rename = (id: string, name: string) => post(`participants/${id}/name`, { name })
  const names = (board: Board) => board.participants.map(({ name }) => name)

  it('shows the new name everywhere, with a number if it looks like that of somebody else', async () => {
    expect(names(await rename(people[0]!, 'Anna'))).toEqual(['Anna', 'Bob', 'Cat', 'Dan'])
    expect(names(await rename(people[1]!, 'Anna'))).toEqual(['Anna', 'Anna 2', 'Cat', 'Dan'])
    expect((await placesOf()).find(({ me }) => me.id === people[0])?.partner?.name).toBe('Anna 2')
    // The same name again, or another way to write it, needs no number.
    expect(names(await rename(people[0]!, 'ANNA'))[0]).toBe('ANNA')
    expect(names(await rename(people[0]!, 'ANNA'))[0]).toBe('ANNA')
  })

  it('of nobody is not found, and an empty name is malformed', async () => {
    const ask = (id: string, name: string) => teacher.post(`/api/sessions/${session}/participants/${id}/name`, { name })
    expect((await ask('AAAAAAAAAAAAAAAAAAAAAA', 'Eve')).statusCode).toBe(404)
    expect((await ask(people[0]!, '\u200B')).statusCode).toBe(400)
  })
})
