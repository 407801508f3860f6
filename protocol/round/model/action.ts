/** What moves a round, and what the judge says of it. */
import type { SeatOrNetwork, Seat } from '../../seat.ts'
import type { UserCall } from '../../tcp/user-calls.ts'
import type { Finding, Misconception } from '../../findings.ts'
import type { State, Tcb, Timer } from '../../tcp/tcb.ts'
import type { Segment, SegmentKind } from '../../segment.ts'
import type { EavesdropResult } from '../../tls/watch/eavesdrop.ts'
import type { MessageChoice, TlsEndpoint } from '../../tls/endpoint/endpoint.ts'
import type { Fact } from '../../tls/watch/message-facts.ts'
import type { Condition, Injection } from './exercise.ts'
import type { UpperLayerMessage } from './upper-layer-messages.ts'
import type { Player, Script } from './script.ts'

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

/** A message as both of its ends know it. */
export interface MessageSummary {
  readonly name: UpperLayerMessage
  /** Of an HTTP message, as it is before TLS. */
  readonly text?: string
  /** Of a TLS message: what may be shown of it. */
  readonly facts?: readonly Fact[]
  /** It travels protected. */
  readonly encrypted?: true
}

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
  /** An idle seat's wait, lodged for it. */
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

/**
 * - `accepted`: it happened.
 * - `refused`: it broke a rule; the findings say which.
 * - `crossed`: it is wrong now, but was right on the view that it was composed on. No finding, no cost.
 * - `asked`: it is legal and makes the goal unreachable; sent again with `sure` it happens. TCP has none: RST and FIN take a call of the application.
 * - `idle`: a legal act that serves nothing, one too many in a row; not sent, free.
 * - `barred`: it does not apply (not this seat's to make, the round is over, paused, an unreadable number); free. `reason` says why.
 */
export type Outcome = 'accepted' | 'refused' | 'crossed' | 'asked' | 'idle' | 'barred'

/** Why an act does not apply. The pages have a sentence for each. */
export const REASONS = [
  'paused',
  'over',
  'not-yours',
  'not-yet',
  'already-called',
  'call-refused',
  'no-event',
  'event-settled',
  'unreadable-seq',
  'unreadable-ack',
  'no-hint-left',
  'pay-first',
  'already-waiting',
  'nothing-to-send',
  'answer-first',
  'question-first',
  'no-question',
  'no-segment',
  'not-wanted',
] as const
export type Reason = (typeof REASONS)[number]

export interface Verdict {
  readonly outcome: Outcome
  readonly findings: readonly Finding[]
  readonly reason?: Reason
}

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

/** Whose a segment is that no seat has sent; `planted`: the built-in partner’s mistake. */
export type InjectedOrigin = Injection['as'] | 'planted'

/** What an entry did. `apply` reduces over these and consults no rule. */
export type Effect =
  | { readonly kind: 'begun'; readonly script: Script; readonly tcbs: { readonly [S in Seat]: Tcb } }
  /** A further scene opens, with hosts that know nothing of the one before. */
  | { readonly kind: 'scene'; readonly scene: number; readonly tcbs: { readonly [S in Seat]: Tcb } }
  /** The fields of a TCB that changed. `by`: a segment that arrived or a timer that went off, or else the host's own user or sender. */
  | { readonly kind: 'tcb'; readonly seat: Seat; readonly set: Partial<Tcb>; readonly by: 'arrival' | 'timer' | 'user' }
  /** A segment left its host at world time `at`; `id` counts the segments of the round from 1. `stranger`: it goes to that one. */
  | {
      readonly kind: 'left'
      readonly from: Seat
      readonly id: number
      readonly at: number
      readonly segment: Segment
      readonly stranger?: string
    }
  /** A segment that no seat sent is on the wire. */
  | {
      readonly kind: 'injected'
      readonly to: Seat
      readonly id: number
      readonly at: number
      readonly segment: Segment
      readonly as: InjectedOrigin
      readonly stranger?: string
    }
  /** The wire has doubled a segment: `id` is the copy. */
  | { readonly kind: 'copied'; readonly id: number; readonly of: number; readonly at: number }
  /** It stays on the wire until world time `due`, or until `until` holds; `due` null: until somebody lets it pass. */
  | { readonly kind: 'held'; readonly id: number; readonly due: number | null; readonly until?: Condition }
  | { readonly kind: 'arrived'; readonly to: Seat; readonly id: number; readonly at: number }
  /** `backlog`: the listener had no room for it. `vanished`: the stranger to whom it went is gone. */
  | {
      readonly kind: 'lost'
      readonly id: number
      readonly at: number
      readonly why: 'dropped' | 'corrupted' | 'backlog' | 'vanished'
    }
  /** A segment of the scene's fault `fault` has left. */
  | { readonly kind: 'matched'; readonly fault: number }
  /** The scene's injection of that number has set out. */
  | { readonly kind: 'set-out'; readonly injection: number }
  /** The connections of the host with strangers, oldest first. `expires`: world ms. */
  | {
      readonly kind: 'strangers'
      readonly seat: Seat
      readonly strangers: readonly { readonly name: string; readonly state: State; readonly expires: number | null }[]
    }
  | { readonly kind: 'clock'; readonly now: number }
  /** World times at which a host's running timers go off. */
  | { readonly kind: 'timers'; readonly seat: Seat; readonly due: { readonly [T in Timer]?: number } }
  | { readonly kind: 'fired'; readonly seat: Seat; readonly timer: Timer }
  /** `by` the student, or by the exercise's application. */
  | { readonly kind: 'called'; readonly seat: Seat; readonly call: UserCall; readonly by: 'seat' | 'exercise' }
  /**
   * An application, or TLS for it, has written a message, and SEND has been called with its octets (hexadecimal), which lie behind all that
   * the host has written in this scene.
   */
  | ({ readonly kind: 'wrote'; readonly seat: Seat; readonly by: 'seat' | 'exercise'; readonly octets: string } & MessageSummary)
  /** The last octet of a message has reached its reader. `octets`: how many it had on the wire, where TLS has read it. */
  | ({ readonly kind: 'read'; readonly seat: Seat; readonly octets?: number } & MessageSummary)
  /**
   * What has changed at a host's end of TLS. `transcript`: what comes behind the messages in it. `taken`: octets of the peer's stream that it has
   * taken in. `said`, `heard`: octets of the applications, hexadecimal, before protection and after. It holds secrets: see `withoutSecrets`.
   */
  | {
      readonly kind: 'tls'
      readonly seat: Seat
      readonly set: Partial<TlsEndpoint>
      readonly transcript?: readonly string[]
      readonly taken?: number
      readonly said?: string
      readonly heard?: string
    }
  /**
   * What somebody computes from what this scene has had on the wire, and from the private key of that seat's certificate, which has leaked;
   * `leaked` null: from the wire alone.
   */
  | ({ readonly kind: 'overheard'; readonly leaked: Seat | null } & EavesdropResult)
  /** This came in and was taken in. Conditions are read from it. */
  | { readonly kind: 'received'; readonly seat: Seat; readonly what: NonNullable<Condition['received']> }
  /** Something happened to the host that the seat may name in a claim or discard: see `HostEvent`. */
  | {
      readonly kind: 'event'
      readonly seat: Seat
      readonly state: State
      readonly asks: boolean
      readonly discard: Finding | null
      /** What the segment carried that arrived; absent where it was a timer. */
      readonly of?: readonly SegmentKind[]
    }
  | { readonly kind: 'settled'; readonly seat: Seat; readonly event: number }
  | { readonly kind: 'said'; readonly seat: Seat; readonly state: State }
  /** `shut` again: what it waits for has passed, and nothing asks for it any more. */
  | {
      readonly kind: 'milestone'
      readonly seat: Seat
      readonly milestone: string
      readonly status: 'shut' | 'open' | 'met' | 'forfeited'
    }
  | { readonly kind: 'charged'; readonly seat: Seat; readonly milestone: string; readonly eighths: number }
  /** The application's script has come this far: so many of its calls are made or may be made now. */
  | { readonly kind: 'due'; readonly seat: Seat; readonly calls: number }
  /** A refused try at the current step; `field` is the finding's first. */
  | { readonly kind: 'tried'; readonly seat: Seat; readonly field: string }
  /** A misconception that the textbook teaches: free the first time. */
  | { readonly kind: 'excused'; readonly seat: Seat; readonly misconception: Misconception }
  | {
      readonly kind: 'hinted'
      readonly seat: Seat
      readonly milestone: string
      readonly rung: 1 | 2 | 3
      readonly answer?: HostTask
    }
  /** The last attempt failed: what follows is the invigilator's doing. */
  | { readonly kind: 'invigilated'; readonly seat: Seat }
  /** An accepted act: the count of tries starts anew. `useless`: legal, and served nothing. */
  | { readonly kind: 'done'; readonly seat: Seat; readonly useless: boolean }
  /** A question of the scene is put to the seat. */
  | { readonly kind: 'asked'; readonly seat: Seat; readonly question: string }
  | { readonly kind: 'answered'; readonly seat: Seat; readonly question: string; readonly choice: number; readonly right: boolean }
  | { readonly kind: 'lodged' | 'withdrawn'; readonly seat: Seat }
  /** Who plays the seat from now on. `forGood`: whoever had it does not get it back. */
  | { readonly kind: 'seated'; readonly seat: Seat; readonly player: Player; readonly forGood?: true }
  /** Segments stop on the wire until they are let pass, or travel by themselves. */
  | { readonly kind: 'wire'; readonly stops: boolean }
  | { readonly kind: 'paused' | 'resumed' }
  | { readonly kind: 'over'; readonly why: 'goal' | 'moved-on' | 'ended' | 'broken' }

/** One row of the log. */
export interface Entry {
  readonly roundId: string
  /** From 0. */
  readonly index: number
  readonly actionId: string
  readonly actor: Actor
  readonly action: Action
  /** How many views the seat held when it composed this; null for teacher and system. */
  readonly seen: number | null
  readonly verdict: Verdict
  readonly effects: readonly Effect[]
  /** Version of the engine that judged. */
  readonly engine: string
  /** `id@version` of the exercise. */
  readonly exercise: string
  /** Real time, ISO 8601. */
  readonly at: string
}
