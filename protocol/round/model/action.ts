/** Actions of seats, teacher and system, and what the engine would do in a seat's place. */
import type { SeatOrNetwork, Seat } from '../../seat.ts'
import type { UserCall } from '../../tcp/user-calls.ts'
import type { State } from '../../tcp/tcb.ts'
import type { Segment } from '../../segment.ts'
import type { MessageChoice } from '../../tls/endpoint/endpoint.ts'
import type { Script } from './script.ts'

/** A segment as a student writes it: `seq` and `ack` as typed, in the exercise's notation (`x+1`). `ack` is empty without the ACK bit. */
export interface SegmentDraft {
  readonly bits: number
  readonly seq: string
  readonly ack: string
  /** Octets of payload. */
  readonly length: number
  /** In octets. Defaults to the receive window of the seat's own TCB. */
  readonly window?: number
}

/** A message for the other side, as its writer composes it. `text`: all lines of an HTTP message, including the empty one. */
export type MessageDraft =
  { readonly kind: 'http'; readonly text: string } | { readonly kind: 'tls'; readonly choice: MessageChoice }

/** Actions of a seat. `event`: number of the view that showed the event, see `HostEvent.view`. */
export type SeatAction =
  | { readonly kind: 'call'; readonly call: UserCall }
  | { readonly kind: 'send'; readonly segment: SegmentDraft; readonly state: State }
  /** Passes a message to TCP, which queues its octets without sending them. `sure`: confirms a message that puts the goal out of reach. */
  | { readonly kind: 'write'; readonly message: MessageDraft; readonly sure?: boolean }
  | { readonly kind: 'claim'; readonly event: number; readonly state: State }
  | { readonly kind: 'discard'; readonly event: number }
  | { readonly kind: 'wait' }
  | { readonly kind: 'hint' }
  /** Writes down the segment that the seat expects to arrive next. It is never sent. */
  | { readonly kind: 'predict'; readonly segment: Omit<SegmentDraft, 'window'> }
  /** `choice`: index of the choice in the exercise's file. */
  | { readonly kind: 'answer'; readonly question: string; readonly choice: number }

/**
 * Actions on the wire: of the network seat, of the teacher, or of the system when nobody has let a stopped segment pass for a long time.
 * A segment that is held stays until somebody lets it pass, but at most for `MAX_HOLD_MS` of world time. `segment`: `id` of the segment.
 */
export type WireAction =
  | { readonly kind: 'wire'; readonly wire: 'pass' | 'drop' | 'duplicate' | 'hold'; readonly segment: number }
  /** `injection`: index in the injections of the scene's `network`. */
  | { readonly kind: 'wire'; readonly wire: 'inject'; readonly injection: number }

/** Actions of the teacher or the system. */
export type ControlAction =
  | { readonly kind: 'control'; readonly control: 'start'; readonly script: Script }
  | { readonly kind: 'control'; readonly control: 'pause' | 'resume' }
  /** `away`: the seats whose persons are not connected at that moment, though nobody may have taken over their seats yet. */
  | { readonly kind: 'control'; readonly control: 'end'; readonly why: 'moved-on' | 'ended'; readonly away?: readonly Seat[] }
  /** Requests a wait on behalf of an idle seat. */
  | { readonly kind: 'control'; readonly control: 'idle'; readonly seat: Seat }
  /** The built-in partner takes over the seat of an absent person, or returns it. */
  | { readonly kind: 'control'; readonly control: 'takeover' | 'return'; readonly seat: Seat }
  /** The built-in partner plants a wrong segment. */
  | { readonly kind: 'control'; readonly control: 'plant'; readonly seat: Seat }
  /** Makes each segment stop on the wire, or lets segments travel by themselves again. */
  | { readonly kind: 'control'; readonly control: 'stop-wire' | 'free-wire' }
  /** The teacher gives a seat this rung of the hint, which then costs it nothing. */
  | { readonly kind: 'control'; readonly control: 'hint'; readonly seat: Seat; readonly rung: HintRung }

/** 1: a nudge. 2: the rule. 3: what the engine would do. */
export type HintRung = 1 | 2 | 3

export type Action = SeatAction | WireAction | ControlAction

/** Who acts: one of the three seats (`client`, `server`, `network`), the teacher, or the system. */
export type Actor = SeatOrNetwork | 'teacher' | 'system'

/** What the engine would do now at a seat's host. Rung 3 of a hint shows it. */
export type HostTask =
  | { readonly kind: 'send'; readonly segment: Segment; readonly state: State }
  | { readonly kind: 'call'; readonly call: UserCall }
  | { readonly kind: 'write'; readonly message: MessageDraft }
  | { readonly kind: 'claim'; readonly event: number; readonly state: State }
  | { readonly kind: 'discard'; readonly event: number }
  | { readonly kind: 'wait' }

/** What the engine would do in the seat's place, questions included. The invigilator and the built-in partner play it. */
export type EngineAction = HostTask | { readonly kind: 'answer'; readonly question: string; readonly choice: number }
