import { beforeEach, describe, expect, it } from 'vitest'
import { type Scene } from '../../protocol/round/model/exercise.ts'
import { computeScore } from '../../protocol/round/fold/score.ts'
import { exercises } from '../support/exercises.ts'
import { RoundFixture } from '../support/round-fixture.ts'

const handshake = exercises.get('handshake')!
const [scene] = handshake.scenes as [Scene]

describe('the three-way handshake as a round', () => {
  let fixture: RoundFixture
  beforeEach(() => {
    fixture = new RoundFixture(handshake)
  })
  const open = () => {
    fixture.call('server', { call: 'OPEN', mode: 'passive' })
    fixture.call('client', { call: 'OPEN', mode: 'active' })
  }

  it('plays to its goal, each seat with full marks', () => {
    open()
    expect(fixture.send('client', 'S', 'x', '', 'SYN-SENT').verdict).toEqual({ outcome: 'accepted', findings: [] })
    expect(fixture.send('server', 'SA', 'y', 'x+1', 'SYN-RECEIVED').verdict.outcome).toBe('accepted')
    expect(fixture.send('client', 'A', 'x+1', 'y+1', 'ESTABLISHED').verdict.outcome).toBe('accepted')
    expect(fixture.world.over).toBeNull()
    expect(fixture.claim('server', 'ESTABLISHED').verdict.outcome).toBe('accepted')
    expect(fixture.world.over).toBe('goal')
    expect(computeScore(fixture.world, 'client')).toEqual({ eighths: 24, of: 24 })
    expect(computeScore(fixture.world, 'server')).toEqual({ eighths: 32, of: 32 })
  })

  it('begins with the passive OPEN: before it the client’s OPEN does not apply yet', () => {
    const early = fixture.call('client', { call: 'OPEN', mode: 'active' })
    expect(early.verdict).toEqual({ outcome: 'barred', findings: [], reason: 'not-yet' })
    expect(early.effects).toEqual([])
  })

  it('tells a state that a call changes, and leaves one that a segment changes to be asked', () => {
    open()
    expect(fixture.world.seats.server.claimedState).toBe('LISTEN')
    expect(fixture.world.seats.client.claimedState).toBe('CLOSED')
    fixture.send('client', 'S', 'x', '', 'SYN-SENT')
    expect(fixture.world.seats.client.claimedState).toBe('SYN-SENT')
  })

  it('charges a quarter for a refusal to the milestone of its field, and sends nothing', () => {
    open()
    fixture.send('client', 'S', 'x', '', 'SYN-SENT')
    const refused = fixture.send('server', 'SA', 'y', 'x', 'SYN-RECEIVED')
    expect(refused.verdict.outcome).toBe('refused')
    expect(refused.verdict.findings).toMatchObject([{ field: 'ack', misconception: 'syn-consumes-one' }])
    expect(fixture.world.seats.server.milestones.filter((m) => m.charged > 0)).toMatchObject([
      { id: 'acknowledges', status: 'open', charged: 2 },
    ])
    expect(fixture.world.segmentCount).toBe(1)
    expect(fixture.views.client.every((v) => !v.event.arrived)).toBe(true)
  })

  it('lets the invigilator play the step after the fourth refusal; the milestone that was missed scores nothing', () => {
    open()
    fixture.send('client', 'S', 'x', '', 'SYN-SENT')
    for (const ack of ['x', 'x+2', 'x+3']) fixture.send('server', 'SA', 'y', ack, 'SYN-RECEIVED')
    const { concept } = scene.milestones.server.find(({ id }) => id === 'acknowledges')!
    expect(fixture.views.server.at(-1)?.event.act?.concept).toEqual(concept)
    expect(fixture.views.server.at(-1)?.now.attempts).toBe(1)
    fixture.send('server', 'SA', 'y', 'x+4', 'SYN-RECEIVED')
    expect(fixture.views.server.at(-1)).toMatchObject({
      event: { act: { invigilated: true }, state: 'SYN-RECEIVED' },
      now: { attempts: 4 },
    })
    expect(fixture.views.client.at(-1)?.event.arrived).toMatchObject([{ seq: 'y', ack: 'x+1' }])
    const status = Object.fromEntries(fixture.world.seats.server.milestones.map((m) => [m.id, m.status]))
    expect(status).toMatchObject({ answers: 'met', acknowledges: 'forfeited' })
  })

  it('calls an act crossed, and charges nothing, where it was right on the view that it was composed on', () => {
    open()
    const seen = fixture.views.client.length
    fixture.send('client', 'S', 'x', '', 'SYN-SENT')
    fixture.send('server', 'SA', 'y', 'x+1', 'SYN-RECEIVED')
    // Composed before the SYN left and the SYN,ACK arrived: correct then, wrong now.
    const late = fixture.send('client', 'S', 'x', '', 'SYN-SENT', 0, seen)
    expect(late.verdict.outcome).toBe('crossed')
    expect(late.effects).toEqual([])
  })

  it('shows a seat nothing of what the other one tries, asks or waits for', () => {
    open()
    const before = fixture.views.client.length
    fixture.send('server', 'SA', 'y', 'x+1', 'SYN-RECEIVED')
    fixture.act('server', { kind: 'hint' })
    fixture.act('server', { kind: 'wait' })
    expect(fixture.views.client).toHaveLength(before)
    expect(fixture.views.client.map((v) => v.n)).toEqual(fixture.views.client.map((_, i) => i + 1))
  })

  it('never tells the peer’s numbers before its SYN has come', () => {
    open()
    fixture.send('client', 'S', 'x', '', 'SYN-SENT')
    expect(fixture.views.client.at(-1)?.now.names).toEqual({ x: 1000 })
    expect(JSON.stringify(fixture.views.client)).not.toContain('5000')
    fixture.send('server', 'SA', 'y', 'x+1', 'SYN-RECEIVED')
    expect(fixture.views.client.at(-1)?.now.names).toEqual({ x: 1000, y: 5000 })
  })

  it('a hint that the teacher gives, of the chosen rung, costs nothing, is seen by its seat alone, and rungs before it are not sold any more', () => {
    open()
    const views = fixture.views.server.length
    const give = (rung: 1 | 2 | 3) => fixture.control({ kind: 'control', control: 'hint', seat: 'client', rung })
    expect(give(2).verdict.outcome).toBe('accepted')
    expect(fixture.views.client.at(-1)?.event.hint).toEqual({ milestone: '0', rung: 2, text: scene.milestones.client[0]?.concept })
    expect(fixture.views.client.at(-1)?.now.hint?.rung).toBe(3)
    give(1)
    expect(fixture.views.client.at(-1)?.now.hint?.rung).toBe(3)
    expect(fixture.views.server.length).toBe(views)
    expect(fixture.world.seats.client.milestones[0]).toMatchObject({ charged: 0, hints: 2 })
  })

  it('guided: shows the TCB as it stood before what just arrived', () => {
    open()
    fixture.send('client', 'S', 'x', '', 'SYN-SENT')
    fixture.send('server', 'SA', 'y', 'x+1', 'SYN-RECEIVED')
    expect(fixture.views.client.at(-1)?.now).toMatchObject({ state: 'SYN-SENT', tcb: { sndUna: 'x', sndNxt: 'x+1', rcvNxt: null } })
    fixture.send('client', 'A', 'x+1', 'y+1', 'ESTABLISHED')
    expect(fixture.views.client.at(-1)?.now.tcb).toMatchObject({ sndUna: 'x+1', rcvNxt: 'y+1' })
  })

  it('a hint’s rungs cost an eighth, a quarter and all; the third is what the engine would do', () => {
    open()
    const rungs = [1, 2, 3].map(() => {
      fixture.act('client', { kind: 'hint' })
      return fixture.views.client.at(-1)?.event.hint
    })
    expect(rungs[0]).toEqual({ milestone: '0', rung: 1, text: scene.milestones.client[0]?.nudge })
    expect(rungs[1]).toEqual({ milestone: '0', rung: 2, text: scene.milestones.client[0]?.concept })
    expect(rungs[2]).toEqual({
      milestone: '0',
      rung: 3,
      answer: { kind: 'send', bits: 2, seq: 'x', ack: null, length: 0, state: 'SYN-SENT' },
    })
    expect(fixture.world.seats.client.milestones[0]?.charged).toBe(1 + 2 + 8)
    expect(fixture.act('client', { kind: 'hint' }).verdict).toMatchObject({ outcome: 'barred', reason: 'no-hint-left' })
  })

  it('refuses a wait before what is owed has been paid', () => {
    open()
    fixture.send('client', 'S', 'x', '', 'SYN-SENT')
    expect(fixture.act('server', { kind: 'wait' }).verdict).toMatchObject({ outcome: 'refused', reason: 'pay-first' })
    expect(fixture.act('client', { kind: 'wait' }).verdict.outcome).toBe('accepted')
    expect(fixture.world.clock).toBe(50)
  })
})

describe('at exam', () => {
  it('says accepted or not accepted, in absolute numbers, and nothing else', () => {
    const fixture = new RoundFixture(handshake, 'exam')
    fixture.call('server', { call: 'OPEN', mode: 'passive' })
    fixture.call('client', { call: 'OPEN', mode: 'active' })
    expect(fixture.send('client', 'S', '1001', '', 'SYN-SENT').verdict.outcome).toBe('refused')
    const view = fixture.views.client.at(-1)!
    expect(view.event.act).toMatchObject({ outcome: 'refused', findings: [] })
    expect(view.now).toMatchObject({ tcb: null, milestones: null, hint: null, attempts: 1 })
    expect(fixture.act('client', { kind: 'hint' }).verdict.outcome).toBe('barred')
  })
})

describe('what a seat is told of its application', () => {
  it('that its call may be made now, as soon as what it waits for has happened', () => {
    const fixture = new RoundFixture(handshake)
    expect(fixture.views.client.at(-1)?.now.app.next?.reason).toBe('not-yet')
    fixture.call('server', { call: 'OPEN', mode: 'passive' })
    expect(fixture.views.client.at(-1)?.now.app.next?.reason).toBeNull()
  })

  it('that there is nothing to send, where neither a call nor an arrival asks for a segment', () => {
    const fixture = new RoundFixture(handshake)
    fixture.call('server', { call: 'OPEN', mode: 'passive' })
    expect(fixture.send('server', 'SA', 'y', 'x+1', 'SYN-RECEIVED').verdict).toMatchObject({
      outcome: 'refused',
      reason: 'nothing-to-send',
    })
  })
})
