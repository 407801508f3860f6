import { expect, test } from 'vitest'
import { loadExercises } from '../../exercises/load.ts'
import { computeScore } from '../../protocol/round/fold/score.ts'
import { openQuestion } from '../../protocol/round/fold/progress.ts'
import { readRoundFacts, type RoundFacts } from '../../protocol/round/insights/round-facts.ts'
import type { Level } from '../../protocol/round/model/exercise.ts'
import { SEATS } from '../../protocol/seat.ts'
import { RoundFixture } from '../support/round-fixture.ts'

const exercises = loadExercises('exercises')

/** The handshake, up to where the server has to answer the SYN. */
const atSynAck = (level: Level = 'guided') =>
  new RoundFixture(exercises.get('handshake')!, level).play(({ hosts }) => hosts.server.received.includes('SYN'))

/** The facts of a round whose entries are a second apart. The score must be the one that the folded world gives. */
function factsOf(fixture: RoundFixture): RoundFacts {
  const facts = readRoundFacts(fixture.entries.map((entry, second) => ({ ...entry, at: new Date(second * 1000).toISOString() })))!
  for (const seat of SEATS) expect(facts.seats[seat].score).toEqual(computeScore(fixture.world, seat))
  return facts
}
const statusOf = ({ seats }: RoundFacts) =>
  seats.server.milestones.map(({ id, status, by, firstTry }) => [id, status, by, firstTry])

test('a round without a mistake: everything is met at the first try', () => {
  const facts = factsOf(atSynAck().play())
  expect(facts).toMatchObject({ exercise: 'handshake', over: 'goal', entryCount: 10 })
  for (const seat of SEATS) {
    expect(facts.seats[seat]).toMatchObject({ isPerson: true, mistakes: [], losses: [], hints: 0, idled: 0 })
    expect(facts.seats[seat].milestones.every(({ by, firstTry }) => by === 'self' && firstTry)).toBe(true)
    expect(facts.seats[seat].answers).toMatchObject([{ right: true }])
  }
})

test('each refused act is a mistake, with its attempt, its milestone and what it cost', () => {
  const fixture = atSynAck()
  const from = fixture.entries.length
  fixture.send('server', 'SA', 'y', 'x', 'SYN-RECEIVED')
  fixture.send('server', 'SA', 'y', 'x', 'SYN-RECEIVED') // the same again is no other mistake
  fixture.send('server', 'A', 'y', 'x+1', 'SYN-RECEIVED')
  const { server } = factsOf(fixture.play()).seats
  expect(server.mistakes).toEqual([
    { entry: from, mistake: 'syn-consumes-one', attempt: 1, milestone: 'acknowledges' },
    { entry: from + 2, mistake: 'syn-missing-on-reply', attempt: 2, milestone: 'answers' },
  ])
  expect(server.losses).toEqual([
    { entry: from, milestone: 'acknowledges', eighths: 2, why: { mistake: 'syn-consumes-one' } },
    { entry: from + 2, milestone: 'answers', eighths: 2, why: { mistake: 'syn-missing-on-reply' } },
  ])
})

test('an act with two wrong fields is two mistakes, and one loss', () => {
  const fixture = atSynAck()
  fixture.send('server', 'SA', 'y+1', 'x', 'SYN-RECEIVED')
  const { server } = factsOf(fixture).seats
  expect(server.mistakes.map(({ mistake, attempt }) => [mistake, attempt])).toEqual([
    ['seq', 1],
    ['syn-consumes-one', 1],
  ])
  expect(server.losses).toHaveLength(1)
})

test('a wait that comes too early, and what was crossed, are no mistakes', () => {
  const fixture = atSynAck()
  fixture.act('server', { kind: 'wait' })
  expect(factsOf(fixture).seats.server.mistakes).toEqual([])
})

test('what the invigilator and the stand-in play is not met by oneself', () => {
  const fixture = atSynAck()
  for (const ack of ['x', 'x+2', 'x+3', 'x+4']) fixture.send('server', 'SA', 'y', ack, 'SYN-RECEIVED')
  expect(factsOf(fixture).seats.server.mistakes.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4])
  expect(statusOf(factsOf(fixture.play()))).toEqual([
    ['listens', 'met', 'self', true],
    ['answers', 'met', 'invigilator', false],
    ['acknowledges', 'forfeited', 'invigilator', false],
    ['established', 'met', 'self', true],
  ])

  const left = atSynAck()
  left.control({ kind: 'control', control: 'takeover', seat: 'server' })
  expect(statusOf(factsOf(left.play())).map(([, , by]) => by)).toEqual(['self', 'stand-in', 'stand-in', 'stand-in'])
})

test('hints are counted and cost what they cost; with one a milestone is not met at the first try', () => {
  const fixture = atSynAck()
  for (let rung = 0; rung < 3; rung++) fixture.act('server', { kind: 'hint' })
  const { server } = factsOf(fixture.play()).seats
  expect(server.hints).toBe(3)
  expect(server.losses.map(({ eighths, why }) => [eighths, why])).toEqual([
    [1, { rung: 1 }],
    [2, { rung: 2 }],
    [5, { rung: 3 }],
  ])
  expect(server.milestones.filter(({ firstTry }) => !firstTry)).toHaveLength(1)
})

test('of a question, the first choice counts', () => {
  const fixture = atSynAck().play((world) => openQuestion(world, 'server') !== undefined)
  const question = openQuestion(fixture.world, 'server')!
  const wrong = question.order.find((choice) => choice !== question.right)!
  fixture.act('server', { kind: 'answer', question: question.id, choice: wrong })
  const { server } = factsOf(fixture.play()).seats
  expect(server.answers).toMatchObject([{ question: question.id, choice: wrong, right: false }])
  expect(server.mistakes).toEqual([])
  expect(server.losses).toMatchObject([{ milestone: question.id, eighths: 4, why: { mistake: 'answer' } }])
})

test('the time to the first right segment begins when the seat can act, and leaves pauses out', () => {
  const fixture = atSynAck()
  expect(fixture.entries.map(({ actor, action: { kind } }) => `${actor} ${kind}`)).toEqual([
    'system control',
    'server call',
    'client call',
    'server wait',
    'client send',
  ])
  fixture.send('server', 'SA', 'y', 'x', 'SYN-RECEIVED')
  fixture.control({ kind: 'control', control: 'pause' })
  fixture.control({ kind: 'control', control: 'resume' })
  fixture.send('server', 'SA', 'y', 'x+1', 'SYN-RECEIVED')
  const { client, server } = factsOf(fixture).seats
  expect(client.firstSegmentMs).toBe(3_000) // from the server's OPEN, before which the client could do nothing
  expect(server.firstSegmentMs).toBe(3_000)
})

test('scenes that count in no score are left out', () => {
  const warmUp = new RoundFixture(exercises.get('warm-up')!)
  warmUp.play((world) => world.sceneIndex === 1)
  const { script } = warmUp.world
  expect(script.scenes[0]!.uncounted).toBe(true)
  const uncounted = script.scenes.flatMap(({ id, uncounted }) => (uncounted ? [id] : []))
  for (const seat of SEATS) {
    const { milestones } = factsOf(warmUp).seats[seat]
    expect(milestones.filter(({ scene }) => uncounted.includes(scene))).toEqual([])
  }
})

test('a round that has not begun has no facts', () => {
  expect(readRoundFacts([])).toBeNull()
})
