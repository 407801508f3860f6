/** Closing questions that are answered alone, discussed by the pair, and answered again. */
import { describe, expect, test } from 'vitest'
import { loadExercises } from '../../exercises/load.ts'
import { openQuestion } from '../../protocol/round/fold/progress.ts'
import { computeScore } from '../../protocol/round/fold/score.ts'
import { readRoundFacts } from '../../protocol/round/insights/round-facts.ts'
import { chooseStudentMove } from '../../protocol/round/play/simulated-student.ts'
import { instantiateExercise } from '../../protocol/round/setup/instantiate.ts'
import { seededRandom } from '../../protocol/round/setup/random.ts'
import type { Seat } from '../../protocol/seat.ts'
import { packEntry, unpackEntry } from '../../server/rounds/packed-entry.ts'
import { RoundFixture } from '../support/round-fixture.ts'

const handshake = loadExercises('exercises').get('handshake')!
const questionsOf = (seat: Seat) => handshake.pool![seat]!

/** A round that has come to its closing questions. */
const atQuestions = () =>
  new RoundFixture(handshake, 'guided', undefined, { discussed: true }).play(
    (world) => openQuestion(world, 'client') !== undefined && openQuestion(world, 'server') !== undefined,
  )
function vote(fixture: RoundFixture, seat: Seat, is: 'right' | 'wrong') {
  const { id, right, order } = openQuestion(fixture.world, seat)!
  const choice = is === 'right' ? right : order.find((each) => each !== right)!
  return { choice, entry: fixture.act(seat, { kind: 'answer', question: id, choice }) }
}
const lastView = (fixture: RoundFixture, seat: Seat) => fixture.views[seat].at(-1)!
const pointsLost = (fixture: RoundFixture, seat: Seat) => {
  const { eighths, of } = computeScore(fixture.world, seat)
  return of - eighths
}

describe('a question that is discussed', () => {
  test('is answered alone, then waits for the partner, then is answered again, which ends the round', () => {
    const fixture = atQuestions()
    expect(lastView(fixture, 'client').now.question).toMatchObject({ vote: 'alone' })
    expect(vote(fixture, 'client', 'wrong').entry.verdict).toEqual({ outcome: 'accepted', findings: [] })
    expect(lastView(fixture, 'client').now).toMatchObject({ question: null, turn: 'peer-question' })
    expect(fixture.act('client', { kind: 'answer', question: 'who-knows-what', choice: 0 }).verdict).toMatchObject({
      outcome: 'barred',
      reason: 'no-question',
    })
    vote(fixture, 'server', 'right')
    for (const seat of ['client', 'server'] as const)
      expect(lastView(fixture, seat).now).toMatchObject({ question: { vote: 'together' }, turn: 'question' })
    vote(fixture, 'server', 'right')
    expect(fixture.world.over).toBeNull()
    vote(fixture, 'client', 'right')
    expect(fixture.world.over).toBe('goal')
  })

  test('shows nobody what the partner has answered before both have, nor whether an answer is right before the second one', () => {
    const fixture = atQuestions()
    const before = fixture.views.server.length
    vote(fixture, 'client', 'wrong')
    expect(fixture.views.server).toHaveLength(before)
    const own = lastView(fixture, 'client')
    expect(own.event).not.toMatchObject({ why: expect.anything() as unknown })
    expect(own.event.act?.findings).toEqual([])
    expect(own.now.milestones?.at(-1)).toMatchObject({ status: 'open', eighths: 8 })
    vote(fixture, 'server', 'right')
    const [client, server] = [questionsOf('client')[0]!, questionsOf('server')[0]!]
    const { partnerVoted } = lastView(fixture, 'client').event
    expect(partnerVoted?.ask).toEqual(server.ask)
    expect(partnerVoted?.choice).toEqual(server.choices.find(({ right }) => right)?.text)
    expect(lastView(fixture, 'server').event.partnerVoted?.ask).toEqual(client.ask)
    vote(fixture, 'client', 'right')
    const { voted } = lastView(fixture, 'client').event
    expect(voted?.why).toHaveLength(client.choices.length)
    expect(voted?.votes[1]).toBe(voted?.right)
    expect(voted?.votes[0]).not.toBe(voted?.right)
  })

  test('counts by its first answer alone: the second one neither costs nor mends anything', () => {
    const fixture = atQuestions()
    vote(fixture, 'client', 'wrong')
    vote(fixture, 'server', 'right')
    vote(fixture, 'client', 'right')
    vote(fixture, 'server', 'wrong')
    expect(fixture.world.over).toBe('goal')
    expect([pointsLost(fixture, 'client'), pointsLost(fixture, 'server')]).toEqual([4, 0])
  })

  test('counts by its first answer too if the teacher moves on during the discussion', () => {
    const fixture = atQuestions()
    const most = computeScore(atQuestions().play().world, 'server').of
    vote(fixture, 'client', 'wrong')
    vote(fixture, 'server', 'right')
    fixture.control({ kind: 'control', control: 'end', why: 'moved-on' })
    expect(pointsLost(fixture, 'client')).toBe(4)
    expect(computeScore(fixture.world, 'server')).toEqual({ eighths: most, of: most })
  })

  test('keeps both answers in the log, and tells both to the teacher', () => {
    const fixture = atQuestions()
    const alone = vote(fixture, 'client', 'wrong')
    vote(fixture, 'server', 'right')
    const again = vote(fixture, 'client', 'right')
    vote(fixture, 'server', 'right')
    const entries = fixture.entries.map((entry) => unpackEntry(entry.roundId, entry.index, packEntry(entry)))
    expect(entries).toEqual(fixture.entries)
    const { client, server } = readRoundFacts(entries)!.seats
    expect(client.answers).toMatchObject([{ entry: alone.entry.index, choice: alone.choice, right: false, again: again.choice }])
    expect(server.answers).toMatchObject([{ right: true }])
    expect(client.losses).toMatchObject([{ entry: again.entry.index, eighths: 4, why: { mistake: 'answer' } }])
  })

  test('does not hold anybody up whose partner leaves: the stand-in votes', () => {
    const fixture = atQuestions()
    vote(fixture, 'client', 'right')
    fixture.control({ kind: 'control', control: 'takeover', seat: 'server' })
    vote(fixture, 'server', 'right')
    vote(fixture, 'server', 'right')
    vote(fixture, 'client', 'right')
    expect(fixture.world.over).toBe('goal')
  })

  test('is played to its end by simulated students', () => {
    const fixture = atQuestions()
    const student = { seed: 7, mistakes: 0.9, speed: 60 }
    for (let turn = 0; turn < 20 && !fixture.world.over; turn++) {
      const seat = turn % 2 === 0 ? 'client' : 'server'
      const move = chooseStudentMove(fixture.world, seat, student)
      if (move) fixture.act(seat, move.action)
    }
    expect(fixture.world.over).toBe('goal')
  })
})

describe('which questions are discussed', () => {
  const script = (level: 'guided' | 'exam', players?: { client: 'person'; server: 'partner' }) =>
    instantiateExercise(handshake, level, seededRandom(5), { discussed: true, ...(players ? { players } : {}) })
  const isDiscussed = ({ scenes }: ReturnType<typeof script>) => scenes.at(-1)!.questions.client.map(({ discussed }) => discussed)

  test('those of two people, in no exam', () => {
    expect(isDiscussed(script('guided'))).toEqual([true])
    expect(isDiscussed(script('exam'))).toEqual([undefined])
    expect(isDiscussed(script('guided', { client: 'person', server: 'partner' }))).toEqual([undefined])
  })

  test('all pairs get the same one, the first that their players have not had', () => {
    const [first, second] = questionsOf('client')
    for (const seed of [1, 2, 3]) {
      const drawn = (asked: string[]) =>
        instantiateExercise(handshake, 'guided', seededRandom(seed), { discussed: true, asked: { client: asked } })
          .scenes.at(-1)!
          .questions.client.map(({ id }) => id)
      expect(drawn([])).toEqual([first!.id])
      expect(drawn([first!.id])).toEqual([second!.id])
    }
  })
})
