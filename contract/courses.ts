/** What the routes of courses accept and answer. */
import { Type } from 'typebox'
import { LEVELS } from '../protocol/round/model/exercise.ts'
import type { CourseRole } from './access-rules.ts'
import { SessionInfo } from './answers.ts'
import { Code, ExerciseId, NewSession } from './requests.ts'
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

const ROSTER_ENCODINGS = ['utf-8', 'gb18030', 'utf-16le', 'utf-16be', 'windows-1252'] as const
export type RosterEncoding = (typeof ROSTER_ENCODINGS)[number]
const ROSTER_SEPARATORS = [',', ';', '\t'] as const
export type RosterSeparator = (typeof ROSTER_SEPARATORS)[number]
const ROSTER_COLUMNS = ['number', 'name', 'familyName', 'givenName', 'email', 'group', 'remarks', 'none'] as const
/** What a column of a roster holds; `none`: it is not read. */
export type RosterColumn = (typeof ROSTER_COLUMNS)[number]

/** Maximum octets of a roster's file. */
const MAX_ROSTER_OCTETS = 512 * 1024
/** Base64 takes four characters for three octets. */
const MAX_ROSTER_CHARACTERS = Math.ceil(MAX_ROSTER_OCTETS / 3) * 4
/** Maximum octets of a request with a roster's file. */
export const MAX_ROSTER_BODY_OCTETS = MAX_ROSTER_CHARACTERS + 4096

const rosterFile = {
  /** The file, base64. */
  file: Type.String({ pattern: '^[0-9A-Za-z+/]*={0,2}$', maxLength: MAX_ROSTER_CHARACTERS }),
  /** What follows is guessed where it is absent. */
  encoding: Type.Optional(literals(ROSTER_ENCODINGS)),
  separator: Type.Optional(literals(ROSTER_SEPARATORS)),
  /** Whether the first row has titles. */
  header: Type.Optional(Type.Boolean()),
  /** What each column holds. */
  columns: Type.Optional(Type.Array(literals(ROSTER_COLUMNS), { maxItems: 100 })),
}
/** Read a roster from a file (CSV), without storing anything. */
export const RosterFile = strictObject(rosterFile)
export type RosterFile = JsonOf<typeof RosterFile>
/**
 * Import a roster: the lines without a fault. `fingerprint`: of the preview that was shown; if it would come out differently now,
 * nothing is stored. `removeGone`: members who are not in the file leave the roster; their grades stay.
 */
export const RosterImport = strictObject({ ...rosterFile, fingerprint: typedText(64, 64), removeGone: Type.Boolean() })
export type RosterImport = JsonOf<typeof RosterImport>

/** A line that cannot be a member, and why. */
const RosterFault = Type.Object({
  /** Of the file, from 1. */
  line: Type.Integer(),
  /**
   * `rounded-number`: a spreadsheet has rounded a long number, as in `2.02E+11`. `too-many-cells`: more than the table has
   * columns. `quote`: a quotation mark opens and none closes.
   */
  reason: Type.Enum(['no-number', 'rounded-number', 'number-twice', 'no-name', 'bad-email', 'too-long', 'too-many-cells', 'quote']),
  /** What stands there. */
  value: Type.String(),
  /** The line that has the same number. */
  other: Type.Optional(Type.Integer()),
})
export type RosterFault = JsonOf<typeof RosterFault>

/** What importing would change, by number. */
const RosterChanges = Type.Object({
  /** `returns`: a member who had been removed. */
  added: Type.Array(Type.Object({ number: Type.String(), name: Type.String(), returns: Type.Boolean() })),
  changed: Type.Array(
    Type.Object({
      number: Type.String(),
      name: Type.String(),
      fields: Type.Array(
        Type.Object({
          field: Type.Enum(['name', 'email', 'group', 'remarks']),
          from: Type.String(),
          to: Type.String(),
        }),
      ),
    }),
  ),
  /** Members who are not in the file. */
  gone: Type.Array(Type.Object({ number: Type.String(), name: Type.String() })),
  /** How many stay as they are. */
  same: Type.Integer(),
})
export type RosterChanges = JsonOf<typeof RosterChanges>

/** A roster as it was read from a file, and what importing it would change. */
export const RosterPreview = Type.Object({
  encoding: Type.Enum([...ROSTER_ENCODINGS]),
  separator: Type.Enum([...ROSTER_SEPARATORS]),
  header: Type.Boolean(),
  columns: Type.Array(
    Type.Object({ title: Type.String(), column: Type.Enum([...ROSTER_COLUMNS]), samples: Type.Array(Type.String()) }),
  ),
  faults: Type.Array(RosterFault),
  changes: RosterChanges,
  /** Stands for the file, how it was read, and the changes. */
  fingerprint: Type.String(),
})
export type RosterPreview = JsonOf<typeof RosterPreview>

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

/** A member's personal link. `path` begins with `/m/`. */
export const PersonalLink = Type.Object({
  member: Type.String(),
  number: Type.String(),
  name: Type.String(),
  email: nullable(Type.String()),
  group: nullable(Type.String()),
  path: Type.String(),
})
export type PersonalLink = JsonOf<typeof PersonalLink>

/** What a personal link opens: who it is for, and the sessions that they can enter now, newest first. */
export const MemberHome = Type.Object({
  name: Type.String(),
  number: Type.String(),
  /** The course's title. */
  course: Type.String(),
  sessions: Type.Array(Type.Object({ id: Type.String(), title: Type.String() })),
})
export type MemberHome = JsonOf<typeof MemberHome>

/** Enter a session as a member. `takeOver`: although the member is there on another device, which is then asleep. */
export const EnterSession = strictObject({ takeOver: Type.Boolean() })
/** Enter the session of a code as the member with this student number. */
export const EnterByNumber = strictObject({ code: Code, number: visibleText(40), takeOver: Type.Boolean() })
export type EnterByNumber = JsonOf<typeof EnterByNumber>

/** A course whole. Members in the order of their numbers, the removed ones last; sessions and playlists newest first. */
export const Course = Type.Object({
  course: CourseInfo,
  staff: Type.Array(StaffInfo),
  members: Type.Array(MemberInfo),
  sessions: Type.Array(SessionInfo),
  playlists: Type.Array(CoursePlaylist),
})
export type Course = JsonOf<typeof Course>
