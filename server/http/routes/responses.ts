/** Schemas of what the routes answer: they describe the API, and nothing that they do not name leaves the server. */
import { SEATS } from '../../../protocol/seat.ts'
import { Type, type Static, type TSchema } from 'typebox'
import { type Board, type Failure, type SessionInfo, ERRORS } from '../../../contract/events.ts'
import {
  type Addresses,
  type CodeInfo,
  type ExerciseInfo,
  type Joined,
  type OwnExercise,
  type Practice,
  type PracticeBegun,
  type Replay,
  type ReplayLinks,
  type TeacherInfo,
  ORIGINS,
} from '../../../contract/http.ts'
import { FINDING_FIELDS, MISCONCEPTIONS } from '../../../protocol/findings.ts'
import { STATES } from '../../../protocol/tcp/states.ts'
import type { Entry } from '../../../protocol/round/model/entry.ts'
import { LEVELS, TOPICS } from '../../../protocol/round/model/exercise.ts'

type DeepReadonly<T> = { readonly [K in keyof T]: DeepReadonly<T[K]> }

/** A schema of exactly this type of the contract: a field too many or too few does not compile. */
const responseOf =
  <T>() =>
  <S extends TSchema>(
    schema: S & ([DeepReadonly<Static<S>>, DeepReadonly<T>] extends [DeepReadonly<T>, DeepReadonly<Static<S>>] ? unknown : never),
  ) =>
    Type.Unsafe<T>(schema)

const Text = Type.Object({ en: Type.String(), zh: Type.String() })
const nullable = <S extends TSchema>(schema: S) => Type.Union([schema, Type.Null()])

export const FailureResponse = responseOf<Failure>()(
  Type.Object({
    ok: Type.Literal(false),
    error: Type.Enum([...ERRORS]),
    detail: Type.Optional(Type.String()),
    retryAfter: Type.Optional(Type.Number({ description: 'Seconds.' })),
    problems: Type.Optional(Type.Array(Type.String())),
  }),
)

export const CodeInfoResponse = responseOf<CodeInfo>()(
  Type.Object({
    session: Type.Object({ id: Type.String(), code: Type.String(), title: Type.String(), level: Type.Enum([...LEVELS]) }),
    known: Type.Array(Type.Object({ id: Type.String(), name: Type.String() })),
  }),
)

export const JoinedResponse = responseOf<Joined>()(
  Type.Object({ participant: Type.Object({ id: Type.String(), name: Type.String() }), renamed: Type.Boolean() }),
)

export const TeacherResponse = responseOf<TeacherInfo>()(Type.Object({ signedIn: Type.Boolean(), hasPassword: Type.Boolean() }))

const Exercise = Type.Object({
  id: Type.String(),
  version: Type.Integer(),
  topic: nullable(Type.Enum([...TOPICS])),
  origin: Type.Enum([...ORIGINS]),
  title: Text,
  point: Text,
})
export const ExercisesResponse = Type.Array(responseOf<ExerciseInfo>()(Exercise))

export const OwnExerciseResponse = responseOf<OwnExercise>()(
  Type.Object({
    id: Type.String(),
    version: Type.Integer(),
    createdAt: Type.String(),
    source: Type.String(),
    exercise: Type.Unsafe<OwnExercise['exercise']>(
      Type.Unknown({ description: 'Exercise of protocol/round/model/exercise.ts, whole.' }),
    ),
  }),
)

export const PracticeResponse = responseOf<Practice>()(
  Type.Object({
    exercises: Type.Array(Exercise),
    unfinished: nullable(Type.Object({ participant: Type.String(), exercise: Type.String() })),
  }),
)
export const PracticeBegunResponse = responseOf<PracticeBegun>()(Type.Object({ participant: Type.String() }))

export const AddressesResponse = responseOf<Addresses>()(Type.Object({ urls: Type.Array(Type.String()), reached: Type.Boolean() }))

const Session = Type.Object({
  id: Type.String(),
  code: Type.String(),
  title: Type.String(),
  level: Type.Enum([...LEVELS]),
  playlist: Type.Array(Type.String()),
  swap: Type.Boolean(),
  position: nullable(Type.Integer()),
  ended: Type.Boolean(),
  released: Type.Boolean(),
  createdAt: Type.String(),
})
export const SessionResponse = responseOf<SessionInfo>()(Session)
export const SessionsResponse = Type.Array(SessionResponse)

const perSeat = <S extends TSchema>(schema: S) => Type.Object({ client: schema, server: schema })

const TileRound = Type.Object({
  id: Type.String(),
  exercise: Type.String(),
  leg: Type.Enum([1, 2]),
  client: Type.String(),
  server: Type.String(),
  network: nullable(Type.String()),
  index: Type.Integer(),
  states: perSeat(Type.Enum([...STATES])),
  progress: perSeat(Type.Object({ met: Type.Integer(), of: Type.Integer() })),
  arrows: Type.String(),
  refusals: Type.Integer(),
  last: nullable(
    Type.Object({
      seat: Type.Enum([...SEATS]),
      field: Type.Enum([...FINDING_FIELDS]),
      given: nullable(Type.String()),
      misconception: nullable(Type.Enum([...MISCONCEPTIONS])),
    }),
  ),
  since: Type.String(),
  over: nullable(Type.Enum(['goal', 'moved-on', 'ended', 'broken'])),
  finished: Type.Boolean(),
})

export const BoardResponse = responseOf<Board>()(
  Type.Object({
    session: Session,
    tiles: Type.Array(
      Type.Object({
        pair: Type.String(),
        number: Type.Integer(),
        members: Type.Array(Type.Object({ id: Type.String(), name: nullable(Type.String()) })),
        round: nullable(TileRound),
      }),
    ),
    participants: Type.Array(
      Type.Object({ id: Type.String(), name: Type.String(), present: Type.Boolean(), pair: nullable(Type.String()) }),
    ),
    now: Type.String(),
  }),
)

const Links = Type.Object({ named: Type.String(), nameless: Type.String() })
export const LinksResponse = responseOf<ReplayLinks>()(Links)

export const ReplayResponse = responseOf<Replay>()(
  Type.Object({
    exercise: nullable(
      Type.Object({ title: Text, point: Text, scenes: Type.Array(Type.Object({ id: Type.String(), title: Text })) }),
    ),
    names: nullable(perSeat(nullable(Type.String()))),
    links: nullable(Links),
    open: Type.Boolean(),
    entries: Type.Array(Type.Unsafe<Entry>(Type.Unknown({ description: 'Entry of protocol/round/model/action.ts, whole.' }))),
  }),
)

/** The responses of a route: its answer, or a failure. */
export const withFailures = <S extends TSchema>(ok: S) => ({ 200: ok, '4xx': FailureResponse, '5xx': FailureResponse })
