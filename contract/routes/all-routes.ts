/**
 * The HTTP API: every route once, by method and path. From these records follow the routes that are served, the access rules, the
 * validation of bodies, the fields of answers, the OpenAPI document, the table in `docs/protocol.md` and the pages' client. Every
 * failure is a `Failure` with a matching status (400 malformed, 401, 403, 404, 409, 410, 422, 429 with Retry-After, 503).
 */
import type { TSchema } from 'typebox'
import type { JsonOf } from '../schema-parts.ts'
import { JOIN_ROUTES } from './join.ts'
import { PRACTICE_ROUTES } from './practice.ts'
import { TEACHER_ROUTES } from './teacher.ts'
import { COURSE_ROUTES } from './course.ts'
import { GRADE_ROUTES } from './grading.ts'
import { COLLEAGUE_ROUTES } from './colleagues.ts'
import { ACTIVITY_ROUTES } from './class-activity.ts'
import { MEMBER_ROUTES } from './members.ts'
import { PRIVACY_ROUTES } from './privacy.ts'
import { SESSION_ROUTES } from './sessions.ts'
import { RESULT_ROUTES } from './results.ts'
import { REPLAY_ROUTES } from './replays.ts'
import { EXERCISE_ROUTES } from './exercises.ts'
import { LTI_ROUTES } from './lti.ts'
import { ABOUT_ROUTES } from './about.ts'

/** All routes of the HTTP API. */
export const ROUTES = {
  ...JOIN_ROUTES,
  ...PRACTICE_ROUTES,
  ...TEACHER_ROUTES,
  ...COURSE_ROUTES,
  ...MEMBER_ROUTES,
  ...GRADE_ROUTES,
  ...COLLEAGUE_ROUTES,
  ...PRIVACY_ROUTES,
  ...SESSION_ROUTES,
  ...ACTIVITY_ROUTES,
  ...RESULT_ROUTES,
  ...REPLAY_ROUTES,
  ...EXERCISE_ROUTES,
  ...LTI_ROUTES,
  ...ABOUT_ROUTES,
}

/** A route by method and path, such as `POST /api/sessions/:session/pairs`. */
export type RouteKey = keyof typeof ROUTES

type SchemaAt<K extends RouteKey, Part extends string> =
  (typeof ROUTES)[K] extends Readonly<Record<Part, infer S extends TSchema>> ? S : never
interface RouteTypes<K extends RouteKey> {
  readonly params: JsonOf<SchemaAt<K, 'params'>>
  readonly query: JsonOf<SchemaAt<K, 'query'>>
  readonly body: JsonOf<SchemaAt<K, 'body'>>
  readonly answer: JsonOf<SchemaAt<K, 'answer'>>
}
/** The types by key, so that a function that is generic over routes knows what they have in common. */
type AllRouteTypes = { readonly [K in RouteKey]: RouteTypes<K> }

/** The parameters of a route's path; `never` if it has none. */
export type RouteParams<K extends RouteKey> = AllRouteTypes[K]['params']
/** The parameters after the `?` of a route's path; `never` if it takes none. */
export type RouteQuery<K extends RouteKey> = AllRouteTypes[K]['query']
/** A route's body; `never` if it has none. */
export type RouteBody<K extends RouteKey> = AllRouteTypes[K]['body']
/** A route's answer with status 200. */
export type RouteAnswer<K extends RouteKey> = AllRouteTypes[K]['answer']
