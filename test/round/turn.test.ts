/** Whose turn it is: true at every step of every exercise, and the same words whether a segment was lost or the peer is thinking. */
import { describe, expect, test } from 'vitest'
import { SEATS } from '../../protocol/seat.ts'
import { choosePartnerMove } from '../../protocol/round/play/partner.ts'
import { nextEngineAction } from '../../protocol/round/rules/next-action.ts'
import { seededRandom } from '../../protocol/round/setup/random.ts'
import { turnOf, type Turn } from '../../protocol/round/view/turn.ts'
import { loadExercises } from '../../exercises/load.ts'
import { RoundFixture } from '../support/round-fixture.ts'

const exercises = loadExercises('exercises')
const OWN: readonly Turn[] = ['question', 'reply', 'event', 'segment', 'message', 'move', 'call']

describe.each(['guided', 'standard'] as const)('at %s, it is a seat’s turn exactly while it has something to do', (level) => {
  test.each(exercises.published().map((exercise) => [exercise.id, exercise] as const))('%s', (_id, exercise) => {
    const fixture = new RoundFixture(exercise, level, seededRandom(7))
    for (let step = 0; step < 400 && fixture.world.over === null; step++) {
      for (const seat of SEATS) {
        const turn = turnOf(fixture.world, seat)
        const { waitRequested } = fixture.world.seats[seat]
        const hasToAct = nextEngineAction(fixture.world, seat).kind !== 'wait'
        // Above guided, whether something that happened asks for an act is for the student to know.
        if (turn === 'peer-question' || (level === 'standard' && turn === 'event')) continue
        expect([seat, turn, OWN.includes(turn)], `step ${step}`).toEqual([seat, turn, hasToAct && !waitRequested])
      }
      const seat = SEATS[step % 2]!
      const move = choosePartnerMove(fixture.world, seat, { style: 'exact', pace: 'at-once' })
      if (move) fixture.act(seat, move.action)
    }
    expect(fixture.world.over).toBe('goal')
    expect(SEATS.map((seat) => turnOf(fixture.world, seat))).toEqual(['over', 'over'])
  })
})

const turns = (fixture: RoundFixture) => SEATS.map((seat) => fixture.views[seat].at(-1)?.now.turn)

test('a handshake, step by step', () => {
  const fixture = new RoundFixture(exercises.get('handshake')!)
  expect(turns(fixture)).toEqual(['peer-opens', 'call'])
  fixture.call('server', { call: 'OPEN', mode: 'passive' })
  expect(turns(fixture)).toEqual(['call', 'idle'])
  fixture.call('client', { call: 'OPEN', mode: 'active' })
  expect(turns(fixture)).toEqual(['segment', 'idle'])
  fixture.send('client', 'S', 'x', '', 'SYN-SENT')
  expect(turns(fixture)).toEqual(['sent', 'reply'])
  fixture.send('server', 'SA', 'y', 'x+1', 'SYN-RECEIVED')
  expect(turns(fixture)).toEqual(['reply', 'sent'])
  fixture.send('client', 'A', 'x+1', 'y+1', 'ESTABLISHED')
  expect(turns(fixture)).toEqual(['idle', 'event'])
})

test('above guided, an arrival is told, and not whether it wants an answer', () => {
  const fixture = new RoundFixture(exercises.get('handshake')!, 'exam')
  fixture.play(({ hosts }) => hosts.server.received.includes('SYN'))
  expect(turnOf(fixture.world, 'server')).toBe('event')
  fixture.play(({ hosts }) => hosts.client.tcb.state === 'SYN-SENT' && hosts.client.tcb.owes.length > 0)
  expect(turnOf(fixture.world, 'client')).not.toBe('segment')
})

test('a lost segment and a thinking peer are told alike', () => {
  const told = (id: string) => {
    const fixture = new RoundFixture(exercises.get(id)!)
    fixture.call('server', { call: 'OPEN', mode: 'passive' })
    fixture.call('client', { call: 'OPEN', mode: 'active' })
    fixture.send('client', 'S', 'x', '', 'SYN-SENT')
    return fixture
  }
  const [lost, delivered] = [told('handshake-lost-syn'), told('handshake')]
  expect(lost.views.server.at(-1)?.event.arrived).toBeUndefined()
  expect(delivered.views.server.at(-1)?.event.arrived).toHaveLength(1)
  expect(turnOf(lost.world, 'client')).toBe(turnOf(delivered.world, 'client'))
})

test('without a connection nothing can be sent, and the reason is said', () => {
  const fixture = new RoundFixture(exercises.get('handshake')!)
  expect(fixture.views.server.at(-1)?.now.reasons.send).toBe('not-open')
  fixture.call('server', { call: 'OPEN', mode: 'passive' })
  expect(fixture.views.server.at(-1)?.now.reasons.send).toBe('listening')
  fixture.play(({ hosts }) => hosts.server.received.includes('SYN'))
  expect(fixture.views.server.at(-1)?.now.reasons.send).toBeUndefined()
})
