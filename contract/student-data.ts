/** Retention, export and erasure: what the routes for them accept and answer. */
import { Type } from 'typebox'
import { Id, literals, nullable, strictObject, type JsonOf } from './schema-parts.ts'

const Days = Type.Integer({ minimum: 1, maximum: 36_500 })
const BOUNDS = {
  /** Days for which students' data is kept where a course says nothing else, after its last session. */
  days: Days,
  /** What a course may choose. */
  minDays: Days,
  maxDays: Days,
}
/** Change the installation's rules for retention. */
export const RetentionBounds = strictObject(BOUNDS)
export type RetentionBounds = JsonOf<typeof RetentionBounds>
/** The installation's rules for retention. */
export const Retention = Type.Object({
  ...BOUNDS,
  /** When `handshake backup` last made a backup of this database, ISO 8601; null if it never has. */
  lastBackup: nullable(Type.String()),
})
export type Retention = JsonOf<typeof Retention>

/** Change a course's retention; null: the installation's default. */
export const CourseRetention = strictObject({ keepDays: nullable(Days) })
export type CourseRetention = JsonOf<typeof CourseRetention>

/** What an erasure has changed or deleted: rows by table. */
export const ErasedCounts = Type.Record(Type.String(), Type.Integer())
export type ErasedCounts = JsonOf<typeof ErasedCounts>
/** An erasure that was done. */
export const Erasure = Type.Object({
  /** ISO 8601. */
  at: Type.String(),
  /** The name of who asked for it; null: the retention job. */
  by: nullable(Type.String()),
  counts: ErasedCounts,
})
export type Erasure = JsonOf<typeof Erasure>

/** All that is stored about one student, by kind of data. Rows are as in the database; acts of rounds are those of the student alone. */
export const StudentData = Type.Object({
  /** ISO 8601. */
  madeAt: Type.String(),
  kinds: Type.Array(
    Type.Object({
      kind: Type.String(),
      what: Type.Object({ en: Type.String(), zh: Type.String() }),
      why: Type.Object({ en: Type.String(), zh: Type.String() }),
      rows: Type.Array(Type.Object({ table: Type.String(), row: Type.Record(Type.String(), Type.Unknown()) })),
    }),
  ),
})
export type StudentData = JsonOf<typeof StudentData>

export const STUDENT_OF_SESSION_PARAMS = Type.Object({ session: Id, participant: Id })
export const STUDENT_OF_COURSE_PARAMS = Type.Object({ course: Id, member: Id })
const Lang = literals(['en', 'zh'] as const)
export const STUDENT_OF_SESSION_TEXT_PARAMS = Type.Object({ session: Id, participant: Id, lang: Lang })
export const STUDENT_OF_COURSE_TEXT_PARAMS = Type.Object({ course: Id, member: Id, lang: Lang })
