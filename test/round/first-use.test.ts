/** What somebody who plays for the first time does, and is told: nothing is refused that is right, and nothing false is said. */
import { describe, expect, it } from 'vitest'
import type { Seat } from '../../protocol/seat.ts'
import { seededRandom } from '../../protocol/round/setup/random.ts'
import { buildRowsFromViews } from '../../client/src/ladder/rows.ts'
import { exercises } from '../support/exercises.ts'
import { RoundFixture } from '../support/round-fixture.ts'

const handshake = exercises.get('handshake')!
const nowOf = (round: RoundFixture, seat: Seat) => round.views[seat].at(-1)!.now
const opened = () => {
  const round = new RoundFixture(handshake, 'guided', { client: 1_428_046_626, server: 5000 })
  round.call('server', { call: 'OPEN', mode: 'passive' })
  round.call('client', { call: 'OPEN', mode: 'active' })
  return round
}
/** The tries that are left at the step, and the eighths that have been charged. */
const costs = (round: RoundFixture, seat: Seat) => ({
  attempts: nowOf(round, seat).attempts,
  charged: round.world.seats[seat].milestones.reduce((sum, { charged }) => sum + charged, 0),
})

describe('a number', () => {
  it.each(['x', '1428046626', '1 428 046 626', '１４２８０４６６２６'])('that the page shows for x is read as x: %s', (seq) => {
    const round = opened()
    expect(round.send('client', 'S', seq, '', 'SYN-SENT').verdict.outcome).toBe('accepted')
    const sent = buildRowsFromViews(round.views.client, 'client').find(({ kind }) => kind === 'sent')
    expect(sent).toMatchObject({ segment: { seq: 'x' } })
  })

  it('that stands nowhere on the page is not judged: it is told how to write it, at no cost', () => {
    const round = opened()
    expect(round.send('client', 'S', '1000', '', 'SYN-SENT').verdict).toMatchObject({ outcome: 'barred', reason: 'unreadable-seq' })
    expect(costs(round, 'client')).toEqual({ attempts: 4, charged: 0 })
  })

  it('0 in the first SYN is no count that begins anew: there is no connection yet', () => {
    const { verdict } = opened().send('client', 'S', '0', '', 'SYN-SENT')
    expect(verdict.findings).toMatchObject([{ field: 'seq', misconception: 'isn-is-zero' }])
  })
})

it('a right SYN before the partner listens uses no try, costs nothing, and the page says for what it waits', () => {
  const round = new RoundFixture(handshake)
  expect(nowOf(round, 'client')).toMatchObject({ turn: 'peer-opens', reasons: { send: 'not-open' } })
  round.send('client', 'S', 'x', '', 'SYN-SENT')
  expect(costs(round, 'client')).toEqual({ attempts: 4, charged: 0 })
})

it('who waits while the own state is still to be said is told so at no cost; both see whose move it is', () => {
  const round = opened()
  round.send('client', 'S', 'x', '', 'SYN-SENT')
  round.send('server', 'SA', 'y', 'x+1', 'SYN-RECEIVED')
  round.send('client', 'A', 'x+1', 'y+1', 'ESTABLISHED')
  const before = costs(round, 'server')
  expect(round.act('server', { kind: 'wait' }).verdict).toMatchObject({ outcome: 'refused', reason: 'pay-first' })
  expect(costs(round, 'server')).toEqual(before)
  expect(nowOf(round, 'server').turn).toBe('event')
  expect(round.claim('server', 'ESTABLISHED').verdict.outcome).toBe('accepted')
})

it('the same refused draft sent again uses no try and costs nothing', () => {
  const round = opened()
  round.send('client', 'S', 'x+1', '', 'SYN-SENT')
  const before = costs(round, 'client')
  expect(before.attempts).toBe(3)
  expect(round.send('client', 'S', 'x+1', '', 'SYN-SENT').verdict.reason).toBe('same-again')
  expect(costs(round, 'client')).toEqual(before)
})

it('a hint is about the step at hand, not about one that has been taken', () => {
  const round = opened()
  round.send('client', 'S', 'x', '', 'SYN-SENT')
  round.send('server', 'SA', 'y', 'x+1', 'SYN-RECEIVED')
  round.send('client', 'A', 'x+1', 'x', 'SYN-RECEIVED')
  round.act('client', { kind: 'hint' })
  const { hint } = round.views.client.at(-1)!.event
  const acknowledges = handshake.scenes[0]?.milestones.client.find(({ id }) => id === 'acknowledges')
  expect(hint).toMatchObject({ rung: 1, text: acknowledges?.nudge })
})

it('a hint in the warm-up costs nothing, and says so', () => {
  const round = new RoundFixture(exercises.get('warm-up')!)
  expect(nowOf(round, 'client').hint).toMatchObject({ eighths: 0 })
})

describe('the numbers that a host knows', () => {
  const numbers = seededRandom(7)

  it('why-three-half-open: the number of a stranger’s SYN, once it has arrived', () => {
    const round = new RoundFixture(exercises.get('why-three-half-open')!, 'guided', numbers)
    expect(Object.keys(nowOf(round, 'server').names)).toEqual(['y'])
    round.play(() => round.views.server.at(-1)?.event.arrived !== undefined)
    expect(Object.keys(nowOf(round, 'server').names)).toEqual(['y', 'w'])
  })

  it('why-three-stale-syn: an old SYN tells its own number, and not the one with which the client will begin', () => {
    const round = new RoundFixture(exercises.get('why-three-stale-syn')!, 'guided', numbers)
    expect(Object.keys(nowOf(round, 'server').names)).toEqual(['y', 'z'])
  })
})
