/** One lesson on two nodes: each seat connected to another one, the teacher to either. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createMemoryLog } from '../../server/log-memory.ts'
import type { Log } from '../../server/log.ts'
import { after as realAfter } from '../../server/timer.ts'
import { ACKNOWLEDGES, ANSWERS, handshakeScript, LISTENS, OPENS, SENDS_SYN } from '../support/handshake.ts'
import { testCluster, type TestCluster } from '../support/nodes.ts'
import { collect, next, ROUND, SESSION, startNode, type Client, type TestNode } from '../support/pair.ts'
import type { SeatAction } from '../../protocol/world/action.ts'

let cluster: TestCluster
let log: Log
let one: TestNode
let other: TestNode

beforeEach(async () => {
  cluster = testCluster()
  log = createMemoryLog()
  one = await startNode({ log, cluster: cluster.join() })
  other = await startNode({ log, cluster: cluster.join() })
  await one.rooms.start(ROUND, handshakeScript())
})
afterEach(() => Promise.all([one.close(), other.close()]))

/** Connects a seat as a page does: its place, then its views. */
async function take(node: TestNode, seat: 'client' | 'server'): Promise<Client> {
  const client = node.connect(seat)
  await next(client, 'place')
  await client.emitWithAck('resume', { round: ROUND, from: 0 })
  return client
}
let acts = 0
async function act(client: Client, action: SeatAction, seen: number, id = `action-${++acts}`) {
  const reply = await client.emitWithAck('act', { round: ROUND, id, seen, action })
  if (!reply.ok) throw new Error(`${reply.error}: ${reply.detail}`)
  return reply.views
}

describe('two nodes', () => {
  it('play a round across: each seat receives what arrives, from whichever node', async () => {
    const [ann, bob] = [await take(one, 'client'), await take(other, 'server')]
    const [annSees, bobSees] = [collect(ann, 'view'), collect(bob, 'view')]
    await act(bob, LISTENS, 1)
    await act(ann, OPENS, 1)
    await act(ann, SENDS_SYN, 2)
    await bobSees.until(1)
    await act(bob, ANSWERS, 3)
    await annSees.until(1)
    await act(ann, ACKNOWLEDGES, 4)
    const [, ack] = await bobSees.until(2)
    await act(bob, { type: 'claim', event: ack!.view.n, state: 'ESTABLISHED' }, ack!.view.n)
    const [, end] = await annSees.until(2)
    expect(end?.view.now.over).toBe('goal')
    expect((await log.read(ROUND)).map(({ verdict }) => verdict.outcome)).toEqual(Array(7).fill('accepted'))
  })

  it('show the board and a round’s log on either', async () => {
    const bob = await take(one, 'server')
    const teacher = other.connect('teacher')
    await teacher.emitWithAck('watch', { session: SESSION })
    await teacher.emitWithAck('follow', { round: ROUND })
    const [tiles, entry] = [next(teacher, 'tiles'), next(teacher, 'entry')]
    await act(bob, LISTENS, 1)
    expect((await tiles).tiles).toMatchObject([{ round: { index: 2, states: { server: 'LISTEN' } } }])
    expect(await entry).toMatchObject({ index: 1, actor: 'server' })
  })

  it('know who is present, and tell a partner on either', async () => {
    const ann = await take(one, 'client')
    const heard = next(ann, 'partner')
    await take(other, 'server')
    expect(await heard).toEqual({ present: true })
  })

  it('tell a student on either where they are', async () => {
    const ann = await take(one, 'client')
    const told = next(ann, 'place')
    other.cluster.tellAll('places', ['ann-the-client'])
    expect((await told).round?.id).toBe(ROUND)
  })

  it('play on when one dies: an action whose answer was lost is done once', async () => {
    const dying = await startNode({ log, cluster: cluster.join(), after: (ms, run) => realAfter(ms / 100, run) })
    const [ann, bob] = [await take(one, 'client'), await take(dying, 'server')]
    const annSees = collect(ann, 'view')
    await act(bob, LISTENS, 1)
    await act(ann, OPENS, 1)
    await act(ann, SENDS_SYN, 2)
    // The row is written, and nobody hears of it.
    cluster.cut()
    const { append } = log
    const written = new Promise<void>((resolve) => {
      log.append = async (entry) => {
        await append(entry)
        resolve()
        return new Promise(() => {})
      }
    })
    bob.emit('act', { round: ROUND, id: 'the-answer', seen: 3, action: ANSWERS }, () => {})
    await written
    await dying.close()
    log.append = append
    cluster.mend()

    const back = await take(one, 'server')
    const views = await act(back, ANSWERS, 3, 'the-answer')
    expect(views.at(-1)?.event.act).toMatchObject({ id: 'the-answer', outcome: 'accepted' })
    expect((await annSees.until(1))[0]?.view.event.arrived).toMatchObject([{ from: 'server' }])
    expect(await log.read(ROUND)).toHaveLength(5)
  })
})
