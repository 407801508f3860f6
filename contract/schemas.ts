/** TypeBox schemas of everything that comes in from outside: HTTP bodies and socket payloads. The pages import only the types. */
import { SEATS } from '../protocol/seat.ts'
import { Type, type Static, type TLiteral, type TProperties, type TUnion } from 'typebox'
import { KEY_EXCHANGE_PAYLOADS, EXCHANGE_KEYS, MESSAGES_WITHOUT_CHOICE } from '../protocol/tls/endpoint/endpoint.ts'
import { NAMED_GROUPS } from '../protocol/tls/format/crypto.ts'
import { ALERT, type AlertName, TLS_VERSIONS } from '../protocol/tls/format/messages.ts'
import { LEVELS } from '../protocol/round/model/exercise.ts'
import { STATES } from '../protocol/tcp/states.ts'
import { PARTNER_STYLES } from '../protocol/round/model/partner-styles.ts'

type Literals<T extends readonly string[]> = TUnion<{ -readonly [K in keyof T]: TLiteral<T[K]> }>
/** One of these texts. `map` loses the tuple, from which a union's type is made. */
const literals = <const T extends readonly string[]>(values: T) =>
  Type.Union(values.map((v) => Type.Literal(v))) as unknown as Literals<T>

/** An id, as `newId` makes them or a client makes its own. */
export const Id = Type.String({ pattern: '^[0-9A-Za-z_-]{8,40}$' })
const State = literals(STATES)

export const Code = Type.String({ minLength: 4, maxLength: 16 })
const Name = Type.String({ minLength: 1, maxLength: 40 })

export const Join = Type.Object({ code: Code, name: Name }, { additionalProperties: false })
export type Join = Static<typeof Join>

export const TeacherLink = Type.Object({ token: Type.String({ minLength: 20, maxLength: 100 }) }, { additionalProperties: false })
export const TeacherLogin = Type.Object(
  { password: Type.String({ minLength: 1, maxLength: 200 }) },
  { additionalProperties: false },
)
export const TeacherPassword = Type.Object(
  { password: Type.String({ minLength: 8, maxLength: 200 }) },
  { additionalProperties: false },
)

/** Of a teacher's own: the id in its file, a dot, and a key. */
export const ExerciseId = Type.String({ pattern: '^[a-z0-9-]{1,60}(\\.[0-9A-Za-z_-]{22})?$' })

/** An exercise as the text of its file. */
export const NewExercise = Type.Object(
  { source: Type.String({ minLength: 1, maxLength: 100_000 }) },
  { additionalProperties: false },
)
export type NewExercise = Static<typeof NewExercise>

/** What the built-in partner is like; drawn anew for each round, and without mistakes, where nothing is said. */
const PartnerWish = Type.Object(
  {
    style: Type.Optional(literals(PARTNER_STYLES)),
    pace: Type.Optional(literals(['human', 'at-once'] as const)),
    mistakes: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
)

export const NewSession = Type.Object(
  {
    title: Type.String({ minLength: 1, maxLength: 80 }),
    level: literals(LEVELS),
    playlist: Type.Array(ExerciseId, { minItems: 1, maxItems: 40 }),
    swap: Type.Boolean(),
    partner: Type.Optional(PartnerWish),
  },
  { additionalProperties: false },
)
export type NewSession = Static<typeof NewSession>

/** Pair these two by hand, with a third on the wire between them, or one with the built-in partner. */
export const NewPair = Type.Object({ members: Type.Array(Id, { minItems: 1, maxItems: 3 }) }, { additionalProperties: false })
/** Pair everybody who is present: what an odd one gets. */
export const Pairing = Type.Object({ odd: literals(['built-in', 'network'] as const) }, { additionalProperties: false })
export type Pairing = Static<typeof Pairing>
/** Begin a round alone. Without a teacher there is nobody who could release an exam. */
export const BeginPractice = Type.Object(
  {
    exercise: ExerciseId,
    seat: literals(SEATS),
    level: literals(['guided', 'standard'] as const),
    partner: PartnerWish,
  },
  { additionalProperties: false },
)
export type BeginPractice = Static<typeof BeginPractice>

/** Open an exam's results to its students, or close them again. */
export const Results = Type.Object({ released: Type.Boolean() }, { additionalProperties: false })

/** Open the exercise at this place of the playlist for everybody. */
export const MoveToPosition = Type.Object({ position: Type.Integer({ minimum: 0, maximum: 39 }) }, { additionalProperties: false })

const Call = Type.Union([
  Type.Object({ call: Type.Literal('OPEN'), mode: literals(['active', 'passive'] as const) }, { additionalProperties: false }),
  Type.Object(
    { call: Type.Literal('SEND'), octets: Type.Integer({ minimum: 1, maximum: 65_535 }) },
    { additionalProperties: false },
  ),
  Type.Object({ call: literals(['RECEIVE', 'CLOSE', 'ABORT'] as const) }, { additionalProperties: false }),
])

const Draft = Type.Object(
  {
    bits: Type.Integer({ minimum: 0, maximum: 255 }),
    seq: Type.String({ maxLength: 40 }),
    ack: Type.String({ maxLength: 40 }),
    length: Type.Integer({ minimum: 0, maximum: 65_535 }),
    window: Type.Optional(Type.Integer({ minimum: 0, maximum: 65_535 })),
  },
  { additionalProperties: false },
)

const ALERT_NAMES = Object.keys(ALERT) as [AlertName, ...AlertName[]]
/** A message for the other side. */
const say = <const N extends string, P extends TProperties>(name: N, more: P) =>
  Type.Object({ say: Type.Literal(name), ...more }, { additionalProperties: false })
const Suite = Type.Integer({ minimum: 0, maximum: 0xffff })
const TlsVersion = literals(TLS_VERSIONS)
const hidden = Type.Optional(Type.Literal(true))
/** What a student decides of a TLS message. Application data is what an HTTP message becomes. */
const Choice = Type.Union([
  say('ClientHello', {
    suites: Type.Optional(Type.Array(Suite, { minItems: 1, maxItems: 40 })),
    versions: Type.Optional(Type.Array(TlsVersion, { minItems: 1, maxItems: 2 })),
    hidden,
  }),
  say('ServerHello', { suite: Type.Optional(Suite), version: Type.Optional(TlsVersion), hidden }),
  say('HelloRetryRequest', { group: Type.Optional(literals(NAMED_GROUPS)) }),
  say('Certificate', { none: Type.Optional(Type.Literal(true)) }),
  say('ClientKeyExchange', {
    carries: Type.Optional(literals(KEY_EXCHANGE_PAYLOADS)),
    under: Type.Optional(literals(EXCHANGE_KEYS)),
  }),
  say('Finished', { over: Type.Optional(literals(['all-messages', 'own-messages', 'the-certificate'] as const)) }),
  say('Alert', { alert: literals(ALERT_NAMES) }),
  say('KeyUpdate', { requested: Type.Optional(Type.Boolean()) }),
  Type.Object({ say: literals(MESSAGES_WITHOUT_CHOICE) }, { additionalProperties: false }),
])
const Composed = Type.Union([
  Type.Object({ kind: Type.Literal('http'), text: Type.String({ maxLength: 8_000 }) }, { additionalProperties: false }),
  Type.Object({ kind: Type.Literal('tls'), choice: Choice }, { additionalProperties: false }),
])

const Event = Type.Integer({ minimum: 1, maximum: 1_000_000 })
const SeatAction = Type.Union([
  Type.Object({ kind: Type.Literal('call'), call: Call }, { additionalProperties: false }),
  Type.Object({ kind: Type.Literal('send'), segment: Draft, state: State }, { additionalProperties: false }),
  Type.Object(
    { kind: Type.Literal('write'), message: Composed, sure: Type.Optional(Type.Boolean()) },
    { additionalProperties: false },
  ),
  Type.Object({ kind: Type.Literal('claim'), event: Event, state: State }, { additionalProperties: false }),
  Type.Object({ kind: Type.Literal('discard'), event: Event }, { additionalProperties: false }),
  Type.Object({ kind: literals(['wait', 'hint'] as const) }, { additionalProperties: false }),
  Type.Object(
    {
      kind: Type.Literal('answer'),
      question: Type.String({ pattern: '^[a-z0-9-]{1,60}$' }),
      choice: Type.Integer({ minimum: 0, maximum: 9 }),
    },
    { additionalProperties: false },
  ),
])

const Count = Type.Integer({ minimum: 0, maximum: 1_000_000 })
const OnSegment = Type.Object(
  { kind: Type.Literal('wire'), wire: literals(['pass', 'drop', 'duplicate', 'hold'] as const), segment: Count },
  { additionalProperties: false },
)
const Inject = Type.Object(
  { kind: Type.Literal('wire'), wire: Type.Literal('inject'), injection: Count },
  { additionalProperties: false },
)
/** What a teacher may do to a round while it is played. */
const Steering = Type.Union([
  OnSegment,
  Inject,
  Type.Object(
    { kind: Type.Literal('control'), control: literals(['pause', 'resume', 'stop-wire', 'free-wire'] as const) },
    { additionalProperties: false },
  ),
])
export type Steering = Static<typeof Steering>

const Seen = Type.Integer({ minimum: 0, maximum: 1_000_000 })
/** Socket payloads, by event. */
export const Payloads = {
  resume: Type.Object({ round: Id, from: Seen }, { additionalProperties: false }),
  act: Type.Object({ round: Id, id: Id, seen: Seen, action: SeatAction }, { additionalProperties: false }),
  resumeWire: Type.Object({ round: Id, from: Seen }, { additionalProperties: false }),
  wire: Type.Object({ round: Id, id: Id, seen: Seen, action: Type.Union([OnSegment, Inject]) }, { additionalProperties: false }),
  watch: Type.Object({ session: Id }, { additionalProperties: false }),
  follow: Type.Object({ round: Id }, { additionalProperties: false }),
  unfollow: Type.Object({ round: Id }, { additionalProperties: false }),
  steer: Type.Object({ round: Id, action: Steering }, { additionalProperties: false }),
}
