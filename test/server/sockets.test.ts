import { connect as connectTcp } from 'node:net'
import { WIRE_VERSION } from '../../contract/wire-version.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Socket } from 'socket.io-client'
import type { Steering } from '../../contract/actions.ts'
import type { SeatAction } from '../../protocol/round/model/action.ts'
import type { ViewUpdate } from '../../protocol/round/view/view-update.ts'
import type { PlayerView } from '../../protocol/round/view/seat-view.ts'
import { createMemoryLog } from '../../server/rounds/log-memory.ts'
import type { RoundLog } from '../../server/rounds/log.ts'
import { after as realAfter } from '../../server/base/timer.ts'
import { ACKNOWLEDGES, ANSWERS, ANSWERS_WRONG, handshakeScript, LISTENS, OPENS, SENDS_SYN } from '../support/handshake.ts'
import { arrived, collect, next, ROUND, SESSION, sit, startNode, type Client, type TestNode } from '../support/pair.ts'

let node: TestNode
let log: RoundLog

beforeEach(async () => {
  log = createMemoryLog()
  node = await startNode({ log })
  await node.rounds.start(ROUND, handshakeScript())
})
afterEach(() => node.close())

/** Connects a seat and waits until it has received its place. */
async function take(seat: 'client' | 'server', on = node): Promise<Client> {
  const client = on.connect(seat)
  await next(client, 'place')
  return client
}

const connected = (client: Client) => new Promise<void>((resolve) => client.once('connect', resolve))

async function teacher(): Promise<Client> {
  const client = node.connect('teacher')
  await connected(client)
  return client
}

let acts = 0
const act = (client: Client, action: SeatAction, seen: number, id = `action-${++acts}`) =>
  client.emitWithAck('act', { round: ROUND, id, seen, action })
const views = (reply: Awaited<ReturnType<typeof act>>): readonly ViewUpdate<PlayerView>[] => {
  if (!reply.ok) throw new Error(`${reply.error}: ${reply.detail}`)
  return reply.views
}
const rows = () => log.read(ROUND)

describe('a pair', () => {
  it('plays a handshake: the reply carries the own view, the partner receives what arrives', async () => {
    const [ann, bob] = await Promise.all([sit(node, 'client'), sit(node, 'server')])
    await bob.act(LISTENS)
    await ann.act(OPENS)
    await ann.act(SENDS_SYN)
    expect((await bob.until(arrived)).event.arrived).toMatchObject([{ from: 'client', seq: 'x' }])
    await bob.act(ANSWERS)
    await ann.until(arrived)
    await ann.act(ACKNOWLEDGES)
    const ack = await bob.until((view) => view.event.arrived?.[0]?.ack === 'y+1')
    expect((await bob.act({ kind: 'claim', event: ack.n, state: 'ESTABLISHED' })).now.over).toBe('goal')
    await ann.until((view) => view.now.over === 'goal')

    const outcomes = [...ann.views, ...bob.views].flatMap(({ event }) => event.act?.outcome ?? [])
    expect(outcomes).toEqual(Array(6).fill('accepted'))
    // A seat's own acts come with the reply and not again as events; the round's start came with `resume`.
    for (const { told, views } of [ann, bob]) expect(told).toBe(views.filter(({ event }) => !event.act).length - 1)
    expect(node.advanced.filter((round) => round === ROUND)).toHaveLength(3) // Once as each connected, once at the end.
  })

  it('sees nothing of what the partner is refused', async () => {
    const [ann, bob] = await Promise.all([sit(node, 'client'), sit(node, 'server')])
    await bob.act(LISTENS)
    await ann.act(OPENS)
    await ann.act(SENDS_SYN)
    await bob.until(arrived)
    const before = ann.views.length
    const refused = await bob.act(ANSWERS_WRONG)
    expect(refused.event.act?.findings).toMatchObject([{ field: 'ack', misconception: 'syn-consumes-one' }])
    await bob.act(ANSWERS)
    expect((await ann.until(arrived)).n).toBe(before + 1)
    expect(ann.views.at(-1)?.event.arrived?.[0]).toMatchObject({ from: 'server', ack: 'x+1' })
  })

  it('resumes from the last view that it holds', async () => {
    const bob = await take('server')
    views(await act(bob, LISTENS, 1))
    bob.disconnect()
    const back = await take('server')
    const reply = await back.emitWithAck('resume', { round: ROUND, from: 1 })
    expect(reply).toMatchObject({ ok: true, views: [{ n: 2 }] })
    expect(await back.emitWithAck('resume', { round: ROUND, from: 0 })).toMatchObject({ views: [{ n: 1 }, { n: 2 }] })
  })

  it('an action sent again on another connection is done once and answered alike', async () => {
    const bob = await take('server')
    const first = await act(bob, LISTENS, 1, 'the-same-id')
    const again = await act(await take('server'), LISTENS, 1, 'the-same-id')
    expect(again).toEqual(first)
    expect(await act(bob, { kind: 'wait' }, 2, 'the-same-id')).toMatchObject({ ok: false, error: 'id-reused' })
    expect(await rows()).toHaveLength(2)
  })

  it('the same seat in two tabs: both are live, the one that acts is told by its reply alone', async () => {
    const [one, other] = [await take('server'), await take('server')]
    const [oneSees, otherSees] = [collect(one, 'view'), collect(other, 'view')]
    views(await act(one, LISTENS, 1))
    expect((await otherSees.until(1))[0]?.view).toMatchObject({ n: 2, event: { act: { outcome: 'accepted' } } })
    views(await act(other, { kind: 'hint' }, 2))
    expect((await oneSees.until(1))[0]?.view.n).toBe(3)
    expect(otherSees.bodies).toHaveLength(1)
  })

  it('two actions at once for one index: both are answered, in one order', async () => {
    const [ann, bob] = await Promise.all([take('client'), take('server')])
    views(await act(bob, LISTENS, 1))
    await Promise.all([act(ann, OPENS, 1), act(bob, { kind: 'hint' }, 2)].map(async (reply) => views(await reply)))
    expect((await rows()).map(({ index }) => index)).toEqual([0, 1, 2, 3])
  })
})

describe('where a student is', () => {
  it('is told on connecting and whenever it changes', async () => {
    node.lesson.waiting = true
    const ann = node.connect('client')
    expect(await next(ann, 'place')).toMatchObject({ waiting: 'for-partner', round: null })
    node.lesson.waiting = false
    const told = next(ann, 'place')
    node.cluster.publish('places', ['ann-the-client'])
    expect(await told).toMatchObject({ round: { id: ROUND, seat: 'client' } })
  })

  it('the partner hears who comes', async () => {
    const ann = await take('client')
    const heard = next(ann, 'partner')
    await take('server')
    expect(await heard).toEqual({ present: true })
  })

  it('those who wait see how many wait with them: not those who play', async () => {
    await take('server')
    node.lesson.waiting = true
    const cat = node.connect('alone')
    expect((await next(cat, 'place')).session.waiting).toBe(2)
    const told = next(cat, 'place')
    await take('client')
    expect((await told).session.waiting).toBe(3)
    node.lesson.waiting = false
    const toldAgain = next(cat, 'place')
    node.cluster.publish('participants', SESSION)
    expect((await toldAgain).session.waiting).toBe(1)
  })
})

describe('a teacher', () => {
  it('watches a session: the board at once, then the tiles and people that change', async () => {
    const watcher = await teacher()
    const reply = await watcher.emitWithAck('watch', { session: SESSION })
    expect(reply).toMatchObject({ ok: true, board: { tiles: [{ number: 1, round: { index: 1 } }] } })
    const [tiles, people] = [next(watcher, 'tiles'), next(watcher, 'participants')]
    views(await act(await take('server'), LISTENS, 1))
    expect(await tiles).toMatchObject({ session: SESSION, tiles: [{ round: { index: 2, states: { server: 'LISTEN' } } }] })
    expect((await people).participants.filter(({ present }) => present)).toMatchObject([{ id: 'bob-the-server' }])
    const session = next(watcher, 'session')
    node.cluster.publish('session', SESSION)
    expect(await session).toMatchObject({ id: SESSION, title: 'Two' })
  })

  it('follows a round: its whole log, then its entries; and no longer once it unfollows', async () => {
    const [follower, bob] = await Promise.all([teacher(), take('server')])
    expect(await follower.emitWithAck('follow', { round: ROUND, from: 0 })).toMatchObject({ ok: true, entries: [{ index: 0 }] })
    const entries = collect(follower, 'entry')
    views(await act(bob, LISTENS, 1))
    expect((await entries.until(1))[0]).toMatchObject({ index: 1, actor: 'server', verdict: { outcome: 'accepted' } })
    expect(await follower.emitWithAck('unfollow', { round: ROUND })).toEqual({ ok: true })
    views(await act(bob, { kind: 'hint' }, 2))
    await follower.emitWithAck('unfollow', { round: ROUND })
    expect(entries.bodies).toHaveLength(1)
  })
})

describe('the wire in a teacher’s hands', () => {
  it('stops segments, doubles, drops and passes them; the seats see only what arrives', async () => {
    const [ann, bob, follower] = await Promise.all([take('client'), take('server'), teacher()])
    const steer = (action: Steering) => follower.emitWithAck('steer', { round: ROUND, action })
    views(await act(bob, LISTENS, 1))
    await steer({ kind: 'control', control: 'stop-wire' })
    views(await act(ann, OPENS, 2))
    views(await act(ann, SENDS_SYN, 3))
    const wire = async () => ((await node.rounds.readWorld(ROUND))?.wire ?? []).map(({ id }) => id)
    expect(await wire()).toEqual([1])
    expect(await steer({ kind: 'wire', wire: 'duplicate', segment: 1 })).toEqual({ ok: true })
    await steer({ kind: 'wire', wire: 'drop', segment: 1 })
    await steer({ kind: 'wire', wire: 'drop', segment: 1 })
    expect(await wire()).toEqual([2])
    const arrived = next(bob, 'view')
    await steer({ kind: 'wire', wire: 'pass', segment: 2 })
    expect((await arrived).view.event.arrived).toMatchObject([{ id: 2, seq: 'x' }])
    expect(await ann.emitWithAck('steer', { round: ROUND, action: { kind: 'control', control: 'free-wire' } })).toMatchObject({
      ok: false,
      error: 'forbidden',
    })
  })
})

describe('what is wrong with an event gets a clear error, moves nothing, and the connection stays', () => {
  const MALFORMED: readonly [string, unknown][] = [
    ['a text', 'act'],
    ['nothing', null],
    ['a list', [1, 2, 3]],
    ['a number', 7],
    ['an empty object', {}],
    ['an action of no kind', { round: ROUND, id: 'some-action', seen: 1, action: { type: 'fly' } }],
    ['a control of the teacher', { round: ROUND, id: 'some-action', seen: 1, action: { kind: 'control', control: 'pause' } }],
    ['a field too many', { round: ROUND, id: 'some-action', seen: 1, action: { kind: 'wait' }, seat: 'client' }],
    ['a negative number of views', { round: ROUND, id: 'some-action', seen: -1, action: { kind: 'wait' } }],
    ['an id with a space', { round: ROUND, id: 'some action', seen: 1, action: { kind: 'wait' } }],
    ['a prototype', JSON.parse('{"__proto__": {"round": "x"}, "id": "some-action"}')],
    ['bytes', { round: ROUND, id: 'some-action', seen: 1, action: Buffer.from('wait') }],
    [
      'U+0000',
      {
        round: ROUND,
        id: 'some-action',
        seen: 1,
        action: { ...SENDS_SYN, segment: { bits: 2, seq: 'x\u0000', ack: '', length: 0 } },
      },
    ],
    [
      'half of a surrogate pair',
      {
        round: ROUND,
        id: 'some-action',
        seen: 1,
        action: { ...SENDS_SYN, segment: { bits: 2, seq: 'x', ack: '\uD800', length: 0 } },
      },
    ],
    [
      'a text of HTTP with U+0000',
      { round: ROUND, id: 'some-action', seen: 1, action: { kind: 'write', message: { kind: 'http', text: 'GET /\u0000' } } },
    ],
    ['a text of 8 kB', { round: ROUND, id: 'some-action', seen: 1, action: { ...SENDS_SYN, state: 'x'.repeat(8_000) } }],
  ]
  it.each(MALFORMED)('%s', async (_name, payload) => {
    const bob = await take('server')
    const raw = bob as Socket
    const reply = (await raw.timeout(5_000).emitWithAck('act', payload)) as { error: string; detail: string }
    expect(reply).toMatchObject({ ok: false, error: 'malformed' })
    expect(reply.detail.length).toBeLessThan(200)
    expect(await rows()).toHaveLength(1)
    views(await act(bob, LISTENS, 1))
  })

  it('an event with no payload or with several', async () => {
    const raw = (await take('server')) as Socket
    expect(await raw.emitWithAck('act')).toMatchObject({ error: 'malformed' })
    expect(await raw.emitWithAck('act', {}, {})).toMatchObject({ error: 'malformed' })
  })

  it('an event of another name, even one that means something to Socket.IO or JavaScript', async () => {
    const raw = (await take('server')) as Socket
    for (const event of ['shout', 'error', 'constructor', '__proto__', 'toString', 'message']) {
      expect(await raw.timeout(5_000).emitWithAck(event, {})).toMatchObject({ ok: false, error: 'malformed' })
    }
    expect(raw.connected).toBe(true)
  })

  it('an event without an acknowledgement is answered by `failure`', async () => {
    const bob = await take('server')
    const told = next(bob, 'failure')
    ;(bob as Socket).emit('act', { round: ROUND, id: 'some-action', seen: 1, action: LISTENS })
    expect(await told).toMatchObject({ event: 'act', ok: false, error: 'malformed' })
    expect(await rows()).toHaveLength(1)
  })

  it('a message longer than 16 kB closes the connection, and nothing moves', async () => {
    const bob = await take('server')
    const gone = new Promise((resolve) => bob.once('disconnect', resolve))
    ;(bob as Socket).emit(
      'act',
      { round: ROUND, id: 'some-action', seen: 1, action: { ...SENDS_SYN, state: 'x'.repeat(20_000) } },
      () => {},
    )
    await gone
    expect(await rows()).toHaveLength(1)
    views(await act(await take('server'), LISTENS, 1))
  })

  it('a round or session of others is forbidden, one that is not there not found', async () => {
    const [ann, cat] = [await take('client'), node.connect('alone')]
    await next(cat, 'place')
    expect(await act(cat, LISTENS, 0)).toMatchObject({ ok: false, error: 'forbidden' })
    expect(await cat.emitWithAck('resume', { round: ROUND, from: 0 })).toMatchObject({ error: 'forbidden' })
    expect(await ann.emitWithAck('watch', { session: SESSION })).toMatchObject({ error: 'forbidden' })
    expect(await ann.emitWithAck('follow', { round: ROUND, from: 0 })).toMatchObject({ error: 'forbidden' })
    expect(await ann.emitWithAck('resume', { round: 'another-round', from: 0 })).toMatchObject({ error: 'not-found' })
    expect(await rows()).toHaveLength(1)
  })

  it('views that were never given', async () => {
    expect(await act(await take('server'), LISTENS, 40)).toMatchObject({ ok: false, error: 'malformed' })
  })

  it('a database that does not answer is `unavailable`, and the action can be sent again', async () => {
    const bob = await take('server')
    const { append } = log
    log.append = () => Promise.reject(new Error('the database is gone'))
    expect(await act(bob, LISTENS, 1, 'sent-again')).toMatchObject({ ok: false, error: 'unavailable' })
    log.append = append
    views(await act(bob, LISTENS, 1, 'sent-again'))
    expect(node.reported).toHaveLength(1)
  })

  it('more acts than anybody can make are `too-many`, over all connections of one person', async () => {
    const limited = await startNode({ log, limits: { events: { burst: 5, perSecond: 0.5 } } })
    try {
      const tabs = [await take('server', limited), await take('server', limited)]
      const ann = await take('client', limited)
      const replies = await Promise.all(Array.from({ length: 8 }, (_, i) => act(tabs[i % 2]!, { kind: 'hint' }, 1)))
      const refused = replies.filter((reply) => !reply.ok)
      expect(refused).toHaveLength(3)
      expect(refused[0]).toMatchObject({ error: 'too-many', retryAfter: 2 })
      views(await act(ann, { kind: 'hint' }, 1))
      for (const tab of tabs) tab.disconnect()
    } finally {
      await limited.close()
    }
  })
})

describe('connecting', () => {
  const refused = (client: Client) => new Promise<Error & { data?: unknown }>((resolve) => client.once('connect_error', resolve))

  it('needs a cookie that proves who it says it is', async () => {
    const client = node.connect('client')
    client.auth = { participant: 'someone-else-here', wire: WIRE_VERSION }
    const error = await refused(client)
    expect(error.data).toMatchObject({ ok: false, error: 'unauthenticated' })
  })

  it('is refused to a page of another version, which is told to reload', async () => {
    for (const wire of [undefined, WIRE_VERSION - 1, WIRE_VERSION + 1, `${WIRE_VERSION}`]) {
      const client = node.connect('client')
      client.auth = { ...client.auth, wire }
      expect((await refused(client)).data).toMatchObject({ ok: false, error: 'outdated' })
    }
  })

  it('is refused to pages of other sites, and open to BASE_URL behind a proxy', async () => {
    expect(await refused(node.connect('client', { origin: 'http://elsewhere.example' }))).toBeInstanceOf(Error)
    const own = node.connect('client', { origin: node.url })
    await next(own, 'place')
    const proxied = await startNode({ log, baseUrl: 'https://class.example' })
    try {
      await next(proxied.connect('client', { origin: 'https://class.example' }), 'place')
      await refused(proxied.connect('client', { origin: 'http://elsewhere.example' }))
    } finally {
      await proxied.close()
    }
  })

  it('is limited to 20 connections a person', async () => {
    const tabs = await Promise.all(Array.from({ length: 20 }, () => take('server')))
    expect((await refused(node.connect('server'))).data).toMatchObject({ error: 'too-many' })
    tabs[0]!.disconnect()
    await next(node.connect('client'), 'place')
  })

  it('is asked for again until the place can be told', async () => {
    const hasty = await startNode({ log, after: (ms, run) => realAfter(ms / 100, run) })
    try {
      hasty.lesson.fails = true
      const ann = hasty.connect('client')
      await connected(ann)
      hasty.lesson.fails = false
      expect(await next(ann, 'place')).toMatchObject({ round: { id: ROUND } })
    } finally {
      await hasty.close()
    }
  })
})

describe('stopping', () => {
  it('says goodbye, answers what is under way, and closes every connection', async () => {
    const stopping = await startNode({ log })
    const bob = await take('server', stopping)
    const { append } = log
    let release = () => {}
    const written = new Promise<void>((resolve) => (release = resolve))
    const reached = new Promise<void>((resolve) => {
      log.append = async (entry) => {
        resolve()
        await written
        return append(entry)
      }
    })
    const underway = act(bob, LISTENS, 1)
    await reached
    const bye = new Promise<void>((resolve) => bob.once('bye', resolve))
    const gone = new Promise((resolve) => bob.once('disconnect', resolve))
    const closing = stopping.close()
    await bye
    expect(await act(bob, { kind: 'wait' }, 1)).toMatchObject({ ok: false, error: 'unavailable' })
    release()
    expect(views(await underway)).toHaveLength(1)
    await gone
    await closing
    expect(await rows()).toHaveLength(2)
  })

  it('does not wait for a client that has gone without a word', async () => {
    const stopping = await startNode({ log })
    const { port } = new URL(stopping.url)
    const silent = connectTcp(Number(port), '127.0.0.1')
    silent.write(
      'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    )
    await new Promise((resolve) => silent.once('data', resolve))
    const ended = new Promise((resolve) => silent.once('close', resolve))
    silent.on('error', () => {})
    await stopping.close()
    await ended
    expect(silent.closed).toBe(true)
  })
})
