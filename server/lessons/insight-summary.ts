/** Sums up the facts of a session's rounds: what the class got wrong, by exercise, and what each student did. Pure. */
import type { ExerciseInsight, MilestoneInsight, MistakeInsight, QuestionInsight, Share } from '../../contract/insights.ts'
import type { Mistake } from '../../protocol/findings.ts'
import { findQuestion, type Exercise } from '../../protocol/round/model/exercise.ts'
import type { MilestoneFact, RoundFacts, SeatFacts } from '../../protocol/round/insights/round-facts.ts'
import { SEATS, type Seat } from '../../protocol/seat.ts'

/** A round with its facts. The rounds of a session are in the order in which they were played. */
export interface PlayedRound {
  readonly id: string
  readonly position: number
  readonly facts: RoundFacts
  /** The participant in each seat; null for the built-in partner. */
  readonly students: { readonly [S in Seat]: string | null }
}

/** Below this many cases in each group an item is not marked: three of four prove nothing. */
const MIN_CASES_FOR_MARK = 5

/** What a student did in one seat of a round, and which of their rounds at this exercise it was. */
interface Played {
  readonly round: PlayedRound
  readonly seat: Seat
  readonly student: string
  readonly facts: SeatFacts
  /** `only`: they played one round. */
  readonly when: 'only' | 'first' | 'between' | 'last'
}

/** Sums up the rounds at one position of the playlist. `exercise`: absent if the server no longer has it. */
export function summarizeExercise(
  position: number,
  id: string,
  rounds: readonly PlayedRound[],
  exercise: Exercise | undefined,
): ExerciseInsight {
  const played = listPlayed(rounds)
  const students = countStudents(played)
  return {
    position,
    id,
    title: exercise?.title ?? null,
    students,
    mistakes: summarizeMistakes(played),
    milestones: summarizeMilestones(played, exercise),
    questions: summarizeQuestions(played, exercise),
    firstSegmentMs: { client: medianOf(firstSegments(played, 'client')), server: medianOf(firstSegments(played, 'server')) },
    predictions: summarizePredictions(played),
    hints: {
      rungs: played.reduce((sum, { facts }) => sum + facts.hints, 0),
      students: { count: countStudents(played.filter(({ facts }) => facts.hints > 0)), of: students },
    },
  }
}

/** A student's part of the work in their seats. A step still open when the round ended was not done by them either. */
export function summarizeWork(rounds: readonly PlayedRound[], student: string): { ownSteps: Share; idled: number } {
  let [count, of, idled] = [0, 0, 0]
  for (const { facts, students } of rounds)
    for (const seat of SEATS) {
      if (students[seat] !== student) continue
      const settled = facts.seats[seat].milestones.filter(
        ({ by, status }) => by !== null || (status === 'open' && facts.over !== null),
      )
      count += settled.filter(({ by, status }) => by === 'self' && status === 'met').length
      of += settled.length
      idled += facts.seats[seat].idled
    }
  return { ownSteps: { count, of }, idled }
}

function listPlayed(rounds: readonly PlayedRound[]): readonly Played[] {
  const roundsOf = new Map<string, PlayedRound[]>()
  for (const round of rounds)
    for (const student of Object.values(round.students))
      if (student !== null) roundsOf.set(student, [...(roundsOf.get(student) ?? []), round])
  return rounds.flatMap((round) =>
    SEATS.flatMap((seat): Played[] => {
      const student = round.students[seat]
      if (student === null) return []
      const own = roundsOf.get(student) ?? []
      const isLast = own.at(-1) === round
      const when = own.length === 1 ? 'only' : own[0] === round ? 'first' : isLast ? 'last' : 'between'
      return [{ round, seat, student, facts: round.facts.seats[seat], when }]
    }),
  )
}

const countStudents = (played: readonly Played[]): number => new Set(played.map(({ student }) => student)).size

/** Marks an item that goes as badly in the last rounds as in the first ones, or that nobody ever misses. Both shares are of successes. */
function markItem(all: Share, first: Share, last: Share): MilestoneInsight['mark'] {
  if (all.of >= MIN_CASES_FOR_MARK && all.count === all.of) return 'never-missed'
  if (Math.min(first.of, last.of) < MIN_CASES_FOR_MARK || last.count === last.of) return null
  return last.count / last.of <= first.count / first.of ? 'not-learnt' : null
}

function summarizeMistakes(played: readonly Played[]): MistakeInsight[] {
  const students = countStudents(played)
  const repeating = countStudents(played.filter(({ when }) => when === 'last'))
  const groups = groupBy(
    played,
    ({ facts }) => facts.mistakes,
    ({ mistake }) => mistake,
  )
  const summed = [...groups.values()].map((cases): MistakeInsight => {
    const made = (when: Played['when']) => countStudents(cases.flatMap(([each]) => (each.when === when ? [each] : [])))
    const [first, last] = [made('first'), made('last')]
    const attempts = cases.map(([, { attempt }]) => attempt)
    const isLearnt = repeating < MIN_CASES_FOR_MARK || last === 0 || last < first
    return {
      mistake: cases[0]![1].mistake satisfies Mistake,
      count: cases.length,
      students: { count: countStudents(cases.map(([each]) => each)), of: students },
      attempts: Array.from({ length: Math.max(...attempts) }, (_, i) => attempts.filter((attempt) => attempt === i + 1).length),
      first: { count: first, of: repeating },
      last: { count: last, of: repeating },
      mark: isLearnt ? null : 'not-learnt',
      places: cases.map(([{ round, student }, { entry }]) => ({ round: round.id, entry, student })),
    }
  })
  return summed.sort((a, b) => b.students.count - a.students.count || b.count - a.count || (a.mistake < b.mistake ? -1 : 1))
}

function summarizeMilestones(played: readonly Played[], exercise: Exercise | undefined): MilestoneInsight[] {
  // What the built-in partner met in somebody's absence says nothing about anyone.
  const come = ({ by }: MilestoneFact) => by === 'self' || by === 'invigilator'
  const groups = groupBy(
    played,
    ({ facts }) => facts.milestones.filter(come),
    ({ scene, id }, { seat }) => `${seat} ${scene} ${id}`,
  )
  return [...groups.values()]
    .map((cases): MilestoneInsight => {
      const [{ seat }, { scene, id }] = cases[0]!
      const text = exercise?.scenes.find((each) => each.id === scene)?.milestones[seat].find((each) => each.id === id)?.text
      const { all, first, last } = countSuccesses(cases, ({ firstTry }) => firstTry)
      return { seat, id, text: text ?? null, firstTry: all, first, last, mark: markItem(all, first, last) }
    })
    .sort((a, b) => rate(a.firstTry) - rate(b.firstTry))
}

function summarizeQuestions(played: readonly Played[], exercise: Exercise | undefined): QuestionInsight[] {
  const groups = groupBy(
    played,
    ({ facts }) => facts.answers,
    ({ scene, question }, { seat }) => `${seat} ${scene} ${question}`,
  )
  return [...groups.values()]
    .map((cases): QuestionInsight => {
      const [{ seat }, { scene, question: id }] = cases[0]!
      const question = exercise && findQuestion(exercise, scene, seat, id)
      const { all, first, last } = countSuccesses(cases, ({ right }) => right)
      const chosen = cases.map(([, answer]) => answer)
      const discussed = chosen.filter(({ again }) => again !== null)
      const countsOf = (choice: number) => ({
        count: chosen.filter((answer) => answer.choice === choice).length,
        again: discussed.filter(({ again }) => again === choice).length,
      })
      const choices: QuestionInsight['choices'] = question
        ? question.choices.map(({ text, right, why }, choice) => ({ text, right: right === true, why, ...countsOf(choice) }))
        : Array.from({ length: Math.max(...chosen.map(({ choice, again }) => Math.max(choice, again ?? 0))) + 1 }, (_, choice) => {
            const right = chosen.some((answer) => answer.choice === choice && answer.right)
            return { text: null, right, why: null, ...countsOf(choice) }
          })
      const rightAgain = choices.reduce((sum, { right, again }) => sum + (right ? again : 0), 0)
      return {
        seat,
        id,
        ask: question?.ask ?? null,
        right: all,
        discussed: discussed.length > 0 ? { count: rightAgain, of: discussed.length } : null,
        choices,
        first,
        last,
        mark: markItem(all, first, last),
      }
    })
    .sort((a, b) => rate(a.right) - rate(b.right))
}

const rate = ({ count, of }: Share): number => count / of

/** Groups the facts of all who played, each with who it belongs to. */
function groupBy<T>(
  played: readonly Played[],
  factsOf: (played: Played) => readonly T[],
  keyOf: (fact: T, played: Played) => string,
): ReadonlyMap<string, readonly (readonly [Played, T])[]> {
  const groups = new Map<string, (readonly [Played, T])[]>()
  for (const each of played)
    for (const fact of factsOf(each)) {
      const key = keyOf(fact, each)
      const group = groups.get(key)
      if (group) group.push([each, fact])
      else groups.set(key, [[each, fact]])
    }
  return groups
}

function summarizePredictions(played: readonly Played[]): ExerciseInsight['predictions'] {
  const all = played.flatMap(({ facts }) => facts.predictions)
  const fields = [...new Set(all.flat())].sort()
  return {
    right: { count: all.filter((differs) => differs.length === 0).length, of: all.length },
    students: countStudents(played.filter(({ facts }) => facts.predictions.length > 0)),
    wrong: fields.map((field) => ({ field, count: all.filter((differs) => differs.includes(field)).length })),
  }
}

/** How often it went well: in all cases, in the first rounds of those who played several, and in their last ones. */
function countSuccesses<T>(cases: readonly (readonly [Played, T])[], isSuccess: (fact: T) => boolean) {
  const shareOf = (some: readonly (readonly [Played, T])[]): Share => {
    return { count: some.filter(([, fact]) => isSuccess(fact)).length, of: some.length }
  }
  const those = (when: Played['when']) => shareOf(cases.filter(([each]) => each.when === when))
  return { all: shareOf(cases), first: those('first'), last: those('last') }
}

const firstSegments = (played: readonly Played[], seat: Seat): readonly number[] =>
  played.flatMap(({ facts, seat: own }) => (own === seat && facts.firstSegmentMs !== null ? [facts.firstSegmentMs] : []))

/** The middle one, or the lower of the two in the middle; null of nothing. */
function medianOf(numbers: readonly number[]): number | null {
  const sorted = [...numbers].sort((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? null
}
