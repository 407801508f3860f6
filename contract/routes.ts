/**
 * The HTTP API: every route once, by method and path. From these records follow the routes that are served, the access rules, the
 * validation of bodies, the fields of answers, the OpenAPI document, the table in `docs/protocol.md` and the pages' client. Every
 * failure is a `Failure` with a matching status (400 malformed, 401, 403, 404, 409, 410, 422, 429 with Retry-After, 503).
 */
import { Type, type TSchema } from 'typebox'
import type { AccessRule } from './access-rules.ts'
import {
  Addresses,
  Board,
  ClaimState,
  CodeInfo,
  ExerciseInfo,
  ExercisePreview,
  Health,
  Joined,
  OwnExercise,
  Practice,
  PracticeBegun,
  Replay,
  ReplayLinks,
  SessionInfo,
  TeacherInfo,
} from './answers.ts'
import { CurrentMistakes, Insights, KeptNotes } from './insights.ts'
import {
  BeginPractice,
  Claim,
  ClaimDecision,
  Code,
  Door,
  ExerciseId,
  Join,
  MoveToPosition,
  NewExercise,
  NewPair,
  NewSession,
  Notes,
  Pairing,
  Rehearse,
  Results,
  SessionChange,
  TeacherLink,
  TeacherLogin,
  TeacherPassword,
  Upcoming,
} from './requests.ts'
import { codeText, Id, type JsonOf } from './schema-parts.ts'

/** The declaration of a route. */
export interface RouteDeclaration {
  /** The description in OpenAPI and the documentation. */
  readonly summary: string
  readonly access: AccessRule
  /** The path's parameters: one property for each `:name` in it. */
  readonly params?: TSchema
  readonly body?: TSchema
  /** Maximum octets of the body. If absent, the server's general limit applies. */
  readonly maxBodyOctets?: number
  /** The answer with status 200. */
  readonly answer: TSchema
  /** The answer's media type. If absent, the answer is JSON, reduced to the fields of the schema. */
  readonly contentType?: string
  /** The route is for machines and not part of the API: OpenAPI leaves it out. */
  readonly hidden?: true
}

type ParamNames<Path> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? Name | ParamNames<Rest>
  : Path extends `${string}:${infer Name}`
    ? Name
    : never

/** Declares routes. It does not compile if a path and its `params` have different names. */
const declareRoutes = <
  const R extends {
    readonly [K in keyof R]: RouteDeclaration &
      ([ParamNames<K>] extends [never]
        ? { readonly params?: never }
        : { readonly params: { readonly properties: Record<ParamNames<K>, TSchema> } })
  },
>(
  routes: R,
) => routes

const session = Type.Object({ session: Id })
const round = Type.Object({ round: Id })
const exercise = Type.Object({ exercise: ExerciseId })

/** All routes of the HTTP API. */
export const ROUTES = declareRoutes({
  // How students join: they enter a code, then a name.
  'GET /api/codes/:code': {
    summary: 'The session with this code, and who has joined it from this browser',
    access: 'anyone',
    params: Type.Object({ code: Code }),
    answer: CodeInfo,
  },
  // Sets this participant's cookie.
  'POST /api/join': {
    summary: 'Join a session as a new participant',
    access: 'anyone',
    body: Join,
    answer: Joined,
  },

  // A student who comes back on another device. The browser's cookie must prove the participant who claims.
  'POST /api/claims': {
    summary: 'Claim the seat of the participant with this name; the teacher decides',
    access: 'anyone',
    body: Claim,
    answer: ClaimState,
  },
  // Once the claim has been granted, sets the cookie of the claimed participant.
  'GET /api/claims/:participant': {
    summary: 'What has become of the claim of a participant of this browser',
    access: 'anyone',
    params: Type.Object({ participant: Id }),
    answer: ClaimState,
  },

  // How learners start to practise alone.
  'GET /api/practice': {
    summary: 'What there is to practise alone, and what is not finished',
    access: 'anyone',
    answer: Practice,
  },
  // Sets this participant's cookie.
  'POST /api/practice': {
    summary: 'Begin a round alone; one that is not finished ends',
    access: 'anyone',
    body: BeginPractice,
    answer: PracticeBegun,
  },

  'GET /api/practice/:exercise/demonstration': {
    summary: 'A built-in exercise played by two built-in partners, to be watched',
    access: 'anyone',
    params: Type.Object({ exercise: ExerciseId }),
    answer: Replay,
  },

  // How the teacher signs in, which sets their cookie, and out.
  'GET /api/teacher': { summary: 'Whether this browser is signed in', access: 'anyone', answer: TeacherInfo },
  'POST /api/teacher/link': {
    summary: 'Sign in by the one-time link',
    access: 'anyone',
    body: TeacherLink,
    answer: TeacherInfo,
  },
  'POST /api/teacher/login': {
    summary: 'Sign in by the password',
    access: 'anyone',
    body: TeacherLogin,
    answer: TeacherInfo,
  },
  'POST /api/teacher/password': {
    summary: 'Set the password',
    access: 'teacher',
    body: TeacherPassword,
    answer: TeacherInfo,
  },
  'POST /api/teacher/logout': { summary: 'Sign out', access: 'teacher', answer: TeacherInfo },

  // The teacher's lessons. Each route that changes a lesson answers with its board.
  'GET /api/sessions': { summary: 'My sessions, newest first', access: 'teacher', answer: Type.Array(SessionInfo) },
  'POST /api/sessions': { summary: 'A new session', access: 'teacher', body: NewSession, answer: SessionInfo },
  'GET /api/sessions/:session': {
    summary: 'The board',
    access: 'teacher of the session',
    params: session,
    answer: Board,
  },
  'PATCH /api/sessions/:session': {
    summary:
      'Rename a session, put it away, or delete it, and undo each; one that is being played has to be ended before it is deleted',
    access: 'teacher of the session',
    params: session,
    body: SessionChange,
    answer: SessionInfo,
  },
  'POST /api/sessions/:session/pairing': {
    summary: 'Pair everybody who is present and has no pair',
    access: 'teacher of the session',
    params: session,
    body: Pairing,
    answer: Board,
  },
  'POST /api/sessions/:session/pairs': {
    summary:
      'Make a pair of these: two, a third on the wire between them, or one with the built-in partner; they leave their pairs',
    access: 'teacher of the session',
    params: session,
    body: NewPair,
    answer: Board,
  },
  'DELETE /api/sessions/:session/pairs/:pair': {
    summary: 'Take a pair apart',
    access: 'teacher of the session',
    params: Type.Object({ session: Id, pair: Id }),
    answer: Board,
  },
  'DELETE /api/sessions/:session/participants/:participant': {
    summary: 'Remove a participant, whose device is signed out; their pair is taken apart',
    access: 'teacher of the session',
    params: Type.Object({ session: Id, participant: Id }),
    answer: Board,
  },
  'DELETE /api/sessions/:session/participants/:participant/hand': {
    summary: "Take a participant's hand down",
    access: 'teacher of the session',
    params: Type.Object({ session: Id, participant: Id }),
    answer: Board,
  },
  'POST /api/sessions/:session/claims/:participant': {
    summary: 'Grant or refuse the claim of a participant to be another one, on another device',
    access: 'teacher of the session',
    params: Type.Object({ session: Id, participant: Id }),
    body: ClaimDecision,
    answer: Board,
  },
  'DELETE /api/sessions/:session/unpaired': {
    summary: 'Remove everybody who has no pair, as one participant is removed',
    access: 'teacher of the session',
    params: session,
    answer: Board,
  },
  'DELETE /api/sessions/:session/absent': {
    summary: 'Remove everybody who is not there and has never had a pair',
    access: 'teacher of the session',
    params: session,
    answer: Board,
  },
  'POST /api/sessions/:session/position': {
    summary: 'Open an exercise of the playlist for all pairs; unfinished rounds end',
    access: 'teacher of the session',
    params: session,
    body: MoveToPosition,
    answer: Board,
  },
  'POST /api/sessions/:session/upcoming': {
    summary: 'Replace the exercises that have not begun; level and swap hold from the next one on',
    access: 'teacher of the session',
    params: session,
    body: Upcoming,
    answer: Board,
  },
  'POST /api/sessions/:session/results': {
    summary: 'Open the results of an exam to its students, or close them again',
    access: 'teacher of the session',
    params: session,
    body: Results,
    answer: Board,
  },
  'POST /api/sessions/:session/rehearsals': {
    summary: 'A copy of the session in which a program plays the students, under way',
    access: 'teacher of the session',
    params: session,
    body: Rehearse,
    answer: SessionInfo,
  },
  'POST /api/sessions/:session/door': {
    summary: 'Let nobody new join, or let them again; who has joined stays and can come back',
    access: 'teacher of the session',
    params: session,
    body: Door,
    answer: Board,
  },
  'POST /api/sessions/:session/end': {
    summary: 'End the session',
    access: 'teacher of the session',
    params: session,
    answer: Board,
  },
  'POST /api/sessions/:session/reopen': {
    summary: 'Open a session again that has ended; pairs that its end has cut off begin their exercise anew',
    access: 'teacher of the session',
    params: session,
    answer: Board,
  },
  // UTF-8 with a byte order mark.
  'GET /api/sessions/:session/scores.csv': {
    summary: 'Points and percentages, a row for each student',
    access: 'teacher of the session',
    params: session,
    answer: Type.String(),
    contentType: 'text/csv',
  },
  'GET /api/sessions/:session/insights': {
    summary: 'The results of a session, running or ended: students, rounds, and what the class got wrong',
    access: 'teacher of the session',
    params: session,
    answer: Insights,
  },
  // UTF-8 with a byte order mark.
  'GET /api/sessions/:session/insights.csv': {
    summary: 'What the class got wrong, a row for each mistake, milestone and choice',
    access: 'teacher of the session',
    params: session,
    answer: Type.String(),
    contentType: 'text/csv',
  },
  'GET /api/sessions/:session/mistakes': {
    summary: 'The commonest mistakes in the exercise that is being played; made anew every few seconds at most',
    access: 'teacher of the session',
    params: session,
    answer: CurrentMistakes,
  },
  'POST /api/sessions/:session/notes': {
    summary: 'Keep my notes on a session',
    access: 'teacher of the session',
    params: session,
    body: Notes,
    answer: KeptNotes,
  },

  // Replays of rounds, for participants of the round, its teacher, and anyone with a link.
  'GET /api/rounds/:round/replay': {
    summary: 'A round, for its teacher at any time and for its seats once it is over',
    access: 'seat or teacher of the round',
    params: round,
    answer: Replay,
  },
  'DELETE /api/rounds/:round/links': {
    summary: 'Revoke my links to a round, as its teacher everybody’s; others take their place',
    access: 'seat or teacher of the round',
    params: round,
    answer: ReplayLinks,
  },
  // The token itself authorizes the request.
  'GET /api/replays/:token': {
    summary: 'A round that is over, for anyone with its link',
    access: 'anyone',
    params: Type.Object({ token: codeText('0-9A-Za-z_-', 1, 80) }),
    answer: Replay,
  },

  // The exercises that a teacher can choose from, and uploads of the teacher's own exercises.
  'GET /api/exercises': {
    summary: 'The exercises, in teaching order, and my own',
    access: 'teacher',
    answer: Type.Array(ExerciseInfo),
  },
  'POST /api/exercises': {
    summary: 'An exercise of my own, or a new version of one',
    access: 'teacher',
    body: NewExercise,
    maxBodyOctets: 512 * 1024, // the longest file with JSON's escapes
    answer: OwnExercise,
  },
  'GET /api/exercises/:exercise/preview': {
    summary: 'A built-in exercise, to read before choosing it',
    access: 'teacher',
    params: exercise,
    answer: ExercisePreview,
  },
  'GET /api/exercises/:exercise': {
    summary: 'An exercise of my own',
    access: 'teacher of the exercise',
    params: exercise,
    answer: OwnExercise,
  },
  'DELETE /api/exercises/:exercise': {
    summary: 'Remove an exercise of my own from what can be chosen',
    access: 'teacher of the exercise',
    params: exercise,
    answer: Type.Array(ExerciseInfo),
  },

  // The server itself: its addresses, health, metrics and API, and the JSON schema of exercises.
  'GET /api/addresses': { summary: 'The addresses to type, likeliest first', access: 'teacher', answer: Addresses },
  // Editors request it, because a line of each exercise file refers to it.
  'GET /exercise.schema.json': {
    summary: 'What an exercise may say, as JSON Schema',
    access: 'anyone',
    answer: Type.Unknown(),
    contentType: 'application/schema+json',
    hidden: true,
  },
  'GET /openapi.json': { summary: 'This API', access: 'anyone', answer: Type.Unknown(), hidden: true },
  'GET /healthz': { summary: 'Whether this node is alive', access: 'anyone', answer: Health },
  'GET /readyz': { summary: 'Whether this node can work: its database and Redis answer', access: 'anyone', answer: Health },
  // Prometheus authenticates with a bearer token instead of a cookie; the handler checks the token.
  'GET /metrics': {
    summary: 'What this node counts and measures, for Prometheus',
    access: 'anyone',
    answer: Type.String(),
    contentType: 'text/plain',
    hidden: true,
  },
})

/** A route by method and path, such as `POST /api/sessions/:session/pairs`. */
export type RouteKey = keyof typeof ROUTES

type SchemaAt<K extends RouteKey, Part extends string> =
  (typeof ROUTES)[K] extends Readonly<Record<Part, infer S extends TSchema>> ? S : never
interface RouteTypes<K extends RouteKey> {
  readonly params: JsonOf<SchemaAt<K, 'params'>>
  readonly body: JsonOf<SchemaAt<K, 'body'>>
  readonly answer: JsonOf<SchemaAt<K, 'answer'>>
}
/** The types by key, so that a function that is generic over routes knows what they have in common. */
type AllRouteTypes = { readonly [K in RouteKey]: RouteTypes<K> }

/** The parameters of a route's path; `never` if it has none. */
export type RouteParams<K extends RouteKey> = AllRouteTypes[K]['params']
/** A route's body; `never` if it has none. */
export type RouteBody<K extends RouteKey> = AllRouteTypes[K]['body']
/** A route's answer with status 200. */
export type RouteAnswer<K extends RouteKey> = AllRouteTypes[K]['answer']
