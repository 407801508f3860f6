/** What the projector view says of a class: how far its pairs are, what they got wrong, and which rounds can be shown. */
import { expect, test } from 'vitest'
import { loadExercises } from '../../exercises/load.ts'
import { readRoundFacts } from '../../protocol/round/insights/round-facts.ts'
import { summarizeScreen, type ScreenRound } from '../../server/lessons/screen-summary.ts'
import { RoundFixture } from '../support/round-fixture.ts'

const handshake = loadExercises('exercises').get('handshake')!

interface Playing {
  readonly pair: string
  readonly hasNextLeg?: boolean
  /** The client sends no SYN before the server listens: this many segments with a wrong seq come before the right one. */
  readonly mistakes?: number
  /** Stops when the SYN has arrived. */
  readonly unfinished?: boolean
}

let rounds = 0
function play({ pair, hasNextLeg = false, mistakes = 0, unfinished = false }: Playing): ScreenRound {
  const fixture = new RoundFixture(handshake)
  fixture.play((world) => world.hosts.server.received.includes('SYN'))
  for (let i = 0; i < mistakes; i++) fixture.send('server', 'SA', 'y', `x+${i + 2}`, 'SYN-RECEIVED')
  if (!unfinished) fixture.play()
  const id = `round-${++rounds}`
  const students = { client: `${pair}-a`, server: `${pair}-b` }
  return { played: { id, position: 0, facts: readRoundFacts(fixture.entries)!, students }, pair, hasNextLeg }
}

const clean = play({ pair: '1', hasNextLeg: true })
const second = play({ pair: '1', unfinished: true })
const costly = play({ pair: '2', mistakes: 2 })
const behind = play({ pair: '3', mistakes: 1, unfinished: true })
const screen = summarizeScreen([costly, clean, second, behind], handshake)

test('a pair is through when its last leg is over', () => {
  expect(screen.pairs).toEqual({ through: 1, of: 3 })
})

test('each milestone counts the pairs that have met it, in whichever leg', () => {
  const counts = screen.milestones.map(({ seat, text, pairs }) => [seat, text?.en, pairs])
  expect(counts).toEqual([
    ['client', 'Ask for the connection', 3],
    ['client', "Acknowledge the server's SYN", 2],
    ['client', 'Say when your side is ESTABLISHED', 2],
    ['server', 'Listen for connections', 3],
    ['server', 'Tell the client your own starting number', 2],
    ['server', "Acknowledge the client's SYN", 2],
    ['server', 'Say when your side is ESTABLISHED', 2],
  ])
})

test('the best round is the one that reached the goal with the fewest points lost; those in play are not among them', () => {
  expect(screen.best).toBe(clean.played.id)
  expect(summarizeScreen([second, behind], handshake).best).toBeNull()
  expect(screen.live).toEqual([second.played.id, behind.played.id])
})

test('a mistake names its latest example, and nobody', () => {
  expect(screen.students).toBe(6)
  const [worst] = screen.mistakes
  expect(worst).toMatchObject({ students: 2, example: { round: behind.played.id } })
  expect(JSON.stringify(screen)).not.toMatch(/-[ab]"/)
})
