/** Waiting: what has to be done before it, for whom it is requested, and that no wait can leave a round stuck. */
import { expect, describe, test } from 'vitest'
import { peerOf, type Seat, SEATS } from '../../protocol/seat.ts'
import { LEVELS } from '../../protocol/round/model/exercise.ts'
import { choosePartnerMove } from '../../protocol/round/play/partner.ts'
import { seatHoldingClock } from '../../protocol/round/rules/clock.ts'
import { nextEngineAction } from '../../protocol/round/rules/next-action.ts'
import { seededRandom } from '../../protocol/round/setup/random.ts'
import type { World } from '../../protocol/round/model/world.ts'
import { loadExercises } from '../../exercises/load.ts'
import { sceneOf } from '../../protocol/round/fold/current-scene.ts'
import { RoundFixture } from '../support/round-fixture.ts'

/** The exercises with their questions. */
const exercises = loadExercises('exercises')

const WAIT = { kind: 'wait' } as const
const idle = (fixture: RoundFixture, seat: Seat) => fixture.control({ kind: 'control', control: 'idle', seat })

/**
 * A round in which the client is in TIME-WAIT and the server in CLOSED, which it has not claimed yet; then both have questions to
 * answer.
 */
const beforeLastClaim = () => {
  const fixture = new RoundFixture(exercises.get('https-full')!, 'guided', seededRandom(1))
  return fixture.play(
    (world) => world.hosts.server.tcb.state === 'CLOSED' && world.hosts.server.received.includes('FIN') && world.wire.length === 0,
  )
}
const costs = ({ seats }: World, seat: Seat) => {
  const { milestones, triedFields, uselessActsInRow } = seats[seat]
  return { milestones, triedFields, uselessActsInRow }
}

describe('a wait before what is due is not taken, and costs nothing', () => {
  test.each(LEVELS)('at %s: before a segment', (level) => {
    const fixture = new RoundFixture(exercises.get('handshake')!, level).play(({ hosts }) => hosts.server.received.includes('SYN'))
    const before = fixture.world
    for (let time = 0; time < 6; time++)
      expect(fixture.act('server', WAIT).verdict).toMatchObject({
        outcome: 'refused',
        reason: 'pay-first',
        findings: [{ field: 'flags', want: 'SYN,ACK' }],
      })
    expect(fixture.world).toEqual({ ...before, entryCount: before.entryCount + 6, seats: expect.anything() as object })
    expect(costs(fixture.world, 'server')).toEqual(costs(before, 'server'))
    expect(fixture.play().world.over).toBe('goal')
  })

  test('before the claim of the state that the host is in', () => {
    const fixture = beforeLastClaim()
    const before = fixture.world
    expect(fixture.act('server', WAIT).verdict).toMatchObject({
      outcome: 'refused',
      reason: 'pay-first',
      findings: [{ field: 'state', want: 'CLOSED' }],
    })
    expect(costs(fixture.world, 'server')).toEqual(costs(before, 'server'))
    expect(fixture.claim('server', 'CLOSED').verdict.outcome).toBe('accepted')
  })

  test('before an answer', () => {
    const fixture = new RoundFixture(exercises.get('spot-the-fault')!)
    expect(nextEngineAction(fixture.world, 'client').kind).toBe('answer')
    expect(fixture.act('client', WAIT).verdict).toMatchObject({ outcome: 'barred', reason: 'question-first' })
  })
})

describe('whoever waits may skip the time for which an idle peer is waited for', () => {
  const told = ({ views }: RoundFixture, seat: Seat) => {
    const { turn, reasons } = views[seat].at(-1)!.now
    return { turn, reason: reasons.wait }
  }

  test('while all that it has sent is acknowledged; a claim of the peer may come later', () => {
    const fixture = new RoundFixture(exercises.get('close-client')!).play(({ hosts }) => hosts.server.tcb.state === 'CLOSED')
    fixture.act('client', WAIT)
    expect(told(fixture, 'client')).toEqual({ turn: 'waiting', reason: undefined })
    expect(fixture.act('client', WAIT).verdict.outcome).toBe('accepted')
    expect(fixture.world.hosts.client.tcb.state).toBe('CLOSED')
    expect(fixture.claim('server', 'CLOSED').verdict.outcome).toBe('accepted')
    expect(fixture.play().world.over).toBe('goal')
  })

  test('never past a segment that the peer owes, nor past its question at the goal', () => {
    const fixture = new RoundFixture(exercises.get('close-client')!)
    fixture.play(({ hosts }) => hosts.server.tcb.state === 'LAST-ACK' && hosts.server.tcb.owes.length === 0)
    fixture.play(({ hosts }) => hosts.client.tcb.state === 'TIME-WAIT' && hosts.client.tcb.owes.length > 0)
    fixture.act('server', WAIT)
    expect(fixture.act('server', WAIT).verdict).toMatchObject({ outcome: 'barred', reason: 'already-waiting' })
    const thinking = beforeLastClaim()
    thinking.act('client', WAIT)
    expect(thinking.act('client', WAIT).verdict).toMatchObject({ outcome: 'barred', reason: 'already-waiting' })
  })

  test('not as long as something is unacknowledged, so that it tells nothing of whether that was lost', () => {
    const after = (id: string) => {
      const fixture = new RoundFixture(exercises.get(id)!)
      fixture.call('server', { call: 'OPEN', mode: 'passive' })
      fixture.call('client', { call: 'OPEN', mode: 'active' })
      fixture.send('client', 'S', 'x', '', 'SYN-SENT')
      fixture.act('client', WAIT)
      return [told(fixture, 'client'), fixture.act('client', WAIT).verdict]
    }
    expect(after('handshake-lost-syn')).toEqual(after('handshake'))
    expect(after('handshake')).toMatchObject([{ reason: 'already-waiting' }, { reason: 'already-waiting' }])
  })
})

describe('no wait is requested on behalf of a seat', () => {
  const isLeftAlone = (fixture: RoundFixture, seat: Seat) => {
    expect(fixture.world.seats[peerOf(seat)].waitRequested).toBe(true)
    expect(seatHoldingClock(fixture.world)).toBeNull()
    expect(idle(fixture, seat).verdict.outcome).toBe('barred')
  }

  test('that has to claim a state before TIME-WAIT is over, where the exercise ends in TIME-WAIT', () => {
    const fixture = beforeLastClaim()
    fixture.act('client', WAIT)
    isLeftAlone(fixture, 'server')
    expect(fixture.play().world.over).toBe('goal')
  })

  test('that thinks about the question at the goal, as long as it likes', () => {
    const fixture = beforeLastClaim()
    fixture.act('client', WAIT)
    fixture.claim('server', 'CLOSED')
    expect(nextEngineAction(fixture.world, 'server').kind).toBe('answer')
    isLeftAlone(fixture, 'server')
    expect(fixture.play().world).toMatchObject({ over: 'goal', hosts: { client: { tcb: { state: 'TIME-WAIT' } } } })
  })

  test('that has a claim left which may as well come later: there is one', () => {
    const fixture = new RoundFixture(exercises.get('close-client')!).play(({ hosts }) => hosts.server.tcb.state === 'CLOSED')
    fixture.act('client', WAIT)
    expect(fixture.act('server', WAIT).verdict.reason).toBe('pay-first')
    expect(seatHoldingClock(fixture.world)).toBe('server')
    expect(idle(fixture, 'server').verdict.outcome).toBe('accepted')
    expect(fixture.world.hosts.client.tcb.state).toBe('CLOSED')
    expect(fixture.claim('server', 'CLOSED').verdict.outcome).toBe('accepted')
    expect(fixture.play().world.over).toBe('goal')
  })
})

describe('what an exercise would lose is let pass by hand: the round goes on, or is over', () => {
  const PLAYERS = {
    'of those who do all that there is': (world: World, seat: Seat) =>
      choosePartnerMove(world, seat, { style: 'exact', pace: 'at-once' })?.action,
    'of those who drop only what the exercise asks them to drop': (world: World, seat: Seat) => {
      const isAsked = world.seats[seat].milestones.some(
        ({ id, status }) => status === 'open' && sceneOf(world).milestones[seat].some((m) => m.id === id && 'discards' in m.deed),
      )
      if (!isAsked && nextEngineAction(world, seat).kind === 'discard') return world.seats[seat].waitRequested ? undefined : WAIT
      return PLAYERS['of those who do all that there is'](world, seat)
    },
  }
  const cases = exercises
    .published()
    .flatMap(({ id }) => Object.keys(PLAYERS).map((who) => ({ id, who: who as keyof typeof PLAYERS })))

  test.each(cases)('$id, $who', ({ id, who }) => {
    const fixture = new RoundFixture(exercises.get(id)!)
    fixture.control({ kind: 'control', control: 'stop-wire' })
    for (let turn = 0; turn < 200 && !fixture.world.over; turn++) {
      for (const seat of SEATS) {
        const action = PLAYERS[who](fixture.world, seat)
        if (action) fixture.act(seat, action)
      }
      const [first] = fixture.world.wire
      if (first) fixture.wire('teacher', { kind: 'wire', wire: 'pass', segment: first.id })
    }
    expect(fixture.world.over).toMatch(/^(goal|broken)$/)
  })
})
