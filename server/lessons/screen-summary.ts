/** Sums up the rounds of one exercise for the projector view: how far the pairs are, and which rounds can be shown. Pure. */
import type { Screen } from '../../contract/screen.ts'
import type { Exercise } from '../../protocol/round/model/exercise.ts'
import type { RoundFacts } from '../../protocol/round/insights/round-facts.ts'
import { SEATS } from '../../protocol/seat.ts'
import { summarizeExercise, type PlayedRound } from './insight-summary.ts'

/** A round with its place in the lesson. Those of a pair are in the order in which they were played. */
export interface ScreenRound {
  readonly played: PlayedRound
  /** Id of the pair. */
  readonly pair: string
  /** Whether there is another leg to play after it. */
  readonly hasNextLeg: boolean
}

/** How many mistakes and running rounds can be shown. */
const MAX_SHOWN = { mistakes: 6, live: 6 } as const

type ScreenSummary = Pick<Screen, 'pairs' | 'milestones' | 'students' | 'mistakes' | 'questions' | 'best' | 'live'>

/** Sums up the rounds at one position of the playlist. `exercise`: absent if the server no longer has it. */
export function summarizeScreen(rounds: readonly ScreenRound[], exercise: Exercise | undefined): ScreenSummary {
  const latest = new Map(rounds.map((round) => [round.pair, round]))
  const { students, mistakes, questions } = summarizeExercise(
    0,
    '',
    rounds.map(({ played }) => played),
    exercise,
  )
  const running = [...latest.values()].filter(({ played }) => played.facts.over === null)
  return {
    pairs: { through: [...latest.values()].filter(isThrough).length, of: latest.size },
    milestones: countMilestones(rounds, exercise),
    students,
    mistakes: mistakes.slice(0, MAX_SHOWN.mistakes).map(({ mistake, count, students, places }) => {
      const { round, entry } = places.at(-1)!
      return { mistake, count, students: students.count, example: { round, entry } }
    }),
    questions,
    best: findBest(rounds),
    live: running
      .sort((a, b) => countMet(b.played.facts) - countMet(a.played.facts))
      .slice(0, MAX_SHOWN.live)
      .map(({ played }) => played.id),
  }
}

const isThrough = ({ played: { facts }, hasNextLeg }: ScreenRound): boolean =>
  facts.over !== null && (!hasNextLeg || facts.over === 'moved-on' || facts.over === 'ended')

const countMet = ({ seats }: RoundFacts): number =>
  SEATS.reduce((sum, seat) => sum + seats[seat].milestones.filter(({ status }) => status === 'met').length, 0)

/** The milestones of the scenes that have been played, each with the number of pairs that have met it. */
function countMilestones(rounds: readonly ScreenRound[], exercise: Exercise | undefined): Screen['milestones'] {
  const pairsOf = new Map<string, Set<string>>()
  for (const { played, pair } of rounds)
    for (const seat of SEATS)
      for (const { scene, id, status } of played.facts.seats[seat].milestones) {
        const key = `${scene} ${seat} ${id}`
        const pairs = pairsOf.get(key) ?? new Set()
        pairsOf.set(key, status === 'met' ? pairs.add(pair) : pairs)
      }
  const order = (exercise?.scenes ?? []).flatMap(({ id: scene, milestones }) =>
    SEATS.flatMap((seat) => milestones[seat].map(({ id, text }) => ({ key: `${scene} ${seat} ${id}`, seat, text }))),
  )
  return order.flatMap(({ key, seat, text }) => {
    const pairs = pairsOf.get(key)
    return pairs ? [{ seat, text, pairs: pairs.size }] : []
  })
}

/** Of the rounds that reached their goal and were played by people, the one that lost the fewest points; of several, the first. */
function findBest(rounds: readonly ScreenRound[]): string | null {
  const lost = ({ facts }: PlayedRound) => SEATS.reduce((sum, seat) => sum + (1 - rateOf(facts, seat)), 0)
  const reached = rounds
    .map(({ played }) => played)
    .filter(({ facts }) => facts.over === 'goal' && SEATS.some((seat) => facts.seats[seat].isPerson))
  return [...reached].sort((a, b) => lost(a) - lost(b))[0]?.id ?? null
}

const rateOf = ({ seats }: RoundFacts, seat: (typeof SEATS)[number]): number => {
  const { eighths, of } = seats[seat].score
  return of === 0 ? 1 : eighths / of
}
