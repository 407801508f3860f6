/** What a seat expects to arrive next: kept in the log, compared on arrival, and of no consequence to anything else. */
import { expect, test } from 'vitest'
import { loadExercises } from '../../exercises/load.ts'
import { readRoundFacts } from '../../protocol/round/insights/round-facts.ts'
import { ACK, SYN } from '../../protocol/segment.ts'
import { packEntry, unpackEntry } from '../../server/rounds/packed-entry.ts'
import { RoundFixture } from '../support/round-fixture.ts'

const handshake = loadExercises('exercises').get('handshake')!

/** The client's SYN has left; the server has not answered yet. */
const afterSyn = (level: 'guided' | 'exam' = 'guided') =>
  new RoundFixture(handshake, level).play((world) => world.hosts.server.received.includes('SYN'))
const predict = (fixture: RoundFixture, bits: number, seq: string, ack: string) =>
  fixture.act('client', { kind: 'predict', segment: { bits, seq, ack, length: 0 } })
const answer = (fixture: RoundFixture) => fixture.play((world) => world.hosts.client.received.includes('SYN'))

test('on arrival it stands beside the segment, with the fields in which they differ', () => {
  const fixture = afterSyn()
  expect(predict(fixture, SYN | ACK, 'y', 'x').verdict).toEqual({ outcome: 'accepted', findings: [] })
  answer(fixture)
  const { event } = fixture.views.client.find((view) => view.event.predicted)!
  expect(event.predicted).toEqual({ bits: SYN | ACK, seq: 'y', ack: 'x', length: 0, differs: ['ack'] })
  expect(event.arrived).toMatchObject([{ bits: SYN | ACK, seq: 'y', ack: 'x+1' }])
})

test('the last of several counts; one that is right differs in nothing, and an arrival settles it', () => {
  const fixture = afterSyn()
  predict(fixture, SYN, 'y', '')
  predict(fixture, SYN | ACK, 'y', 'x+1')
  answer(fixture)
  expect(fixture.views.client.flatMap(({ event }) => event.predicted ?? [])).toMatchObject([{ differs: [] }])
  expect(fixture.world.seats.client.prediction).toBeNull()
})

test('it is never sent, costs nothing, and the partner sees nothing of it', () => {
  const [fixture, plain] = [afterSyn(), afterSyn()]
  const [seen, { hosts, wire, clock }] = [fixture.views.server.length, fixture.world]
  predict(fixture, SYN | ACK, 'y', 'x')
  expect(fixture.views.server).toHaveLength(seen)
  expect(fixture.world).toMatchObject({ hosts, wire, clock })
  fixture.play()
  plain.play()
  for (const seat of ['client', 'server'] as const)
    expect(fixture.views[seat].at(-1)?.now.score).toEqual(plain.views[seat].at(-1)?.now.score)
})

test('before the arrival its numbers are not told in another notation, which would tell where the peer begins to count', () => {
  const fixture = afterSyn()
  predict(fixture, SYN | ACK, '5000', 'x+1')
  const { event, now } = fixture.views.client.at(-1)!
  expect(event).not.toHaveProperty('predicted')
  expect(event.act?.action).toMatchObject({ segment: { seq: '5000' } })
  expect(now.names).not.toHaveProperty('y')
})

test('it is taken whatever is due, so that it does not tell whether anything is; unreadable numbers are not', () => {
  const fixture = new RoundFixture(handshake)
  expect(predict(fixture, SYN, 'y', '').verdict.outcome).toBe('accepted')
  expect(predict(fixture, SYN, 'why', '').verdict).toMatchObject({ outcome: 'barred', reason: 'unreadable-seq' })
})

test('the teacher is told how many were right, and which fields were wrong; the log keeps them', () => {
  const fixture = afterSyn()
  predict(fixture, SYN, 'y', '')
  answer(fixture)
  const entries = fixture.entries.map((entry) => unpackEntry(entry.roundId, entry.index, packEntry(entry)))
  expect(entries).toEqual(fixture.entries)
  expect(readRoundFacts(entries)!.seats.client.predictions).toEqual([['flags', 'ack']])
  expect(readRoundFacts(entries)!.seats.server.predictions).toEqual([])
})
