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

/**
 * Text that comes in: from `min` to `max` characters, none of them U+0000 or half of a surrogate pair, which PostgreSQL cannot store. A
 * pattern counts code points; `maxLength` would count what is drawn, of which one may be a thousand octets long.
 */
export const typedText = (min: number, max: number) => Type.String({ pattern: `^[^\\u0000\\p{Cs}]{${min},${max}}$` })

/** As `typedText`, with something in it that can be seen: not only spaces, controls, and what is not drawn. */
export const visibleText = (max: number) =>
  Type.String({ pattern: `^(?=[\\s\\S]*[^\\s\\p{C}\\p{DI}\\u2800])[^\\u0000\\p{Cs}]{1,${max}}$` })

/** Text of these characters alone, `characters` as a regular expression's class has them. */
export const codeText = (characters: string, min: number, max: number, ending = '') =>
  Type.String({ pattern: `^[${characters}]{${min},${max}}${ending}$` })

/** An id, as `newId` makes them or a client makes its own. */
export const Id = codeText('0-9A-Za-z_-', 8, 40)
