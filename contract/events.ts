/**
 * The Socket.IO events: each once, by name. From these records follow the events that the server accepts, who may send them, what
 * it answers and emits, the tables in `docs/protocol.md` and the types on both sides. Every event from a page is answered with a
 * `Reply`.
 */
import { Type, type TSchema } from 'typebox'
import type { Entry } from '../protocol/round/model/entry.ts'
import type { PlayerView } from '../protocol/round/view/seat-view.ts'
import type { ViewUpdate } from '../protocol/round/view/view-update.ts'
import type { WireView } from '../protocol/round/view/wire-view.ts'
import type { AccessRule, NeededScope } from './access-rules.ts'
import { SeatAction, Steering, WireAction } from './actions.ts'
import { PhoneAct, PhoneActivity, ScreenAct, ScreenActivity, VerdictSchema } from './class-activities.ts'
import { Board, Failure, ParticipantInfo, SessionInfo, Tile, type Reply } from './answers.ts'
import type { Place } from './places.ts'
import { declaredElsewhere, Id, nullable, strictObject, type JsonOf } from './schema-parts.ts'

interface ClientEvent {
  readonly summary: string
  readonly access: AccessRule
  /** What a token needs. If absent: `run`; see `neededScope`. */
  readonly token?: NeededScope
  readonly payload: TSchema
  /** The fields of the reply besides `ok`. */
  readonly answer: TSchema
}

interface ServerEvent {
  readonly summary: string
  /** Absent if the event has no payload. */
  readonly payload?: TSchema
}

/** The number of a view, or 0 for before the first. */
const ViewNumber = Type.Integer({ minimum: 0, maximum: 1_000_000 })
const ResumeRound = strictObject({ round: Id, from: ViewNumber })
const FollowRound = strictObject({
  round: Id,
  /** The index of the first entry wanted. */ from: Type.Integer({ minimum: 0, maximum: 1_000_000 }),
})
const round = strictObject({ round: Id })
const nothing = Type.Object({})
const act = <A extends TSchema>(action: A) =>
  strictObject({
    round: Id,
    /** The sender's id for this action. If the action is sent again with the same id, it is still performed only once. */
    id: Id,
    /** The number of the last view that the sender had when composing the action. */
    seen: ViewNumber,
    action,
  })

const PlayerViewSchema = declaredElsewhere<ViewUpdate<PlayerView>>(
  'ViewUpdate of protocol/round/view/view-update.ts, of a PlayerView of seat-view.ts',
)
const WireViewSchema = declaredElsewhere<ViewUpdate<WireView>>(
  'ViewUpdate of protocol/round/view/view-update.ts, of a WireView of wire-view.ts',
)
const EntrySchema = declaredElsewhere<Entry>('Entry of protocol/round/model/entry.ts')

/** Set if the answer is too long to be sent whole: ask again for what comes after its last item. */
const more = Type.Optional(Type.Literal(true))
const Views = Type.Object({ views: Type.Array(PlayerViewSchema), more })
const WireViews = Type.Object({ views: Type.Array(WireViewSchema), more })

/** Events from a page to the server. */
export const CLIENT_EVENTS = {
  resume: {
    summary: 'My views of this round after number `from`, each as what has changed since the one before; the first is whole',
    access: 'seat of the round',
    payload: ResumeRound,
    answer: Views,
  },
  act: {
    summary:
      'An action; the reply carries my own view of it, which does not repeat `id` and `action`, and any that I had not been sent',
    access: 'seat of the round',
    payload: act(SeatAction),
    answer: Views,
  },
  resumeWire: {
    summary: "As `resume`, for the third of a pair: of the round's wire",
    access: 'network seat of the round',
    payload: ResumeRound,
    answer: WireViews,
  },
  wire: {
    summary: 'As `act`, of the network seat',
    access: 'network seat of the round',
    payload: act(WireAction),
    answer: WireViews,
  },
  hand: {
    summary: 'Raise my hand for the teacher, or take it down',
    access: 'participant',
    payload: strictObject({ raised: Type.Boolean() }),
    answer: nothing,
  },
  actInClass: {
    summary: 'An act in the activity of my class; the reply carries the verdict and what my page shows after it',
    access: 'participant',
    payload: PhoneAct,
    answer: Type.Object({ verdict: VerdictSchema, activity: PhoneActivity }),
  },
  watchClass: {
    summary: 'The activity of a session, as the projector shows it, and from now on its changes',
    access: 'teacher of the session',
    token: 'read',
    payload: strictObject({ session: Id }),
    answer: Type.Object({ activity: nullable(ScreenActivity) }),
  },
  steerClass: {
    summary: 'An act of the teacher in the activity of a session',
    access: 'teacher of the session',
    payload: ScreenAct,
    answer: Type.Object({ verdict: VerdictSchema }),
  },
  watch: {
    summary: 'The board of a session, and from now on its changes',
    access: 'teacher of the session',
    token: 'read',
    payload: strictObject({ session: Id }),
    answer: Type.Object({ board: Board }),
  },
  follow: {
    summary: "A round's log from the entry with index `from`, and from now on its entries",
    access: 'teacher of the round',
    token: 'read',
    payload: FollowRound,
    answer: Type.Object({ entries: Type.Array(EntrySchema), more }),
  },
  unfollow: {
    summary: "No more of this round's entries",
    access: 'teacher of the round',
    token: 'read',
    payload: round,
    answer: nothing,
  },
  steer: {
    summary: 'Pause a round, play its wire, give a hint, or have a seat played; what does not apply any more changes nothing',
    access: 'teacher of the round',
    payload: strictObject({ round: Id, action: Steering }),
    answer: nothing,
  },
} as const satisfies Record<string, ClientEvent>

/** Events from the server to a page. */
export const SERVER_EVENTS = {
  place: {
    summary: 'To a student: where they are, on connecting and whenever it changes',
    payload: declaredElsewhere<Place>('Place of contract/places.ts'),
  },
  view: {
    summary: 'To a seat: what one entry of its round looks like from there, as what has changed since the view before',
    payload: Type.Object({ round: Type.String(), view: PlayerViewSchema }),
  },
  wire: {
    summary: 'To the network seat: as `view`, of the wire',
    payload: Type.Object({ round: Type.String(), view: WireViewSchema }),
  },
  partner: {
    summary: 'To a student: the partner has gone, or is back',
    payload: Type.Object({ present: Type.Boolean() }),
  },
  classActivity: {
    summary: 'To a student: the activity of the class, on connecting and whenever what the page shows of it changes; null: none',
    payload: Type.Object({ activity: nullable(PhoneActivity) }),
  },
  classScreen: {
    summary: 'To its teacher: the activity of a session, as the projector shows it; null: none',
    payload: Type.Object({ session: Type.String(), activity: nullable(ScreenActivity) }),
  },
  session: {
    summary: 'To its teacher: the session has changed',
    payload: SessionInfo,
  },
  tiles: {
    summary: 'To its teacher: tiles of a session that have changed, whole',
    payload: Type.Object({ session: Type.String(), tiles: Type.Array(Tile) }),
  },
  participants: {
    summary: 'To its teacher: everybody who has joined a session, whole',
    payload: Type.Object({ session: Type.String(), participants: Type.Array(ParticipantInfo), missing: Type.Array(Type.String()) }),
  },
  entry: {
    summary: 'To a teacher: the next entry of a round that is followed',
    payload: EntrySchema,
  },
  failure: {
    summary: 'To anybody: an event came without an acknowledgement, so that this is the only way to answer it',
    payload: Type.Object({ ...Failure.properties, event: Type.String() }),
  },
  bye: {
    summary: 'To anybody: the server stops or restarts; the client reconnects by itself',
  },
} as const satisfies Record<string, ServerEvent>

/** The name of an event from a page. */
export type ClientEventName = keyof typeof CLIENT_EVENTS
export type EventPayload<E extends ClientEventName> = JsonOf<(typeof CLIENT_EVENTS)[E]['payload']>
export type EventAnswer<E extends ClientEventName> = JsonOf<(typeof CLIENT_EVENTS)[E]['answer']>

/** An action of a seat, in the form in which it is sent. */
export type Act = EventPayload<'act'>

/** The events in the form of Socket.IO's type parameters. */
export type ClientToServer = {
  [E in ClientEventName]: (body: EventPayload<E>, reply: (answer: Reply<EventAnswer<E>>) => void) => void
}
/** The events to a page, in the form of Socket.IO's type parameters. */
export type ServerToClient = {
  [E in keyof typeof SERVER_EVENTS]: (typeof SERVER_EVENTS)[E] extends { readonly payload: infer S extends TSchema }
    ? (body: JsonOf<S>) => void
    : () => void
}

/** Who a socket claims to be when it connects. The cookies must prove it; a token proves itself. */
export type SocketClaim = { readonly participant: string } | { readonly teacher: true } | { readonly token: string }
/**
 * What a socket says when it connects. `wire`: the page's `WIRE_VERSION`; if it is not that of the server, the connection is refused
 * as `outdated`. A program with a token may leave it out.
 */
export type SocketAuth = SocketClaim & { readonly wire: number }
