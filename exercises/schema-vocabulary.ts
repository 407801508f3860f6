/** The vocabulary of the schema of exercise files: its small, recurring parts. */
import { SEATS } from '../protocol/seat.ts'
import { Type, type TProperties, type TSchema } from 'typebox'
import { CONTROL_BITS, SEGMENT_KINDS } from '../protocol/segment.ts'
import { STATES } from '../protocol/tcp/states.ts'
import { UPPER_LAYER_MESSAGES } from '../protocol/round/model/upper-layer-messages.ts'

export const strictObject = <P extends TProperties>(properties: P, more: { minProperties?: number } = {}) =>
  Type.Object(properties, { additionalProperties: false, ...more })
/** A bound for every list; real exercises have far fewer items. */
export const MAX_LIST_ITEMS = 40

export const bySeat = <T extends TProperties[string]>(each: T) => strictObject({ client: each, server: each })
export const bySomeSeats = <T extends TProperties[string]>(each: T) =>
  strictObject({ client: Type.Optional(each), server: Type.Optional(each) })

/** A copy of a schema with another description, which editors show. */
export const withDescription = <T extends TSchema>(description: string, schema: T): T =>
  Object.defineProperties(
    {},
    { ...Object.getOwnPropertyDescriptors(schema), description: { value: description, enumerable: true } },
  ) as T

export const Id = Type.String({ pattern: '^[a-z0-9-]{1,60}$', errorMessage: 'must be small letters, digits and hyphens' })
export const Name = Type.String({ pattern: '^[a-z]$', errorMessage: 'must be one small letter' })
export const Octets = Type.Integer({ minimum: 1, maximum: 65_535, description: 'Octets.' })
export const Ms = Type.Integer({ minimum: 0, maximum: 3_600_000, description: 'Milliseconds of world time.' })
export const Sentence = Type.String({ minLength: 1, maxLength: 4_000 })
export const Text = strictObject({
  en: withDescription('In English.', Sentence),
  zh: withDescription('In Chinese: the same, with the terms of docs/glossary.csv.', Sentence),
})
export const Seat = Type.Enum(SEATS)
export const State = Type.Enum(STATES)
export const Arrival = Type.Enum(['SYN', 'data', 'FIN'])
export const Acknowledged = Type.Enum(['SYN', 'data', 'FIN', 'window'])
export const SegmentKind = Type.Enum(SEGMENT_KINDS)
export const UpperLayerMessage = Type.Enum(UPPER_LAYER_MESSAGES)
export const Flags = Type.Array(Type.Enum(CONTROL_BITS.map(([name]) => name)))
export const TimerName = Type.Enum(['user', 'retransmission', 'persist', 'time-wait'])
