/** What the schemas of the contract are made of. */
import { Type, type Static, type TLiteral, type TProperties, type TSchema, type TUnion } from 'typebox'

type DeepReadonly<T> = { readonly [K in keyof T]: DeepReadonly<T[K]> }

/** What fits a schema, as TypeScript says it: nobody changes what has come or goes over the wire. */
export type JsonOf<S extends TSchema> = DeepReadonly<Static<S>>

type Literals<T extends readonly string[]> = TUnion<{ -readonly [K in keyof T]: TLiteral<T[K]> }>
/** One of these texts. `map` loses the tuple, from which a union's type is made. */
export const literals = <const T extends readonly string[]>(values: T) =>
  Type.Union(values.map((v) => Type.Literal(v))) as unknown as Literals<T>

/** An object of what comes in: a property that is not named is refused. */
export const strictObject = <P extends TProperties>(properties: P) => Type.Object(properties, { additionalProperties: false })

export const nullable = <S extends TSchema>(schema: S) => Type.Union([schema, Type.Null()])
export const perSeat = <S extends TSchema>(schema: S) => Type.Object({ client: schema, server: schema })

/** What the protocol declares and no schema repeats. It is sent whole, and only by the server. `description` says where it is declared. */
export const declaredElsewhere = <T>(description: string) => Type.Unsafe<T>(Type.Unknown({ description }))

/** An id, as `newId` makes them or a client makes its own. */
export const Id = Type.String({ pattern: '^[0-9A-Za-z_-]{8,40}$' })
