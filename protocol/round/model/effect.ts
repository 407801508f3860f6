/** What an action did to a round, in the smallest steps: the world is their fold. */
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
  /** An accepted act: the count of attempts restarts at 0. `useless`: legal, but without a purpose in this position. */
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
