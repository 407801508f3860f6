/**
 * A live round: one log, many nodes, nothing lost or duplicated. live-round-time tests time; live-round-anything tests arbitrary
 * sequences of acts.
 */
import { SEATS } from '../../protocol/seat.ts'
import { describe, expect, it } from 'vitest'
import { MAX_ROUND_ENTRIES } from '../../server/base/limits.ts'
import type { RoundEvent } from '../../server/rounds/live-round.ts'
import {
  ACKNOWLEDGES,
  ANSWERS,
  ANSWERS_WRONG,
  HANDSHAKE,
  handshakeScript,
  LISTENS,
  OPENS,
  SENDS_SYN,
} from '../support/handshake.ts'
import { gated, act, play, playAll, outcomes, liveRoundFixture } from '../support/live-round.ts'

const at = liveRoundFixture()
const { open, rows } = at

describe('a round is the fold of its rows', () => {
  it('begins with one row, however often it is started and on however many nodes', async () => {
    const [one, other] = [open(), open()]
    await Promise.all([one.start(handshakeScript()), other.start(handshakeScript()), one.start(handshakeScript())])
    expect(await rows()).toHaveLength(1)
    expect(await one.readWorld()).toEqual(await other.readWorld())
  })

  it('writes every action that it judges: accepted, refused, barred', async () => {
    const live = open()
    await live.start(handshakeScript())
    await playAll(live, HANDSHAKE.slice(0, 3))
    await play(live, 'server', ANSWERS_WRONG)
    await play(live, 'server', LISTENS)
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
    const live = open()
    await live.start(handshakeScript())
    await playAll(live)
    const again = open()
    expect(await again.readWorld()).toEqual(await live.readWorld())
    expect(await again.readViews('client', 0)).toEqual(await live.readViews('client', 0))
    expect(at.told.filter(({ source }) => source !== 'local')).toEqual([])
  })

  it('numbers views per seat from 1 without gaps, and resumes from any', async () => {
    const live = open()
    await live.start(handshakeScript())
    await playAll(live)
    for (const seat of SEATS) {
      const views = await live.readViews(seat, 0)
      expect(views.map(({ n }) => n)).toEqual(views.map((_, i) => i + 1))
      expect(await live.readViews(seat, 3)).toEqual(views.slice(3))
      expect(await live.readViews(seat, views.length + 5)).toEqual([])
    }
  })

  it('knows nothing of a round that has not begun', async () => {
    const live = open()
    await expect(live.act('client', act(OPENS, 0))).rejects.toMatchObject({ code: 'not-found' })
    expect(await live.readWorld()).toBeNull()
    expect(await rows()).toEqual([])
  })

  it('refuses to judge on views that were never given', async () => {
    const live = open()
    await live.start(handshakeScript())
    await expect(live.act('server', act(LISTENS, 9))).rejects.toMatchObject({ code: 'malformed' })
    expect(await rows()).toHaveLength(1)
  })
})

describe('an answer', () => {
  it('carries every view of the seat after `seen`, its own among them; the partner’s goes out as news', async () => {
    const live = open()
    await live.start(handshakeScript())
    await playAll(live, HANDSHAKE.slice(0, 2))
    const held = (await live.readViews('server', 0)).length
    await play(live, 'client', SENDS_SYN)
    expect(at.told.at(-1)?.views.server?.event.arrived).toHaveLength(1)

    const late = await live.act('server', act(ANSWERS, held, 'the-answer'))
    expect(late.map(({ n }) => n)).toEqual([held + 1, held + 2])
    expect(late[0]?.event.arrived).toHaveLength(1)
    expect(late[1]?.event.act).toEqual({ outcome: 'accepted', findings: [] })
  })

  it('says which connection brought the action', async () => {
    const live = open()
    await live.start(handshakeScript())
    await live.act('server', { ...act(LISTENS, 1), connectionId: 'socket-1' })
    expect(at.told.map(({ connectionId }) => connectionId)).toEqual([null, 'socket-1'])
  })

  it('is given again for the same id and body, and nothing moves', async () => {
    const live = open()
    await live.start(handshakeScript())
    const once = act(LISTENS, 1)
    const first = await live.act('server', once)
    await play(live, 'client', OPENS)
    expect((await live.act('server', once))[0]).toEqual(first[0])
    expect((await open().act('server', { ...once }))[0]).toEqual(first[0])
    expect(await rows()).toHaveLength(3)
    expect(at.told).toHaveLength(3)
  })

  it('is `id-reused` for the same id with another body; the partner may use that id', async () => {
    const live = open()
    await live.start(handshakeScript())
    await live.act('server', act(LISTENS, 1, 'same-id'))
    await expect(live.act('server', act({ kind: 'wait' }, 2, 'same-id'))).rejects.toMatchObject({ code: 'id-reused' })
    expect(await live.act('client', act(OPENS, 1, 'same-id'))).toHaveLength(2)
    expect(await rows()).toHaveLength(3)
  })

  it('is "crossed", free of charge, for what was right on the view it was composed on; on the newest it is refused', async () => {
    const live = open()
    await live.start(handshakeScript())
    await playAll(live, HANDSHAKE.slice(0, 3))
    const beforeArrival = (await live.readViews('client', 0)).length
    await play(live, 'server', ANSWERS)
    const crossed = await live.act('client', act(SENDS_SYN, beforeArrival))
    expect(crossed.map(({ event }) => event.act?.outcome)).toEqual([undefined, 'crossed'])
    const charged = (await rows()).at(-1)?.effects
    expect(charged).toEqual([])
    expect((await play(live, 'client', SENDS_SYN)).at(-1)?.event.act?.outcome).toBe('refused')
  })
})

describe('a row is written before anyone hears of it', () => {
  it('publishes and answers only once the append has resolved', async () => {
    const gate = gated(at.log)
    const live = open({ log: gate.log })
    await live.start(handshakeScript())
    gate.hold()
    let answered = false
    const answer = live.act('server', act(LISTENS, 1)).then(() => (answered = true))
    const reading = live.readViews('client', 0)
    await new Promise((resolve) => setImmediate(resolve))
    expect(at.told).toHaveLength(1)
    expect(answered).toBe(false)
    gate.release()
    await answer
    expect(at.told).toHaveLength(2)
    expect(await reading).toHaveLength(2)
  })

  it('keeps at most one row of a round unwritten, and judges in the order of arrival', async () => {
    const gate = gated(at.log)
    const live = open({ log: gate.log })
    await live.start(handshakeScript())
    await Promise.all([
      live.act('server', act(LISTENS, 1)),
      live.act('client', act(OPENS, 1)),
      live.act('client', act(SENDS_SYN, 1)),
      live.act('server', act(ANSWERS, 1)),
      live.act('client', act(ACKNOWLEDGES, 1)),
    ])
    expect(gate.counts.most).toBe(1)
    expect(outcomes(await rows()).slice(1)).toEqual(HANDSHAKE.map(([seat]) => `${seat} accepted`))
  })

  it('rejects where the log fails, and finds out before the next action whether the row was written', async () => {
    const gate = gated(at.log)
    const live = open({ log: gate.log })
    await live.start(handshakeScript())

    gate.failNext('before')
    const lost = act(LISTENS, 1)
    await expect(live.act('server', lost)).rejects.toThrow('the database is gone')
    expect(await rows()).toHaveLength(1)
    await live.act('server', lost)
    expect(await rows()).toHaveLength(2)

    gate.failNext('after')
    const written = act(OPENS, 1)
    await expect(live.act('client', written)).rejects.toThrow('the connection broke')
    expect(at.told).toHaveLength(2)
    expect((await live.act('client', written)).at(-1)?.event.act).toEqual({ outcome: 'accepted', findings: [] })
    expect(await rows()).toHaveLength(3)
    expect(at.told).toHaveLength(3)
  })

  it('tells after a while of a row whose writing it was not told of, even if nobody asks', async () => {
    const gate = gated(at.log)
    const live = open({ log: gate.log })
    await live.start(handshakeScript())
    gate.failNext('after')
    await expect(live.act('server', act(LISTENS, 1))).rejects.toThrow('the connection broke')
    expect(at.told).toHaveLength(1)
    at.time.pass(2_000)
    await new Promise((resolve) => setImmediate(resolve))
    expect(at.told.map(({ source }) => source)).toEqual(['local', 'recovered'])
  })
})

describe('a row that is written after its writing has failed', () => {
  it('is told all the same, even if nobody asks, and the log is not read for ever', async () => {
    const gate = gated(at.log)
    const live = open({ log: gate.log })
    const settled = () => new Promise((resolve) => setImmediate(resolve))
    await live.start(handshakeScript())
    gate.failNext('before')
    await expect(live.act('server', act(LISTENS, 1))).rejects.toThrow('the database is gone')
    at.time.pass(2_000)
    await settled()
    await play(open(), 'server', LISTENS)
    at.told.length = 0
    for (let seconds = 0; seconds < 10; seconds++) {
      at.time.pass(1_000)
      await settled()
    }
    expect(at.told.map(({ source }) => source)).toEqual(['recovered'])
    const { reads } = gate.counts
    at.time.pass(10_000)
    await settled()
    expect(gate.counts.reads).toBe(reads)
  })
})

describe('many nodes, one log', () => {
  it('two actions at once for one index: both are rows, and the second is judged on the world with the first', async () => {
    const [one, other] = [open(), open()]
    await one.start(handshakeScript())
    await playAll(one, HANDSHAKE.slice(0, 3))
    await other.readWorld()
    const held = {
      client: (await one.readViews('client', 0)).length,
      server: (await one.readViews('server', 0)).length,
    }
    await Promise.all([one.act('server', act(ANSWERS, held.server)), other.act('client', act({ kind: 'wait' }, held.client))])
    const written = await rows()
    expect(written.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5])
    await Promise.all([one.catchUp(), other.catchUp()])
    expect(await one.readWorld()).toEqual(await other.readWorld())
  })

  it('the same action sent to two nodes at once is done once, and both give the same answer', async () => {
    const [one, other] = [open(), open()]
    await one.start(handshakeScript())
    await other.readWorld()
    const once = act(LISTENS, 1)
    const [a, b] = await Promise.all([one.act('server', once), other.act('server', once)])
    expect(a).toEqual(b)
    expect(await rows()).toHaveLength(2)
  })

  it('what another node has written is published as news of another, once', async () => {
    const heard: RoundEvent[] = []
    const [one, other] = [open(), open({ publish: (news) => heard.push(news) })]
    await one.start(handshakeScript())
    await other.readWorld()
    await playAll(one, HANDSHAKE.slice(0, 2))
    await other.catchUp()
    await other.catchUp()
    expect(heard.map(({ entry, source }) => [entry.index, source])).toEqual([
      [1, 'recovered'],
      [2, 'recovered'],
    ])
  })

  it('an entry heard of is folded without the log; one that leaves a gap makes it read', async () => {
    const gate = gated(at.log)
    const heard: RoundEvent[] = []
    const [one, other] = [open(), open({ log: gate.log, publish: (news) => heard.push(news) })]
    await one.start(handshakeScript())
    await other.readWorld()
    await playAll(one, HANDSHAKE.slice(0, 3))
    const [, first, second, third] = await rows()
    expect(gate.counts.reads).toBe(1)
    await other.receiveRemoteEntry(first!)
    expect(gate.counts.reads).toBe(1)
    await other.receiveRemoteEntry(third!)
    expect(gate.counts.reads).toBe(2)
    await other.receiveRemoteEntry(second!)
    expect(heard.map(({ entry }) => entry.index)).toEqual([1, 2, 3])
  })

  it('a node that always refreshes answers from the log', async () => {
    const [one, other, refreshing] = [open(), open(), open({ alwaysRefresh: true })]
    await one.start(handshakeScript())
    for (const live of [other, refreshing]) expect(await live.readViews('server', 0)).toHaveLength(1)
    await play(one, 'server', LISTENS)
    expect(await other.readViews('server', 0)).toHaveLength(1)
    expect(await refreshing.readViews('server', 0)).toHaveLength(2)
  })

  it('an action that names views of another node is judged on them', async () => {
    const [one, other] = [open(), open()]
    await one.start(handshakeScript())
    await other.readWorld()
    await play(one, 'server', LISTENS)
    expect((await other.act('server', act({ kind: 'hint' }, 2))).map(({ n }) => n)).toEqual([3])
  })
})

describe('a round takes no act', () => {
  it('once it is over: nothing is written, and whoever sent it is told that it came too late; an act from before is answered as it was', async () => {
    const live = open()
    await live.start(handshakeScript())
    const before = act(LISTENS, 1)
    const answer = await live.act('server', before)
    await live.control('teacher', { kind: 'control', control: 'end', why: 'moved-on' })
    await expect(live.act('client', act(OPENS, 2))).rejects.toMatchObject({ code: 'round-over' })
    expect(await rows()).toHaveLength(3)
    expect((await live.act('server', before))[0]).toEqual(answer[0])
  })

  it('beyond a length that nobody plays', async () => {
    const live = open()
    await live.start(handshakeScript())
    for (let n = 1; n < MAX_ROUND_ENTRIES; n++) await play(live, 'server', { kind: 'claim', event: 1, state: 'LISTEN' })
    await expect(play(live, 'server', LISTENS)).rejects.toMatchObject({ code: 'round-full' })
    expect(await rows()).toHaveLength(MAX_ROUND_ENTRIES)
  })
})

describe('control', () => {
  it('ends a round once, and a round that is over stays as it is', async () => {
    const live = open()
    await live.start(handshakeScript())
    await live.control('teacher', { kind: 'control', control: 'end', why: 'moved-on' })
    await live.control('system', { kind: 'control', control: 'end', why: 'ended' })
    await live.control('teacher', { kind: 'control', control: 'pause' })
    expect(await rows()).toHaveLength(2)
    expect((await live.readWorld())?.over).toBe('moved-on')
  })

  it('pauses and resumes as often as the teacher says', async () => {
    const live = open()
    await live.start(handshakeScript())
    for (const control of ['pause', 'resume', 'pause', 'pause', 'resume'] as const) {
      await live.control('teacher', { kind: 'control', control })
    }
    expect((await rows()).map(({ actionId }) => actionId)).toEqual(['start', 'pause-1', 'resume-2', 'pause-3', 'resume-4'])
  })
})
