/** How a route is declared: each file of this folder declares those of one area. */
import { Type, type TSchema } from 'typebox'
import type { AccessRule, NeededScope } from '../access-rules.ts'
import { ExerciseId } from '../requests.ts'
import { Id } from '../schema-parts.ts'

/** The declaration of a route. */
export interface RouteDeclaration {
  /** The description in OpenAPI and the documentation. */
  readonly summary: string
  readonly access: AccessRule
  /** What a token needs. If absent: `read` for GET, otherwise `run`; see `neededScope`. */
  readonly token?: NeededScope
  /** The path's parameters: one property for each `:name` in it. */
  readonly params?: TSchema
  /** Parameters after the path's `?`. */
  readonly query?: TSchema
  readonly body?: TSchema
  /** The body is an HTML form instead of JSON. Usually only this site's pages may send it; `of any site` lets others do so. */
  readonly acceptsForms?: 'of this site' | 'of any site'
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
export const declareRoutes = <
  const R extends {
    readonly [K in keyof R]: RouteDeclaration &
      ([ParamNames<K>] extends [never]
        ? { readonly params?: never }
        : { readonly params: { readonly properties: Record<ParamNames<K>, TSchema> } })
  },
>(
  routes: R,
) => routes

export const COURSE_PARAMS = Type.Object({ course: Id })
export const SESSION_PARAMS = Type.Object({ session: Id })
export const ROUND_PARAMS = Type.Object({ round: Id })
export const EXERCISE_PARAMS = Type.Object({ exercise: ExerciseId })
