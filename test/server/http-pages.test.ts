/** The addresses of the pages and their security headers, over plain HTTP and behind an https:// BASE_URL. */
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testApp, type TestApp } from '../support/app.ts'

const HTML = { accept: 'text/html,*/*' }

describe('over plain HTTP', () => {
  let at: TestApp
  beforeAll(async () => void (at = await testApp()))
  afterAll(() => at.stop())

  test.each(['/', '/j/KTM482', '/r/AAAAAAAAAAAAAAAAAAAAAA', '/teach', '/teach/x/join', '/teach/x/round/y'])(
    '%s is the document, always asked for anew',
    async (url) => {
      const answer = await at.browser().get(url, HTML)
      expect(answer.statusCode).toBe(200)
      expect(answer.headers['content-type']).toBe('text/html; charset=utf-8')
      expect(answer.headers['cache-control']).toBe('no-cache')
      expect(answer.body).toContain('<title>Handshake Classroom</title>')
    },
  )

  test('assets are kept for good: their names change with their content', async () => {
    const answer = await at.browser().get('/assets/main-0a1b2c3d.js')
    expect(answer.statusCode).toBe(200)
    expect(answer.headers['cache-control']).toBe('public, max-age=31536000, immutable')
  })

  test('an address of no page is the document with 404; an asset that is gone is a failure', async () => {
    const page = await at.browser().get('/nowhere', HTML)
    expect([page.statusCode, page.headers['content-type']]).toEqual([404, 'text/html; charset=utf-8'])
    for (const url of ['/assets/old-99999999.js', '/../package.json', '/%2e%2e/package.json', '/.env']) {
      const answer = await at.browser().get(url)
      expect([answer.statusCode, answer.json<{ error: string }>().error], url).toEqual([404, 'not-found'])
    }
  })

  test('a directory is not listed', async () => {
    const answer = await at.browser().get('/assets/')
    expect([answer.statusCode, answer.json<{ error: string }>().error]).toEqual([403, 'forbidden'])
  })

  test('nothing asks for a secure context', async () => {
    for (const url of ['/', '/api/teacher', '/nowhere']) {
      const { headers } = await at.browser().get(url, HTML)
      expect(headers['content-security-policy'], url).toBe(
        "default-src 'self';img-src 'self' data:;object-src 'none';base-uri 'none';form-action 'self';frame-ancestors 'none'",
      )
      for (const header of ['strict-transport-security', 'cross-origin-opener-policy', 'origin-agent-cluster']) {
        expect(headers, url).not.toHaveProperty(header)
      }
      expect(headers['x-content-type-options']).toBe('nosniff')
      expect(headers['permissions-policy']).toContain('camera=()')
      expect(headers).not.toHaveProperty('x-powered-by')
    }
  })

  test('an address is the one that is connected, whatever it claims', async () => {
    const guesser = at.browser('203.0.113.9')
    const ask = (i: number) => guesser.get('/api/codes/AAAAAA', { 'x-forwarded-for': `198.51.100.${i}` })
    for (let i = 0; i < 30; i++) await ask(i)
    expect((await ask(31)).statusCode).toBe(429)
  })
})

test('asked by this machine alone, a server has not been reached', async () => {
  const at = await testApp()
  const own = at.browser('127.0.0.1')
  await own.post('/api/teacher/link', { token: await at.link() })
  expect((await own.get('/api/addresses')).json()).toMatchObject({ reached: false })
  await at.browser('192.0.2.77').get('/', HTML)
  expect((await own.get('/api/addresses')).json()).toMatchObject({ reached: true })
  await at.stop()
})

describe('with BASE_URL=https://classroom.example.org', () => {
  let at: TestApp
  beforeAll(async () => void (at = await testApp({ baseUrl: 'https://classroom.example.org' })))
  afterAll(() => at.stop())

  test('the card of a shared link names its picture by its whole address', async () => {
    const answer = await at.browser().get('/', HTML)
    expect(answer.body).toContain('content="https://classroom.example.org/card.png"')
    expect([answer.headers['content-type'], answer.headers['cache-control']]).toEqual(['text/html; charset=utf-8', 'no-cache'])
  })

  test('cookies are for HTTPS alone, and browsers are told to stay there', async () => {
    const answer = await at.browser().post('/api/teacher/link', { token: await at.link() })
    expect(answer.cookies).toMatchObject([{ name: 't', secure: true }])
    expect(answer.headers).toHaveProperty('strict-transport-security')
  })

  test('pages of BASE_URL may act, whatever host the proxy asks for', async () => {
    const from = (origin: string) =>
      at.browser().ask('POST', '/api/teacher/login', { payload: { password: 'x' }, headers: { host: '10.0.0.2:8080', origin } })
    expect((await from('https://classroom.example.org')).statusCode).toBe(401)
    expect((await from('https://evil.test')).statusCode).toBe(403)
  })

  test.each(['203.0.113.9', '10.0.0.1', '127.0.0.1'])('a forwarded address is not believed, also not from %s', async (address) => {
    const guesser = at.browser(address)
    const ask = (i: number) => guesser.get('/api/codes/AAAAAA', { 'x-forwarded-for': `198.51.100.${i}` })
    for (let i = 0; i < 30; i++) await ask(i)
    expect((await ask(31)).statusCode).toBe(429)
  })
})

describe('with TRUST_PROXY=10.0.0.1', () => {
  let at: TestApp
  beforeAll(async () => void (at = await testApp({ trustedProxies: ['10.0.0.1'] })))
  afterAll(() => at.stop())
  const ask = (proxy: string, from: string) => at.browser(proxy).get('/api/codes/AAAAAA', { 'x-forwarded-for': from })

  test('behind the proxy addresses are those that it names', async () => {
    for (let i = 0; i < 31; i++) await ask('10.0.0.1', '203.0.113.50')
    expect((await ask('10.0.0.1', '203.0.113.50')).statusCode).toBe(429)
    expect((await ask('10.0.0.1', '203.0.113.51')).statusCode).toBe(404)
  })

  test('what a client has written before the proxy did is not believed', async () => {
    for (let i = 0; i < 31; i++) await ask('10.0.0.1', `198.51.100.${i}, 203.0.113.60`)
    expect((await ask('10.0.0.1', '198.51.100.99, 203.0.113.60')).statusCode).toBe(429)
  })

  test('from any other machine, next to the proxy or this one, no forwarded address is believed', async () => {
    for (const address of ['10.0.0.2', '127.0.0.1']) {
      for (let i = 0; i < 30; i++) await ask(address, `198.51.100.${i}`)
      expect((await ask(address, '198.51.100.31')).statusCode).toBe(429)
    }
  })
})

test('pages that were not built: said plainly, and the API works', async () => {
  const at = await testApp({ pagesDirectory: join(tmpdir(), 'handshake-no-such-build') })
  const answer = await at.browser().get('/', HTML)
  expect([answer.statusCode, answer.body]).toEqual([503, 'The pages have not been built: run `npm run build` and reload.\n'])
  expect((await at.browser().get('/api/teacher')).statusCode).toBe(200)
  await at.stop()
})
