/** Nodes that exchange messages through a real Redis, which stops and starts again. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createLocalCluster, joinCluster, type Cluster } from '../../server/nodes/cluster.ts'
import { createMemoryNodeTable } from '../support/nodes.ts'
import { hasRedis, startRedis, type TestRedis } from '../support/redis.ts'

/** Resolves with the next message of that kind. */
const heard = <K extends 'session' | 'participants'>(cluster: Cluster, kind: K) =>
  new Promise<string>((resolve) => cluster.on(kind, (body) => resolve(body)))
const gap = (cluster: Cluster) => new Promise<void>((resolve) => cluster.onMessageLoss(resolve))

describe.skipIf(!hasRedis)('nodes with a Redis', () => {
  let redis: TestRedis
  let nodes: Cluster[]
  let warnings: string[]
  const join = async () => {
    const node = await joinCluster(redis.url, createMemoryNodeTable(), (line) => warnings.push(line))
    nodes.push(node)
    return node
  }
  beforeEach(async () => {
    nodes = []
    warnings = []
    redis = await startRedis()
  })
  afterEach(async () => {
    await Promise.all(nodes.map((node) => node.close()))
    await redis.stop()
  })

  it('tell the others, and themselves only where they say all', async () => {
    const [one, other] = [await join(), await join()]
    const said: string[] = []
    one.on('session', (id) => said.push(`one ${id}`))
    other.on('session', (id) => said.push(`other ${id}`))
    const last = heard(other, 'participants')
    one.sendToOthers('session', 'a')
    one.publish('session', 'b')
    one.sendToOthers('participants', 'done')
    await last
    expect(said.sort()).toEqual(['one b', 'other a', 'other b'])
  })

  it('survive its restart, and learn that messages may have been lost', async () => {
    const [one, other] = [await join(), await join()]
    await redis.kill()
    one.sendToOthers('session', 'lost')
    one.sendToOthers('session', 'lost')
    expect(one.countSent()).toBe(2)
    const gaps = [gap(one), gap(other)]
    await redis.start()
    await Promise.all(gaps)
    const message = heard(other, 'session')
    const told = setInterval(() => one.sendToOthers('session', 'heard'), 20) // Until the sender is connected again, too.
    expect(await message).toBe('heard')
    clearInterval(told)
    expect(warnings.filter((line) => line.includes('away')).length).toBeGreaterThan(0)
    expect(warnings.filter((line) => line.includes('back')).length).toBeGreaterThan(0)
  })

  it('stop while it is away', async () => {
    const one = await join()
    await redis.kill()
    one.sendToOthers('session', 'lost')
    await expect(one.close()).resolves.toBeUndefined()
  })
})

describe('a node', () => {
  it('without a Redis tells itself alone', () => {
    const one = createLocalCluster()
    const said: string[] = []
    one.on('session', (id) => said.push(id))
    one.sendToOthers('session', 'a')
    one.publish('session', 'b')
    expect([said, one.distributed]).toEqual([['b'], false])
  })

  it('that cannot reach its Redis says so in one line', async () => {
    await expect(joinCluster('redis://:secret@127.0.0.1:1', createMemoryNodeTable(), () => {})).rejects.toThrow(
      /^The Redis that REDIS_URL names cannot be reached: (?!.*secret).+$/,
    )
  })
})
