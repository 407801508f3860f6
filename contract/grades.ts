/** What the routes of grades accept and answer. A share is a part of the maximum, from 0 to 1. */
import { Type } from 'typebox'
import { FINDING_FIELDS, MISCONCEPTIONS } from '../protocol/findings.ts'
import { SEATS } from '../protocol/seat.ts'
import { Id, literals, nullable, perSeat, strictObject, typedText, visibleText, type JsonOf } from './schema-parts.ts'

const Text = Type.Object({ en: Type.String(), zh: Type.String() })
const Share = nullable(Type.Number())

/**
 * How points become grades.
 *
 * - `rounds`: what counts of several rounds that a member has played in one seat of an exercise: the one with the best share, the last one,
 *   or the mean of their shares.
 * - `missed`: what a session in which a member has played nothing is worth once it has ended: it is left out of the grade, or counts as zero.
 * - `dropLowest`: how many sessions are dropped from each member's grade, those with the lowest share. The last one left is never dropped.
 */
const SCHEME = {
  rounds: literals(['best', 'last', 'mean'] as const),
  missed: literals(['left-out', 'zero'] as const),
  dropLowest: Type.Integer({ minimum: 0, maximum: 20 }),
}
const Scheme = Type.Object(SCHEME)
export type Scheme = JsonOf<typeof Scheme>

/** Why a grade is changed. */
const Reason = visibleText(500)
/** Place in the playlist; null for the session as a whole. */
const Position = nullable(Type.Integer({ minimum: 0, maximum: 39 }))

/** Change the course's scheme. */
export const SchemeChange = strictObject({ ...SCHEME, reason: typedText(0, 500) })
export type SchemeChange = JsonOf<typeof SchemeChange>

/** Change how much a session counts beside the others, or an exercise beside the others of its session. 0: not at all. */
export const WeightChange = strictObject({
  session: Id,
  position: Position,
  weight: Type.Number({ minimum: 0, maximum: 1000 }),
  reason: typedText(0, 500),
})
export type WeightChange = JsonOf<typeof WeightChange>

/** Put a share in place of the computed one, or (null) take it away again. */
export const Override = strictObject({
  member: Id,
  session: Id,
  position: Position,
  share: nullable(Type.Number({ minimum: 0, maximum: 1 })),
  reason: Reason,
})
export type Override = JsonOf<typeof Override>

/** Leave a grade out of what it would count in, or let it count again. */
export const Excuse = strictObject({ member: Id, session: Id, position: Position, excused: Type.Boolean(), reason: Reason })
export type Excuse = JsonOf<typeof Excuse>

/** A remark for the staff on a member, or on a member's session; the last one stands. */
export const Remark = strictObject({ member: Id, session: nullable(Id), text: typedText(0, 2000) })
export type Remark = JsonOf<typeof Remark>

/** Show a session's grades to its members, or hide them again. */
export const Release = strictObject({ session: Id, released: Type.Boolean() })
export type Release = JsonOf<typeof Release>

/** Contest what an entry of one's own round has cost. */
export const NewContest = strictObject({ entry: Type.Integer({ minimum: 0 }), text: Reason })
export type NewContest = JsonOf<typeof NewContest>

/** Decide a contest. `everyone`: the same for all of the course to whom the same was charged in the same exercise and version. */
export const ContestDecision = strictObject({ upheld: Type.Boolean(), everyone: Type.Boolean(), reason: Reason })
export type ContestDecision = JsonOf<typeof ContestDecision>

/** Accept what today's rules give for these rounds. */
export const AcceptRegrade = strictObject({ rounds: Type.Array(Id, { minItems: 1, maxItems: 20_000 }), reason: Reason })
export type AcceptRegrade = JsonOf<typeof AcceptRegrade>

/** The flags are there only where they are true. */
const CELL = {
  share: Share,
  /** An override takes the place of what was computed. */
  overridden: Type.Optional(Type.Literal(true)),
  excused: Type.Optional(Type.Literal(true)),
  /** Nothing was played, and that counts as zero. */
  missed: Type.Optional(Type.Literal(true)),
  /** A contest of it waits for a decision. */
  contested: Type.Optional(Type.Literal(true)),
}
const ExerciseCell = Type.Object({ ...CELL, seats: perSeat(Share) })
const SessionCell = Type.Object({
  ...CELL,
  /** It is one of the lowest, which the scheme drops. */
  dropped: Type.Optional(Type.Literal(true)),
  /** By place in the playlist. */
  exercises: Type.Array(ExerciseCell),
})
export type ExerciseCell = JsonOf<typeof ExerciseCell>
export type SessionCell = JsonOf<typeof SessionCell>

const BookSession = Type.Object({
  id: Type.String(),
  title: Type.String(),
  code: Type.String(),
  kind: Type.Enum(['open', 'roster', 'assignment']),
  /** ISO 8601. */
  createdAt: Type.String(),
  ended: Type.Boolean(),
  /** Whether its members may see their grades. */
  released: Type.Boolean(),
  weight: Type.Number(),
  /** In the order of the playlist. `title`: null if this server no longer has the exercise. */
  exercises: Type.Array(Type.Object({ id: Type.String(), title: nullable(Text), weight: Type.Number() })),
})
export type BookSession = JsonOf<typeof BookSession>

const BookMember = Type.Object({
  id: Type.String(),
  number: Type.String(),
  name: Type.String(),
  email: nullable(Type.String()),
  group: nullable(Type.String()),
  /** Whether they are on the roster no more. */
  removed: Type.Boolean(),
  remark: Type.String(),
  total: Share,
  /** In the order of the book's sessions. */
  sessions: Type.Array(SessionCell),
})
export type BookMember = JsonOf<typeof BookMember>

/** The grade book of a course. Sessions in the order in which they were made, members by number. */
export const GradeBook = Type.Object({
  course: Type.Object({ id: Type.String(), title: Type.String(), language: Type.Enum(['en', 'zh']) }),
  /** Whether the teacher who asks may change grades. */
  mayChange: Type.Boolean(),
  scheme: Scheme,
  sessions: Type.Array(BookSession),
  members: Type.Array(BookMember),
  openContests: Type.Integer(),
})
export type GradeBook = JsonOf<typeof GradeBook>

const ContestStatus = Type.Enum(['open', 'upheld', 'rejected'])

/** What a step has cost, and why: a mistake, a rung of the hint, or (both null) giving up. */
const Deduction = Type.Object({
  /** Index in the round's log. */
  entry: Type.Integer(),
  points: Type.Number(),
  mistake: nullable(Type.Enum([...MISCONCEPTIONS, ...FINDING_FIELDS])),
  rung: nullable(Type.Enum([1, 2, 3])),
  /** The milestone or question that it was charged to; null if this server no longer has the exercise. */
  milestone: nullable(Text),
  /** What became of the contest of it; null if there is none. */
  contest: nullable(ContestStatus),
  /** Why it was decided so; empty while it has not been. */
  reason: Type.String(),
  /** It has been given back, by a contest that was upheld. */
  givenBack: Type.Boolean(),
})
export type Deduction = JsonOf<typeof Deduction>

/** A round of a member in one seat. */
const GradedRoundInfo = Type.Object({
  id: Type.String(),
  position: Type.Integer(),
  seat: Type.Enum([...SEATS]),
  /** ISO 8601. */
  playedAt: Type.String(),
  over: nullable(Type.Enum(['goal', 'moved-on', 'ended', 'broken'])),
  /** The name of who played the other seat; null for the built-in partner. */
  partner: nullable(Type.String()),
  /** Whether it is this round, or one of those, that the scheme counts. */
  counts: Type.Boolean(),
  points: Type.Number(),
  of: Type.Number(),
  /** The version of the engine by whose rules it was judged again; null if it was not. */
  regradedBy: nullable(Type.String()),
  deductions: Type.Array(Deduction),
})
export type GradedRoundInfo = JsonOf<typeof GradedRoundInfo>

export const GRADE_RECORD_KINDS = [
  'scheme',
  'weight',
  'override',
  'excuse',
  'remark',
  'release',
  'contest',
  'decision',
  'regrade',
] as const
export type GradeRecordKind = (typeof GRADE_RECORD_KINDS)[number]

/** A share or a weight, whether or not, a text, what became of a contest, the scores of a round (both seats, as text), or a scheme. */
const RecordedValue = nullable(Type.Union([Type.Number(), Type.Boolean(), Type.String(), Scheme]))

/** One row of the course's record: who changed what, from what to what, and why. */
const GradeRecordInfo = Type.Object({
  /** Counts the course's records from 1. */
  number: Type.Integer(),
  kind: Type.Enum([...GRADE_RECORD_KINDS]),
  /** ISO 8601. */
  at: Type.String(),
  /** The teacher's name or e-mail address; null: the member did it. */
  by: nullable(Type.String()),
  /** Ids; null where it is not about one. */
  member: nullable(Type.String()),
  session: nullable(Type.String()),
  position: nullable(Type.Integer()),
  round: nullable(Type.String()),
  entry: nullable(Type.Integer()),
  before: RecordedValue,
  after: RecordedValue,
  reason: Type.String(),
})
export type GradeRecordInfo = JsonOf<typeof GradeRecordInfo>
/** Newest first. */
export const GradeHistory = Type.Array(GradeRecordInfo)

/** Why a member has the grade of a session: rounds in the order in which they were played, records newest first. */
export const GradeReasons = Type.Object({
  rounds: Type.Array(GradedRoundInfo),
  remark: Type.String(),
  records: GradeHistory,
})
export type GradeReasons = JsonOf<typeof GradeReasons>

/** A contest, for the staff. */
const ContestInfo = Type.Object({
  /** The number of its record. */
  number: Type.Integer(),
  /** ISO 8601. */
  at: Type.String(),
  member: Type.Object({ id: Type.String(), name: Type.String(), number: Type.String() }),
  session: Type.Object({ id: Type.String(), title: Type.String() }),
  exercise: nullable(Text),
  round: Type.String(),
  entry: Type.Integer(),
  points: Type.Number(),
  mistake: nullable(Type.Enum([...MISCONCEPTIONS, ...FINDING_FIELDS])),
  milestone: nullable(Text),
  /** What the member writes. */
  text: Type.String(),
  status: ContestStatus,
  /** Why it was decided so; empty while it is open. */
  reason: Type.String(),
  /** How many other members of the course the same was charged to, in the same exercise and version; null once it is decided. */
  alike: nullable(Type.Integer()),
})
export type ContestInfo = JsonOf<typeof ContestInfo>
/** Open ones first, then newest first. */
export const Contests = Type.Array(ContestInfo)

/** What a newer engine gives for the rounds of a course, where that is something else. */
export const RegradePreview = Type.Object({
  engine: Type.String(),
  /** How many rounds have been judged again. */
  rounds: Type.Integer(),
  changes: Type.Array(
    Type.Object({
      round: Type.String(),
      session: Type.String(),
      position: Type.Integer(),
      /** The members whose points change. */
      members: Type.Array(
        Type.Object({
          id: Type.String(),
          seat: Type.Enum([...SEATS]),
          points: Type.Number(),
          of: Type.Number(),
          pointsNow: Type.Number(),
          ofNow: Type.Number(),
        }),
      ),
      /** The entries that are judged otherwise. */
      entries: Type.Array(Type.Integer()),
    }),
  ),
})
export type RegradePreview = JsonOf<typeof RegradePreview>

const OwnRound = Type.Object({
  id: Type.String(),
  /** Null if this server no longer has the exercise. */
  exercise: nullable(Text),
  seat: Type.Enum([...SEATS]),
  points: Type.Number(),
  of: Type.Number(),
  deductions: Type.Array(Deduction),
})
export type OwnRound = JsonOf<typeof OwnRound>

/** What a member may know of their grade of a session. */
export const OwnGrade = Type.Object({
  /** Their finished rounds, in the order in which they were played. Empty for whoever is no member of a course. */
  rounds: Type.Array(OwnRound),
  /** The session's grade, once it has been released. `reason`: of its override. */
  session: nullable(Type.Object({ ...CELL, reason: nullable(Type.String()) })),
})
export type OwnGrade = JsonOf<typeof OwnGrade>
