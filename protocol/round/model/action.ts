/** What moves a round: the acts of seats, teacher and system, and what the engine would do in a seat's place. */
import type { SeatOrNetwork, Seat } from '../../seat.ts'
import type { UserCall } from '../../tcp/user-calls.ts'
import type { State } from '../../tcp/tcb.ts'
import type { Segment } from '../../segment.ts'
import type { MessageChoice } from '../../tls/endpoint/endpoint.ts'
import type { Script } from './script.ts'

/** A segment as a student writes it: seq and ack as typed, in the exercise's notation (`x+1`); ack empty without the ACK bit. */
export interface SegmentDraft {
  readonly bits: number
  readonly seq: string
  readonly ack: string
  /** Octets of payload. */
  readonly length: number
  /** Octets; the receive window that the own TCB has, where absent. */
  readonly window?: number
}

/** A message for the other side, as its writer composes it. `text`: the lines of an HTTP message, the empty one among them. */
export type MessageDraft =
  { readonly kind: 'http'; readonly text: string } | { readonly kind: 'tls'; readonly choice: MessageChoice }

/** Acts of a seat. `event` is the number of the view in which the event was seen. */
export type SeatAction =
  | { readonly kind: 'call'; readonly call: UserCall }
  | { readonly kind: 'send'; readonly segment: SegmentDraft; readonly state: State }
  /** Hands a message to TCP, which makes octets of it that are still to be sent. */
  | { readonly kind: 'write'; readonly message: MessageDraft; readonly sure?: boolean }
  | { readonly kind: 'claim'; readonly event: number; readonly state: State }
  | { readonly kind: 'discard'; readonly event: number }
  | { readonly kind: 'wait' }
  | { readonly kind: 'hint' }
  /** `choice`: the choice's place in the exercise's file. */
  | { readonly kind: 'answer'; readonly question: string; readonly choice: number }

/**
 * Acts on the wire: of the network seat, of the teacher, or of the system once nobody has let a segment pass for long. One that is held stays
 * until it is let pass, or for half a minute of world time.
 */
export type WireAction =
  | { readonly kind: 'wire'; readonly wire: 'pass' | 'drop' | 'duplicate' | 'hold'; readonly segment: number }
  /** The exercise's segment of that number. */
  | { readonly kind: 'wire'; readonly wire: 'inject'; readonly injection: number }

/** Acts of the teacher or the system. */
export type ControlAction =
  | { readonly kind: 'control'; readonly control: 'start'; readonly script: Script }
  | { readonly kind: 'control'; readonly control: 'pause' | 'resume' }
  | { readonly kind: 'control'; readonly control: 'end'; readonly why: 'moved-on' | 'ended' }
  /** A wait on behalf of an idle seat. */
  | { readonly kind: 'control'; readonly control: 'idle'; readonly seat: Seat }
  /** The built-in partner takes an abandoned seat over, and gives it back. */
  | { readonly kind: 'control'; readonly control: 'takeover' | 'return'; readonly seat: Seat }
  /** The built-in partner plants a wrong segment. */
  | { readonly kind: 'control'; readonly control: 'plant'; readonly seat: Seat }
  /** The teacher takes the wire in hand: each segment stops there; or leaves it to itself again. */
  | { readonly kind: 'control'; readonly control: 'stop-wire' | 'free-wire' }

export type Action = SeatAction | WireAction | ControlAction

/** Who acts: a seat, the wire's, the teacher, or the system. */
export type Actor = SeatOrNetwork | 'teacher' | 'system'

/** What the engine would do now as a seat's host: the hint's third rung. */
export type HostTask =
  | { readonly kind: 'send'; readonly segment: Segment; readonly state: State }
  | { readonly kind: 'call'; readonly call: UserCall }
  | { readonly kind: 'write'; readonly message: MessageDraft }
  | { readonly kind: 'claim'; readonly event: number; readonly state: State }
  | { readonly kind: 'discard'; readonly event: number }
  | { readonly kind: 'wait' }

/** What it would do in the seat's place: what the invigilator and the built-in partner play. */
export type EngineAction = HostTask | { readonly kind: 'answer'; readonly question: string; readonly choice: number }
