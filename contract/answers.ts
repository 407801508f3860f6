/**
 * What the server answers and emits. The schemas describe the HTTP API, and HTTP answers contain only the fields that they name.
 */
import { SEATS } from '../protocol/seat.ts'
import { Type } from 'typebox'
import { FINDING_FIELDS, MISCONCEPTIONS } from '../protocol/findings.ts'
import { STATES } from '../protocol/tcp/states.ts'
import type { Entry } from '../protocol/round/model/entry.ts'
import { LEVELS, TOPICS, type Exercise as ExerciseText } from '../protocol/round/model/exercise.ts'
import { ERRORS } from './errors.ts'
import { CLAIM_DECISIONS, LATECOMER_PLACES, PACES, PartnerWish } from './requests.ts'
import { declaredElsewhere, nullable, perSeat, type JsonOf } from './schema-parts.ts'

const Text = Type.Object({ en: Type.String(), zh: Type.String() })

/** The answer to a request or event that could not be fulfilled. */
export const Failure = Type.Object({
  ok: Type.Literal(false),
  error: Type.Enum([...ERRORS]),
  /** In English, for people who read logs. Pages do not show it. */
  detail: Type.Optional(Type.String()),
  retryAfter: Type.Optional(Type.Number({ description: 'Seconds.' })),
  /** The problems of a bad exercise, in the form of `handshake check`: `lab.yaml:12: …`. */
  problems: Type.Optional(Type.Array(Type.String())),
})
export type Failure = JsonOf<typeof Failure>
/** The reply to an event: the result, or a failure. */
export type Reply<T> = ({ readonly ok: true } & T) | Failure

/** The answer of the health checks. */
export const Health = Type.Object({ ok: Type.Literal(true) })

/** The session of a code, and the participants as whom this browser has joined it. */
export const CodeInfo = Type.Object({
  session: Type.Object({
    id: Type.String(),
    code: Type.String(),
    title: Type.String(),
    level: Type.Enum([...LEVELS]),
    /** Whether only members of its course enter, by student number. */
    members: Type.Boolean(),
  }),
  /** Participants of this session who joined from this browser: "continue as Heron". */
  known: Type.Array(Type.Object({ id: Type.String(), name: Type.String() })),
})
export type CodeInfo = JsonOf<typeof CodeInfo>

/** The participant who has joined. */
export const Joined = Type.Object({
  participant: Type.Object({ id: Type.String(), name: Type.String() }),
  /** Whether the name was in use and got a suffix. */
  renamed: Type.Boolean(),
})
export type Joined = JsonOf<typeof Joined>

/** An exercise in a list. */
export const ExerciseInfo = Type.Object({
  id: Type.String(),
  version: Type.Integer(),
  /** Null if it has no topic. */
  topic: nullable(Type.Enum([...TOPICS])),
  /**
   * Whether it is the server's or the teacher's own. A removed exercise can no longer be chosen; lessons that contain it can
   * still play it.
   */
  origin: Type.Enum(['built-in', 'own', 'removed']),
  title: Text,
  point: Text,
  /** How long one leg takes most pairs: an estimate from the number of steps. */
  minutes: Type.Integer(),
})
export type ExerciseInfo = JsonOf<typeof ExerciseInfo>

/** What each seat of an exercise is told and has to reach, for teachers. */
export const ExercisePreview = Type.Object({
  /** `title` is null if the scene has none. */
  scenes: Type.Array(
    Type.Object({
      title: nullable(Text),
      brief: perSeat(Text),
      milestones: perSeat(Type.Array(Text)),
    }),
  ),
})
export type ExercisePreview = JsonOf<typeof ExercisePreview>

/** An exercise that a teacher has uploaded, in its newest version. */
export const OwnExercise = Type.Object({
  id: Type.String(),
  version: Type.Integer(),
  /** ISO 8601. */
  createdAt: Type.String(),
  /** The text of its YAML file. */
  source: Type.String(),
  exercise: declaredElsewhere<ExerciseText>('Exercise of protocol/round/model/exercise.ts, whole.'),
})
export type OwnExercise = JsonOf<typeof OwnExercise>

/** The exercises for practising alone, and an unfinished round. */
export const Practice = Type.Object({
  /** In teaching order. */
  exercises: Type.Array(ExerciseInfo),
  /** The round that was started in this browser and is not over; null if there is none. */
  unfinished: nullable(Type.Object({ participant: Type.String(), exercise: Type.String() })),
})
export type Practice = JsonOf<typeof Practice>

/** The participant on whose page the round is played. */
export const PracticeBegun = Type.Object({ participant: Type.String() })
export type PracticeBegun = JsonOf<typeof PracticeBegun>

/** The addresses at which students reach this server. */
export const Addresses = Type.Object({
  /** Such as `http://192.0.2.7:8080`, likeliest first; only `BASE_URL` if it is set. */
  urls: Type.Array(Type.String()),
  /** Whether a device other than this machine has sent a request since the server started. */
  reached: Type.Boolean(),
})
export type Addresses = JsonOf<typeof Addresses>

/** A session as its teacher sees it. */
export const SessionInfo = Type.Object({
  id: Type.String(),
  code: Type.String(),
  /** The id of the course that it belongs to; null if it belongs to none. */
  course: nullable(Type.String()),
  /** Who comes in: `open`, whoever has the code; `roster`, the course's members; `assignment`, its members when it suits them. */
  kind: Type.Enum(['open', 'roster', 'assignment']),
  title: Type.String(),
  level: Type.Enum([...LEVELS]),
  /** Exercise ids. */
  playlist: Type.Array(Type.String()),
  swap: Type.Boolean(),
  /** 0-based; null before the first exercise. */
  position: nullable(Type.Integer()),
  /** Level and swap from the next exercise on. */
  next: Type.Object({ level: Type.Enum([...LEVELS]), swap: Type.Boolean() }),
  ended: Type.Boolean(),
  /** Whether the students of an exam may see its results. */
  released: Type.Boolean(),
  /** Whether a program plays its students. */
  rehearsal: Type.Boolean(),
  /** What happens by itself, as in `Automatics` of requests.ts. */
  automatics: Type.Object({
    pace: Type.Enum([...PACES]),
    latecomers: Type.Enum([...LATECOMER_PLACES]),
    claims: Type.Enum([...CLAIM_DECISIONS]),
  }),
  /** Whether nobody new can join. */
  locked: Type.Boolean(),
  /** Since when all its rounds have been paused, ISO 8601; null while they go on. */
  pausedAt: nullable(Type.String()),
  /** When the time that the teacher has given ends, ISO 8601. While the session is paused, what was left at `pausedAt` is left. */
  deadlineAt: nullable(Type.String()),
  /** What the teacher says to everybody; empty for nothing. */
  announcement: Type.String(),
  /** Whether the teacher has put it away. */
  archived: Type.Boolean(),
  /** The built-in partner, as far as the teacher has chosen. */
  partner: PartnerWish,
  /** Whether students play TCP themselves also in exercises that have it on autopilot. */
  tcpByHand: Type.Boolean(),
  /** Whether pairs talk about closing questions between a first answer, which counts, and a second one. */
  discussion: Type.Boolean(),
  /** ISO 8601. */
  createdAt: Type.String(),
})
export type SessionInfo = JsonOf<typeof SessionInfo>

/** A pair's current round on its tile. */
const TileRound = Type.Object({
  id: Type.String(),
  exercise: Type.String(),
  leg: Type.Enum([1, 2]),
  /** Participant ids; `network` is null if nobody has the wire. */
  client: Type.String(),
  server: Type.String(),
  network: nullable(Type.String()),
  /** Number of entries so far: of two versions of a tile, the one with more entries is newer. */
  index: Type.Integer(),
  states: perSeat(Type.Enum([...STATES])),
  progress: perSeat(Type.Object({ met: Type.Integer(), of: Type.Integer() })),
  /** The last arrows, oldest first: `c` and `s` for a segment sent by the client or the server, `x` and `y` for a refused one. */
  arrows: Type.String(),
  /** The number of refusals since the last accepted act; `last` is the latest of them. */
  refusals: Type.Integer(),
  last: nullable(
    Type.Object({
      seat: Type.Enum([...SEATS]),
      field: Type.Enum([...FINDING_FIELDS]),
      given: nullable(Type.String()),
      misconception: nullable(Type.Enum([...MISCONCEPTIONS])),
    }),
  ),
  /** Each kind of mistake that was made in the round, the latest last. */
  mistakes: Type.Array(Type.Enum([...MISCONCEPTIONS, ...FINDING_FIELDS])),
  /** ISO 8601: the time of the last accepted act. */
  since: Type.String(),
  over: nullable(Type.Enum(['goal', 'moved-on', 'ended', 'broken'])),
  /** Whether the round is over and there is no further leg to play. */
  finished: Type.Boolean(),
})
export type TileRound = JsonOf<typeof TileRound>

/** One pair on the teacher's board. */
export const Tile = Type.Object({
  pair: Type.String(),
  number: Type.Integer(),
  /** `name` is null for the built-in partner. */
  members: Type.Array(Type.Object({ id: Type.String(), name: nullable(Type.String()) })),
  /** What the teacher says to the pair; empty for nothing. */
  message: Type.String(),
  /** Null before the pair's first round. */
  round: nullable(TileRound),
})
export type Tile = JsonOf<typeof Tile>

/** A participant of a session as its teacher sees them; `pair` is the pair's id, null without a pair. */
export const ParticipantInfo = Type.Object({
  id: Type.String(),
  name: Type.String(),
  present: Type.Boolean(),
  pair: nullable(Type.String()),
  /** Whether their hand is up. */
  hand: Type.Boolean(),
  /** Name of the participant who they say they are, on another device. */
  claims: nullable(Type.String()),
})
export type ParticipantInfo = JsonOf<typeof ParticipantInfo>

/** What has become of a claim. `participant`: who this browser is from now on, once it has been granted. */
export const ClaimState = Type.Object({
  state: Type.Enum(['waiting', 'refused', 'granted']),
  participant: nullable(Type.String()),
})

/** The teacher's board: the whole state of a session. */
export const Board = Type.Object({
  session: SessionInfo,
  tiles: Type.Array(Tile),
  participants: Type.Array(ParticipantInfo),
  /** The members of its course who have not entered a roster session, by display name; none in an open one. */
  missing: Type.Array(Type.String()),
  /**
   * ISO 8601: the server's time when this board was made. With it, a browser with a wrong clock still shows correctly for how
   * long a pair has been stuck.
   */
  now: Type.String(),
})
export type Board = JsonOf<typeof Board>

/** Tokens of links to a round's replay, with and without the names of its players. */
export const ReplayLinks = Type.Object({ named: Type.String(), nameless: Type.String() })
export type ReplayLinks = JsonOf<typeof ReplayLinks>

/** A round with its whole log, for a replay. */
export const Replay = Type.Object({
  /** Null if the server no longer has this exercise. `scenes`: those that have a title. */
  exercise: nullable(
    Type.Object({ title: Text, point: Text, scenes: Type.Array(Type.Object({ id: Type.String(), title: Text })) }),
  ),
  /**
   * The players' names. Null if the link leaves them out, and for practice, which has none; a seat's name is null if the built-in
   * partner has the seat.
   */
  names: nullable(perSeat(nullable(Type.String()))),
  /** Tokens of links that open the replay for anyone; null for a reader who came by such a link. */
  links: nullable(ReplayLinks),
  /**
   * Whether the links work already: the teacher may see a round before it is over, and an exam before its results are released.
   */
  open: Type.Boolean(),
  /** The round's log from its first entry. */
  entries: Type.Array(declaredElsewhere<Entry>('Entry of protocol/round/model/entry.ts, whole.')),
})
export type Replay = JsonOf<typeof Replay>
