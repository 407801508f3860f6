/** A round whose log and views exceed what may wait to be sent to a connection can still be read: its answers come in pages. */
import { afterEach, describe, expect, it } from 'vitest'
import type { Entry } from '../../protocol/round/model/entry.ts'
import { LogFeed } from '../../client/src/teacher/feed/log-feed.ts'
import { LIVE_LIMITS } from '../../server/base/limits.ts'
import { createTurns } from '../../server/base/slices.ts'
import { pageOf } from '../../server/live/page-of.ts'
import { handshakeScript } from '../support/handshake.ts'
import { ROUND, sit, startNode, type TestNode } from '../support/pair.ts'

let node: TestNode | undefined
afterEach(() => node?.close())

/** An act that is barred, so that it can be repeated, and as long as the contract permits. */
const LONG = { kind: 'write', message: { kind: 'http', text: 'x'.repeat(8_000) } } as const
const ACTS = 260

async function longRound(): Promise<TestNode> {
  node = await startNode()
  await node.rounds.start(ROUND, handshakeScript())
  for (let i = 0; i < ACTS; i++) await node.rounds.act(ROUND, 'client', { id: `long-act-${i}`, seen: 1, action: LONG })
  expect(JSON.stringify(await node.rounds.readEntries(ROUND)).length).toBeGreaterThan(LIVE_LIMITS.maxUnsentBytes.connection)
  return node
}

it('long answers are made one in each iteration of the event loop', async () => {
  const takeTurn = createTurns()
  let iteration = 0
  let counts = true
  const count = () => {
    iteration++
    if (counts) setImmediate(count)
  }
  count()
  const made = await Promise.all(Array.from({ length: 5 }, () => takeTurn().then(() => iteration)))
  counts = false
  expect(new Set(made).size).toBe(5)
})

describe('a page', () => {
  it('is the whole of a short list', () => {
    expect(pageOf([])).toEqual({ page: [] })
    expect(pageOf(['a', 'b'])).toEqual({ page: ['a', 'b'] })
  })

  it('ends before it becomes too long, but has at least one item', () => {
    const items = Array.from({ length: 40 }, (_, i) => `${i} `.repeat(3_000))
    const pages: string[] = []
    for (let from = 0; from < items.length;) {
      const { page, more } = pageOf(items.slice(from))
      expect(JSON.stringify(page).length).toBeLessThan(80 * 1024)
      from += page.length
      expect(more).toBe(from < items.length ? true : undefined)
      pages.push(...page)
    }
    expect(pages).toEqual(items)
    const huge = Array.from({ length: 5 }, () => 'x'.repeat(1_000_000))
    expect(pageOf(huge)).toEqual({ page: [huge[0]], more: true })
  })
})

it('of a long round, its teacher receives the whole log and keeps the connection', async () => {
  const { connect, rounds } = await longRound()
  const teacher = connect('teacher')
  let cut = false
  teacher.on('disconnect', () => (cut = true))
  await new Promise<void>((resolve) => teacher.once('connect', resolve))
  const received: (readonly Entry[])[] = []
  const feed = new LogFeed({
    isConnected: () => teacher.connected,
    request: (from) => teacher.emitWithAck('follow', { round: ROUND, from }),
    onEntries: (entries) => received.push(entries),
    onFailure: (failure) => expect.unreachable(failure.error),
  })
  teacher.on('entry', (entry) => feed.receive(entry))
  const loading = feed.load()
  // An entry that is written before the last page is asked for, and one that comes after it.
  await rounds.act(ROUND, 'client', { id: 'in-the-meantime', seen: 1, action: { kind: 'wait' } })
  await loading
  await rounds.control(ROUND, { kind: 'control', control: 'pause' }, 'teacher')
  await teacher.emitWithAck('unfollow', { round: ROUND })
  expect(received.at(-1)).toEqual(await rounds.readEntries(ROUND))
  expect(received.length).toBeGreaterThan(5)
  expect(cut).toBe(false)
  feed.close()
})

it('of a long round, a seat receives all its views, and the answer to an act that was composed long ago', async () => {
  const { rounds, connect } = await longRound()
  const ann = await sit(node!, 'client')
  expect(ann.views).toHaveLength(1 + ACTS)
  expect(ann.views.at(-1)?.event.act).toMatchObject({ id: `long-act-${ACTS - 1}`, action: LONG })

  const again = connect('client')
  const answer = await again.emitWithAck('act', { round: ROUND, id: 'of-long-ago', seen: 1, action: { kind: 'wait' } })
  expect(answer).toMatchObject({ ok: true, more: true })
  const numbers = answer.ok ? answer.views.map(({ n }) => n) : []
  expect(numbers).toEqual(numbers.map((_, i) => i + 2))
  expect((await rounds.readEntries(ROUND)).at(-1)).toMatchObject({ actionId: 'of-long-ago' })
})
