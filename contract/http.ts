/**
 * The HTTP API, typed once for both sides. Bodies are validated against `schemas.ts`. Every failure is `Failure` with a fitting status
 * (400 malformed, 401, 403, 404, 409, 429 with Retry-After, 503).
 *
 * | route | who | body | answer |
 * | --- | --- | --- | --- |
 * | GET  /api/codes/:code | anyone | – | CodeInfo |
 * | POST /api/join | anyone | Join | Joined (sets this participant's cookie) |
 * | GET  /api/practice | anyone | – | Practice |
 * | POST /api/practice | anyone | BeginPractice | PracticeBegun (sets this participant's cookie) |
 * | GET  /api/teacher | anyone | – | TeacherInfo |
 * | POST /api/teacher/link | anyone | TeacherLink | TeacherInfo (sets the teacher's cookie) |
 * | POST /api/teacher/login | anyone | TeacherLogin | TeacherInfo (sets the teacher's cookie) |
 * | POST /api/teacher/password | teacher | TeacherPassword | TeacherInfo |
 * | POST /api/teacher/logout | teacher | – | TeacherInfo |
 * | GET  /api/exercises | teacher | – | ExerciseInfo[] (the server's and the teacher's own) |
 * | POST /api/exercises | teacher | NewExercise | OwnExercise (a new version of the one with the same id in its file) |
 * | GET  /api/exercises/:exercise | its teacher | – | OwnExercise |
 * | DELETE /api/exercises/:exercise | its teacher | – | ExerciseInfo[] |
 * | GET  /api/addresses | teacher | – | Addresses |
 * | GET  /api/sessions | teacher | – | SessionInfo[] (newest first) |
 * | POST /api/sessions | teacher | NewSession | SessionInfo |
 * | GET  /api/sessions/:session | its teacher | – | Board |
 * | POST /api/sessions/:session/pairing | its teacher | – | Board (pairs everybody who is present and has no pair) |
 * | POST /api/sessions/:session/pairs | its teacher | NewPair | Board (these two leave their pairs, if any, and become one) |
 * | DELETE /api/sessions/:session/pairs/:pair | its teacher | – | Board |
 * | POST /api/sessions/:session/position | its teacher | Move | Board (opens that exercise for all pairs; unfinished rounds end) |
 * | POST /api/sessions/:session/results | its teacher | Results | Board (an exam's) |
 * | POST /api/sessions/:session/end | its teacher | – | Board |
 * | GET  /api/sessions/:session/scores.csv | its teacher | – | text/csv, UTF-8 with BOM |
 * | GET  /api/rounds/:round/replay | its teacher; its seats once it is over | – | Replay |
 * | DELETE /api/rounds/:round/links | its teacher; its seats | – | ReplayLinks (the ones from now on; those before open nothing) |
 * | GET  /api/replays/:token | anyone with the link, once the round is over | – | Replay |
 * | GET  /exercise.schema.json, /openapi.json, /healthz | anyone | – | – |
 */
import type { Seat } from '../protocol/seat.ts'
import type { Entry } from '../protocol/round/model/entry.ts'
import type { Exercise, Level, LocalizedText, Topic } from '../protocol/round/model/exercise.ts'

export interface CodeInfo {
  readonly session: { readonly id: string; readonly code: string; readonly title: string; readonly level: Level }
  /** Participants of this session who joined from this browser: "continue as Heron". */
  readonly known: readonly { readonly id: string; readonly name: string }[]
}

export interface Joined {
  readonly participant: { readonly id: string; readonly name: string }
  /** The name was in use and got a suffix. */
  readonly renamed: boolean
}

export interface TeacherInfo {
  readonly signedIn: boolean
  /** A password has been set. */
  readonly hasPassword: boolean
}

export const ORIGINS = ['built-in', 'own', 'removed'] as const

export interface ExerciseInfo {
  readonly id: string
  readonly version: number
  /** Null for one that is under no heading. */
  readonly topic: Topic | null
  /** Whose it is: the server's, or the teacher's own. A removed one can be chosen no more; lessons that have it play on. */
  readonly origin: (typeof ORIGINS)[number]
  readonly title: LocalizedText
  readonly point: LocalizedText
}

/** One that a teacher has brought along, in its newest version. */
export interface OwnExercise {
  readonly id: string
  readonly version: number
  readonly createdAt: string
  /** Its file, YAML. */
  readonly source: string
  readonly exercise: Exercise
}

/** What there is to practise alone. */
export interface Practice {
  /** In the order in which they are best learnt. */
  readonly exercises: readonly ExerciseInfo[]
  /** A round that was begun in this browser and has not come to its end; null where there is none. */
  readonly unfinished: { readonly participant: string; readonly exercise: string } | null
}

export interface PracticeBegun {
  /** Whose page the round is on. */
  readonly participant: string
}

export interface Addresses {
  /** `http://192.0.2.7:8080`, likeliest first; `BASE_URL` alone where it is set. */
  readonly urls: readonly string[]
  /** Some device other than this machine has asked for a page since the server started. */
  readonly reached: boolean
}

/** Tokens of links to a round's replay: with its players' names, or without. */
export interface ReplayLinks {
  readonly named: string
  readonly nameless: string
}

/** A round with all that happened in it, to be shown again. */
export interface Replay {
  /** Null where the server has this exercise no longer. `scenes`: those that have a title. */
  readonly exercise: {
    readonly title: LocalizedText
    readonly point: LocalizedText
    readonly scenes: readonly { readonly id: string; readonly title: LocalizedText }[]
  } | null
  /** Null where the link leaves them out, and of practice, which has none; of a seat, where it is the built-in partner's. */
  readonly names: { readonly [S in Seat]: string | null } | null
  /** Tokens of links that open it for anyone; null for who came by one. */
  readonly links: ReplayLinks | null
  /** Whether the links open it already: for the teacher a round is open before it is over, and an exam before its results are released. */
  readonly open: boolean
  /** The round's log from its first entry on. */
  readonly entries: readonly Entry[]
}
