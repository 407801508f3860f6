/**
 * Views: what a seat receives of an entry. Views are made on the server and numbered per seat, so that an entry that a seat may not see does
 * not even leave a gap in the numbers.
 */
import type { UserCall } from '../../tcp/user-calls.ts'
import type { Seat } from '../../seat.ts'
import type { FindingField, Misconception } from '../../findings.ts'
import type { State, Timer } from '../../tcp/tcb.ts'
import type { Score } from '../fold/score.ts'
import type { EavesdropResult } from '../../tls/watch/eavesdrop.ts'
import type { NamedSecret } from '../../tls/endpoint/list-secrets.ts'
import type { MessageDraft, ControlAction, SeatAction } from '../model/action.ts'
import type { Outcome, Reason } from '../model/verdict.ts'
import type { InterceptedData, MessageSummary } from '../model/effect.ts'
import type { WebPage, LocalizedText } from '../model/exercise.ts'
import type { PayloadSpan } from '../fold/payload-layout.ts'
import type { ScriptTls, ScriptTlsSide, Player } from '../model/script.ts'
import type { Stranger } from '../model/world.ts'
import type { Turn } from './turn.ts'

/** A segment on a seat's ladder diagram. Sequence and acknowledgment numbers are in the exercise's notation. */
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
  /** The stranger that it is sent to or comes from. */
  readonly stranger?: string
  /** The layout of its data. Present only if the applications' messages are known. */
  readonly payload?: readonly PayloadSpan[]
}

/** A finding as a seat sees it: what was given, but never what was wanted, since that is what rung 3 of a hint is for. */
export interface FindingView {
  readonly kind: 'refusal' | 'remark'
  readonly field: FindingField
  /** As the seat wrote it: bits (`SYN,ACK`), a number as typed, a count of octets, or a state. Null if nothing was given. */
  readonly given: string | null
  readonly rule: string
  readonly misconception: Misconception | null
}

/** The seat's own act and the judge's verdict. At the level `exam`, findings are left out. */
export interface ActView {
  readonly id: string
  readonly action: SeatAction
  readonly outcome: Outcome
  readonly findings: readonly FindingView[]
  readonly reason?: Reason
  /** The concept of the step, shown without charge from the third refusal on the same field on. */
  readonly concept?: LocalizedText
  /** The last attempt failed, and the invigilator has played the step. */
  readonly invigilated?: boolean
}

/** Rung 3 of a hint: the action that the engine would take now. */
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

/** A segment that is filled in for the seat, as its form shows it; what the seat has to find is empty, or 0 for the bits. */
export interface PrefillView {
  readonly bits: number
  readonly seq: string
  readonly ack: string
  readonly length: number
  readonly state: State | ''
}

/** A hint that the seat has bought. Rungs 1 and 2 give a text of the exercise, rung 3 the answer. */
export interface HintView {
  readonly milestone: string
  readonly rung: 1 | 2 | 3
  readonly text?: LocalizedText
  readonly answer?: AnswerView
}

/** A message that the seat has written, or that has been delivered to it in full. */
export interface MessageView extends MessageSummary {
  /** World ms. */
  readonly at: number
  /** Its length on the wire. Always present for messages that the seat has written. */
  readonly octets?: number
}

/**
 * What the scene's eavesdropper has learned. `leaked`: whose certificate's private key was used; null for the wire alone. `intercepted`: what
 * an interceptor has read and sent on, with a key of its own.
 */
export interface OverheardView extends EavesdropResult {
  readonly leaked: Seat | null
  readonly intercepted?: readonly InterceptedData[]
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
  /** The conversation is over, and this is what the eavesdropper has learned. */
  readonly overheard?: readonly OverheardView[]
  /** The secrets that the seat's TLS has newly computed. Only this seat sees them. */
  readonly secrets?: readonly NamedSecret[]
  /** The state that the seat has correctly claimed. */
  readonly state?: State
}

/** What happened in an entry, as the seat sees it. */
export interface EventView extends Happenings {
  readonly act?: ActView
  readonly hint?: HintView
  /** The explanation for the chosen answer. Left out at the level `exam`. */
  readonly why?: LocalizedText
  /** The segment that the seat had predicted, when one has arrived: in the exercise's notation, with the fields in which that one differs. */
  readonly predicted?: Pick<SegmentView, 'bits' | 'seq' | 'ack' | 'length'> & { readonly differs: readonly FindingField[] }
  /** Both have answered the question that is discussed: what the partner was asked, and has answered alone. */
  readonly partnerVoted?: { readonly ask: LocalizedText; readonly choice: LocalizedText }
  /** The seat has voted for the second time: its votes, and why each choice is right or wrong. Choices in the order that the seat is shown. */
  readonly voted?: {
    readonly question: string
    readonly right: number
    readonly votes: readonly number[]
    readonly why: readonly LocalizedText[]
  }
  /** If the next scene has opened afterwards: its index in the round, and what has happened in it so far. */
  readonly scene?: Happenings & { readonly number: number }
  readonly control?: ControlAction['control']
}

/**
 * The seat's TCB, shown at the level `guided`: as it was before the latest arrival or timeout, with numbers in the exercise's notation. The
 * state is left out, because the student has to determine it.
 */
export interface TcbView {
  readonly sndUna: string
  readonly sndNxt: string
  readonly sndWnd: number
  /** Null until the peer's SYN has been accepted. */
  readonly rcvNxt: string | null
  readonly rcvWnd: number
  /** Octets that the application has passed to TCP and that have not been sent. */
  readonly queued: number
}

export interface MilestoneView {
  readonly id: string
  readonly status: 'shut' | 'open' | 'met' | 'forfeited'
  /** What it has earned or, until it is met, is still worth, in eighths of a point. */
  readonly eighths: number
}

/** The HTTP message that the seat's application wants to send next. `closes`: it is to close the connection. */
export type HttpTaskView =
  | { readonly kind: 'request'; readonly host: string; readonly target: string; readonly closes: boolean }
  | ({ readonly kind: 'response'; readonly closes: boolean } & Omit<WebPage, 'target'>)

/** The application's next step, if the student makes it. `reason`: why it cannot be made now; null if it can. */
export type NextStepView = { readonly reason: Reason | null } & ({ readonly call: UserCall } | HttpTaskView)

/** The controls of the page for which a view gives a reason if they do not apply now. Reasons never reveal what only the judge knows. */
export type ActionControl = 'send' | 'claim' | 'discard' | 'wait' | 'hint'

/** The seat's situation after the view's entry. */
export interface NowView {
  /** The scene that is being played. `number`: its index in the round. `id`: the opaque id by which the seat knows it. */
  readonly scene: { readonly number: number; readonly id: string }
  readonly turn: Turn
  /** TCP is on autopilot: the seat says messages and makes calls, and sends no segment itself. */
  readonly autopilot: boolean
  /** Who plays each of the two seats. */
  readonly players: { readonly [S in Seat]: Player }
  /** World ms. */
  readonly clock: number
  /** The last state that the seat has correctly claimed. */
  readonly state: State
  /** Null except at the level `guided`. Also null in CLOSED, where there is no TCB (RFC 9293 3.3.2). */
  readonly tcb: TcbView | null
  /** What this seat's TLS supports, in order of preference, cipher suites by number. Null in scenes without TLS. */
  readonly tls: (Pick<ScriptTls, 'name' | 'rules'> & Pick<ScriptTlsSide, 'versions' | 'suites' | 'groups' | 'shows'>) | null
  /** The kind of HTTP message that this seat writes; null in scenes without HTTP. */
  readonly writes: 'request' | 'response' | null
  /** Octets of messages that have been passed to TCP but not yet sent; 0 in scenes without HTTP and TLS. */
  readonly unsentOctets: number
  /** The most octets of data that one segment of this seat may carry: the peer's MSS. */
  readonly mss: number
  /** The calls that the application has made, and its next step. */
  readonly app: { readonly called: readonly UserCall[]; readonly next: NextStepView | null }
  /** Why a control does not apply now. Controls without a reason apply, except that a claim and a discard need one of `events`. */
  readonly reasons: { readonly [C in ActionControl]?: Reason }
  /** The events that may still be claimed or discarded, as numbers of the views that show them, oldest first. */
  readonly events: readonly number[]
  /** Bound names whose numbers this host knows. */
  readonly names: { readonly [name: string]: number }
  /** When the scene's earlier connection was made (ISO 8601). Present only if that was an earlier round of this same pair. */
  readonly earlierRoundAt?: string
  /** Null at the level `exam`. */
  readonly milestones: readonly MilestoneView[] | null
  /** The seat's points once the round is over; null before that, and at the level `exam`. */
  readonly score: Score | null
  /** The next segment with fields left open; null if nothing is to be sent. Absent in all rounds but those of practice with that help. */
  readonly prefill?: PrefillView | null
  /** Attempts left at the current step. */
  readonly attempts: number
  /** The next rung of the hint and its price in eighths; null if no hint is available. */
  readonly hint: { readonly rung: 1 | 2 | 3; readonly eighths: number } | null
  /** The question that the seat is being asked; null if there is none. `vote`: it is answered alone, or again together with the partner. */
  readonly question: { readonly id: string; readonly vote?: 'alone' | 'together' } | null
  /** The connections of this host with strangers; null unless it has a backlog. `backlog`: how many half-open connections it may have. */
  readonly strangers: { readonly connections: readonly Stranger[]; readonly backlog: number } | null
  readonly waitRequested: boolean
  readonly paused: boolean
  /** Why the round is over; null while it is being played. */
  readonly over: 'goal' | 'moved-on' | 'ended' | 'broken' | null
}

export interface PlayerView {
  /** Per seat, from 1, without gaps. */
  readonly n: number
  readonly event: EventView
  readonly now: NowView
}
