/** A TCP proxy with a fixed port, like a load balancer or a network: the servers behind it may die, move and come back. */
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

export interface Proxy {
  readonly port: number
  /** Ports on this machine. Connections go to them in turn; a port that does not accept connections is skipped. */
  targets: readonly number[]
  /** Breaks all present connections. */
  cut(): void
}

/** Starts a proxy, which is closed when the test ends. */
export async function startProxy(targets: readonly number[] = []): Promise<Proxy> {
  const connections = new Set<Socket>()
  let turn = 0

  const forward = (client: Socket, left: readonly number[]) => {
    const [port, ...others] = left
    if (port === undefined || client.destroyed) return void client.destroy()
    const target = connect(port, '127.0.0.1')
    let connected = false
    target.once('connect', () => {
      connected = true
      client.pipe(target).pipe(client)
    })
    target.on('error', () => {}) // 'close' follows
    target.once('close', () => (connected ? client.destroy() : forward(client, others)))
    client.once('close', () => target.destroy())
  }

  const server = createServer((client) => {
    connections.add(client)
    client.on('error', () => {})
    client.once('close', () => connections.delete(client))
    const first = turn++ % Math.max(1, proxy.targets.length)
    forward(client, [...proxy.targets.slice(first), ...proxy.targets.slice(0, first)])
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')

  const proxy: Proxy = {
    port: (server.address() as AddressInfo).port,
    targets,
    cut() {
      for (const connection of connections) connection.destroy()
    },
  }
  onTestFinished(async () => {
    server.close()
    proxy.cut()
    await once(server, 'close')
  })
  return proxy
}
