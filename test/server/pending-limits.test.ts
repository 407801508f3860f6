/** What one client can leave pending over HTTP is bounded: connections, requests, bodies that do not come, answers that are not read. */
import { once } from 'node:events'
import { connect, type AddressInfo, type Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createProxyTest } from '../../server/base/client-address.ts'
import { HTTP_LIMITS, type HttpLimits } from '../../server/base/limits.ts'
import { createLogger } from '../../server/base/logger.ts'
import { createHttpApp } from '../../server/http/build-http.ts'
import { errorHandler } from '../../server/http/plugins/error-handler.ts'
import { pendingLimits } from '../../server/http/plugins/pending-limits.ts'

const MIB = 1024 * 1024
/** More than the operating system buffers for a connection that is not read, on the loopback of any common system. */
const LONG_ANSWER = 'x'.repeat(16 * MIB)

interface Server {
  readonly app: FastifyInstance
  /** Ends the requests to `/held`. */
  release: () => void
  /** How many requests to `/held` have been handled. */
  handled(): number
  /** The timers that have been set and not cancelled. */
  readonly timers: Set<() => void>
  ask(path: string, forwardedFor?: string): Promise<number>
  open(): Socket
}

async function start(limits: Partial<HttpLimits>, trustedProxies: readonly string[] = []): Promise<Server> {
  const app = await createHttpApp({ trustedProxies, ping: async () => {}, logger: createLogger(null), reportsDatabase: false })
  const timers = new Set<() => void>()
  const after = (_ms: number, run: () => void) => {
    timers.add(run)
    return () => void timers.delete(run)
  }
  await app.register(errorHandler)
  await app.register(pendingLimits, { limits: { ...HTTP_LIMITS, ...limits }, isProxy: createProxyTest(trustedProxies), after })
  let release = () => {}
  const held = new Promise<void>((resolve) => (release = resolve))
  app.get('/short', () => 'short')
  app.get('/long', () => LONG_ANSWER)
  let handled = 0
  app.get('/held', async () => {
    handled++
    await held
    return 'held'
  })
  app.post('/', () => 'posted')
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const sockets: Socket[] = []
  onTestFinished(async () => {
    release()
    for (const socket of sockets) socket.destroy()
    await app.close()
  })
  return {
    app,
    release,
    handled: () => handled,
    timers,
    async ask(path, forwardedFor) {
      const headers = { connection: 'close', ...(forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor }) }
      const answer = await fetch(`${url}${path}`, { headers })
      await answer.arrayBuffer()
      return answer.status
    },
    open() {
      const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1')
      socket.on('error', () => {})
      sockets.push(socket)
      return socket
    },
  }
}

/** Requests the long answer and does not read it. Resolves once the server has begun to send it. */
async function askWithoutReading({ app, open }: Server): Promise<Socket> {
  const socket = open()
  const sent = new Promise<void>((resolve) =>
    app.server.once('request', (_request, response) => response.once('prefinish', resolve)),
  )
  socket.pause()
  socket.write('GET /long HTTP/1.1\r\nhost: x\r\n\r\n')
  await sent
  return socket
}

describe('connections', () => {
  it('that send no request are closed', async () => {
    const { app, open } = await start({})
    Object.assign(app.server, { headersTimeout: 50, requestTimeout: 100 })
    const socket = open().resume()
    await once(socket, 'close')
    expect(socket.bytesWritten).toBe(0)
  })

  it('are limited for one peer: the next is closed, and taken once one has gone', async () => {
    const { ask, open } = await start({ maxConnectionsPerPeer: 2 })
    const [one, other] = [open(), open()]
    await Promise.all([one, other].map((socket) => once(socket, 'connect')))
    await once(open().resume(), 'close')
    one.destroy()
    let status = 0
    while (status === 0) status = await ask('/short').catch(() => 0)
    expect(status).toBe(200)
  })

  it('of a trusted proxy are not limited', async () => {
    const { ask, open } = await start({ maxConnectionsPerPeer: 2 }, ['127.0.0.1'])
    for (let i = 0; i < 5; i++) await once(open(), 'connect')
    expect(await ask('/short')).toBe(200)
  })
})

describe('requests', () => {
  it('that do not wait for the answer to the last end their connection', async () => {
    const { open, handled } = await start({})
    const socket = open().resume()
    socket.write('GET /held HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(200))
    await once(socket, 'close')
    expect(handled()).toBe(1)
  })

  it('of one address at once are limited; bodies that do not come count', async () => {
    const { app, ask, open, release } = await start({ maxRequestsPerAddress: 2 })
    const begun = once(app.server, 'request')
    open().write('POST / HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"slow": ')
    await begun
    const held = ask('/held')
    await once(app.server, 'request')
    expect(await ask('/short')).toBe(429)
    release()
    expect(await held).toBe(200)
    expect(await ask('/short')).toBe(200)
  })

  it('count for the address behind a trusted proxy', async () => {
    const { app, ask, release } = await start({ maxRequestsPerAddress: 1 }, ['127.0.0.1'])
    const held = ask('/held', '192.0.2.1')
    await once(app.server, 'request')
    expect(await ask('/short', '192.0.2.1')).toBe(429)
    expect(await ask('/short', '192.0.2.2')).toBe(200)
    release()
    await held
    expect(await ask('/short', '192.0.2.1')).toBe(200)
  })
})

describe('answers that are not read', () => {
  it.each(['address', 'node'] as const)('are limited for one %s: long ones are refused, short ones are not', async (whole) => {
    const server = await start({ maxUnsentBytes: { ...HTTP_LIMITS.maxUnsentBytes, [whole]: 40 * MIB } })
    expect(await server.ask('/long')).toBe(200)
    const unread = [await askWithoutReading(server), await askWithoutReading(server)]
    expect(await server.ask('/long')).toBe(429)
    expect(await server.ask('/short')).toBe(200)
    unread[0]!.destroy()
    let status = 429
    while (status === 429) status = await server.ask('/long')
    expect(status).toBe(200)
  })

  it('of one address leave room for those of another', async () => {
    const server = await start({ maxUnsentBytes: { ...HTTP_LIMITS.maxUnsentBytes, address: 20 * MIB } }, ['127.0.0.1'])
    await askWithoutReading(server)
    expect(await server.ask('/long')).toBe(429)
    expect(await server.ask('/long', '192.0.2.2')).toBe(200)
  })

  it('end their connection where nothing moves', async () => {
    const server = await start({})
    expect(server.app.server.timeout).toBe(60_000)
    server.app.server.timeout = 50
    const closed = new Promise((resolve) => server.app.server.once('connection', (socket) => socket.once('close', resolve)))
    await askWithoutReading(server)
    await closed
  })

  it('end their connection after a time, however slowly they are read', async () => {
    const server = await start({})
    const closed = new Promise((resolve) => server.app.server.once('connection', (socket) => socket.once('close', resolve)))
    await askWithoutReading(server)
    expect(server.timers.size).toBe(1)
    for (const run of server.timers) run()
    await closed
    expect(server.timers.size).toBe(0)
  })
})
