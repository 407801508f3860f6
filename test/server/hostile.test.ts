/**
 * Clients that try to exhaust the server: each loses its own connection, and nobody else is affected. Counts and limits only, no
 * times.
 */
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Socket } from 'socket.io-client'
import { LIVE_LIMITS, type LiveLimits } from '../../server/base/limits.ts'
import type { Rate } from '../../server/base/token-bucket.ts'
import { handshakeScript, LISTENS } from '../support/handshake.ts'
import { next, ROUND, sit, startNode, type Client, type TestNode } from '../support/pair.ts'
import { eventText, openPolling, openWebSocket } from '../support/raw-client.ts'

const ANN = 'ann-the-client'
const KIB = 1024
const ANY: Rate = { burst: Infinity, perSecond: Infinity }
/** A limit of so many requests, practically without refill. */
const only = (burst: number): Rate => ({ burst, perSecond: 0.000_001 })
const UNHURRIED: Partial<LiveLimits> = { events: ANY, eventsPerAddress: ANY, messages: ANY, bytesIn: ANY }

const start = async (limits: Partial<LiveLimits>): Promise<TestNode> => {
  const node = await startNode({ limits })
  onTestFinished(() => node.close())
  await node.rounds.start(ROUND, handshakeScript())
  return node
}
const unsent = (some: Partial<LiveLimits['maxUnsentBytes']>): Partial<LiveLimits> => ({
  ...UNHURRIED,
  maxUnsentBytes: { ...LIVE_LIMITS.maxUnsentBytes, ...some },
})
const resume = eventText(1, 'resume', { round: ROUND, from: 0 })
const gone = (client: Client) => new Promise<void>((resolve) => client.once('disconnect', () => resolve()))

/** Sends requests until the connection is ended. Returns how many; infinite if it survives `most` of them. */
async function askUntilCut(send: (...packets: readonly string[]) => Promise<number>, most = 5_000): Promise<number> {
  for (let sent = 1; sent <= most; sent++) if ((await send(resume)) !== 200) return sent
  return Infinity
}

describe('what waits to be sent to a client that does not read is bounded', () => {
  it('for one connection', async () => {
    const node = await start(unsent({ connection: 256 * KIB }))
    const bob = await sit(node, 'server')
    const ann = await openPolling(node, ANN)
    const size = JSON.stringify(await bob.client.emitWithAck('resume', { round: ROUND, from: 0 })).length
    const asked = await askUntilCut(ann.send)
    expect(asked * size).toBeLessThan(400 * KIB)
    expect((await bob.act(LISTENS)).event.act?.outcome).toBe('accepted')
  })

  it('over a WebSocket, whose operating system takes some of it', async () => {
    const node = await start(unsent({ connection: 256 * KIB }))
    const bob = await sit(node, 'server')
    const ann = await openWebSocket(node, ANN)
    ann.stopReading()
    const before = process.memoryUsage().heapUsed
    for (let sent = 0; !ann.isClosed && sent < 100_000; sent += 100) {
      for (let i = 0; i < 100; i++) ann.send(resume)
      await new Promise((resolve) => setImmediate(resolve))
    }
    await ann.closed
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(100 * KIB * KIB)
    expect((await bob.act(LISTENS)).event.act?.outcome).toBe('accepted')
  })

  it.each(['person', 'address', 'node'] as const)('for one %s, over all connections', async (whole) => {
    const node = await start(unsent({ [whole]: 300 * KIB }))
    const [one, other] = [await openPolling(node, ANN), await openPolling(node, ANN)]
    for (let i = 0; i < 100; i++) expect(await one.send(resume)).toBe(200)
    const asked = await askUntilCut(other.send)
    expect(asked).toBeLessThan(2_000)
    expect(await one.send('3')).toBe(200)
  })

  it('but whoever reads may ask for any amount', async () => {
    const node = await start(unsent({ connection: 32 * KIB }))
    const bob = await sit(node, 'server')
    for (let i = 0; i < 300; i++)
      expect(await bob.client.emitWithAck('resume', { round: ROUND, from: 0 })).toMatchObject({ ok: true })
    const ann = await openPolling(node, ANN)
    for (let i = 0; i < 100; i++) {
      expect(await ann.send(resume)).toBe(200)
      expect((await ann.read()).join()).toContain('"views"')
    }
  })
})

describe('whoever sends more than a page ever would', () => {
  it('is told so a few times, and then cut off', async () => {
    const node = await start({ events: only(5), refusals: only(3) })
    const [ann, bob] = [await sit(node, 'client'), node.connect('server')]
    await next(bob, 'place')
    const cut = gone(bob)
    const heard: unknown[] = []
    const ask = async () => heard.push(((await (bob as Socket).emitWithAck('shout', {})) as { error: string }).error)
    for (let i = 0; i < 8; i++) await ask()
    expect(heard).toEqual([...Array(5).fill('malformed'), ...Array(3).fill('too-many')])
    void ask().catch(() => {})
    await cut
    expect(heard).toHaveLength(8)
    expect(ann.client.connected).toBe(true)
  })

  it('over all their connections, also by events that want no answer', async () => {
    const node = await start({ events: only(4), refusals: only(2) })
    const tabs = [node.connect('server'), node.connect('server')]
    await Promise.all(tabs.map((tab) => next(tab, 'place')))
    const heard: string[] = []
    for (let i = 0; i < 6; i++) {
      const failure = next(tabs[i % 2]!, 'failure')
      ;(tabs[i % 2] as Socket).emit('shout')
      heard.push((await failure).error)
    }
    const cut = Promise.all(tabs.map(gone))
    for (const tab of tabs) (tab as Socket).emit('shout')
    await cut
    expect(heard).toEqual(Array(6).fill('malformed'))
  })

  it('over all people of an address', async () => {
    const node = await start({ eventsPerAddress: only(3) })
    const [ann, bob] = [node.connect('client'), node.connect('server')]
    await Promise.all([next(ann, 'place'), next(bob, 'place')])
    const heard: unknown[] = []
    for (let i = 0; i < 4; i++) heard.push(await [ann, bob][i % 2]!.emitWithAck('resume', { round: ROUND, from: 0 }))
    expect(heard.map((reply) => (reply as { ok: boolean }).ok)).toEqual([true, true, true, false])
    expect(heard[3]).toMatchObject({ error: 'too-many' })
    expect(ann.connected && bob.connected).toBe(true)
  })

  it.each(['ping', 'pong'] as const)('counts also the %s frames of the WebSocket itself', async (kind) => {
    const node = await start({ messages: only(50) })
    const ann = await openWebSocket(node, ANN)
    for (let i = 0; i < 60; i++) ann.send('', kind)
    await ann.closed
    expect(ann.isClosed).toBe(true)
  })

  it('counts bytes', async () => {
    const node = await start({ ...UNHURRIED, bytesIn: only(100 * KIB) })
    const ann = await openPolling(node, ANN)
    const long = eventText(1, 'act', 'x'.repeat(15_000))
    const answered: number[] = []
    for (let i = 0; i < 10; i++) answered.push(await ann.send(long))
    expect(answered.filter((status) => status === 200)).toHaveLength(8) // Seven, and the one that exceeds the limit.
  })

  it('by long polling as well', async () => {
    const node = await start({ events: only(5), refusals: only(3) })
    const ann = await openPolling(node, ANN)
    const statuses: number[] = []
    for (let i = 0; i < 12; i++) statuses.push(await ann.send(eventText(i, 'shout', {})))
    expect(statuses.filter((status) => status === 200)).toHaveLength(9) // Five, three, and the one that exceeds the limit.
  })
})

describe('connections are limited', () => {
  const refused = (client: Client) => new Promise<Error & { data?: unknown }>((resolve) => client.once('connect_error', resolve))

  it('for one address: the next is refused, and taken once one has gone', async () => {
    const node = await start({ maxConnectionsPerAddress: 2 })
    const [one, other] = [node.connect('client'), node.connect('server')]
    await Promise.all([next(one, 'place'), next(other, 'place')])
    await refused(node.connect('alone'))
    one.disconnect()
    for (let taken = false; !taken;) {
      const client = node.connect('alone')
      taken = await Promise.race([next(client, 'place').then(() => true), refused(client).then(() => false)])
    }
    expect(other.connected).toBe(true)
  })

  it('in how often one address opens them', async () => {
    const node = await start({ connectsPerAddress: only(3) })
    for (let i = 0; i < 3; i++) {
      const client = node.connect('client')
      await next(client, 'place')
      client.disconnect()
    }
    expect(await refused(node.connect('server'))).toBeInstanceOf(Error)
  })

  it('in how often one person opens them, and coming back is no way round the limit of events', async () => {
    const node = await start({ connectsPerPerson: only(3), events: only(4) })
    const heard: unknown[] = []
    for (let i = 0; i < 3; i++) {
      const client = node.connect('server')
      await next(client, 'place')
      for (let k = 0; k < 2; k++) heard.push(await client.emitWithAck('resume', { round: ROUND, from: 0 }))
      client.disconnect()
    }
    expect(heard.map((reply) => (reply as { ok: boolean }).ok)).toEqual([true, true, true, true, false, false])
    expect((await refused(node.connect('server'))).data).toMatchObject({ error: 'too-many' })
    await next(node.connect('client'), 'place')
  })

  it('to pages of our own, whatever the transport', async () => {
    const node = await start({})
    const foreign = { cookie: node.cookie, origin: 'http://elsewhere.example' }
    const opened = await fetch(`${node.url}/socket.io/?EIO=4&transport=polling`, { headers: foreign })
    expect(opened.status).toBe(400)
    const script = await fetch(`${node.url}/socket.io/?EIO=4&transport=polling&j=0`, { headers: { cookie: node.cookie } })
    expect(script.status).toBe(400)
  })
})
