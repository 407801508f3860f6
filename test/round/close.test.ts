import { beforeEach, describe, expect, it } from 'vitest'
import { ACK } from '../../protocol/segment.ts'
import { computeScore } from '../../protocol/round/fold/score.ts'
import { sceneOf } from '../../protocol/round/fold/current-scene.ts'
import { exercises } from '../support/exercises.ts'
import { RoundFixture } from '../support/round-fixture.ts'

describe('the four-way close as a round', () => {
  let stage: RoundFixture
  beforeEach(() => {
    stage = new RoundFixture(exercises.get('close-client')!)
    stage.call('client', { call: 'CLOSE' })
    stage.send('client', 'FA', 'u', 'v', 'FIN-WAIT-1')
  })

  const end = () => {
    expect(stage.act('client', { kind: 'wait' }).verdict.outcome).toBe('accepted')
    expect(stage.world.hosts.client.tcb.state).toBe('TIME-WAIT')
    expect(stage.act('server', { kind: 'wait' }).verdict.outcome).toBe('accepted')
    expect(stage.world.hosts.client.tcb.state).toBe('CLOSED')
    expect(stage.claim('client', 'CLOSED').verdict.outcome).toBe('accepted')
    expect(stage.world.over).toBe('goal')
  }

  it('four segments: both ends in CLOSED, the client after 2MSL', () => {
    stage.send('server', 'A', 'v', 'u+1', 'CLOSE-WAIT')
    expect(stage.claim('client', 'FIN-WAIT-2').verdict.outcome).toBe('accepted')
    stage.call('server', { call: 'CLOSE' })
    stage.send('server', 'FA', 'v', 'u+1', 'LAST-ACK')
    stage.send('client', 'A', 'u+1', 'v+1', 'TIME-WAIT')
    const entered = stage.world.clock
    expect(stage.claim('server', 'CLOSED').verdict.outcome).toBe('accepted')
    end()
    expect(stage.world.clock).toBeGreaterThanOrEqual(entered - 50 + 240_000)
    for (const seat of ['client', 'server'] as const) {
      const { eighths, of } = computeScore(stage.world, seat)
      expect(eighths).toBe(of)
    }
  })

  it('three segments: ACK and FIN in one are as good, and FIN-WAIT-2 leaves the maximum', () => {
    stage.call('server', { call: 'CLOSE' })
    expect(stage.send('server', 'FA', 'v', 'u+1', 'LAST-ACK').verdict.outcome).toBe('accepted')
    stage.send('client', 'A', 'u+1', 'v+1', 'TIME-WAIT')
    stage.claim('server', 'CLOSED')
    end()
    const status = stage.world.seats.client.milestones.map((m) => m.status)
    expect(status).toContain('shut')
    expect(computeScore(stage.world, 'client').of).toBe(8 * (status.length - 1))
  })

  it('a claim about an event is judged on the state just after it, even if more has arrived since', () => {
    stage.send('server', 'A', 'v', 'u+1', 'CLOSE-WAIT')
    const event = stage.views.client.at(-1)!.n
    stage.call('server', { call: 'CLOSE' })
    stage.send('server', 'FA', 'v', 'u+1', 'LAST-ACK')
    expect(stage.world.hosts.client.tcb.state).toBe('TIME-WAIT')
    expect(stage.act('client', { kind: 'claim', event, state: 'FIN-WAIT-2' }).verdict.outcome).toBe('accepted')
  })

  it('fin-before-ready: a FIN on the first answer while the application has not called CLOSE', () => {
    const entry = stage.send('server', 'FA', 'v', 'u+1', 'LAST-ACK')
    expect(entry.verdict.findings).toMatchObject([{ field: 'flags', misconception: 'fin-before-ready' }])
  })

  it('an arrival withdraws a lodged wait, and an idle seat’s is lodged for it', () => {
    stage.act('client', { kind: 'wait' })
    expect(stage.world.seats.client.waitRequested).toBe(true)
    stage.send('server', 'A', 'v', 'u+1', 'CLOSE-WAIT')
    expect(stage.world.seats.client.waitRequested).toBe(false)
    stage.call('server', { call: 'CLOSE' })
    stage.send('server', 'FA', 'v', 'u+1', 'LAST-ACK')
    stage.send('client', 'A', 'u+1', 'v+1', 'TIME-WAIT')
    stage.act('client', { kind: 'wait' })
    stage.control({ kind: 'control', control: 'idle', seat: 'server' })
    expect(stage.world.hosts.client.tcb.state).toBe('CLOSED')
  })

  it('pause stops the seats, resume lets them go on, end closes the round', () => {
    stage.control({ kind: 'control', control: 'pause' })
    expect(stage.send('server', 'A', 'v', 'u+1', 'CLOSE-WAIT').verdict).toMatchObject({ outcome: 'barred', reason: 'paused' })
    stage.control({ kind: 'control', control: 'resume' })
    expect(stage.send('server', 'A', 'v', 'u+1', 'CLOSE-WAIT').verdict.outcome).toBe('accepted')
    stage.control({ kind: 'control', control: 'end', why: 'moved-on' })
    expect(stage.call('server', { call: 'CLOSE' }).verdict).toMatchObject({ outcome: 'barred', reason: 'over' })
  })
})

it('an answer is to what it is owed for, whatever has arrived in between', () => {
  const { scenes, ...exercise } = exercises.get('time-wait-lost-ack')!
  const everyAck = scenes.map(({ wire = [], ...scene }) => ({
    ...scene,
    wire: wire.filter(({ do: what, on }) => what !== 'drop' || on.sends !== 'ACK'),
  }))
  const stage = new RoundFixture({ ...exercise, scenes: everyAck })
  stage.play(({ hosts }) => hosts.client.arrived.FIN === 2)
  stage.send('server', 'A', 'v+1', 'u+1', 'LAST-ACK')
  expect(stage.world.hosts.client.tcb.heard).toMatchObject({ bits: ACK })
  stage.send('client', 'A', 'u+1', 'v+1', 'TIME-WAIT')
  expect(stage.world.seats.client.milestones.find(({ id }) => id === 'answers-again')).toMatchObject({ status: 'met' })
})

describe('data, a pure ACK and one segment each way', () => {
  it('numbers count octets', () => {
    const stage = new RoundFixture(exercises.get('data')!)
    const sends = (seat: 'client' | 'server') => sceneOf(stage.world).application[seat].find((s) => s.call?.call === 'SEND')!.call!
    const [m, n] = [sends('client'), sends('server')].map((c) => (c.call === 'SEND' ? c.octets : 0)) as [number, number]
    stage.call('client', sends('client'))
    expect(stage.send('client', 'AP', 'x+1', 'y+1', 'ESTABLISHED', m).verdict.outcome).toBe('accepted')
    expect(stage.call('server', sends('server')).verdict).toMatchObject({ outcome: 'barred', reason: 'not-yet' })
    expect(stage.send('server', 'A', 'y+1', `x+1+${m}`, 'ESTABLISHED').verdict.outcome).toBe('accepted')
    stage.call('server', sends('server'))
    expect(stage.send('server', 'A', 'y+2', `x+1+${m}`, 'ESTABLISHED', n).verdict.findings).toMatchObject([
      { field: 'seq', misconception: 'pure-ack-consumes-none' },
    ])
    expect(stage.send('server', 'A', 'y+1', `x+1+${m}`, 'ESTABLISHED', n).verdict.outcome).toBe('accepted')
    expect(stage.send('client', 'A', `x+1+${m}`, `y+2`, 'ESTABLISHED').verdict.findings).toMatchObject([
      { field: 'ack', misconception: 'seq-counts-segments' },
    ])
    expect(stage.send('client', 'A', `x+1+${m}`, `y+1+${n}`, 'ESTABLISHED').verdict.outcome).toBe('accepted')
    expect(stage.world.sceneIndex).toBe(1)
  })

  it('the sixth useless act in a row is not sent', () => {
    const stage = new RoundFixture(exercises.get('data')!)
    const outcomes = Array.from({ length: 6 }, () => stage.send('server', 'A', 'y+1', 'x+1', 'ESTABLISHED').verdict.outcome)
    expect(outcomes).toEqual(['accepted', 'accepted', 'accepted', 'accepted', 'accepted', 'idle'])
    expect(stage.world.segmentCount).toBe(5)
  })
})
