/**
 * The Socket.IO events, typed once for both sides. Payloads that come in are validated by the server against the schemas
 * of `schemas.ts`; every event answers with `Reply`.
 */
import type { NotationKind } from '../protocol/notation.ts'
import type { Seat } from '../protocol/seat.ts'
import type { FindingField, Misconception } from '../protocol/findings.ts'
import type { State } from '../protocol/tcp/tcb.ts'
import type { Fact } from '../protocol/tls/watch/message-facts.ts'
import type { Revocation } from '../protocol/tls/keys/certificate.ts'
import type { SeatAction, WireAction } from '../protocol/round/model/action.ts'
import type { Entry } from '../protocol/round/model/entry.ts'
import type { Level, Scene, LocalizedText } from '../protocol/round/model/exercise.ts'
import type { PlayerView } from '../protocol/round/view/seat-view.ts'
import type { WireView } from '../protocol/round/view/wire-view.ts'
import type { Steering } from './schemas.ts'

/** Why something was not done. The pages have a sentence for each. */
export const ERRORS = [
  'malformed', // the payload does not fit its schema
  'unauthenticated',
  'forbidden',
  'not-found',
  'wrong-code',
  'session-ended',
  'too-many', // a rate limit; `retryAfter` says when
  'id-reused', // the same action id with another body
  'conflict', // somebody else was quicker; look again
  'unavailable', // the database does not answer; send it again
  'already-used', // a one-time link
  'wrong-password',
  'not-over', // the round is still being played
  'not-released', // an exam whose results are not out yet
  'bad-exercise', // `problems` says where and what to do
] as const
export type ErrorCode = (typeof ERRORS)[number]

export interface Failure {
  readonly ok: false
  readonly error: ErrorCode
  /** In English, for people who read logs; never shown as it is. */
  readonly detail?: string
  /** Seconds. */
  readonly retryAfter?: number
  /** Of a bad exercise, as `handshake check` says them: `lab.yaml:12: …`. */
  readonly problems?: readonly string[]
}
export type Reply<T> = ({ readonly ok: true } & T) | Failure

/** Where a student is: told on connecting and whenever it changes. */
export interface Place {
  readonly me: { readonly id: string; readonly name: string }
  readonly session: {
    readonly id: string
    readonly code: string
    readonly title: string
    readonly level: Level
    readonly ended: boolean
    /** One learner alone: there is no teacher. */
    readonly practice: boolean
    /** 0-based; null before the first exercise. */
    readonly position: number | null
    readonly exercises: number
    /** How many are in the waiting room and present. */
    readonly present: number
  }
  /** Why there is nothing to play; null while there is a round. */
  readonly waiting: 'for-partner' | 'for-start' | 'for-next' | 'ended' | null
  /** `name` null: the built-in partner. */
  readonly partner: { readonly name: string | null; readonly present: boolean } | null
  readonly round: RoundPlace | null
  /** The round whose wire they play or watch, as the third of a pair. */
  readonly wire: WirePlace | null
  /** The round played last, where it is over and may be shown again. */
  readonly replay: string | null
}

export interface RoundPlace {
  readonly id: string
  readonly seat: Seat
  /** 1, or 2 after the swap. */
  readonly leg: 1 | 2
  readonly legs: 1 | 2
  readonly level: Level
  readonly notation: NotationKind
  readonly exercise: {
    readonly id: string
    readonly title: LocalizedText
    readonly point: LocalizedText
    /** Every scene that the round may play: a view tells which it is. */
    readonly scenes: readonly ScenePlace[]
  }
}

export interface ScenePlace extends Pick<Scene, 'id' | 'title' | 'shown' | 'rules' | 'names' | 'trace'> {
  /** The scene is about windows: their field stands open. */
  readonly windows: boolean
  /** What certificates are held against; absent where there is no TLS. */
  readonly trust?: Trust
  /** This seat's brief. */
  readonly brief: LocalizedText
  /** This seat's milestones. The texts of their hints come with the hints. */
  readonly milestones: readonly { readonly id: string; readonly text: LocalizedText }[]
  /** This seat's questions; which choice is right, and why, comes with the answer. */
  readonly questions: readonly {
    readonly id: string
    readonly ask: LocalizedText
    readonly choices: readonly LocalizedText[]
    /** The certificates that stand beside it. */ readonly shows?: readonly Fact[]
  }[]
}

export interface Trust {
  /** The names of the authorities that it trusts. */
  readonly trusted: readonly string[]
  readonly revoked: readonly Revocation[]
  /** World time 0, in milliseconds since 1970. */
  readonly epoch: number
}

export interface WirePlace {
  readonly id: string
  /** 1, or 2 after the swap. */
  readonly leg: 1 | 2
  readonly exercise: {
    readonly title: LocalizedText
    /** Those with a title of their own. */
    readonly scenes: readonly { readonly id: string; readonly title: LocalizedText }[]
  }
  /** Who plays the hosts; null: the built-in partner. */
  readonly names: { readonly [S in Seat]: string | null }
}

/** An act of the network seat; as `Act`. */
export interface NetworkAct extends Omit<Act, 'action'> {
  readonly action: WireAction
}

export interface Act {
  readonly round: string
  /** The sender's own id for this action; sent again with it, an action is done once. */
  readonly id: string
  /** The last view held when it was composed. */
  readonly seen: number
  readonly action: SeatAction
}

/** One pair on the teacher's board. */
export interface Tile {
  readonly pair: string
  readonly number: number
  /** `name` null: the built-in partner. */
  readonly members: readonly { readonly id: string; readonly name: string | null }[]
  /** Null before the pair's first round. */
  readonly round: TileRound | null
}

export interface TileRound {
  readonly id: string
  readonly exercise: string
  readonly leg: 1 | 2
  /** Participant ids; `network` null where nobody has the wire. */
  readonly client: string
  readonly server: string
  readonly network: string | null
  /** Entries so far: of two versions of a tile the one with more is the newer. */
  readonly index: number
  readonly states: { readonly [S in Seat]: State }
  readonly progress: { readonly [S in Seat]: { readonly met: number; readonly of: number } }
  /** The last arrows, oldest first: `c`, `s` for sent, `x`, `y` for refused by client, server. */
  readonly arrows: string
  /** Refusals since the last accepted act, and the last one. */
  readonly refusals: number
  readonly last: {
    readonly seat: Seat
    readonly field: FindingField
    readonly given: string | null
    readonly misconception: Misconception | null
  } | null
  /** ISO 8601: the last accepted act. */
  readonly since: string
  readonly over: 'goal' | 'moved-on' | 'ended' | 'broken' | null
  /** Over, and no further leg to play. */
  readonly finished: boolean
}

export interface Board {
  readonly session: SessionInfo
  readonly tiles: readonly Tile[]
  readonly participants: readonly ParticipantInfo[]
  /** ISO 8601: the server's time when this was made, so that a browser whose clock is wrong still shows how long a pair is stuck. */
  readonly now: string
}

export interface ParticipantInfo {
  readonly id: string
  readonly name: string
  readonly present: boolean
  readonly pair: string | null
}

export interface SessionInfo {
  readonly id: string
  readonly code: string
  readonly title: string
  readonly level: Level
  /** Exercise ids. */
  readonly playlist: readonly string[]
  readonly swap: boolean
  readonly position: number | null
  readonly ended: boolean
  /** An exam whose results its students may see. */
  readonly released: boolean
  readonly createdAt: string
}

export interface ClientToServer {
  /** Student: my views of this round after number `from`. */
  resume: (body: { round: string; from: number }, reply: (r: Reply<{ views: readonly PlayerView[] }>) => void) => void
  /** Student: an action. The reply carries my own view of it and any that I had not been sent. */
  act: (body: Act, reply: (r: Reply<{ views: readonly PlayerView[] }>) => void) => void
  /** The third of a pair: as `resume` and `act`, of the round's wire. */
  resumeWire: (body: { round: string; from: number }, reply: (r: Reply<{ views: readonly WireView[] }>) => void) => void
  wire: (body: NetworkAct, reply: (r: Reply<{ views: readonly WireView[] }>) => void) => void
  /** Teacher: the board of a session, and from now on its changes. */
  watch: (body: { session: string }, reply: (r: Reply<{ board: Board }>) => void) => void
  /** Teacher: a round's whole log, and from now on its entries. */
  follow: (body: { round: string }, reply: (r: Reply<{ entries: readonly Entry[] }>) => void) => void
  unfollow: (body: { round: string }, reply: (r: Reply<object>) => void) => void
  /** Teacher: pauses a round, or plays its wire. What does not apply any more changes nothing. */
  steer: (body: { round: string; action: Steering }, reply: (r: Reply<object>) => void) => void
}

export interface ServerToClient {
  place: (place: Place) => void
  view: (body: { round: string; view: PlayerView }) => void
  wire: (body: { round: string; view: WireView }) => void
  partner: (body: { present: boolean }) => void
  session: (info: SessionInfo) => void
  tiles: (body: { session: string; tiles: readonly Tile[] }) => void
  participants: (body: { session: string; participants: readonly ParticipantInfo[] }) => void
  entry: (entry: Entry) => void
  /** An event that came without an acknowledgement, so that this is the only way to answer it. */
  failure: (body: Failure & { event: string }) => void
  /** The server stops or restarts; the client reconnects by itself. */
  bye: () => void
}

/** What a socket says of itself when it connects; the cookies prove it. */
export type SocketAuth = { readonly participant: string } | { readonly teacher: true }
