import { beforeEach, describe, expect, it } from 'vitest'
import { ACK } from '../../protocol/segment.ts'
import { computeScore } from '../../protocol/round/fold/score.ts'
import { sceneOf } from '../../protocol/round/fold/current-scene.ts'
import { exercises } from '../support/exercises.ts'
import { RoundFixture } from '../support/round-fixture.ts'

describe('the four-way close as a round', () => {
  let fixture: RoundFixture
  beforeEach(() => {
    fixture = new RoundFixture(exercises.get('close-client')!)
    fixture.call('client', { call: 'CLOSE' })
    fixture.send('client', 'FA', 'u', 'v', 'FIN-WAIT-1')
  })

  const end = () => {
    expect(fixture.act('client', { kind: 'wait' }).verdict.outcome).toBe('accepted')
    expect(fixture.world.hosts.client.tcb.state).toBe('TIME-WAIT')
    expect(fixture.act('server', { kind: 'wait' }).verdict.outcome).toBe('accepted')
    expect(fixture.world.hosts.client.tcb.state).toBe('CLOSED')
    expect(fixture.claim('client', 'CLOSED').verdict.outcome).toBe('accepted')
    expect(fixture.world.over).toBe('goal')
  }

  it('four segments: both ends in CLOSED, the client after 2MSL', () => {
    fixture.send('server', 'A', 'v', 'u+1', 'CLOSE-WAIT')
    expect(fixture.claim('client', 'FIN-WAIT-2').verdict.outcome).toBe('accepted')
    fixture.call('server', { call: 'CLOSE' })
    fixture.send('server', 'FA', 'v', 'u+1', 'LAST-ACK')
    fixture.send('client', 'A', 'u+1', 'v+1', 'TIME-WAIT')
    const entered = fixture.world.clock
    expect(fixture.claim('server', 'CLOSED').verdict.outcome).toBe('accepted')
    end()
    expect(fixture.world.clock).toBeGreaterThanOrEqual(entered - 50 + 240_000)
    for (const seat of ['client', 'server'] as const) {
      const { eighths, of } = computeScore(fixture.world, seat)
      expect(eighths).toBe(of)
    }
  })

  it('three segments: ACK and FIN in one are as good, and FIN-WAIT-2 leaves the maximum', () => {
    fixture.call('server', { call: 'CLOSE' })
    expect(fixture.send('server', 'FA', 'v', 'u+1', 'LAST-ACK').verdict.outcome).toBe('accepted')
    fixture.send('client', 'A', 'u+1', 'v+1', 'TIME-WAIT')
    fixture.claim('server', 'CLOSED')
    end()
    const status = fixture.world.seats.client.milestones.map((m) => m.status)
    expect(status).toContain('shut')
    expect(computeScore(fixture.world, 'client').of).toBe(8 * (status.length - 1))
  })

  it('a claim about an event is judged on the state just after it, even if more has arrived since', () => {
    fixture.send('server', 'A', 'v', 'u+1', 'CLOSE-WAIT')
    const event = fixture.views.client.at(-1)!.n
    fixture.call('server', { call: 'CLOSE' })
    fixture.send('server', 'FA', 'v', 'u+1', 'LAST-ACK')
    expect(fixture.world.hosts.client.tcb.state).toBe('TIME-WAIT')
    expect(fixture.act('client', { kind: 'claim', event, state: 'FIN-WAIT-2' }).verdict.outcome).toBe('accepted')
  })

  it('fin-before-ready: a FIN on the first answer while the application has not called CLOSE', () => {
    const entry = fixture.send('server', 'FA', 'v', 'u+1', 'LAST-ACK')
    expect(entry.verdict.findings).toMatchObject([{ field: 'flags', misconception: 'fin-before-ready' }])
  })

  it('an arrival withdraws a lodged wait, and an idle seat’s is lodged for it', () => {
    fixture.act('client', { kind: 'wait' })
    expect(fixture.world.seats.client.waitRequested).toBe(true)
    fixture.send('server', 'A', 'v', 'u+1', 'CLOSE-WAIT')
    expect(fixture.world.seats.client.waitRequested).toBe(false)
    fixture.call('server', { call: 'CLOSE' })
    fixture.send('server', 'FA', 'v', 'u+1', 'LAST-ACK')
    fixture.send('client', 'A', 'u+1', 'v+1', 'TIME-WAIT')
    fixture.act('client', { kind: 'wait' })
    fixture.control({ kind: 'control', control: 'idle', seat: 'server' })
    expect(fixture.world.hosts.client.tcb.state).toBe('CLOSED')
  })

  it('pause stops the seats, resume lets them go on, end closes the round', () => {
    fixture.control({ kind: 'control', control: 'pause' })
    expect(fixture.send('server', 'A', 'v', 'u+1', 'CLOSE-WAIT').verdict).toMatchObject({ outcome: 'barred', reason: 'paused' })
    fixture.control({ kind: 'control', control: 'resume' })
    expect(fixture.send('server', 'A', 'v', 'u+1', 'CLOSE-WAIT').verdict.outcome).toBe('accepted')
    fixture.control({ kind: 'control', control: 'end', why: 'moved-on' })
    expect(fixture.call('server', { call: 'CLOSE' }).verdict).toMatchObject({ outcome: 'barred', reason: 'over' })
  })
})

it('an answer is to what it is owed for, whatever has arrived in between', () => {
  const { scenes, ...exercise } = exercises.get('time-wait-lost-ack')!
  const everyAck = scenes.map(({ wire = [], ...scene }) => ({
    ...scene,
    wire: wire.filter(({ do: what, on }) => what !== 'drop' || on.sends !== 'ACK'),
  }))
  const fixture = new RoundFixture({ ...exercise, scenes: everyAck })
  fixture.play(({ hosts }) => hosts.client.arrived.FIN === 2)
  fixture.send('server', 'A', 'v+1', 'u+1', 'LAST-ACK')
  expect(fixture.world.hosts.client.tcb.heard).toMatchObject({ bits: ACK })
  fixture.send('client', 'A', 'u+1', 'v+1', 'TIME-WAIT')
  expect(fixture.world.seats.client.milestones.find(({ id }) => id === 'answers-again')).toMatchObject({ status: 'met' })
})

describe('data, a pure ACK and one segment each way', () => {
  it('numbers count octets', () => {
    const fixture = new RoundFixture(exercises.get('data')!)
    const sends = (seat: 'client' | 'server') =>
      sceneOf(fixture.world).application[seat].find((s) => s.call?.call === 'SEND')!.call!
    const [m, n] = [sends('client'), sends('server')].map((c) => (c.call === 'SEND' ? c.octets : 0)) as [number, number]
    fixture.call('client', sends('client'))
    expect(fixture.send('client', 'AP', 'x+1', 'y+1', 'ESTABLISHED', m).verdict.outcome).toBe('accepted')
    expect(fixture.call('server', sends('server')).verdict).toMatchObject({ outcome: 'barred', reason: 'not-yet' })
    expect(fixture.send('server', 'A', 'y+1', `x+1+${m}`, 'ESTABLISHED').verdict.outcome).toBe('accepted')
    fixture.call('server', sends('server'))
    expect(fixture.send('server', 'A', 'y+2', `x+1+${m}`, 'ESTABLISHED', n).verdict.findings).toMatchObject([
      { field: 'seq', misconception: 'pure-ack-consumes-none' },
    ])
    expect(fixture.send('server', 'A', 'y+1', `x+1+${m}`, 'ESTABLISHED', n).verdict.outcome).toBe('accepted')
    expect(fixture.send('client', 'A', `x+1+${m}`, `y+2`, 'ESTABLISHED').verdict.findings).toMatchObject([
      { field: 'ack', misconception: 'seq-counts-segments' },
    ])
    expect(fixture.send('client', 'A', `x+1+${m}`, `y+1+${n}`, 'ESTABLISHED').verdict.outcome).toBe('accepted')
    expect(fixture.world.sceneIndex).toBe(1)
  })

  it('the sixth useless act in a row is not sent', () => {
    const fixture = new RoundFixture(exercises.get('data')!)
    const outcomes = Array.from({ length: 6 }, () => fixture.send('server', 'A', 'y+1', 'x+1', 'ESTABLISHED').verdict.outcome)
    expect(outcomes).toEqual(['accepted', 'accepted', 'accepted', 'accepted', 'accepted', 'idle'])
    expect(fixture.world.segmentCount).toBe(5)
  })
})
