/** What the routes of courses accept and answer. */
import { Type } from 'typebox'
import { LEVELS } from '../protocol/round/model/exercise.ts'
import type { CourseRole } from './access-rules.ts'
import { SessionInfo } from './answers.ts'
import { ExerciseId, NewSession } from './requests.ts'
import { literals, nullable, strictObject, typedText, visibleText, type JsonOf } from './schema-parts.ts'

const COURSE_ROLES = ['owner', 'teacher', 'assistant'] as const satisfies readonly CourseRole[]
const COURSE_LANGUAGES = ['en', 'zh'] as const

/** Create a course, which this teacher then owns. `language`: of sheets and reports for its members. */
export const NewCourse = strictObject({ title: visibleText(80), language: literals(COURSE_LANGUAGES) })
export type NewCourse = JsonOf<typeof NewCourse>

/** Rename a course, change its language, put it away, or undo that; what is absent stays as it is. */
export const CourseChange = strictObject({
  title: Type.Optional(visibleText(80)),
  language: Type.Optional(literals(COURSE_LANGUAGES)),
  archived: Type.Optional(Type.Boolean()),
})
export type CourseChange = JsonOf<typeof CourseChange>

/** Add a teacher of this server to the staff. `account`: the e-mail address, or the name if only one account has it. */
export const NewStaff = strictObject({ account: visibleText(200), role: literals(COURSE_ROLES) })
export type NewStaff = JsonOf<typeof NewStaff>
export const StaffChange = strictObject({ role: literals(COURSE_ROLES) })

const Email = nullable(typedText(3, 200))
const Group = nullable(visibleText(60))
/** Multiplies the time of each step of an exam. */
const TimeFactor = Type.Number({ minimum: 1, maximum: 5 })
const Remarks = typedText(0, 2000)

/** Add a member by hand. The number must be free in the course; that of a removed member brings them back. */
export const NewMember = strictObject({
  number: visibleText(40),
  name: visibleText(40),
  email: Type.Optional(Email),
  group: Type.Optional(Group),
  timeFactor: Type.Optional(TimeFactor),
  remarks: Type.Optional(Remarks),
})
export type NewMember = JsonOf<typeof NewMember>

/** Change a member, remove them from the roster, or undo that; what is absent stays as it is. Grades stay in any case. */
export const MemberChange = strictObject({
  number: Type.Optional(visibleText(40)),
  name: Type.Optional(visibleText(40)),
  email: Type.Optional(Email),
  group: Type.Optional(Group),
  timeFactor: Type.Optional(TimeFactor),
  remarks: Type.Optional(Remarks),
  removed: Type.Optional(Type.Boolean()),
})
export type MemberChange = JsonOf<typeof MemberChange>

/** Keep a playlist for the course's next sessions. */
export const NewCoursePlaylist = strictObject({
  title: visibleText(80),
  playlist: Type.Array(ExerciseId, { minItems: 1, maxItems: 40 }),
  level: literals(LEVELS),
  swap: Type.Boolean(),
})
export type NewCoursePlaylist = JsonOf<typeof NewCoursePlaylist>

/** Create a session of a course: `open`, for whoever has the code, or `roster`, for its members. */
export const NewCourseSession = strictObject({ ...NewSession.properties, kind: literals(['open', 'roster'] as const) })
export type NewCourseSession = JsonOf<typeof NewCourseSession>

/** A course in a teacher's list. */
export const CourseInfo = Type.Object({
  id: Type.String(),
  title: Type.String(),
  language: Type.Enum([...COURSE_LANGUAGES]),
  /** What the teacher who asks is in it. */
  role: Type.Enum([...COURSE_ROLES]),
  /** Whether it has been put away. */
  archived: Type.Boolean(),
  /** How many members are on the roster. */
  members: Type.Integer(),
  /** How many sessions it has. */
  sessions: Type.Integer(),
  /** ISO 8601. */
  createdAt: Type.String(),
})
export type CourseInfo = JsonOf<typeof CourseInfo>

/** A teacher on a course's staff. `id`: of the teacher. */
const StaffInfo = Type.Object({
  id: Type.String(),
  name: Type.String(),
  email: nullable(Type.String()),
  role: Type.Enum([...COURSE_ROLES]),
})

/** A row of the roster. */
export const MemberInfo = Type.Object({
  id: Type.String(),
  number: Type.String(),
  name: Type.String(),
  /** The name, with the number behind it where another member's name looks the same: what lessons and lists show. */
  displayName: Type.String(),
  email: nullable(Type.String()),
  group: nullable(Type.String()),
  timeFactor: Type.Number(),
  remarks: Type.String(),
  /** Whether they are on the roster no more; their grades stay. */
  removed: Type.Boolean(),
  /** How many sessions of the course they have taken part in. */
  sessions: Type.Integer(),
})
export type MemberInfo = JsonOf<typeof MemberInfo>

const CoursePlaylist = Type.Object({
  id: Type.String(),
  title: Type.String(),
  /** Exercise ids, in order. */
  playlist: Type.Array(Type.String()),
  level: Type.Enum([...LEVELS]),
  swap: Type.Boolean(),
})
export type CoursePlaylist = JsonOf<typeof CoursePlaylist>

/** A course whole. Members in the order of their numbers, the removed ones last; sessions and playlists newest first. */
export const Course = Type.Object({
  course: CourseInfo,
  staff: Type.Array(StaffInfo),
  members: Type.Array(MemberInfo),
  sessions: Type.Array(SessionInfo),
  playlists: Type.Array(CoursePlaylist),
})
export type Course = JsonOf<typeof Course>
