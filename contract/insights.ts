/** What the server answers about a whole session: its results, and what the class got wrong. */
import { SEATS } from '../protocol/seat.ts'
import { Type } from 'typebox'
import { FINDING_FIELDS, MISCONCEPTIONS } from '../protocol/findings.ts'
import { SessionInfo } from './answers.ts'
import { nullable, perSeat, type JsonOf } from './schema-parts.ts'

const Text = Type.Object({ en: Type.String(), zh: Type.String() })
/** `Mistake` of protocol/findings.ts. */
export const MistakeName = Type.Enum([...MISCONCEPTIONS, ...FINDING_FIELDS])
/** So many of so many. */
const Share = Type.Object({ count: Type.Integer(), of: Type.Integer() })
export type Share = JsonOf<typeof Share>

/**
 * - `not-learnt`: it went no better in the students' last rounds than in their first ones.
 * - `never-missed`: everybody got it right at the first try.
 */
const Mark = nullable(Type.Enum(['not-learnt', 'never-missed']))

/** How an item went in the first round that each student played of the exercise, and in the last one of those who played several. */
const FirstAndLast = { first: Share, last: Share, mark: Mark }

const MistakeInsight = Type.Object({
  mistake: MistakeName,
  /** How often it was made. */
  count: Type.Integer(),
  /** The students who made it, of those who played the exercise. */
  students: Share,
  /** How often it was made at the first try of a step, at the second, and so on. */
  attempts: Type.Array(Type.Integer()),
  /** Students who made it in their first and last round, of those who played several. */
  ...FirstAndLast,
  /** Each time that it was made. `entry`: index in the round's log; `student`: participant id. */
  places: Type.Array(Type.Object({ round: Type.String(), entry: Type.Integer(), student: Type.String() })),
})
export type MistakeInsight = JsonOf<typeof MistakeInsight>

const MilestoneInsight = Type.Object({
  seat: Type.Enum([...SEATS]),
  id: Type.String(),
  /** Null if the exercise has gone. */
  text: nullable(Text),
  /** How often it was met at the first try, of the times that somebody came to it. */
  firstTry: Share,
  ...FirstAndLast,
})
export type MilestoneInsight = JsonOf<typeof MilestoneInsight>

export const QuestionInsight = Type.Object({
  seat: Type.Enum([...SEATS]),
  id: Type.String(),
  ask: nullable(Text),
  /** How often the first choice was right. */
  right: Share,
  /** How often the choice after the discussion was right; null if nobody has discussed it. */
  discussed: nullable(Share),
  /**
   * In the order of the exercise's file. `count`: how often it was the first choice. `again`: how often it was chosen after the discussion.
   * `why` it is right or wrong.
   */
  choices: Type.Array(
    Type.Object({
      text: nullable(Text),
      right: Type.Boolean(),
      why: nullable(Text),
      count: Type.Integer(),
      again: Type.Integer(),
    }),
  ),
  ...FirstAndLast,
})
export type QuestionInsight = JsonOf<typeof QuestionInsight>

/** What the class did in one exercise. The lists begin with what went wrong most often. */
const ExerciseInsight = Type.Object({
  /** Place in the playlist, 0-based. */
  position: Type.Integer(),
  id: Type.String(),
  title: nullable(Text),
  /** How many students have played it. */
  students: Type.Integer(),
  mistakes: Type.Array(MistakeInsight),
  milestones: Type.Array(MilestoneInsight),
  questions: Type.Array(QuestionInsight),
  /** The median of the real ms from when a seat could act to its first accepted segment; null if nobody sent one. */
  firstSegmentMs: perSeat(nullable(Type.Integer())),
  /**
   * Segments that students predicted before one arrived. `right`: foreseen in every field, of all that were compared. `wrong`: how often which
   * field differed.
   */
  predictions: Type.Object({
    right: Share,
    students: Type.Integer(),
    wrong: Type.Array(Type.Object({ field: Type.Enum([...FINDING_FIELDS]), count: Type.Integer() })),
  }),
  /** `rungs`: how many rungs of hints were bought. */
  hints: Type.Object({ rungs: Type.Integer(), students: Share }),
})
export type ExerciseInsight = JsonOf<typeof ExerciseInsight>

/** Points that a seat lost at one step: by a mistake, by a rung of the hint, or (both null) by giving up. */
const Loss = Type.Object({
  entry: Type.Integer(),
  points: Type.Number(),
  mistake: nullable(MistakeName),
  rung: nullable(Type.Enum([1, 2, 3])),
})

/** A round as its teacher sees it afterwards. */
const RoundResult = Type.Object({
  id: Type.String(),
  position: Type.Integer(),
  leg: Type.Enum([1, 2]),
  /** The pair's number. */
  pair: Type.Integer(),
  over: nullable(Type.Enum(['goal', 'moved-on', 'ended', 'broken'])),
  seats: perSeat(
    Type.Object({
      /** Participant id; null for the built-in partner. */
      student: nullable(Type.String()),
      points: Type.Number(),
      /** The points that could be reached. */
      of: Type.Number(),
      losses: Type.Array(Loss),
    }),
  ),
})
export type RoundResult = JsonOf<typeof RoundResult>

/** A student's points, as in the CSV of the scores, and how much of the work was theirs. */
const StudentResult = Type.Object({
  id: Type.String(),
  name: Type.String(),
  /** By place in the playlist; points are null where the seat was not played, `share` (0 to 1) where neither was. */
  exercises: Type.Array(
    Type.Object({ client: nullable(Type.Number()), server: nullable(Type.Number()), share: nullable(Type.Number()) }),
  ),
  /** The mean of the shares; null if nothing was played. */
  total: nullable(Type.Number()),
  /** Milestones that they met themselves, of all that were met or lost in their seats. */
  ownSteps: Share,
  /** How often the system had to let the clock run because they did nothing. */
  idled: Type.Integer(),
  /** Less than half of the steps in their seats were their own. */
  carried: Type.Boolean(),
})
export type StudentResult = JsonOf<typeof StudentResult>

/** The results of a session, running or ended. */
export const Insights = Type.Object({
  session: SessionInfo,
  /** The teacher's own notes on the session. */
  notes: Type.String(),
  /** By name. */
  students: Type.Array(StudentResult),
  /** Those that have been played, in the order of the playlist. */
  exercises: Type.Array(ExerciseInsight),
  /** By exercise, pair and leg. */
  rounds: Type.Array(RoundResult),
  /**
   * The commonest mistakes of the session, to talk about with the class. `token`: of a nameless link to a replay that shows it at
   * `entry`; null while no such replay may be shown to anyone.
   */
  debrief: Type.Array(
    Type.Object({
      mistake: MistakeName,
      position: Type.Integer(),
      students: Share,
      token: nullable(Type.String()),
      entry: Type.Integer(),
    }),
  ),
})
export type Insights = JsonOf<typeof Insights>

/** The teacher's notes as they have been kept. */
export const KeptNotes = Type.Object({ notes: Type.String() })
