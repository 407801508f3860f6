/** What the projector view receives: a session without the name of anybody. */
import { Type } from 'typebox'
import { SEATS } from '../protocol/seat.ts'
import { SessionInfo } from './answers.ts'
import { MistakeName, QuestionInsight } from './insights.ts'
import { nullable, perSeat, type JsonOf } from './schema-parts.ts'

const Text = Type.Object({ en: Type.String(), zh: Type.String() })

/** How many pairs have met a milestone, in whichever leg. */
const MilestoneReached = Type.Object({
  seat: Type.Enum([...SEATS]),
  /** Null if the exercise has gone. */
  text: nullable(Text),
  pairs: Type.Integer(),
})

/** A mistake of the exercise that is being played. */
const MistakeShown = Type.Object({
  mistake: MistakeName,
  count: Type.Integer(),
  students: Type.Integer(),
  /** The latest time that it was made: a round, and an index in its log. */
  example: Type.Object({ round: Type.String(), entry: Type.Integer() }),
})
export type MistakeShown = JsonOf<typeof MistakeShown>

/** The exercise that is being played. */
const ScreenExercise = Type.Object({
  title: Text,
  point: Text,
  /** What each seat is told in each scene. */
  briefs: Type.Array(perSeat(Text)),
})

/** The projector view of a session. */
export const Screen = Type.Object({
  session: SessionInfo,
  /** Students who have a page open, and all who have joined. */
  people: Type.Object({ present: Type.Integer(), joined: Type.Integer() }),
  /** Null before the first exercise, and if the server no longer has it. */
  exercise: nullable(ScreenExercise),
  /** ISO 8601: when the first pair began the exercise; null before that. */
  since: nullable(Type.String()),
  /** The pairs that play the exercise, and those of them that are through with it. */
  pairs: Type.Object({ through: Type.Integer(), of: Type.Integer() }),
  /** Of both seats, in the order of the exercise's file. */
  milestones: Type.Array(MilestoneReached),
  /** How many students have begun the exercise. */
  students: Type.Integer(),
  /** The commonest first. Empty in an exam whose results are not released. */
  mistakes: Type.Array(MistakeShown),
  /** The questions that have been answered. Empty in an exam as above. */
  questions: Type.Array(QuestionInsight),
  /** Id of the round that reached the goal with the fewest points lost; null if there is none, and in an exam as above. */
  best: nullable(Type.String()),
  /** Ids of rounds that are being played, the furthest first; only a few of them. */
  live: Type.Array(Type.String()),
  /** ISO 8601: the server's time. */
  now: Type.String(),
})
export type Screen = JsonOf<typeof Screen>
