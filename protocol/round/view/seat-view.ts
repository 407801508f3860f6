/**
 * What a seat receives of an entry. Made on the server and numbered per seat, so that what a seat may not see
 * leaves not even a gap.
 */
import type { UserCall } from '../../tcp/user-calls.ts'
import type { Seat } from '../../seat.ts'
import type { FindingField, Misconception } from '../../findings.ts'
import type { State, Timer } from '../../tcp/tcb.ts'
import type { EavesdropResult } from '../../tls/watch/eavesdrop.ts'
import type { NamedSecret } from '../../tls/endpoint/list-secrets.ts'
import type { MessageDraft, ControlAction, SeatAction } from '../model/action.ts'
import type { Outcome, Reason } from '../model/verdict.ts'
import type { MessageSummary } from '../model/effect.ts'
import type { WebPage, LocalizedText } from '../model/exercise.ts'
import type { PayloadSpan } from '../fold/payload-layout.ts'
import type { ScriptTls, ScriptTlsSide, Player } from '../model/script.ts'
import type { Stranger } from '../model/world.ts'

/** A segment on a seat's own ladder; numbers in the exercise's notation. */
export interface SegmentView {
  readonly id: number
  readonly from: Seat
  readonly bits: number
  readonly seq: string
  /** Null without the ACK bit. */
  readonly ack: string | null
  readonly window: number
  readonly length: number
  /** World ms: when it left (own segments) or arrived (the peer's). */
  readonly at: number
  /** To or from somebody whom nobody plays. */
  readonly stranger?: string
  /** What lies where in its data, where the applications' messages are known. */
  readonly payload?: readonly PayloadSpan[]
}

/** A finding as a seat sees it: what was given, never what was wanted (the third rung of the hint sells that). */
export interface FindingView {
  readonly kind: 'refusal' | 'remark'
  readonly field: FindingField
  /** In the words the seat used: bits as `SYN,ACK`, numbers as typed, octets, a state. Null: nothing was given. */
  readonly given: string | null
  readonly rule: string
  readonly misconception: Misconception | null
}

/** The seat's own act and what the judge said. At `exam` the findings stay away. */
export interface ActView {
  readonly id: string
  readonly action: SeatAction
  readonly outcome: Outcome
  readonly findings: readonly FindingView[]
  readonly reason?: Reason
  /** The third refusal on one field: the concept of the step opens by itself. */
  readonly concept?: LocalizedText
  /** The last attempt failed: the invigilator has played the step. */
  readonly invigilated?: boolean
}

/** The third rung: the act that the engine would do now. */
export type AnswerView =
  | {
      readonly kind: 'send'
      readonly bits: number
      readonly seq: string
      readonly ack: string | null
      readonly length: number
      readonly state: State
    }
  | { readonly kind: 'call'; readonly call: UserCall }
  | { readonly kind: 'write'; readonly message: MessageDraft }
  | { readonly kind: 'claim'; readonly state: State }
  | { readonly kind: 'discard' | 'wait' }

/** A bought hint. Rungs 1 and 2 are texts of the exercise; rung 3 carries the answer. */
export interface HintView {
  readonly milestone: string
  readonly rung: 1 | 2 | 3
  readonly text?: LocalizedText
  readonly answer?: AnswerView
}

/** A message that the seat has written or been given whole. */
export interface MessageView extends MessageSummary {
  /** What it had on the wire, where that is known; of an own one always. */
  readonly octets?: number
}

/** What the scene's eavesdropper reads: from the wire alone, and then with the private key of that seat's certificate. */
export interface OverheardView extends EavesdropResult {
  readonly leaked: Seat | null
}

/** What happened to the seat's host in one scene. */
export interface Happenings {
  /** A call made by the exercise's application. */
  readonly called?: readonly UserCall[]
  /** Messages that the seat or its application has written. */
  readonly wrote?: readonly MessageView[]
  readonly read?: readonly MessageView[]
  readonly sent?: readonly SegmentView[]
  readonly arrived?: readonly SegmentView[]
  readonly fired?: readonly Timer[]
  /** The conversation is over, and this is what somebody on the wire has made of it. */
  readonly overheard?: readonly OverheardView[]
  /** What its end of TLS has computed anew and keeps to itself. */
  readonly secrets?: readonly NamedSecret[]
  /** The state the seat is rightly known to be in after this. */
  readonly state?: State
}

/** What happened, as this seat sees it. */
export interface EventView extends Happenings {
  readonly act?: ActView
  readonly hint?: HintView
  /** What the chosen answer shows; kept back at `exam`. */
  readonly why?: LocalizedText
  /** Then a further scene has opened: its place among the round's, and what has happened in it. */
  readonly scene?: Happenings & { readonly number: number }
  readonly control?: ControlAction['control']
}

/** The own TCB at `guided`: as it stood before what just arrived, numbers in the exercise's notation; the state is left out, because the student is asked for it. */
export interface TcbView {
  readonly sndUna: string
  readonly sndNxt: string
  readonly sndWnd: number
  /** Null until the peer's SYN has been taken in. */
  readonly rcvNxt: string | null
  readonly rcvWnd: number
  readonly queued: number
}

export interface MilestoneView {
  readonly id: string
  readonly status: 'shut' | 'open' | 'met' | 'forfeited'
  /** What it is still worth, or has earned; eighths of a point. */
  readonly eighths: number
}

/** What the seat's application wants to say in HTTP. */
export type HttpTaskView =
  | { readonly kind: 'request'; readonly host: string; readonly target: string; readonly closes: boolean }
  | ({ readonly kind: 'response'; readonly closes: boolean } & Omit<WebPage, 'target'>)

/** The next step of the application that is the student's to make, with the reason while it cannot be made. */
export type NextStepView = { readonly reason: Reason | null } & ({ readonly call: UserCall } | HttpTaskView)

/** The controls of the page, and why one does not apply now. Never tells what only the judge knows. */
export type ActionControl = 'send' | 'claim' | 'discard' | 'wait' | 'hint'

/** How things stand for the seat after the view. */
export interface NowView {
  /** The scene that is played: its place among the round's, and the id by which the seat knows it. */
  readonly scene: { readonly number: number; readonly id: string }
  /** Who plays this seat and the other one. */
  readonly players: { readonly [S in Seat]: Player }
  /** World ms. */
  readonly clock: number
  /** The last state that the seat is rightly known to be in. */
  readonly state: State
  /** Null except at `guided`, and in CLOSED, where there is no TCB (RFC 9293 3.3.2). */
  readonly tcb: TcbView | null
  /** What this seat's end of TLS can do, the preferred first, suites by number; null where there is none. */
  readonly tls: (Pick<ScriptTls, 'name' | 'rules'> & Pick<ScriptTlsSide, 'versions' | 'suites' | 'groups' | 'shows'>) | null
  /** What this seat writes in HTTP; null where the applications do not speak it. */
  readonly writes: 'request' | 'response' | null
  /** Octets of messages that are handed over and have not been sent yet. */
  readonly unsentOctets: number
  /** What the application has called, and its next step. */
  readonly app: { readonly called: readonly UserCall[]; readonly next: NextStepView | null }
  readonly reasons: { readonly [C in ActionControl]?: Reason }
  /** View numbers of the events that may still be named in a claim or discard, oldest first. */
  readonly events: readonly number[]
  /** Bound names whose numbers this host knows. */
  readonly names: { readonly [name: string]: number }
  /** When the earlier connection of the scene's names was made, where it was a round of this pair's own: ISO 8601. */
  readonly earlierRoundAt?: string
  /** Null at `exam`. */
  readonly milestones: readonly MilestoneView[] | null
  /** Tries left at the current step. */
  readonly attempts: number
  /** The next rung and its price in eighths; null where none is to be had. */
  readonly hint: { readonly rung: 1 | 2 | 3; readonly eighths: number } | null
  /** The question that is put to the seat. */
  readonly question: { readonly id: string } | null
  /** The connections of this host with strangers. `backlog`: how many half-open ones its listener keeps. */
  readonly strangers: { readonly connections: readonly Stranger[]; readonly backlog: number } | null
  readonly waitRequested: boolean
  readonly paused: boolean
  readonly over: 'goal' | 'moved-on' | 'ended' | 'broken' | null
}

export interface PlayerView {
  /** Per seat, from 1, without gaps. */
  readonly n: number
  readonly event: EventView
  readonly now: NowView
}
