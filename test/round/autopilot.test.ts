/** TCP on autopilot: the hosts do by themselves what TCP owes, and the seats say messages. */
import { describe, expect, test } from 'vitest'
import { loadExercises } from '../../exercises/load.ts'
import { SEATS, type Seat } from '../../protocol/seat.ts'
import { computeScore } from '../../protocol/round/fold/score.ts'
import type { SeatAction } from '../../protocol/round/model/action.ts'
import type { Exercise, Scene } from '../../protocol/round/model/exercise.ts'
import type { MessageChoice } from '../../protocol/tls/endpoint/endpoint.ts'
import { RoundFixture } from '../support/round-fixture.ts'

const exercises = loadExercises('exercises')
const begun = (id: string, wishes = {}) => new RoundFixture(exercises.get(id)!, 'guided', undefined, wishes)
const says = (choice: MessageChoice): SeatAction => ({ kind: 'write', message: { kind: 'tls', choice } })
const actsOf = ({ entries }: RoundFixture, seat: Seat) => entries.filter(({ actor }) => actor === seat).length
const arrivals = (fixture: RoundFixture, seat: Seat) => fixture.views[seat].at(-1)!.event.arrived ?? []

/** A connection that is opened, used and closed, with TCP on autopilot. */
const http = exercises.get('http')!
const [page] = http.scenes as [Scene]
const fromOpenToClose: Exercise = {
  ...http,
  tcp: 'autopilot',
  scenes: [
    {
      ...page,
      application: {
        client: [...page.application.client, { by: 'seat', call: { call: 'CLOSE' }, when: { read: 'response' } }],
        server: [...page.application.server, { by: 'seat', call: { call: 'CLOSE' }, when: { received: 'FIN' } }],
      },
      goal: { client: 'CLOSED', server: 'CLOSED' },
    },
  ],
}

describe('a message', () => {
  test('leaves, arrives and is acknowledged in the act that says it', () => {
    const fixture = begun('https-rsa')
    const { verdict, effects } = fixture.act('client', says({ say: 'ClientHello' }))
    expect(verdict).toEqual({ outcome: 'accepted', findings: [] })
    expect(effects.flatMap((effect) => (effect.kind === 'left' ? [effect.from] : []))).toEqual(['client', 'server'])
    expect(arrivals(fixture, 'server')).toHaveLength(1)
    expect(fixture.world.seats.server.openEvents).toEqual([])
    expect(fixture.views.server.at(-1)!.now).toMatchObject({ turn: 'message', autopilot: true, unsentOctets: 0, events: [] })
  })

  test('that is refused is judged as by hand', () => {
    const wrong = says({ say: 'Finished', over: 'all-messages' })
    const [own, byHand] = [begun('https-rsa'), begun('https-rsa', { tcp: 'by-hand' })].map((fixture) =>
      fixture.act('client', wrong),
    )
    expect(own!.verdict.outcome).toBe('refused')
    expect(own!.verdict).toEqual(byHand!.verdict)
    expect(own!.effects).toEqual(byHand!.effects)
  })

  test('that the exercise leaves to TLS follows by itself', () => {
    const fixture = begun('https-who-sends-the-key')
    fixture.act('client', says({ say: 'ClientHello' }))
    fixture.act('server', says({ say: 'ServerHello' }))
    fixture.act('server', says({ say: 'Certificate' }))
    const { effects } = fixture.act(
      'server',
      says({ say: 'ClientKeyExchange', carries: 'pre-master-secret', under: 'server-private' }),
    )
    expect(effects.flatMap((effect) => (effect.kind === 'wrote' ? [[effect.seat, effect.by, effect.name]] : []))).toEqual([
      ['server', 'seat', 'ClientKeyExchange'],
      ['server', 'exercise', 'ServerHelloDone'],
      ['client', 'exercise', 'ChangeCipherSpec'],
    ])
  })
})

test.each<SeatAction>([
  { kind: 'send', segment: { bits: 16, seq: 'x+1', ack: 'y+1', length: 0 }, state: 'ESTABLISHED' },
  { kind: 'claim', event: 1, state: 'ESTABLISHED' },
  { kind: 'discard', event: 1 },
  { kind: 'wait' },
])('$kind is not for the seat', (action) => {
  expect(begun('https-rsa').act('client', action).verdict).toEqual({ outcome: 'barred', findings: [], reason: 'autopilot' })
})

test('what the autopilot sends ends no series of refused attempts of its seat', () => {
  const fixture = begun('https-rsa')
  fixture.act('client', says({ say: 'ClientHello' }))
  fixture.act('server', says({ say: 'Finished', over: 'all-messages' }))
  const { effects } = fixture.act('client', { ...says({ say: 'Alert', alert: 'handshake_failure' }), sure: true } as SeatAction)
  expect(effects).toContainEqual(expect.objectContaining({ kind: 'left', from: 'server' }))
  expect(fixture.world.seats.server.triedFields).toHaveLength(1)
})

test('milestones about TCP, and those of messages that nobody says by hand, are left out', () => {
  const ids = (seat: Seat, wishes = {}) =>
    begun('https-who-sends-the-key', wishes).world.script.scenes.flatMap(({ milestones }) => milestones[seat].map(({ id }) => id))
  expect(ids('client', { tcp: 'by-hand' })).toContain('tells')
  expect(ids('client')).not.toContain('tells')
  expect(begun('https-rsa').world.script.scenes[0]!.milestones.client.map(({ id }) => id)).not.toContain('takes')
})

test('https-who-sends-the-key takes fewer than twelve acts of either student', () => {
  const fixture = begun('https-who-sends-the-key').play()
  expect(fixture.world.over).toBe('goal')
  for (const seat of SEATS) expect(actsOf(fixture, seat)).toBeLessThan(12)
})

test('the handshake follows from OPEN, the close from CLOSE, and the time of TIME-WAIT passes by itself', () => {
  const fixture = new RoundFixture(fromOpenToClose).play()
  expect(fixture.world.over).toBe('goal')
  expect(fixture.world.hosts.client.visitedStates).toContain('TIME-WAIT')
  expect(fixture.entries.filter(({ action }) => action.kind === 'wait')).toEqual([])
  for (const seat of SEATS) {
    const { eighths, of } = computeScore(fixture.world, seat)
    expect(eighths).toBe(of)
  }
})

test('RFC 6298 5.4: what the wire has lost is sent again', () => {
  const fixture = begun('https-rsa', { network: true })
  fixture.control({ kind: 'control', control: 'stop-wire' })
  fixture.act('client', says({ say: 'ClientHello' }))
  expect(fixture.world.wire).toHaveLength(1)
  expect(fixture.world.clock, 'the clock waits for whoever has the wire').toBe(0)
  fixture.wire('teacher', { kind: 'wire', wire: 'drop', segment: fixture.world.wire[0]!.id })
  expect(fixture.world.hosts.client.fired.retransmission).toBe(1)
  expect(fixture.world.wire).toHaveLength(1)
  fixture.control({ kind: 'control', control: 'free-wire' })
  expect(fixture.play().world.over).toBe('goal')
})

test('whoever does nothing until the bell does not pass', () => {
  const fixture = begun('https-rsa')
  fixture.control({ kind: 'control', control: 'end', why: 'moved-on' })
  expect(computeScore(fixture.world, 'client')).toMatchObject({ eighths: 0, of: 8 })
})
