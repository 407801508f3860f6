/**
 * What a live round does by itself after nobody has acted for a while, and the wire of a network seat, on which a segment is then
 * passed.
 */
import { describe, expect, it } from 'vitest'
import type { Script } from '../../protocol/round/model/script.ts'
import type { LiveRound } from '../../server/rounds/live-round.ts'
import { HANDSHAKE, handshakeScript, LISTENS, OPENS, SENDS_SYN } from '../support/handshake.ts'
import { IDLE_AFTER, gated, play, playAll, outcomes, liveRoundFixture, freshWorld } from '../support/live-round.ts'

const at = liveRoundFixture()
const { open, rows } = at

describe('an idle seat’s wait', () => {
  /** The server has answered the client's SYN and waits; the client still has to send its ACK. */
  async function standing(live: LiveRound) {
    await live.start(handshakeScript())
    await playAll(live, HANDSHAKE.slice(0, 4))
    await play(live, 'server', { kind: 'wait' })
  }
  const settled = (live: LiveRound) => live.readEntries()

  it('is not lodged while the seat owes a segment', async () => {
    const live = open()
    await standing(live)
    at.time.pass(10 * IDLE_AFTER)
    expect(outcomes(await settled(live)).filter((line) => line.startsWith('system'))).toHaveLength(1)
  })

  it('is lodged for it after 20 s in which nothing happened, once on however many nodes', async () => {
    const [one, other] = [open(), open()]
    await one.start(handshakeScript())
    await play(one, 'server', { kind: 'wait' })
    await other.readWorld()
    at.time.pass(IDLE_AFTER - 1)
    expect(await settled(one)).toHaveLength(2)
    at.time.pass(1)
    await Promise.all([settled(one), settled(other)])
    const idle = (await rows()).filter(({ action }) => action.kind === 'control' && action.control === 'idle')
    expect(idle).toMatchObject([{ actor: 'system', actionId: 'idle-2', action: { seat: 'client' } }])
  })

  it('is put off by every act that is accepted', async () => {
    const live = open()
    await live.start(handshakeScript())
    await play(live, 'server', LISTENS)
    await play(live, 'server', { kind: 'wait' })
    at.time.pass(IDLE_AFTER - 1)
    await play(live, 'client', { kind: 'hint' })
    at.time.pass(IDLE_AFTER - 1)
    expect(outcomes(await settled(live))).toEqual(['system accepted', 'server accepted', 'server accepted', 'client accepted'])
    at.time.pass(1)
    expect(await settled(live)).toHaveLength(5)
  })

  it('is put off by nothing that is only tried, however often', async () => {
    const live = open()
    await live.start(handshakeScript())
    await play(live, 'server', { kind: 'wait' })
    for (let times = 0; times < 3; times++) {
      at.time.pass(IDLE_AFTER / 4)
      await play(live, 'server', { kind: 'wait' })
    }
    at.time.pass(IDLE_AFTER / 4 - 1)
    expect(await settled(live)).toHaveLength(5)
    at.time.pass(1)
    expect(outcomes(await settled(live)).at(-1)).toBe('system accepted')
  })

  it('is tried again where the log failed', async () => {
    const gate = gated(at.log)
    const live = open({ log: gate.log })
    await live.start(handshakeScript())
    await play(live, 'server', { kind: 'wait' })
    gate.failNext('before')
    at.time.pass(IDLE_AFTER)
    await settled(live)
    expect(await rows()).toHaveLength(2)
    at.time.pass(IDLE_AFTER)
    await settled(live)
    expect(await rows()).toHaveLength(3)
  })

  it('is not lodged by a live round that has been closed', async () => {
    const live = open()
    await live.start(handshakeScript())
    await play(live, 'server', { kind: 'wait' })
    expect(live.isIdle).toBe(false)
    await live.close()
    expect(live.isIdle).toBe(true)
    at.time.pass(IDLE_AFTER)
    await settled(live)
    expect(await rows()).toHaveLength(2)
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
  const sent = async (...rounds: LiveRound[]) => {
    const [live] = rounds as [LiveRound]
    await live.start(scripted())
    await play(live, 'server', LISTENS)
    await play(live, 'client', OPENS)
    await play(live, 'client', SENDS_SYN)
    for (const other of rounds) await other.catchUp()
  }

  it('a segment that is left lying is let pass after a while, once, by whichever node', async () => {
    const [one, other] = [open(), open()]
    await sent(one, other)
    at.time.pass(IDLE_AFTER - 1)
    expect((await freshWorld(one))?.wire).toHaveLength(1)
    at.time.pass(1)
    await Promise.all([one.catchUp(), other.catchUp()])
    expect((await freshWorld(one))?.hosts.server.tcb.state).toBe('SYN-RECEIVED')
    expect((await rows()).filter(({ actor, action }) => actor === 'system' && action.kind === 'wire')).toHaveLength(1)
  })

  it('what the hosts do meanwhile does not prolong it', async () => {
    const live = open()
    await sent(live)
    at.time.pass(IDLE_AFTER - 5)
    await play(live, 'client', { kind: 'hint' })
    at.time.pass(5)
    await live.readWorld()
    expect((await live.readWorld())?.wire).toHaveLength(0)
  })

  it('answers its acts as any seat’s: a row each, with their view, and once for each id', async () => {
    const live = open()
    await sent(live)
    const { length } = await live.readViews('network', 0)
    const drop = { id: 'drop-it', seen: length, action: { kind: 'wire', wire: 'drop', segment: 1 } } as const
    const [view] = await live.act('network', drop)
    expect(view).toMatchObject({ n: length + 1, event: { lost: [{ id: 1 }] } })
    expect(view?.event.act).toEqual({ outcome: 'accepted' })
    expect(await live.act('network', drop)).toEqual([view])
    const [late] = await live.act('network', { ...drop, id: 'once-more', seen: length + 1 })
    expect(late).toMatchObject({ event: { act: { outcome: 'barred', reason: 'no-segment' } } })
    expect(outcomes(await rows()).slice(-2)).toEqual(['network accepted', 'network barred'])
  })
})
