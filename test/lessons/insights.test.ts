/** What a class got wrong, compared with a table made by hand: `insights-by-hand.txt` holds both what the class does and the table. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadExercises } from '../../exercises/load.ts'
import { readRoundFacts } from '../../protocol/round/insights/round-facts.ts'
import { openQuestion } from '../../protocol/round/fold/progress.ts'
import { nextEngineAction } from '../../protocol/round/rules/next-action.ts'
import type { Seat } from '../../protocol/seat.ts'
import { summarizeExercise, summarizeWork, type PlayedRound } from '../../server/lessons/insight-summary.ts'
import { tabulateInsights } from '../../server/lessons/insight-table.ts'
import { RoundFixture } from '../support/round-fixture.ts'

const handshake = loadExercises('exercises').get('handshake')!
const [deeds = '', table = ''] = readFileSync(join(import.meta.dirname, 'insights-by-hand.txt'), 'utf8').split(/^# what \|.*\n/m)

interface Deed {
  readonly pair: number
  readonly leg: number
  readonly seat: Seat
  readonly does: string
  readonly words: readonly string[]
}
const written = deeds
  .split('\n')
  .map((line) => line.replace(/#.*/, '').trim())
  .filter(Boolean)
  .map((line): Deed => {
    const [pair, leg, seat, does = '', ...words] = line.split(/\s+/)
    return { pair: Number(pair), leg: Number(leg), seat: seat as Seat, does, words }
  })

/** Plays one round; the entries are a second apart. */
function play(pair: number, leg: number): PlayedRound {
  const fixture = new RoundFixture(handshake)
  for (const { seat, does, words } of written.filter((deed) => deed.pair === pair && deed.leg === leg)) {
    const isDue = () => {
      if (does === 'answers') return openQuestion(fixture.world, seat) !== undefined
      if (does === 'leaves') return fixture.world.hosts[seat].received.includes('SYN')
      const next = nextEngineAction(fixture.world, seat)
      return next.kind === 'send' && (seat === 'server' || does === 'hints' || fixture.world.hosts[seat].received.includes('SYN'))
    }
    fixture.play(isDue)
    if (does === 'sends') {
      const [bits = '', seq = '', ack = ''] = words
      const state = seat === 'server' ? 'SYN-RECEIVED' : 'ESTABLISHED'
      expect(fixture.send(seat, bits, seq, ack, state).verdict.outcome).toBe('refused')
    } else if (does === 'hints') fixture.act(seat, { kind: 'hint' })
    else if (does === 'leaves') fixture.control({ kind: 'control', control: 'takeover', seat })
    else fixture.act(seat, { kind: 'answer', question: openQuestion(fixture.world, seat)!.id, choice: Number(words[0]) })
  }
  const entries = fixture.play().entries.map((entry, second) => ({ ...entry, at: new Date(second * 1000).toISOString() }))
  const [client, server] = leg === 1 ? ['A', 'B'] : ['B', 'A']
  const students = { client: `${client}${pair}`, server: `${server}${pair}` }
  return { id: `${pair}.${leg}`, position: 0, facts: readRoundFacts(entries)!, students }
}
const rounds = [1, 2].flatMap((leg) => [1, 2, 3, 4, 5, 6].map((pair) => play(pair, leg)))

test('the insights are those of the table made by hand', () => {
  // Without the exercise, its texts do not matter here: items have their ids.
  const exercise = summarizeExercise(0, 'handshake', rounds, undefined)
  const students = ['A1', 'A6'].map((name) => {
    const { ownSteps, idled } = summarizeWork(rounds, name)
    return { id: name, name, exercises: [], total: null, ownSteps, idled, carried: false }
  })
  const [, ...made] = tabulateInsights({ exercises: [exercise], students })
  const lines = made.map(([, ...cells]) =>
    cells
      .map((cell) => cell ?? '')
      .join(' | ')
      .trimEnd(),
  )
  expect(`${lines.join('\n')}\n`).toBe(table)
})

test('each mistake says where it was made, and at which try', () => {
  const { mistakes } = summarizeExercise(0, 'handshake', rounds, undefined)
  expect(mistakes.map(({ mistake, attempts }) => [mistake, attempts])).toEqual([
    ['syn-consumes-one', [6]],
    ['syn-missing-on-reply', [2]],
    ['ack-beyond-sent', [0, 1]],
  ])
  for (const { round, entry, student } of mistakes.flatMap(({ places }) => places)) {
    const { facts, students } = rounds.find(({ id }) => id === round)!
    const seat = students.client === student ? 'client' : 'server'
    expect(facts.seats[seat].mistakes.map((fact) => fact.entry)).toContain(entry)
  }
})

test('with its exercise an item has its text, and a question all its choices', () => {
  const { title, milestones, questions } = summarizeExercise(0, 'handshake', rounds, handshake)
  expect(title).toEqual(handshake.title)
  for (const { text } of milestones) expect(text?.zh).toMatch(/\S/)
  for (const { ask, choices } of questions) {
    expect(ask?.en).toMatch(/\?|\S/)
    expect(choices.length).toBeGreaterThan(2)
    expect(choices.filter(({ right }) => right)).toHaveLength(1)
  }
})

test('of a question that is discussed, the answers before and after the discussion are told apart', () => {
  const discussed = [
    { client: [0, 1], server: [2, 2] },
    { client: [0, 0], server: [1, 2] },
    { client: [1, 1], server: [2, 1] },
  ].map((votes, pair): PlayedRound => {
    const fixture = new RoundFixture(handshake, 'guided', undefined, { discussed: true })
    fixture.play((world) => openQuestion(world, 'client') !== undefined && openQuestion(world, 'server') !== undefined)
    for (const turn of [0, 1])
      for (const seat of ['client', 'server'] as const)
        fixture.act(seat, { kind: 'answer', question: openQuestion(fixture.world, seat)!.id, choice: votes[seat][turn]! })
    const students = { client: `A${pair}`, server: `B${pair}` }
    return { id: `${pair}`, position: 0, facts: readRoundFacts(fixture.entries)!, students }
  })
  const exercise = summarizeExercise(0, 'handshake', discussed, handshake)
  const client = exercise.questions.find(({ seat }) => seat === 'client')!
  expect(client.choices.map(({ count, again, right }) => [count, again, right])).toEqual([
    [2, 1, false],
    [1, 2, true],
    [0, 0, false],
    [0, 0, false],
  ])
  expect([client.right, client.discussed]).toEqual([
    { count: 1, of: 3 },
    { count: 2, of: 3 },
  ])
  const rows = tabulateInsights({ exercises: [exercise], students: [] }).filter(([, what]) => `${what}`.includes('discussion'))
  expect(rows.filter(([, , seat]) => seat === 'client').map(([, what, , , , count, of]) => [what, count, of])).toEqual([
    ['question after discussion', 2, 3],
    ['wrong choice after discussion', 1, 3],
    ['right choice after discussion', 2, 3],
    ['wrong choice after discussion', 0, 3],
    ['wrong choice after discussion', 0, 3],
  ])
})

test('nothing is marked on the strength of a few', () => {
  const few = rounds.filter(({ id }) => id.startsWith('5'))
  const { mistakes, milestones, questions } = summarizeExercise(0, 'handshake', few, undefined)
  expect([...mistakes, ...milestones, ...questions].map(({ mark }) => mark).filter(Boolean)).toEqual([])
})
