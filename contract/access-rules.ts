/**
 * The rules for who may use a route or an event. The contract names the rule; `server/identity/access.ts` checks it. This file has no
 * schemas, so that pages can load it.
 */

/**
 * - `anyone`: everybody, signed in or not.
 * - `participant`: anybody who has joined a session, for themselves.
 * - `teacher`: any teacher who is signed in.
 * - `owner`: a teacher who owns the installation.
 * - `staff of the course`: its owner, its teachers and its assistants.
 * - `teacher of the course`: its owner and its teachers, who may change its roster and its grades.
 * - `teacher of the platform`: the teacher who registered it.
 * - `teacher of the session`, `teacher of the round`: the teacher whose lesson it is, and the staff of the course to which it belongs.
 * - `teacher of the exercise`: the teacher who uploaded it.
 * - `seat of the round`: a participant who plays or has played as client or server.
 * - `network seat of the round`: the participant who plays or watches its wire.
 * - `seat or teacher of the round`: a participant in any of the three seats, or the teacher.
 */
export type AccessRule =
  | 'anyone'
  | 'participant'
  | 'teacher'
  | 'owner'
  | 'staff of the course'
  | 'teacher of the course'
  | 'teacher of the platform'
  | 'teacher of the session'
  | 'teacher of the round'
  | 'teacher of the exercise'
  | 'seat of the round'
  | 'network seat of the round'
  | 'seat or teacher of the round'

/** What a teacher is in a course. An assistant runs sessions and sees grades, but changes none. */
export type CourseRole = 'owner' | 'teacher' | 'assistant'

/**
 * What a token lets a program do for its teacher: `read` what the teacher may see, `run` lessons and courses, `grade`: change grades and
 * release results. None of them includes another.
 */
export const TOKEN_SCOPES = ['read', 'run', 'grade'] as const
export type TokenScope = (typeof TOKEN_SCOPES)[number]

/** The scope that a token needs for a route or an event; `none`: no token opens it. */
export type NeededScope = TokenScope | 'none'

/** The rules that only people who play fulfil, or that nobody has to: a token opens nothing more there. */
const RULES_WITHOUT_TOKENS: readonly AccessRule[] = [
  'anyone',
  'participant',
  'owner',
  'seat of the round',
  'network seat of the round',
]

/**
 * The scope that a token needs: what is declared, otherwise `read` for what only reads and `run` for all else. No token acts for the
 * installation's owner as such.
 */
export const neededScope = (
  declared: { readonly access: AccessRule; readonly token?: NeededScope },
  isReading: boolean,
): NeededScope => (RULES_WITHOUT_TOKENS.includes(declared.access) ? 'none' : (declared.token ?? (isReading ? 'read' : 'run')))
