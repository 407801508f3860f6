/** One lesson on two nodes: each seat is connected to a different node, and the teacher to either. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createMemoryLog } from '../../server/rounds/log-memory.ts'
import type { RoundLog } from '../../server/rounds/log.ts'
import { after as realAfter } from '../../server/base/timer.ts'
import { ACKNOWLEDGES, ANSWERS, handshakeScript, LISTENS, OPENS, SENDS_SYN } from '../support/handshake.ts'
import { testCluster, type TestCluster } from '../support/nodes.ts'
import { arrived, collect, next, ROUND, SESSION, sit, startNode, type TestNode } from '../support/pair.ts'

let cluster: TestCluster
let log: RoundLog
let one: TestNode
let other: TestNode

beforeEach(async () => {
  cluster = testCluster()
  log = createMemoryLog()
  one = await startNode({ log, cluster: cluster.join() })
  other = await startNode({ log, cluster: cluster.join() })
  await one.rounds.start(ROUND, handshakeScript())
})
afterEach(() => Promise.all([one.close(), other.close()]))

describe('two nodes', () => {
  it('play a round across: each seat receives what arrives, from whichever node', async () => {
    const [ann, bob] = [await sit(one, 'client'), await sit(other, 'server')]
    await bob.act(LISTENS)
    await ann.until(({ now }) => now.app.next?.reason === null)
    await ann.act(OPENS)
    await ann.act(SENDS_SYN)
    await bob.until(arrived)
    await bob.act(ANSWERS)
    await ann.until(arrived)
    await ann.act(ACKNOWLEDGES)
    const ack = await bob.until((view) => view.event.arrived?.[0]?.ack === 'y+1')
    await bob.act({ kind: 'claim', event: ack.n, state: 'ESTABLISHED' })
    await ann.until((view) => view.now.over === 'goal')
    expect((await log.read(ROUND)).map(({ verdict }) => verdict.outcome)).toEqual(Array(7).fill('accepted'))
  })

  it('show the board and a round’s log on either', async () => {
    const bob = await sit(one, 'server')
    const teacher = other.connect('teacher')
    await teacher.emitWithAck('watch', { session: SESSION })
    await teacher.emitWithAck('follow', { round: ROUND, from: 0 })
    const [tiles, entry] = [next(teacher, 'tiles'), next(teacher, 'entry')]
    await bob.act(LISTENS)
    expect((await tiles).tiles).toMatchObject([{ round: { index: 2, states: { server: 'LISTEN' } } }])
    expect(await entry).toMatchObject({ index: 1, actor: 'server' })
  })

  it('know who is present, and tell a partner on either', async () => {
    const { client } = await sit(one, 'client')
    const heard = next(client, 'partner')
    await sit(other, 'server')
    expect(await heard).toEqual({ present: true })
  })

  it('tell a student on either where they are', async () => {
    const { client } = await sit(one, 'client')
    const told = next(client, 'place')
    other.cluster.publish('places', ['ann-the-client'])
    expect((await told).round?.id).toBe(ROUND)
  })

  it('see to a row that they find in the log, since its writer may have died before it told', async () => {
    const [ann, bob] = [await sit(other, 'client'), await sit(one, 'server')]
    const teacher = other.connect('teacher')
    await teacher.emitWithAck('watch', { session: SESSION })
    cluster.cut()
    await bob.act(LISTENS)
    await one.rounds.control(ROUND, { kind: 'control', control: 'end', why: 'moved-on' }, 'teacher')
    const [tiles, advanced] = [collect(teacher, 'tiles'), other.advanced.length]
    await ann.client.emitWithAck('resume', { round: ROUND, from: ann.views.length })
    expect((await tiles.until(2)).at(-1)?.tiles).toMatchObject([{ round: { index: 3, over: 'moved-on' } }])
    expect(other.advanced.slice(advanced)).toEqual([ROUND])
  })

  it('tell a board afresh what may have been lost', async () => {
    const bob = await sit(one, 'server')
    const teacher = other.connect('teacher')
    await teacher.emitWithAck('watch', { session: SESSION })
    cluster.cut()
    await bob.act(LISTENS)
    const told = Promise.all([next(teacher, 'tiles'), next(teacher, 'session'), next(teacher, 'participants')])
    cluster.mend()
    expect((await told)[0].tiles).toMatchObject([{ round: { index: 2 } }])
  })

  it('play on when one dies: an action whose answer was lost is done once', async () => {
    const dying = await startNode({ log, cluster: cluster.join(), after: (ms, run) => realAfter(ms / 100, run) })
    const [ann, bob] = [await sit(one, 'client'), await sit(dying, 'server')]
    await bob.act(LISTENS)
    await ann.until(({ now }) => now.app.next?.reason === null)
    await ann.act(OPENS)
    await ann.act(SENDS_SYN)
    await bob.until(arrived)
    const seen = bob.views.length
    // The row is written, but neither the client nor the other node learns of it.
    cluster.cut()
    const { append } = log
    const written = new Promise<void>((resolve) => {
      log.append = async (entry) => {
        await append(entry)
        resolve()
        return new Promise(() => {})
      }
    })
    bob.client.emit('act', { round: ROUND, id: 'the-answer', seen, action: ANSWERS }, () => {})
    await written
    await dying.close()
    log.append = append
    cluster.mend()

    const back = await sit(one, 'server')
    expect((await back.act(ANSWERS, 'the-answer')).event.act?.outcome).toBe('accepted')
    expect((await ann.until(arrived)).event.arrived).toMatchObject([{ from: 'server' }])
    expect(await log.read(ROUND)).toHaveLength(5)
  })
})
