/** Who may read a round's log, and what a link to it gives access to. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Replay } from '../../contract/answers.ts'
import type { Level } from '../../protocol/round/model/exercise.ts'
import { testApp, type Browser, type TestApp } from '../support/app.ts'

let at: TestApp
let teacher: Browser, ada: Browser, bob: Browser, stranger: Browser
beforeAll(async () => {
  at = await testApp()
  teacher = await at.teacher()
  ;[ada, bob, stranger] = [at.browser(), at.browser(), at.browser()]
})
afterAll(() => at.stop())

/** Starts a round that Ada and Bob play. */
async function begin(level: Level): Promise<string> {
  const made = await teacher.post('/api/sessions', { title: 'Monday', level, playlist: ['handshake'], swap: false })
  const { id, code } = made.json<{ id: string; code: string }>()
  const join = async (browser: Browser, name: string) =>
    (await browser.post('/api/join', { code, name })).json<{ participant: { id: string } }>().participant.id
  const members = [await join(ada, 'Ada'), await join(bob, 'Bob')]
  await teacher.post(`/api/sessions/${id}/pairs`, { members })
  await teacher.post(`/api/sessions/${id}/position`, { position: 0 })
  return (await at.classroom.readPlaces(members))[0]?.round?.id ?? ''
}

const replay = (browser: Browser, round: string) => browser.get(`/api/rounds/${round}/replay`)
const opened = async (browser: Browser, token: string) => browser.get(`/api/replays/${token}`)
const linksOf = async (round: string, browser = teacher) => (await replay(browser, round)).json<Replay>().links!

describe('a round that is over', () => {
  test('is open to both seats and their teacher, with names, and to nobody else', async () => {
    const round = await begin('guided')
    await at.rounds.finish(round)
    for (const browser of [ada, bob, teacher]) {
      const { statusCode, body } = await replay(browser, round)
      expect(statusCode).toBe(200)
      const { names, exercise } = JSON.parse(body) as Replay
      expect(Object.values(names ?? {}).sort()).toEqual(['Ada', 'Bob'])
      expect(exercise?.title.en).toBe('Three-way handshake')
    }
    expect((await replay(stranger, round)).json()).toMatchObject({ error: 'unauthenticated' })
  })

  test('is open to anyone by its link, with names only where the link says so', async () => {
    const round = await begin('guided')
    await at.rounds.finish(round)
    const { named, nameless } = await linksOf(round)
    expect((await opened(stranger, named)).json<Replay>()).toMatchObject({ names: { client: expect.any(String) }, links: null })
    const without = await opened(stranger, nameless)
    expect(without.json<Replay>()).toMatchObject({ names: null, links: null })
    expect(without.body).not.toMatch(/Ada|Bob/)
  })

  test('has links of their own for everybody of the round, the same at any time', async () => {
    const round = await begin('guided')
    await at.rounds.finish(round)
    const all: string[] = []
    for (const browser of [ada, bob, teacher]) {
      const links = await linksOf(round, browser)
      expect(await linksOf(round, browser)).toEqual(links)
      all.push(...Object.values(links))
    }
    expect(new Set(all).size).toBe(6)
    for (const token of all) expect((await opened(stranger, token)).statusCode).toBe(200)
  })

  test('is not opened by a link that nobody made', async () => {
    const [round, other] = [await begin('guided'), await begin('guided')]
    for (const each of [round, other]) await at.rounds.finish(each)
    const { named, nameless } = await linksOf(round)
    for (const token of [
      `n${nameless.slice(1)}`,
      `a${named.slice(1)}`,
      nameless.replace(round, other),
      nameless.slice(0, -1),
      `${nameless}x`,
      `a${'A'.repeat(22)}${round}`,
      round,
      'x',
    ])
      expect((await opened(teacher, encodeURIComponent(token))).json(), token).toMatchObject({ error: 'not-found' })
    for (const token of ['é'.repeat(23), `a${'A'.repeat(22)}${'\u0000'.repeat(22)}`])
      expect((await opened(teacher, encodeURIComponent(token))).json(), token).toMatchObject({ error: 'malformed' })
  })
})

describe('a round that is still being played', () => {
  test('is open to the teacher alone: its log holds what both seats see and try', async () => {
    const round = await begin('guided')
    expect((await replay(teacher, round)).statusCode).toBe(200)
    for (const browser of [ada, bob]) expect((await replay(browser, round)).json()).toMatchObject({ error: 'not-over' })
    for (const token of Object.values(await linksOf(round)))
      for (const browser of [teacher, ada, stranger])
        expect((await opened(browser, token)).json(), 'a link proves nothing but itself').toMatchObject({ error: 'not-over' })
  })
})

describe('links that are revoked', () => {
  const statuses = (links: object) =>
    Promise.all(Object.values(links).map(async (token: string) => (await opened(stranger, token)).statusCode))
  const revoke = (browser: Browser, round: string) => browser.delete(`/api/rounds/${round}/links`)

  test('by a seat: its own open nothing any more, and those that take their place do; all others stay as they are', async () => {
    const round = await begin('guided')
    await at.rounds.finish(round)
    const [adas, bobs, teachers] = [await linksOf(round, ada), await linksOf(round, bob), await linksOf(round)]
    expect((await revoke(stranger, round)).statusCode).toBe(401)
    const renewed = (await revoke(ada, round)).json<object>()
    expect(renewed).toEqual(await linksOf(round, ada))
    expect(await statuses(adas)).toEqual([404, 404])
    for (const links of [renewed, bobs, teachers]) expect(await statuses(links)).toEqual([200, 200])
  })

  test('by the teacher: everybody’s', async () => {
    const round = await begin('guided')
    await at.rounds.finish(round)
    const before = [await linksOf(round, ada), await linksOf(round, bob), await linksOf(round)]
    expect((await revoke(teacher, round)).json()).toEqual(await linksOf(round))
    for (const links of before) expect(await statuses(links)).toEqual([404, 404])
    for (const browser of [ada, bob, teacher]) expect(await statuses(await linksOf(round, browser))).toEqual([200, 200])
  })
})

describe('an exam that is over', () => {
  test('opens to its seats and by its links once its teacher releases it, until it is closed again', async () => {
    const round = await begin('exam')
    await at.rounds.finish(round)
    const { sessionId } = await at.prisma.round.findUniqueOrThrow({ where: { id: round } })
    const { named } = await linksOf(round)
    const results = (released: boolean) => teacher.post(`/api/sessions/${sessionId}/results`, { released })
    const replayOf = async () => {
      const pair = await at.prisma.round.findUniqueOrThrow({ where: { id: round } })
      return (await at.classroom.readPlaces([pair.clientId]))[0]?.replay
    }
    const open = async () => (await replay(teacher, round)).json<Replay>().open
    expect(await open(), 'the teacher is told that links do not open it yet').toBe(false)
    expect(await replayOf()).toBeNull()
    expect((await results(true)).json()).toMatchObject({ session: { released: true } })
    for (const answer of [await replay(ada, round), await opened(stranger, named)]) expect(answer.statusCode).toBe(200)
    expect(await replayOf()).toBe(round)
    expect(await open()).toBe(true)
    expect((await results(false)).json()).toMatchObject({ session: { released: false } })
    for (const answer of [await replay(ada, round), await opened(stranger, named)]) expect(answer.statusCode).toBe(403)
    expect(await replayOf()).toBeNull()
  })

  test('is open to the teacher alone until its results are released', async () => {
    const round = await begin('exam')
    await at.rounds.finish(round)
    expect((await replay(teacher, round)).statusCode).toBe(200)
    const { named } = await linksOf(round)
    for (const refused of [await replay(ada, round), await opened(stranger, named)]) {
      expect(refused.statusCode).toBe(403)
      expect(refused.json()).toMatchObject({ error: 'not-released' })
    }
  })
})
