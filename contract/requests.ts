/** What the HTTP routes accept: schemas of their bodies and path parameters. */
import { SEATS } from '../protocol/seat.ts'
import { Type } from 'typebox'
import { LEVELS } from '../protocol/round/model/exercise.ts'
import { PARTNER_STYLES } from '../protocol/round/model/partner-styles.ts'
import { codeText, Id, literals, nullable, strictObject, typedText, visibleText, type JsonOf } from './schema-parts.ts'

/** A join code as typed. */
export const Code = typedText(4, 16)
const Name = visibleText(40)

/** Join a session under a name. */
export const Join = strictObject({ code: Code, name: Name })
export type Join = JsonOf<typeof Join>

/** The id of an exercise. For a teacher's own exercise: the id in its file, a dot, and a random key. */
export const ExerciseId = codeText('a-z0-9-', 1, 60, '(\\.[0-9A-Za-z_-]{22})?')

/** An upload: the text of an exercise file. */
export const NewExercise = strictObject({ source: typedText(1, 100_000) })
export type NewExercise = JsonOf<typeof NewExercise>

/** The behaviour of the built-in partner. If absent, its style is random in each round, and it makes no mistakes. */
export const PartnerWish = strictObject({
  style: Type.Optional(literals(PARTNER_STYLES)),
  pace: Type.Optional(literals(['human', 'at-once'] as const)),
  mistakes: Type.Optional(Type.Boolean()),
})

/** Whether students play TCP themselves also in exercises that have it on autopilot. If absent, they do not. */
const TcpByHand = Type.Optional(Type.Boolean())

/** Create a session. `swap`: whether each exercise is played a second time with seats swapped. */
export const NewSession = strictObject({
  title: visibleText(80),
  level: literals(LEVELS),
  playlist: Type.Array(ExerciseId, { minItems: 1, maxItems: 40 }),
  swap: Type.Boolean(),
  partner: Type.Optional(PartnerWish),
  tcpByHand: TcpByHand,
  /** Whether pairs talk about closing questions between a first answer, which counts, and a second one. If absent, they do not. */
  discussion: Type.Optional(Type.Boolean()),
})
export type NewSession = JsonOf<typeof NewSession>

/** Change how a session stands in its teacher's list; what is absent stays as it is. */
export const SessionChange = strictObject({
  title: Type.Optional(visibleText(80)),
  archived: Type.Optional(Type.Boolean()),
  deleted: Type.Optional(Type.Boolean()),
})
export type SessionChange = JsonOf<typeof SessionChange>

/** Claim, as this participant of this browser, the seat of the one who has this name. */
export const Claim = strictObject({ participant: Id, name: Name })
/** Decide a claim. */
export const ClaimDecision = strictObject({ granted: Type.Boolean() })

/** Make a pair of these participants: two, three of whom one has the wire, or one with the built-in partner. */
export const NewPair = strictObject({ members: Type.Array(Id, { minItems: 1, maxItems: 3 }) })
/** Move a student: into the pair of this id, or to the place of the student of this id, who gets theirs. */
export const Move = strictObject({ to: literals(['pair', 'student'] as const), id: Id })
export type Move = JsonOf<typeof Move>

/** Pair everybody who is present. `odd`: what the one who is left over gets, the built-in partner or the wire of a pair. */
export const Pairing = strictObject({ odd: literals(['built-in', 'network'] as const) })
export type Pairing = JsonOf<typeof Pairing>
/** Start a round alone. The level cannot be exam, because there is no teacher to release the results. */
export const BeginPractice = strictObject({
  exercise: ExerciseId,
  seat: literals(SEATS),
  level: literals(['guided', 'standard'] as const),
  partner: PartnerWish,
  tcpByHand: TcpByHand,
  /** The fields that are left open in segments which are otherwise filled in; such a round counts no points. Only at the level guided. */
  leaves: Type.Optional(literals(['one-field', 'two-fields'] as const)),
})
export type BeginPractice = JsonOf<typeof BeginPractice>

/** What pairs that are through do: wait for the next exercise, or go on to it. */
export const PACES = ['together', 'own'] as const
/** Where those go who join once an exercise is open: to the waiting room, to the built-in partner, or onto the wire of a pair. */
export const LATECOMER_PLACES = ['wait', 'built-in', 'network'] as const
/** Who decides on a claim from another device: the teacher, or nobody, if the one who is claimed is away. */
export const CLAIM_DECISIONS = ['ask', 'automatic'] as const
/** Choose what happens by itself in a session. */
export const Automatics = strictObject({
  pace: literals(PACES),
  latecomers: literals(LATECOMER_PLACES),
  claims: literals(CLAIM_DECISIONS),
})
export type Automatics = JsonOf<typeof Automatics>

/** Change what a session is going to play. The exercises that have begun stay. Level and swap hold from the next exercise on. */
export const Upcoming = strictObject({
  playlist: Type.Array(ExerciseId, { minItems: 1, maxItems: 40 }),
  level: literals(LEVELS),
  swap: Type.Boolean(),
})
export type Upcoming = JsonOf<typeof Upcoming>

/** Rehearse a session. `speed`: how many times as fast as people the simulated students are. */
export const Rehearse = strictObject({
  students: Type.Integer({ minimum: 2, maximum: 300 }),
  speed: Type.Number({ minimum: 0.5, maximum: 60 }),
})
export type Rehearse = JsonOf<typeof Rehearse>

/** Pause all rounds of a session, or let them go on. */
export const Pause = strictObject({ paused: Type.Boolean() })
/** Say something to everybody in a session, or to a pair; an empty text takes it back. */
export const Announcement = strictObject({ text: typedText(0, 300) })
/** Give so many minutes more; null: no end any more. */
export const GivenTime = strictObject({ minutes: nullable(Type.Integer({ minimum: 1, maximum: 240 })) })
/** Give a participant another name. */
export const NewName = strictObject({ name: Name })

/** Let nobody new join a session, or let them again. */
export const Door = strictObject({ locked: Type.Boolean() })

/** Open an exam's results to its students, or close them again. */
export const Results = strictObject({ released: Type.Boolean() })

/** Keep the teacher's own notes on a session, in place of those before. */
export const Notes = strictObject({ notes: typedText(0, 10_000) })

/** Open the exercise at this position of the playlist for everybody. */
export const MoveToPosition = strictObject({ position: Type.Integer({ minimum: 0, maximum: 39 }) })
