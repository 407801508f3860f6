import { TLS_TOOLS } from '../../exercises/tls-tools.ts'
import { beforeEach, describe, expect, it } from 'vitest'
import { createLocalCluster, type Cluster } from '../../server/nodes/cluster.ts'
import { createMemoryLog } from '../../server/rounds/log-memory.ts'
import type { RoundLog } from '../../server/rounds/log.ts'
import type { RoundEvent } from '../../server/rounds/live-round.ts'
import { createRounds, type RoundsDeps } from '../../server/rounds/rounds.ts'
import { handshakeScript, LISTENS, OPENS } from '../support/handshake.ts'
import { testCluster } from '../support/nodes.ts'
import { manualTime, type ManualTime } from '../support/time.ts'

const ROUND = 'the-round'
const MINUTE = 60_000

let time: ManualTime
let log: RoundLog
let reads: number
let readable: boolean
beforeEach(() => {
  time = manualTime()
  const inner = createMemoryLog()
  reads = 0
  readable = true
  log = {
    append: (entry) => inner.append(entry),
    async read(...args) {
      reads++
      if (!readable) throw new Error('the database is gone')
      return inner.read(...args)
    },
  }
})

function open(options: Partial<RoundsDeps> = {}) {
  const told: RoundEvent[] = []
  const rounds = createRounds({
    log,
    now: time.now,
    after: time.after,
    cluster: createLocalCluster(),
    tls: TLS_TOOLS,
    ...options,
  })
  rounds.subscribe((event) => told.push(event))
  return { rounds, told }
}
const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('rounds in memory', () => {
  it('are read once, dropped when they have been quiet for five minutes, and read again when asked for', async () => {
    const { rounds } = open()
    await rounds.start(ROUND, handshakeScript())
    await rounds.act(ROUND, 'server', { id: 'listens', seen: 1, action: LISTENS })
    time.pass(4 * MINUTE)
    expect(await rounds.readEntries(ROUND)).toHaveLength(2)
    expect(reads).toBe(1)
    time.pass(7 * MINUTE)
    expect((await rounds.readViews(ROUND, 'server', 0)).map(({ n }) => n)).toEqual([1, 2])
    expect(reads).toBe(2)
  })

  it('are dropped within seconds once they are over', async () => {
    const { rounds } = open()
    await rounds.start(ROUND, handshakeScript())
    await rounds.control(ROUND, { kind: 'control', control: 'end', why: 'ended' }, 'teacher')
    expect(reads).toBe(1)
    time.pass(MINUTE / 4)
    expect((await rounds.readWorld(ROUND))?.over).toBe('ended')
    expect(reads).toBe(2)
  })

  it('stay as long as somebody listens', async () => {
    const { rounds } = open({ hasListeners: (roundId) => roundId === ROUND })
    await rounds.start(ROUND, handshakeScript())
    await rounds.start('another-round', handshakeScript())
    time.pass(60 * MINUTE)
    await rounds.readWorld(ROUND)
    expect(reads).toBe(2)
    await rounds.readWorld('another-round')
    expect(reads).toBe(3)
  })

  it('that are not there are null and empty', async () => {
    const { rounds } = open()
    expect(await rounds.readWorld(ROUND)).toBeNull()
    expect(await rounds.readEntries(ROUND)).toEqual([])
    expect(await rounds.readViews(ROUND, 'client', 0)).toEqual([])
    await expect(rounds.control(ROUND, { kind: 'control', control: 'end', why: 'ended' }, 'teacher')).resolves.toBeUndefined()
    expect(await log.read(ROUND)).toEqual([])
  })

  it('take nothing more in once they are closed, and what is under way is written first', async () => {
    const { rounds } = open()
    await rounds.start(ROUND, handshakeScript())
    const underway = rounds.act(ROUND, 'server', { id: 'listens', seen: 1, action: LISTENS })
    await rounds.close()
    expect(await log.read(ROUND)).toHaveLength(2)
    await underway
    await expect(rounds.act(ROUND, 'client', { id: 'opens', seen: 1, action: OPENS })).rejects.toMatchObject({
      code: 'unavailable',
    })
  })
})

describe('rounds on many nodes', () => {
  const shared = (cluster: Cluster) => open({ cluster })

  it('what one node writes the others that have the round hear of, without reading the log', async () => {
    const cluster = testCluster()
    const [one, other] = [shared(cluster.join()), shared(cluster.join())]
    await one.rounds.start(ROUND, handshakeScript())
    await other.rounds.readWorld(ROUND)
    const before = reads
    await one.rounds.act(ROUND, 'server', { id: 'listens', seen: 1, action: LISTENS })
    await settled()
    expect(other.told.map(({ entry, source }) => [entry.index, source])).toEqual([[1, 'remote']])
    await other.rounds.act(ROUND, 'client', { id: 'opens', seen: 1, action: OPENS })
    await settled()
    expect(one.told.map(({ entry, source }) => [entry.index, source])).toEqual([
      [0, 'local'],
      [1, 'local'],
      [2, 'remote'],
    ])
    expect(reads).toBe(before)
  })

  it('what was lost between them is caught up with, at once or when the log can be read, which is not tried all the time', async () => {
    const cluster = testCluster()
    const [one, other] = [shared(cluster.join()), shared(cluster.join())]
    await one.rounds.start(ROUND, handshakeScript())
    await other.rounds.readWorld(ROUND)
    const heard = () => other.told.map(({ entry }) => entry.index)
    cluster.cut()
    await one.rounds.act(ROUND, 'server', { id: 'listens', seen: 1, action: LISTENS })
    await settled()
    expect(heard()).toEqual([])
    cluster.mend()
    await settled()
    expect(heard()).toEqual([1])

    cluster.cut()
    await one.rounds.act(ROUND, 'client', { id: 'opens', seen: 1, action: OPENS })
    readable = false
    cluster.mend()
    await settled()
    const before = reads
    for (let seconds = 0; seconds < 10; seconds++) {
      time.pass(1_000)
      await settled()
    }
    expect(reads - before).toBeGreaterThan(1)
    expect(reads - before).toBeLessThan(20)
    expect(heard()).toEqual([1])
    readable = true
    time.pass(2_000)
    await settled()
    expect(heard()).toEqual([1, 2])
    const after = reads
    time.pass(10_000)
    await settled()
    expect(reads).toBe(after)
  })

  it('what a node finds in the log, because its writer never told of it, all others that have the round hear of', async () => {
    const cluster = testCluster()
    const [one, other] = [shared(cluster.join()), shared(cluster.join())]
    const mute = open()
    await mute.rounds.start(ROUND, handshakeScript())
    for (const { rounds } of [one, other]) await rounds.readWorld(ROUND)
    await mute.rounds.act(ROUND, 'server', { id: 'listens', seen: 1, action: LISTENS })
    await one.rounds.readWorld(ROUND)
    await settled()
    for (const { told } of [one, other]) expect(told.map(({ entry }) => entry.index)).toEqual([1])
  })

  it('a client that resumes gets what any node has written', async () => {
    const cluster = testCluster()
    const [one, other] = [shared(cluster.join()), shared(cluster.join())]
    await one.rounds.start(ROUND, handshakeScript())
    await other.rounds.readWorld(ROUND)
    cluster.cut()
    await one.rounds.act(ROUND, 'server', { id: 'listens', seen: 1, action: LISTENS })
    expect((await other.rounds.readViews(ROUND, 'server', 1)).map(({ n }) => n)).toEqual([2])
    expect(await other.rounds.readEntries(ROUND)).toHaveLength(2)
  })
})
