import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Entry, SeatAction } from '../../protocol/world/action.ts'
import { SEATS, type Seat } from '../../protocol/world/exercise.ts'
import type { Script } from '../../protocol/world/script.ts'
import type { View } from '../../protocol/world/view.ts'
import { createMemoryLog } from '../../server/log-memory.ts'
import type { Log } from '../../server/log.ts'
import { Room, type News, type RoomPorts } from '../../server/room.ts'
import { ACKNOWLEDGES, ANSWERS, ANSWERS_WRONG, COURSE, handshakeScript, LISTENS, OPENS, SENDS_SYN } from '../support/handshake.ts'
import { manualTime, type ManualTime } from '../support/time.ts'

const ROUND = 'round-under-test'
const IDLE_AFTER = 20_000

/** A log whose appends wait until the test lets them go, or fail as it says. */
function gated(inner: Log) {
  let hold: Promise<void> | null = null
  let release = () => {}
  let fail: 'before' | 'after' | null = null
  const counts = { underway: 0, most: 0, reads: 0 }
  const log: Log = {
    async append(entry) {
      counts.most = Math.max(counts.most, ++counts.underway)
      try {
        await hold
        const how = fail
        fail = null
        if (how === 'before') throw new Error('the database is gone')
        const answer = await inner.append(entry)
        if (how === 'after') throw new Error('the connection broke')
        return answer
      } finally {
        counts.underway--
      }
    },
    read(...args) {
      counts.reads++
      return inner.read(...args)
    },
  }
  return {
    log,
    counts,
    hold() {
      hold = new Promise((resolve) => (release = resolve))
    },
    release: () => {
      hold = null
      release()
    },
    failNext: (how: 'before' | 'after') => (fail = how),
  }
}

let time: ManualTime
let log: Log
let told: News[]

function open(ports: Partial<RoomPorts> = {}): Room {
  return new Room(ROUND, {
    log,
    now: time.now,
    after: time.after,
    publish: (news) => told.push(news),
    idleAfter: IDLE_AFTER,
    ...ports,
  })
}

let acts = 0
const act = (action: SeatAction, seen: number, id = `action-${++acts}`) => ({ id, seen, action })

/** Acts on everything that the seat has been given. */
async function play(room: Room, seat: Seat, action: SeatAction) {
  const held = await room.views(seat, 0, false)
  return room.act(seat, act(action, held.length))
}
const playAll = async (room: Room, course = COURSE) => {
  for (const [seat, action] of course) await play(room, seat, action)
}
const rows = () => log.read(ROUND)
const outcomes = (entries: readonly Entry[]) => entries.map(({ actor, verdict }) => `${actor} ${verdict.outcome}`)

beforeEach(() => {
  time = manualTime()
  log = createMemoryLog()
  told = []
})

describe('a round is the fold of its rows', () => {
  it('begins with one row, however often it is started and on however many nodes', async () => {
    const [one, other] = [open(), open()]
    await Promise.all([one.start(handshakeScript()), other.start(handshakeScript()), one.start(handshakeScript())])
    expect(await rows()).toHaveLength(1)
    expect(await one.world(false)).toEqual(await other.world(false))
  })

  it('writes every action that it judges: accepted, refused, barred', async () => {
    const room = open()
    await room.start(handshakeScript())
    await playAll(room, COURSE.slice(0, 3))
    await play(room, 'server', ANSWERS_WRONG)
    await play(room, 'server', LISTENS)
    expect(outcomes(await rows())).toEqual([
      'system accepted',
      'server accepted',
      'client accepted',
      'client accepted',
      'server refused',
      'server barred',
    ])
  })

  it('folds to the same world and views when it is opened anew', async () => {
    const room = open()
    await room.start(handshakeScript())
    await playAll(room)
    const again = open()
    expect(await again.world(false)).toEqual(await room.world(false))
    expect(await again.views('client', 0, false)).toEqual(await room.views('client', 0, false))
    expect(told.filter(({ source }) => source !== 'own')).toEqual([])
  })

  it('numbers views per seat from 1 without gaps, and resumes from any', async () => {
    const room = open()
    await room.start(handshakeScript())
    await playAll(room)
    for (const seat of SEATS) {
      const views = await room.views(seat, 0, false)
      expect(views.map(({ n }) => n)).toEqual(views.map((_, i) => i + 1))
      expect(await room.views(seat, 3, false)).toEqual(views.slice(3))
      expect(await room.views(seat, views.length + 5, false)).toEqual([])
    }
  })

  it('knows nothing of a round that has not begun', async () => {
    const room = open()
    await expect(room.act('client', act(OPENS, 0))).rejects.toMatchObject({ code: 'not-found' })
    expect(await room.world(false)).toBeNull()
    expect(await rows()).toEqual([])
  })

  it('refuses to judge on views that were never given', async () => {
    const room = open()
    await room.start(handshakeScript())
    await expect(room.act('server', act(LISTENS, 9))).rejects.toMatchObject({ code: 'malformed' })
    expect(await rows()).toHaveLength(1)
  })
})

describe('an answer', () => {
  it('carries every view of the seat after `seen`, its own among them; the partner’s goes out as news', async () => {
    const room = open()
    await room.start(handshakeScript())
    await playAll(room, COURSE.slice(0, 2))
    const held = (await room.views('server', 0, false)).length
    await play(room, 'client', SENDS_SYN)
    expect(told.at(-1)?.views.server?.event.arrived).toHaveLength(1)

    const late = await room.act('server', act(ANSWERS, held, 'the-answer'))
    expect(late.map(({ n }) => n)).toEqual([held + 1, held + 2])
    expect(late[0]?.event.arrived).toHaveLength(1)
    expect(late[1]?.event.act).toMatchObject({ id: 'the-answer', outcome: 'accepted' })
  })

  it('says which connection brought the action', async () => {
    const room = open()
    await room.start(handshakeScript())
    await room.act('server', { ...act(LISTENS, 1), via: 'socket-1' })
    expect(told.map(({ via }) => via)).toEqual([null, 'socket-1'])
  })

  it('is given again for the same id and body, and nothing moves', async () => {
    const room = open()
    await room.start(handshakeScript())
    const once = act(LISTENS, 1)
    const first = await room.act('server', once)
    await play(room, 'client', OPENS)
    expect((await room.act('server', once))[0]).toEqual(first[0])
    expect((await open().act('server', { ...once }))[0]).toEqual(first[0])
    expect(await rows()).toHaveLength(3)
    expect(told).toHaveLength(3)
  })

  it('is `id-reused` for the same id with another body; the partner may use that id', async () => {
    const room = open()
    await room.start(handshakeScript())
    await room.act('server', act(LISTENS, 1, 'same-id'))
    await expect(room.act('server', act({ type: 'wait' }, 2, 'same-id'))).rejects.toMatchObject({ code: 'id-reused' })
    expect(await room.act('client', act(OPENS, 1, 'same-id'))).toHaveLength(2)
    expect(await rows()).toHaveLength(3)
  })

  it('is "crossed", free of charge, for what was right on the view it was composed on; on the newest it is refused', async () => {
    const room = open()
    await room.start(handshakeScript())
    await playAll(room, COURSE.slice(0, 3))
    const beforeArrival = (await room.views('client', 0, false)).length
    await play(room, 'server', ANSWERS)
    const crossed = await room.act('client', act(SENDS_SYN, beforeArrival))
    expect(crossed.map(({ event }) => event.act?.outcome)).toEqual([undefined, 'crossed'])
    const charged = (await rows()).at(-1)?.effects
    expect(charged).toEqual([])
    expect((await play(room, 'client', SENDS_SYN)).at(-1)?.event.act?.outcome).toBe('refused')
  })
})

describe('a row is written before anyone hears of it', () => {
  it('publishes and answers only once the append has resolved', async () => {
    const gate = gated(log)
    const room = open({ log: gate.log })
    await room.start(handshakeScript())
    gate.hold()
    let answered = false
    const answer = room.act('server', act(LISTENS, 1)).then(() => (answered = true))
    const reading = room.views('client', 0, false)
    await new Promise((resolve) => setImmediate(resolve))
    expect(told).toHaveLength(1)
    expect(answered).toBe(false)
    gate.release()
    await answer
    expect(told).toHaveLength(2)
    expect(await reading).toHaveLength(2)
  })

  it('keeps at most one row of a round unwritten, and judges in the order of arrival', async () => {
    const gate = gated(log)
    const room = open({ log: gate.log })
    await room.start(handshakeScript())
    await Promise.all([
      room.act('server', act(LISTENS, 1)),
      room.act('client', act(OPENS, 1)),
      room.act('client', act(SENDS_SYN, 1)),
      room.act('server', act(ANSWERS, 1)),
      room.act('client', act(ACKNOWLEDGES, 1)),
    ])
    expect(gate.counts.most).toBe(1)
    expect(outcomes(await rows()).slice(1)).toEqual(COURSE.map(([seat]) => `${seat} accepted`))
  })

  it('rejects where the log fails, and finds out before the next action whether the row was written', async () => {
    const gate = gated(log)
    const room = open({ log: gate.log })
    await room.start(handshakeScript())

    gate.failNext('before')
    const lost = act(LISTENS, 1)
    await expect(room.act('server', lost)).rejects.toThrow('the database is gone')
    expect(await rows()).toHaveLength(1)
    await room.act('server', lost)
    expect(await rows()).toHaveLength(2)

    gate.failNext('after')
    const written = act(OPENS, 1)
    await expect(room.act('client', written)).rejects.toThrow('the connection broke')
    expect(told).toHaveLength(2)
    expect((await room.act('client', written)).at(-1)?.event.act).toMatchObject({ id: written.id, outcome: 'accepted' })
    expect(await rows()).toHaveLength(3)
    expect(told).toHaveLength(3)
  })
})

describe('many nodes, one log', () => {
  it('two actions at once for one index: both are rows, and the second is judged on the world with the first', async () => {
    const [one, other] = [open(), open()]
    await one.start(handshakeScript())
    await playAll(one, COURSE.slice(0, 3))
    await other.world(false)
    const held = { client: (await one.views('client', 0, false)).length, server: (await one.views('server', 0, false)).length }
    await Promise.all([one.act('server', act(ANSWERS, held.server)), other.act('client', act({ type: 'wait' }, held.client))])
    const written = await rows()
    expect(written.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5])
    await Promise.all([one.catchUp(), other.catchUp()])
    expect(await one.world(false)).toEqual(await other.world(false))
  })

  it('the same action sent to two nodes at once is done once, and both give the same answer', async () => {
    const [one, other] = [open(), open()]
    await one.start(handshakeScript())
    await other.world(false)
    const once = act(LISTENS, 1)
    const [a, b] = await Promise.all([one.act('server', once), other.act('server', once)])
    expect(a).toEqual(b)
    expect(await rows()).toHaveLength(2)
  })

  it('what another node has written is published as news of another, once', async () => {
    const heard: News[] = []
    const [one, other] = [open(), open({ publish: (news) => heard.push(news) })]
    await one.start(handshakeScript())
    await other.world(false)
    await playAll(one, COURSE.slice(0, 2))
    await other.catchUp()
    await other.catchUp()
    expect(heard.map(({ entry, source }) => [entry.index, source])).toEqual([
      [1, 'found'],
      [2, 'found'],
    ])
  })

  it('an entry heard of is folded without the log; one that leaves a gap makes it read', async () => {
    const gate = gated(log)
    const heard: News[] = []
    const [one, other] = [open(), open({ log: gate.log, publish: (news) => heard.push(news) })]
    await one.start(handshakeScript())
    await other.world(false)
    await playAll(one, COURSE.slice(0, 3))
    const [, first, second, third] = await rows()
    expect(gate.counts.reads).toBe(1)
    await other.heard(first!)
    expect(gate.counts.reads).toBe(1)
    await other.heard(third!)
    expect(gate.counts.reads).toBe(2)
    await other.heard(second!)
    expect(heard.map(({ entry }) => entry.index)).toEqual([1, 2, 3])
  })

  it('views asked for anew come from the log', async () => {
    const [one, other] = [open(), open()]
    await one.start(handshakeScript())
    expect(await other.views('server', 0, false)).toHaveLength(1)
    await play(one, 'server', LISTENS)
    expect(await other.views('server', 0, false)).toHaveLength(1)
    expect(await other.views('server', 0, true)).toHaveLength(2)
  })

  it('an action that names views of another node is judged on them', async () => {
    const [one, other] = [open(), open()]
    await one.start(handshakeScript())
    await other.world(false)
    await play(one, 'server', LISTENS)
    expect((await other.act('server', act({ type: 'hint' }, 2))).map(({ n }) => n)).toEqual([3])
  })
})

describe('an idle seat’s wait', () => {
  /** The client has sent its SYN and waits; the server owes nothing once it has answered. */
  async function standing(room: Room) {
    await room.start(handshakeScript())
    await playAll(room, COURSE.slice(0, 4))
    await play(room, 'server', { type: 'wait' })
  }
  const settled = (room: Room) => room.entries(false)

  it('is not lodged while the seat owes a segment', async () => {
    const room = open()
    await standing(room)
    time.pass(10 * IDLE_AFTER)
    expect(outcomes(await settled(room)).filter((line) => line.startsWith('system'))).toHaveLength(1)
  })

  it('is lodged for it after 20 s in which nothing happened, once on however many nodes', async () => {
    const [one, other] = [open(), open()]
    await one.start(handshakeScript())
    await play(one, 'server', { type: 'wait' })
    await other.world(false)
    time.pass(IDLE_AFTER - 1)
    expect(await settled(one)).toHaveLength(2)
    time.pass(1)
    await Promise.all([settled(one), settled(other)])
    const idle = (await rows()).filter(({ action }) => action.type === 'control' && action.control === 'idle')
    expect(idle).toMatchObject([{ actor: 'system', actionId: 'idle-2', action: { seat: 'client' } }])
  })

  it('is put off by every act', async () => {
    const room = open()
    await room.start(handshakeScript())
    await play(room, 'server', { type: 'wait' })
    time.pass(IDLE_AFTER - 1)
    await play(room, 'client', { type: 'hint' })
    time.pass(IDLE_AFTER - 1)
    expect(await settled(room)).toHaveLength(3)
    time.pass(1)
    expect(await settled(room)).toHaveLength(4)
  })

  it('is tried again where the log failed', async () => {
    const gate = gated(log)
    const room = open({ log: gate.log })
    await room.start(handshakeScript())
    await play(room, 'server', { type: 'wait' })
    gate.failNext('before')
    time.pass(IDLE_AFTER)
    await settled(room)
    expect(await rows()).toHaveLength(2)
    time.pass(IDLE_AFTER)
    await settled(room)
    expect(await rows()).toHaveLength(3)
  })

  it('is not lodged by a room that has been closed', async () => {
    const room = open()
    await room.start(handshakeScript())
    await play(room, 'server', { type: 'wait' })
    expect(room.resting).toBe(false)
    await room.close()
    expect(room.resting).toBe(true)
    time.pass(IDLE_AFTER)
    await settled(room)
    expect(await rows()).toHaveLength(2)
  })
})

describe('control', () => {
  it('ends a round once, and a round that is over stays as it is', async () => {
    const room = open()
    await room.start(handshakeScript())
    await room.control('teacher', { type: 'control', control: 'end', why: 'moved-on' })
    await room.control('system', { type: 'control', control: 'end', why: 'ended' })
    await room.control('teacher', { type: 'control', control: 'pause' })
    expect(await rows()).toHaveLength(2)
    expect((await room.world(false))?.over).toBe('moved-on')
  })

  it('pauses and resumes as often as the teacher says', async () => {
    const room = open()
    await room.start(handshakeScript())
    for (const control of ['pause', 'resume', 'pause', 'pause', 'resume'] as const) {
      await room.control('teacher', { type: 'control', control })
    }
    expect((await rows()).map(({ actionId }) => actionId)).toEqual(['start', 'pause-1', 'resume-2', 'pause-3', 'resume-4'])
  })
})

describe('whatever happens', () => {
  const ACTIONS: readonly SeatAction[] = [
    LISTENS,
    OPENS,
    SENDS_SYN,
    ANSWERS,
    ANSWERS_WRONG,
    ACKNOWLEDGES,
    { type: 'wait' },
    { type: 'hint' },
  ]
  const step = fc.record({
    node: fc.nat(1),
    seat: fc.constantFrom(...SEATS),
    action: fc.constantFrom(...ACTIONS),
    seen: fc.nat(3),
    /** Sent to both nodes, as by a client that reconnects. */
    twice: fc.boolean(),
    fails: fc.constantFrom(null, null, null, 'before' as const, 'after' as const),
    /** The other node hears of what has been written. */
    heard: fc.boolean(),
    /** The next step does not wait for this one. */
    overlaps: fc.boolean(),
  })

  it('no answered action is lost or doubled, its answer stays the same, and all nodes hold the same round', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const inner = createMemoryLog()
        const heard: Entry[][] = [[], []]
        const nodes = [0, 1].map((i) => {
          const gate = gated(inner)
          const publish = ({ entry, source }: News) => source === 'own' && heard[1 - i]?.push(entry)
          return { gate, room: open({ log: gate.log, publish }) }
        })
        await nodes[0]!.room.start(handshakeScript())

        const answers = new Map<string, View[]>()
        const underway: Promise<unknown>[] = []
        for (const [i, { node, seat, action, seen, twice, fails, heard: hears, overlaps }] of steps.entries()) {
          const id = `step-${i}`
          if (fails) nodes[node]!.gate.failNext(fails)
          for (const { room } of twice ? nodes : [nodes[node]!]) {
            const answer = room.act(seat, { id, seen: Math.min(seen, 1), action }).then(
              (views) => answers.set(id, [...(answers.get(id) ?? []), ...views.filter(({ event }) => event.act?.id === id)]),
              () => {},
            )
            underway.push(answer)
          }
          if (!overlaps) await Promise.all(underway)
          if (hears) for (const [n, { room }] of nodes.entries()) for (const entry of heard[n]!.splice(0)) await room.heard(entry)
        }
        await Promise.all(underway)

        const entries = await inner.read(ROUND)
        expect(entries.map(({ index }) => index)).toEqual(entries.map((_, index) => index))
        const ids = entries.map(({ actor, actionId }) => `${actor} ${actionId}`)
        expect(new Set(ids).size).toBe(ids.length)
        for (const [id, views] of answers) {
          expect(entries.filter(({ actionId }) => actionId === id)).toHaveLength(1)
          for (const view of views) expect(view).toEqual(views[0])
        }
        const fresh = open({ log: inner })
        for (const { room } of nodes) {
          await room.catchUp()
          expect(await room.world(false)).toEqual(await fresh.world(false))
          for (const seat of SEATS) expect(await room.views(seat, 0, false)).toEqual(await fresh.views(seat, 0, false))
        }
      }),
      { numRuns: 150 },
    )
  })
})

describe('the wire of a network seat', () => {
  const scripted = (): Script => {
    const script = handshakeScript()
    return {
      ...script,
      network: true,
      scenes: script.scenes.map((scene) => ({ ...scene, network: { may: ['drop'], injections: [] } })),
    }
  }
  const sent = async (...rooms: Room[]) => {
    const [room] = rooms as [Room]
    await room.start(scripted())
    await play(room, 'server', LISTENS)
    await play(room, 'client', OPENS)
    await play(room, 'client', SENDS_SYN)
    for (const other of rooms) await other.world(true)
  }

  it('a segment that is left lying is let pass after a while, once, by whichever node', async () => {
    const [one, other] = [open(), open()]
    await sent(one, other)
    time.pass(IDLE_AFTER - 1)
    expect((await one.world(true))?.wire).toHaveLength(1)
    time.pass(1)
    await Promise.all([one.world(true), other.world(true)])
    expect((await one.world(true))?.hosts.server.tcb.state).toBe('SYN-RECEIVED')
    expect((await rows()).filter(({ actor, action }) => actor === 'system' && action.type === 'wire')).toHaveLength(1)
  })

  it('what the hosts do meanwhile does not prolong it', async () => {
    const room = open()
    await sent(room)
    time.pass(IDLE_AFTER - 5)
    await play(room, 'client', { type: 'hint' })
    time.pass(5)
    await room.world(false)
    expect((await room.world(false))?.wire).toHaveLength(0)
  })

  it('answers its acts as any seat’s: a row each, with their view, and once for each id', async () => {
    const room = open()
    await sent(room)
    const { length } = await room.views('network', 0, false)
    const drop = { id: 'drop-it', seen: length, action: { type: 'wire', wire: 'drop', segment: 1 } } as const
    const [view] = await room.act('network', drop)
    expect(view).toMatchObject({ n: length + 1, event: { act: { id: 'drop-it', outcome: 'accepted' }, lost: [{ id: 1 }] } })
    expect(await room.act('network', drop)).toEqual([view])
    const [late] = await room.act('network', { ...drop, id: 'once-more', seen: length + 1 })
    expect(late).toMatchObject({ event: { act: { outcome: 'barred', reason: 'no-segment' } } })
    expect(outcomes(await rows()).slice(-2)).toEqual(['network accepted', 'network barred'])
  })
})
