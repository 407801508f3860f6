/** What the server answers and tells: schemas that describe the HTTP API, and nothing that they do not name leaves the server by it. */
import { SEATS } from '../protocol/seat.ts'
import { Type } from 'typebox'
import { FINDING_FIELDS, MISCONCEPTIONS } from '../protocol/findings.ts'
import { STATES } from '../protocol/tcp/states.ts'
import type { Entry } from '../protocol/round/model/entry.ts'
import { LEVELS, TOPICS, type Exercise as ExerciseText } from '../protocol/round/model/exercise.ts'
import { ERRORS } from './errors.ts'
import { declaredElsewhere, nullable, perSeat, type JsonOf } from './schema-parts.ts'

const Text = Type.Object({ en: Type.String(), zh: Type.String() })

export const Failure = Type.Object({
  ok: Type.Literal(false),
  error: Type.Enum([...ERRORS]),
  /** In English, for people who read logs; never shown as it is. */
  detail: Type.Optional(Type.String()),
  retryAfter: Type.Optional(Type.Number({ description: 'Seconds.' })),
  /** Of a bad exercise, as `handshake check` says them: `lab.yaml:12: …`. */
  problems: Type.Optional(Type.Array(Type.String())),
})
export type Failure = JsonOf<typeof Failure>
/** The answer to an event: what was asked for, or why not. */
export type Reply<T> = ({ readonly ok: true } & T) | Failure

export const Health = Type.Object({ ok: Type.Literal(true) })

export const CodeInfo = Type.Object({
  session: Type.Object({ id: Type.String(), code: Type.String(), title: Type.String(), level: Type.Enum([...LEVELS]) }),
  /** Participants of this session who joined from this browser: "continue as Heron". */
  known: Type.Array(Type.Object({ id: Type.String(), name: Type.String() })),
})
export type CodeInfo = JsonOf<typeof CodeInfo>

export const Joined = Type.Object({
  participant: Type.Object({ id: Type.String(), name: Type.String() }),
  /** The name was in use and got a suffix. */
  renamed: Type.Boolean(),
})
export type Joined = JsonOf<typeof Joined>

export const TeacherInfo = Type.Object({
  signedIn: Type.Boolean(),
  /** A password has been set. */
  hasPassword: Type.Boolean(),
})
export type TeacherInfo = JsonOf<typeof TeacherInfo>

export const ExerciseInfo = Type.Object({
  id: Type.String(),
  version: Type.Integer(),
  /** Null for one that is under no heading. */
  topic: nullable(Type.Enum([...TOPICS])),
  /** Whose it is: the server's, or the teacher's own. A removed one can be chosen no more; lessons that have it play on. */
  origin: Type.Enum(['built-in', 'own', 'removed']),
  title: Text,
  point: Text,
})
export type ExerciseInfo = JsonOf<typeof ExerciseInfo>

/** One that a teacher has brought along, in its newest version. */
export const OwnExercise = Type.Object({
  id: Type.String(),
  version: Type.Integer(),
  /** ISO 8601. */
  createdAt: Type.String(),
  /** Its file, YAML. */
  source: Type.String(),
  exercise: declaredElsewhere<ExerciseText>('Exercise of protocol/round/model/exercise.ts, whole.'),
})
export type OwnExercise = JsonOf<typeof OwnExercise>

/** What there is to practise alone. */
export const Practice = Type.Object({
  /** In the order in which they are best learnt. */
  exercises: Type.Array(ExerciseInfo),
  /** A round that was begun in this browser and has not come to its end; null where there is none. */
  unfinished: nullable(Type.Object({ participant: Type.String(), exercise: Type.String() })),
})
export type Practice = JsonOf<typeof Practice>

/** Whose page the round is on. */
export const PracticeBegun = Type.Object({ participant: Type.String() })
export type PracticeBegun = JsonOf<typeof PracticeBegun>

export const Addresses = Type.Object({
  /** `http://192.0.2.7:8080`, likeliest first; `BASE_URL` alone where it is set. */
  urls: Type.Array(Type.String()),
  /** Some device other than this machine has asked for a page since the server started. */
  reached: Type.Boolean(),
})
export type Addresses = JsonOf<typeof Addresses>

export const SessionInfo = Type.Object({
  id: Type.String(),
  code: Type.String(),
  title: Type.String(),
  level: Type.Enum([...LEVELS]),
  /** Exercise ids. */
  playlist: Type.Array(Type.String()),
  swap: Type.Boolean(),
  /** 0-based; null before the first exercise. */
  position: nullable(Type.Integer()),
  ended: Type.Boolean(),
  /** An exam whose results its students may see. */
  released: Type.Boolean(),
  /** ISO 8601. */
  createdAt: Type.String(),
})
export type SessionInfo = JsonOf<typeof SessionInfo>

const TileRound = Type.Object({
  id: Type.String(),
  exercise: Type.String(),
  leg: Type.Enum([1, 2]),
  /** Participant ids; `network` null where nobody has the wire. */
  client: Type.String(),
  server: Type.String(),
  network: nullable(Type.String()),
  /** Entries so far: of two versions of a tile the one with more is the newer. */
  index: Type.Integer(),
  states: perSeat(Type.Enum([...STATES])),
  progress: perSeat(Type.Object({ met: Type.Integer(), of: Type.Integer() })),
  /** The last arrows, oldest first: `c`, `s` for sent, `x`, `y` for refused by client, server. */
  arrows: Type.String(),
  /** Refusals since the last accepted act, and the last one. */
  refusals: Type.Integer(),
  last: nullable(
    Type.Object({
      seat: Type.Enum([...SEATS]),
      field: Type.Enum([...FINDING_FIELDS]),
      given: nullable(Type.String()),
      misconception: nullable(Type.Enum([...MISCONCEPTIONS])),
    }),
  ),
  /** ISO 8601: the last accepted act. */
  since: Type.String(),
  over: nullable(Type.Enum(['goal', 'moved-on', 'ended', 'broken'])),
  /** Over, and no further leg to play. */
  finished: Type.Boolean(),
})
export type TileRound = JsonOf<typeof TileRound>

/** One pair on the teacher's board. */
export const Tile = Type.Object({
  pair: Type.String(),
  number: Type.Integer(),
  /** `name` null: the built-in partner. */
  members: Type.Array(Type.Object({ id: Type.String(), name: nullable(Type.String()) })),
  /** Null before the pair's first round. */
  round: nullable(TileRound),
})
export type Tile = JsonOf<typeof Tile>

export const ParticipantInfo = Type.Object({
  id: Type.String(),
  name: Type.String(),
  present: Type.Boolean(),
  pair: nullable(Type.String()),
})
export type ParticipantInfo = JsonOf<typeof ParticipantInfo>

export const Board = Type.Object({
  session: SessionInfo,
  tiles: Type.Array(Tile),
  participants: Type.Array(ParticipantInfo),
  /** ISO 8601: the server's time when this was made, so that a browser whose clock is wrong still shows how long a pair is stuck. */
  now: Type.String(),
})
export type Board = JsonOf<typeof Board>

/** Tokens of links to a round's replay: with its players' names, or without. */
export const ReplayLinks = Type.Object({ named: Type.String(), nameless: Type.String() })
export type ReplayLinks = JsonOf<typeof ReplayLinks>

/** A round with all that happened in it, to be shown again. */
export const Replay = Type.Object({
  /** Null where the server has this exercise no longer. `scenes`: those that have a title. */
  exercise: nullable(
    Type.Object({ title: Text, point: Text, scenes: Type.Array(Type.Object({ id: Type.String(), title: Text })) }),
  ),
  /** Null where the link leaves them out, and of practice, which has none; of a seat, where it is the built-in partner's. */
  names: nullable(perSeat(nullable(Type.String()))),
  /** Tokens of links that open it for anyone; null for who came by one. */
  links: nullable(ReplayLinks),
  /** Whether the links open it already: for the teacher a round is open before it is over, and an exam before its results are released. */
  open: Type.Boolean(),
  /** The round's log from its first entry on. */
  entries: Type.Array(declaredElsewhere<Entry>('Entry of protocol/round/model/action.ts, whole.')),
})
export type Replay = JsonOf<typeof Replay>
