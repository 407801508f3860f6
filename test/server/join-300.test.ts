/** A whole school behind one IP address. */
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SessionInfo, Joined } from '../../contract/answers.ts'
import { testApp, type TestApp } from '../support/app.ts'

let at: TestApp
let code: string
beforeAll(async () => {
  at = await testApp()
  const teacher = await at.teacher()
  const body = { title: 'Assembly', level: 'guided', playlist: ['handshake'], swap: true }
  code = (await teacher.post('/api/sessions', body)).json<SessionInfo>().code
})
afterAll(() => at.stop())

test('300 join at once from one address, within 30 s, over real connections', { timeout: 30_000 }, async () => {
  await at.app.listen({ port: 0, host: '127.0.0.1' })
  const base = `http://127.0.0.1:${(at.app.server.address() as AddressInfo).port}`
  const answers = await Promise.all(
    Array.from({ length: 300 }, async (_, i) => {
      const known = await fetch(`${base}/api/codes/${code}`)
      const joined = await fetch(`${base}/api/join`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ code, name: `Student ${i % 200}` }),
      })
      return { status: [known.status, joined.status], joined: (await joined.json()) as Joined }
    }),
  )
  expect(answers.flatMap(({ status }) => status).filter((status) => status !== 200)).toEqual([])
  expect(new Set(answers.map(({ joined }) => joined.participant.name)).size).toBe(300)
  expect(answers.filter(({ joined }) => joined.renamed)).toHaveLength(100)
})

test('wrong codes from one address are stopped, and say when to try again; right ones and other addresses go on', async () => {
  const guesser = at.browser('203.0.113.9')
  const answers = []
  for (let i = 0; i < 40; i++)
    answers.push(await (i % 2 ? guesser.get('/api/codes/AAAAAA') : guesser.post('/api/join', { code: 'AAAAAA', name: 'x' })))
  expect(answers.map(({ statusCode }) => statusCode)).toEqual([...Array<number>(30).fill(404), ...Array<number>(10).fill(429)])
  const last = answers.at(-1)
  const wait = Number(last?.headers['retry-after'])
  expect(wait).toBeGreaterThan(0)
  expect(wait).toBeLessThanOrEqual(60)
  expect(last?.json()).toMatchObject({ ok: false, error: 'too-many', retryAfter: wait })

  expect((await guesser.get(`/api/codes/${code}`)).statusCode).toBe(200)
  expect((await guesser.post('/api/join', { code, name: 'Heron' })).statusCode).toBe(200)
  expect((await at.browser('203.0.113.10').get('/api/codes/AAAAAA')).statusCode).toBe(404)
})

test('a session takes 600 a minute, from however many addresses', async () => {
  const teacher = await at.teacher()
  const body = { title: 'Flood', level: 'guided', playlist: ['handshake'], swap: true }
  const flooded = (await teacher.post('/api/sessions', body)).json<SessionInfo>().code
  const statuses = await Promise.all(
    Array.from({ length: 610 }, async (_, i) => {
      const answer = await at.browser(`203.0.113.${100 + (i % 100)}`).post('/api/join', { code: flooded, name: `S${i}` })
      return answer.statusCode
    }),
  )
  expect(statuses.filter((status) => status === 200)).toHaveLength(600)
  expect(statuses.filter((status) => status === 429)).toHaveLength(10)
  expect((await at.browser('203.0.113.11').post('/api/join', { code, name: 'Elsewhere' })).statusCode).toBe(200)
})

test('one address takes 400 of them at most, so that others still get in', async () => {
  const teacher = await at.teacher()
  const body = { title: 'Shut', level: 'guided', playlist: ['handshake'], swap: true }
  const wanted = (await teacher.post('/api/sessions', body)).json<SessionInfo>().code
  const flooder = at.browser('203.0.113.77')
  const statuses = await Promise.all(
    Array.from({ length: 410 }, async (_, i) => (await flooder.post('/api/join', { code: wanted, name: `G${i}` })).statusCode),
  )
  expect(statuses.filter((status) => status === 200)).toHaveLength(400)
  expect(statuses.filter((status) => status === 429)).toHaveLength(10)
  expect((await at.browser('203.0.113.78').post('/api/join', { code: wanted, name: 'Heron' })).statusCode).toBe(200)
})

test('passwords and links from one address are stopped after 20 in a minute', async () => {
  const guesser = at.browser('203.0.113.12')
  const statuses = []
  for (let i = 0; i < 24; i++) {
    const answer = await (i % 2
      ? guesser.post('/api/teacher/login', { password: `guess ${i}` })
      : guesser.post('/api/teacher/link', { token: 'x'.repeat(43) }))
    statuses.push(answer.statusCode)
  }
  expect(statuses.slice(0, 20).every((status) => status === 401 || status === 410)).toBe(true)
  expect(statuses.slice(20)).toEqual([429, 429, 429, 429])
})
