/** Rate limits use a monotonic clock and count for all nodes together. A request whose body does not arrive is closed. */
import { once } from 'node:events'
import { connect, type AddressInfo } from 'node:net'
import Fastify from 'fastify'
import { describe, expect, test } from 'vitest'
import { readConfig } from '../../server/base/config.ts'
import { createLogger } from '../../server/base/logger.ts'
import { createWindowCounter } from '../../server/base/window-counter.ts'
import { createHttpApp } from '../../server/http/build-http.ts'
import { errorHandler } from '../../server/http/plugins/error-handler.ts'
import { faultReporting } from '../../server/http/plugins/fault-reporting.ts'
import { createRateLimit, rateLimits } from '../../server/http/plugins/rate-limits.ts'
import { createCluster } from '../../server/nodes/cluster.ts'

describe('a window', () => {
  test('opens with the first, counts, and begins again', () => {
    let now = 5_000
    const counter = createWindowCounter(60_000, () => now)
    expect(counter.count('a')).toEqual({ current: 1, ttl: 60_000 })
    now += 59_999
    expect(counter.count('a')).toEqual({ current: 2, ttl: 1 })
    expect(counter.count('b').current).toBe(1)
    now += 1
    expect(counter.count('a')).toEqual({ current: 1, ttl: 60_000 })
  })

  test('forgets the oldest keys where there are too many', () => {
    const counter = createWindowCounter(60_000, () => 0, 2)
    for (const key of ['a', 'b', 'c']) counter.count(key)
    expect(counter.count('c').current).toBe(2)
    expect(counter.count('a').current).toBe(1)
  })
})

/** Nodes whose messages reach each other at once. */
function createNodes(count: number) {
  const nodes: ReturnType<typeof createCluster>[] = []
  for (let i = 0; i < count; i++) {
    const send = (text: string) => nodes.forEach((node, other) => other !== i && node.receive(text))
    nodes.push(createCluster({ table: { exchange: async () => [] }, send, stop: async () => {} }))
  }
  return nodes.map(({ cluster }) => cluster)
}

test('a limit counts for all nodes together, each limit and each key by itself; of IPv6 for the network', async () => {
  const nodes = await Promise.all(
    createNodes(2).map(async (cluster) => {
      const app = Fastify()
      await app.register(rateLimits, { cluster })
      app.setErrorHandler((error: { status: number }, _request, reply) => reply.code(error.status).send({}))
      const [limitOne, limitOther] = [createRateLimit(app, 'one', 4), createRateLimit(app, 'other', 4)]
      app.get('/one', (request) => limitOne(request).then(() => ({})))
      app.get('/other', (request) => limitOther(request).then(() => ({})))
      return app
    }),
  )
  const ask = async (node: number, url: string, remoteAddress: string) =>
    (await nodes[node]!.inject({ url, remoteAddress })).statusCode
  for (let i = 0; i < 4; i++) expect(await ask(i % 2, '/one', `2001:db8::${i}`)).toBe(200)
  for (const node of [0, 1]) expect(await ask(node, '/one', '2001:db8::99')).toBe(429)
  expect(await ask(1, '/other', '2001:db8::99')).toBe(200)
  expect(await ask(1, '/one', '2001:db8:0:1::99')).toBe(200)
})

test('requests to the API are limited for one address, whatever they ask; who goes on has to connect again', async () => {
  const app = Fastify()
  await app.register(faultReporting, { ping: async () => {}, reportsDatabase: false })
  await app.register(errorHandler)
  await app.register(rateLimits, { cluster: createNodes(1)[0]!, maxApiRequests: 2 })
  app.get('/api/a', () => 'a')
  app.get('/page', () => 'page')
  const ask = (url: string, remoteAddress = '192.0.2.1') => app.inject({ url, remoteAddress })
  const statuses: number[] = []
  for (const url of ['/api/a', '/api/b', '/api/a', '/page']) statuses.push((await ask(url)).statusCode)
  expect(statuses).toEqual([200, 404, 429, 200])
  expect((await ask('/api/a')).headers).toMatchObject({ connection: 'close', 'retry-after': expect.stringMatching(/^\d+$/) })
  expect((await ask('/api/a', '192.0.2.2')).statusCode).toBe(200)
})

test('a body that does not come is given up, and its connection closed', async () => {
  const app = await createHttpApp({ trustedProxies: [], ping: async () => {}, logger: createLogger(null), reportsDatabase: false })
  expect(app.server.requestTimeout).toBe(30_000)
  expect(app.server.headersTimeout).toBeLessThan(app.server.requestTimeout)
  Object.assign(app.server, { headersTimeout: 50, requestTimeout: 100 })
  app.post('/', () => ({}))
  await app.listen({ host: '127.0.0.1', port: 0 })
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1')
  let said = ''
  socket.on('data', (data) => (said += String(data)))
  socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"slow": ')
  await once(socket, 'close')
  expect(said).toMatch(/^HTTP\/1.1 408/)
  await app.close()
})

describe('TRUST_PROXY', () => {
  test.each([
    [undefined, []],
    ['', []],
    ['192.0.2.7', ['192.0.2.7']],
    ['192.0.2.7, 10.0.0.0/8,fd00::/8', ['192.0.2.7', '10.0.0.0/8', 'fd00::/8']],
    ['loopback,uniquelocal', ['loopback', 'uniquelocal']],
  ])('%j', (value, proxies) => expect(readConfig({ TRUST_PROXY: value }).trustedProxies).toEqual(proxies))

  test.each(['nginx', 'true', '10.0.0.0/33', '10.0.0/8', '10.0.0.1/', '::1/129', '1'])('%j is one clear error', (value) => {
    expect(() => readConfig({ TRUST_PROXY: value })).toThrow(/^TRUST_PROXY=.* as in TRUST_PROXY=192\.0\.2\.7/)
  })
})
