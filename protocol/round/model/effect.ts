/** Effects: the smallest changes that an action makes to a round. Folding all effects in order gives the world. */
import type { Seat } from '../../seat.ts'
import type { UserCall } from '../../tcp/user-calls.ts'
import type { Finding, Misconception } from '../../findings.ts'
import type { State, Tcb, Timer } from '../../tcp/tcb.ts'
import type { Segment, SegmentKind } from '../../segment.ts'
import type { EavesdropResult } from '../../tls/watch/eavesdrop.ts'
import type { TlsEndpoint } from '../../tls/endpoint/endpoint.ts'
import type { Fact } from '../../tls/watch/message-facts.ts'
import type { HostTask } from './action.ts'
import type { Condition, Injection } from './exercise.ts'
import type { UpperLayerMessage } from './upper-layer-messages.ts'
import type { Player, Script } from './script.ts'

/** A message of HTTP or TLS, reduced to what both hosts know about it. */
export interface MessageSummary {
  readonly name: UpperLayerMessage
  /** HTTP messages only: the plaintext, before TLS encrypts it. */
  readonly text?: string
  /** TLS messages only: the contents that may be shown to the students. */
  readonly facts?: readonly Fact[]
  /** The message is encrypted on the wire. */
  readonly encrypted?: true
}

/** The fields of a TLS endpoint that change. `transcript`: messages to append to it, if it only grows. */
export interface EndpointChange {
  readonly set: Partial<TlsEndpoint>
  readonly transcript?: readonly string[]
}

/** Application data of a seat that an interceptor has read, and what it has sent on in its place; in hexadecimal, of the same length. */
export interface InterceptedData {
  readonly from: Seat
  readonly read: string
  readonly sent: string
}

/** Origin of a segment that no seat has sent. `planted`: a deliberate mistake of the built-in partner. */
export type InjectedOrigin = Injection['as'] | 'planted'

/**
 * - `shut`: not reached: it has not opened, or it can no longer be met through nobody's fault. It counts in no score.
 * - `open`: to be met now. `met`: its point is earned, less what was charged.
 * - `forfeited`: lost; it counts as 0 of 1.
 * - `missed`: met by the built-in partner while the seat's person was away. It counts like a `shut` one, see `computeScore`.
 */
export type MilestoneStatus = 'shut' | 'open' | 'met' | 'forfeited' | 'missed'

/** One change that an entry made. `applyEffect` folds effects into the world without consulting any rule. */
export type Effect =
  | { readonly kind: 'begun'; readonly script: Script; readonly tcbs: { readonly [S in Seat]: Tcb } }
  /** The next scene opens. Its hosts start afresh: nothing carries over from the previous scene. `scene`: index in the script. */
  | { readonly kind: 'scene'; readonly scene: number; readonly tcbs: { readonly [S in Seat]: Tcb } }
  /**
   * `set`: the fields of a TCB that changed. `by`: the cause, which is an arriving segment, an expired timer, or (`user`) a call or a segment
   * sent by the host itself.
   */
  | { readonly kind: 'tcb'; readonly seat: Seat; readonly set: Partial<Tcb>; readonly by: 'arrival' | 'timer' | 'user' }
  /** A segment left its host at world time `at`. `id` counts the segments of the round from 1. `stranger`: whom it is sent to. */
  | {
      readonly kind: 'left'
      readonly from: Seat
      readonly id: number
      readonly at: number
      readonly segment: Segment
      readonly stranger?: string
    }
  /** A segment that no seat has sent is put on the wire. `stranger`: the stranger it comes from. */
  | {
      readonly kind: 'injected'
      readonly to: Seat
      readonly id: number
      readonly at: number
      readonly segment: Segment
      readonly as: InjectedOrigin
      readonly stranger?: string
    }
  /** The wire has duplicated segment `of`. `id` is the copy's. */
  | { readonly kind: 'copied'; readonly id: number; readonly of: number; readonly at: number }
  /**
   * The segment stays on the wire until world time `due`, or until the condition `until` holds if that is earlier. `due` null: until somebody
   * lets it pass.
   */
  | { readonly kind: 'held'; readonly id: number; readonly due: number | null; readonly until?: Condition }
  | { readonly kind: 'arrived'; readonly to: Seat; readonly id: number; readonly at: number }
  /** `backlog`: the listener's backlog was full. `vanished`: it was sent to a stranger, and strangers never receive anything. */
  | {
      readonly kind: 'lost'
      readonly id: number
      readonly at: number
      readonly why: 'dropped' | 'corrupted' | 'backlog' | 'vanished'
    }
  /** A segment has left that matches a fault of the scene. `fault`: index in the scene's `wire`. */
  | { readonly kind: 'matched'; readonly fault: number }
  /** An injection of the scene has been triggered. `injection`: index in the scene's `injections`. */
  | { readonly kind: 'set-out'; readonly injection: number }
  /** All connections of the host with strangers, oldest first. `expires`: world ms; null for connections that do not expire. */
  | {
      readonly kind: 'strangers'
      readonly seat: Seat
      readonly strangers: readonly { readonly name: string; readonly state: State; readonly expires: number | null }[]
    }
  | { readonly kind: 'clock'; readonly now: number }
  /** `due`: the world times (ms) at which the host's running timers expire. */
  | { readonly kind: 'timers'; readonly seat: Seat; readonly due: { readonly [T in Timer]?: number } }
  | { readonly kind: 'fired'; readonly seat: Seat; readonly timer: Timer }
  /** A user call was made, either by the student (`seat`) or by the exercise's application (`exercise`). */
  | { readonly kind: 'called'; readonly seat: Seat; readonly call: UserCall; readonly by: 'seat' | 'exercise' }
  /**
   * An application, or TLS on its behalf, has written a message, and SEND has been called with its octets (hexadecimal). They are appended
   * to everything that the host has written in this scene. `by`: the student (`seat`), or the exercise's application or TLS by itself.
   */
  | ({ readonly kind: 'wrote'; readonly seat: Seat; readonly by: 'seat' | 'exercise'; readonly octets: string } & MessageSummary)
  /** A message has been delivered in full. `octets`: its length on the wire, given only for messages of TLS itself. */
  | ({ readonly kind: 'read'; readonly seat: Seat; readonly octets?: number } & MessageSummary)
  /**
   * What has changed at a host's TLS endpoint. `taken`: how many more octets of the peer's stream have been consumed. `said`, `heard`:
   * application data (hexadecimal), as sent before encryption and as received after decryption. Contains secrets: see `redactSecrets`.
   */
  | ({
      readonly kind: 'tls'
      readonly seat: Seat
      readonly taken?: number
      readonly said?: string
      readonly heard?: string
    } & EndpointChange)
  /**
   * The scene's interceptor sends on what seat `from` has written. `octets`: hexadecimal, of the same length. `read`: the messages in them.
   * `facing`: the changes of its endpoints, by the seat that they face, with secrets: see `redactSecrets`. `facing` null: it has not been able
   * to read them, and lets everything pass from now on.
   */
  | {
      readonly kind: 'relayed'
      readonly from: Seat
      readonly octets: string
      readonly read: readonly UpperLayerMessage[]
      readonly data?: readonly InterceptedData[]
      readonly facing: { readonly [S in Seat]: EndpointChange } | null
    }
  /**
   * What an eavesdropper computes from the octets on the wire in this scene and the leaked private key of the certificate of seat `leaked`.
   * `leaked` null: from the wire alone. `intercepted`: what an interceptor has read and sent on; the key is then its own, and the wire the
   * client's side.
   */
  | ({
      readonly kind: 'overheard'
      readonly leaked: Seat | null
      readonly intercepted?: readonly InterceptedData[]
    } & EavesdropResult)
  /** The host's TCP has accepted a SYN, data or a FIN for the first time in this scene. Conditions use this. */
  | { readonly kind: 'received'; readonly seat: Seat; readonly what: NonNullable<Condition['received']> }
  /** Something happened to the host that the seat may refer to in a claim or a discard: see `HostEvent`. */
  | {
      readonly kind: 'event'
      readonly seat: Seat
      readonly state: State
      readonly asks: boolean
      readonly discard: Finding | null
      /** What the arriving segment carried; absent if the event was a timer's expiry. */
      readonly of?: readonly SegmentKind[]
    }
  /** An event can no longer be claimed or discarded. `event`: its `HostEvent.view`. */
  | { readonly kind: 'settled'; readonly seat: Seat; readonly event: number }
  /** The seat has correctly claimed a state. */
  | { readonly kind: 'said'; readonly seat: Seat; readonly state: State }
  /** A milestone changes its status. */
  | {
      readonly kind: 'milestone'
      readonly seat: Seat
      readonly milestone: string
      readonly status: MilestoneStatus
    }
  /** A refusal or a hint costs part of a milestone's point. */
  | { readonly kind: 'charged'; readonly seat: Seat; readonly milestone: string; readonly eighths: number }
  /** `calls`: how many steps of the application's script have been made, plus one if the next may be made now. */
  | { readonly kind: 'due'; readonly seat: Seat; readonly calls: number }
  /** A refused attempt at the current step. `field`: the field of the first finding. */
  | { readonly kind: 'tried'; readonly seat: Seat; readonly field: string }
  /** A refusal because of a misconception that textbooks teach. The first such refusal costs nothing. */
  | { readonly kind: 'excused'; readonly seat: Seat; readonly misconception: Misconception }
  /** A hint has been bought, or given by the teacher. `answer`: on rung 3, the action that the engine would take. */
  | {
      readonly kind: 'hinted'
      readonly seat: Seat
      readonly milestone: string
      readonly rung: 1 | 2 | 3
      readonly answer?: HostTask
    }
  /** The last attempt failed. The effects that follow are those of the invigilator, who plays the step for the seat. */
  | { readonly kind: 'invigilated'; readonly seat: Seat }
  /** An act has been accepted, which resets the count of attempts. `useless`: the act is legal but has no purpose in this position. */
  | { readonly kind: 'done'; readonly seat: Seat; readonly useless: boolean }
  /** The seat is asked a question of the scene. */
  | { readonly kind: 'asked'; readonly seat: Seat; readonly question: string }
  /** `choice`: index in the exercise's file. */
  | { readonly kind: 'answered'; readonly seat: Seat; readonly question: string; readonly choice: number; readonly right: boolean }
  /**
   * The seat's vote on a question that is answered alone and, once the pair has talked about it, again. `choice`: index in the exercise's file.
   */
  | { readonly kind: 'voted'; readonly seat: Seat; readonly question: string; readonly choice: number }
  /** Both seats have voted alone: they may see each other's answers, and vote again. */
  | { readonly kind: 'discussed' }
  /** The seat has written down the segment that it expects next, in place of any before it. Its next arrival settles it. */
  | {
      readonly kind: 'predicted'
      readonly seat: Seat
      readonly bits: number
      readonly seq: number
      readonly ack: number | null
      readonly length: number
    }
  /** The seat's request to wait is made, or ends. */
  | { readonly kind: 'lodged' | 'withdrawn'; readonly seat: Seat }
  /** `player` plays the seat from now on. `forGood`: the previous player cannot get the seat back. */
  | { readonly kind: 'seated'; readonly seat: Seat; readonly player: Player; readonly forGood?: true }
  /** Whether segments stop on the wire until somebody lets them pass (`stops`), or travel by themselves. */
  | { readonly kind: 'wire'; readonly stops: boolean }
  | { readonly kind: 'paused' | 'resumed' }
  | { readonly kind: 'over'; readonly why: 'goal' | 'moved-on' | 'ended' | 'broken' }
