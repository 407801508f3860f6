/**
 * An HTTP proxy like those of some schools: it forwards pages, and blocks WebSockets in one of several ways. In front of several
 * nodes it is also a load balancer that does what nginx.conf says.
 */
import { once } from 'node:events'
import { createServer, request as askServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { onTestFinished } from 'vitest'

/**
 * How a WebSocket request is blocked:
 * - `refuse`: answered with 403.
 * - `strip`: forwarded without its Upgrade header.
 * - `hang`: never answered.
 * - `swallow`: the 101 is forwarded, and then no frame in either direction.
 */
export const WAYS_TO_BLOCK = ['refuse', 'strip', 'hang', 'swallow'] as const
export type WayToBlock = (typeof WAYS_TO_BLOCK)[number]

export interface BlockingProxy {
  readonly port: number
  /** The number of WebSocket requests received. */
  readonly upgrades: number
  /** The number of requests for a live connection that were blocked: WebSockets, and polls while those are blocked as well. */
  readonly blocked: number
  /** By port: the number of polls that it was asked. */
  readonly polls: ReadonlyMap<number, number>
  /** Whether long polling is blocked as well, in the same way as far as possible. */
  blocksPolling: boolean
  /** Ports on this machine. */
  targets: readonly number[]
}

/** Starts a proxy, which is closed when the test ends. */
export async function startBlockingProxy(targets: readonly number[], way: WayToBlock): Promise<BlockingProxy> {
  const connections = new Set<Duplex>()
  let upgrades = 0
  let blockedPolls = 0
  let browsers = 0
  const polls = new Map<number, number>()
  /** The number in the cookie `node`, which the first answer gives to each browser, chooses the target. */
  const affinity = ({ headers }: IncomingMessage) => Number(/(?:^|; )node=(\d+)/.exec(headers.cookie ?? '')?.[1] ?? browsers++)
  const choose = (number: number) => proxy.targets[number % proxy.targets.length] as number
  const forward = ({ method, url, headers }: IncomingMessage, to: number, without: readonly string[] = []) =>
    askServer({
      port: to,
      host: '127.0.0.1',
      method,
      path: url,
      headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !without.includes(name))),
    })

  const server = createServer((request, response) => {
    const isPoll = request.url?.startsWith('/socket.io/')
    if (proxy.blocksPolling && isPoll) {
      blockedPolls++
      if (way === 'hang' || way === 'swallow') return
      return void response.writeHead(403).end()
    }
    const number = affinity(request)
    const target = choose(number)
    if (isPoll) polls.set(target, (polls.get(target) ?? 0) + 1)
    const onward = forward(request, target)
    onward.on('response', (answer) => {
      const cookies = [...(answer.headers['set-cookie'] ?? []), `node=${number}; Path=/; HttpOnly; SameSite=Lax`]
      response.writeHead(answer.statusCode ?? 502, { ...answer.headers, 'set-cookie': cookies })
      answer.pipe(response)
    })
    onward.on('error', () => response.destroy())
    response.on('close', () => onward.destroy())
    request.pipe(onward)
  })
  server.on('connection', (connection) => {
    connections.add(connection)
    connection.once('close', () => connections.delete(connection))
  })
  server.on('upgrade', (request, connection) => {
    upgrades++
    connection.on('error', () => {})
    if (way === 'hang') return
    if (way === 'refuse') return void connection.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
    const onward = forward(request, choose(affinity(request)), way === 'strip' ? ['upgrade', 'connection'] : [])
    onward.on('error', () => connection.destroy())
    onward.on('response', (answer) => {
      connection.write(`HTTP/1.1 ${answer.statusCode} Answer\r\nConnection: close\r\n\r\n`)
      answer.pipe(connection)
    })
    onward.on('upgrade', ({ rawHeaders }, upstream) => {
      const lines = rawHeaders.flatMap((name, i) => (i % 2 === 0 ? [`${name}: ${rawHeaders[i + 1]}`] : []))
      connection.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`)
      upstream.on('error', () => connection.destroy())
      connection.once('close', () => upstream.destroy())
      if (way === 'swallow') return void upstream.resume()
      upstream.pipe(connection).pipe(upstream)
    })
    onward.end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    server.close()
    for (const connection of connections) connection.destroy()
    await once(server, 'close')
  })
  const proxy: BlockingProxy = {
    port: (server.address() as AddressInfo).port,
    get upgrades() {
      return upgrades
    },
    get blocked() {
      return upgrades + blockedPolls
    },
    polls,
    blocksPolling: false,
    targets,
  }
  return proxy
}
