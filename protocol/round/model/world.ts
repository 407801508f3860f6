/**
 * The world: the state of a round as a discrete-event simulation, with a clock, two hosts, the segments in flight and each seat's progress.
 * Plain, immutable data, made only by folding the log (`fold/reducer.ts`).
 */
import type { UserCall } from '../../tcp/user-calls.ts'
import type { Seat } from '../../seat.ts'
import type { Finding, Misconception } from '../../findings.ts'
import type { State, Tcb, Timer } from '../../tcp/tcb.ts'
import type { Segment, SegmentKind } from '../../segment.ts'
import type { TlsEndpoint } from '../../tls/endpoint/endpoint.ts'
import type { SeatAction } from './action.ts'
import type { Interceptor } from '../../tls/endpoint/interceptor.ts'
import type { Effect, InjectedOrigin, InterceptedData, MilestoneStatus } from './effect.ts'
import type { Condition } from './exercise.ts'
import type { UpperLayerMessage } from './upper-layer-messages.ts'
import type { Player, Script } from './script.ts'

/** How many segments of each kind a host has sent or received. */
export type SegmentCounts = { readonly [S in SegmentKind]?: number }

/** A connection of a host with a stranger, a remote host that no seat plays. */
export type Stranger = Extract<Effect, { kind: 'strangers' }>['strangers'][number]

export interface Host {
  readonly tcb: Tcb
  /** World times (ms) at which the running timers expire. */
  readonly timerDeadlines: { readonly [T in Timer]?: number }
  /** Every state that the TCB has been in during this scene, in the order in which they were first entered. */
  readonly visitedStates: readonly State[]
  /** What the TCP has accepted in this scene. */
  readonly received: readonly NonNullable<Condition['received']>[]
  /** The segments that are sent and not acknowledged: the sequence numbers just after each, oldest first (the retransmission queue). */
  readonly unackedEnds: readonly number[]
  /** Segments that have left this host. */
  readonly sent: SegmentCounts
  /** Segments that have arrived at this host, whether or not its TCP accepted them. */
  readonly arrived: SegmentCounts
  /** How often each timer has expired. */
  readonly fired: { readonly [T in Timer]?: number }
  /** The total of `sent` when the built-in partner last planted a mistake; null before its first. */
  readonly sentWhenPlanted: number | null
  /** The calls that the application has made, in order. */
  readonly called: readonly UserCall[]
  /** How many steps of its application's script have been made. */
  readonly stepsMade: number
  /** All octets that the application has passed to TCP in this scene (hexadecimal), sent or not. Sequence numbers map to offsets in it. */
  readonly stream: string
  /** What an interceptor sends on in place of the first octets of `stream` (hexadecimal); nothing if there is none. */
  readonly relayed: string
  /** The messages in `stream`. */
  readonly writtenMessages: readonly StreamMessage[]
  /** The messages that have been delivered to the application in full. */
  readonly readMessages: readonly UpperLayerMessage[]
  /** The state of its TLS; null in scenes without TLS. */
  readonly tls: TlsEndState | null
  readonly strangers: readonly Stranger[]
}

/** A message in a host's stream. */
export interface StreamMessage {
  readonly name: UpperLayerMessage
  /** Offset in the stream just after its last octet. It begins at the `end` of the message before it. */
  readonly end: number
  readonly encrypted: boolean
  /** Length of the HTTP message in octets, before encryption; null for messages of TLS itself. */
  readonly http: number | null
}

/** The state of TLS at one host. The plaintexts are the application data sent and received, in hexadecimal. */
export interface TlsEndState {
  readonly endpoint: TlsEndpoint
  /** How many octets of the peer's stream it has processed. */
  readonly octetsConsumed: number
  readonly plaintextSent: string
  readonly plaintextReceived: string
}

/** The state of the scene's interceptor: its TLS endpoints, and the application data that it has read and sent on. */
export interface InterceptorState {
  readonly endpoints: Interceptor
  readonly data: readonly InterceptedData[]
}

/** A segment on the wire. */
export interface InFlightSegment {
  /** Number of the segment in the round, from 1. */
  readonly id: number
  /** The side that it comes from. */
  readonly from: Seat
  readonly segment: Segment
  /** Origin of an injected segment; absent if a seat has sent it. */
  readonly as?: InjectedOrigin
  /** The stranger that it comes from or goes to; absent if it travels between the seats' hosts. */
  readonly stranger?: string
  /** `id` of the original, if the wire has made this copy of it. */
  readonly copyOf?: number
  /** World ms at which it was put on the wire. */
  readonly departedAt: number
  /** World ms at which it arrives; null if somebody has to let it pass. */
  readonly due: number | null
  /** It arrives as soon as this condition holds, even before `due`. */
  readonly until?: Condition
}

/** An arrival or a timer's expiry at a host, which its seat may refer to in a claim or a discard. */
export interface HostEvent {
  /** Number of the seat's view that shows the event. */
  readonly view: number
  /** The host's state just after the event. */
  readonly state: State
  /** The event requires the host to send a segment. */
  readonly asks: boolean
  /** Why it is wrong to discard the event; null if it is right. */
  readonly discard: Finding | null
  /** What the arriving segment carried; absent if the event was a timer's expiry. */
  readonly of?: readonly SegmentKind[]
}

export interface MilestoneRecord {
  readonly id: string
  readonly status: MilestoneStatus
  /** Eighths of its point that refusals and hints have cost. */
  readonly charged: number
  /** How many rungs of its hint have been bought. */
  readonly hints: number
}

/** The segment that a seat expects to arrive next. Its window is not asked for. */
export type Prediction = Omit<Segment, 'window'>

export interface SeatRecord {
  readonly player: Player
  /** The seat's person has left for good, or the seat never had one. */
  readonly abandoned: boolean
  /** How many views the seat has received. */
  readonly viewCount: number
  /** The last state that it correctly claimed. */
  readonly claimedState: State
  /** The TCB that the level `guided` shows: as it was before the latest arrival or timeout, since the student is asked for what follows. */
  readonly shownTcb: Tcb
  /** Events that may still be claimed or discarded. Settled ones are removed, so that the list stays short in long rounds. */
  readonly openEvents: readonly HostEvent[]
  /** The milestones and questions of all scenes, in order. */
  readonly milestones: readonly MilestoneRecord[]
  /** How many steps of its application's script have been made, plus one if the next may be made now. */
  readonly stepsDue: number
  /** The field of each refused attempt since the last accepted act. */
  readonly triedFields: readonly string[]
  /** The seat's refused actions since its last accepted one. */
  readonly refusedActions: readonly SeatAction[]
  /** What refusals and hints have cost since the last accepted act, in eighths. */
  readonly chargedInStep: number
  /** The milestones that were open when the seat's person left; empty while they are here. */
  readonly openWhenLeft: readonly string[]
  /** How many accepted acts in a row, up to now, were useless. */
  readonly uselessActsInRow: number
  readonly excusedMisconceptions: readonly Misconception[]
  readonly waitRequested: boolean
  /** The seat's votes on the question that is discussed: alone, and after the discussion. Choices as indices in the exercise's file. */
  readonly votes: readonly number[]
  /** The segment that the seat expects to arrive next; null if it has written none down since the last arrival. */
  readonly prediction: Prediction | null
}

export interface World {
  /** How many entries have been folded. */
  readonly entryCount: number
  readonly script: Script
  /** Index of the current scene in the script. */
  readonly sceneIndex: number
  /** World ms since the round began. */
  readonly clock: number
  readonly hosts: { readonly [S in Seat]: Host }
  readonly seats: { readonly [S in Seat]: SeatRecord }
  readonly wire: readonly InFlightSegment[]
  /** Segments stop on the wire until somebody lets them pass. */
  readonly wireStopped: boolean
  /** For each of the scene's faults, how many segments matching it have left. */
  readonly faultMatches: readonly number[]
  /** Indices of the scene's injections that have been triggered. */
  readonly injectionsSent: readonly number[]
  /** Null if the scene has no interceptor, or if it could not read along and lets everything pass. */
  readonly interceptor: InterceptorState | null
  /** The scene's eavesdropper has done its computation. */
  readonly eavesdropped: boolean
  /** How many segments have been put on the wire in this round, copies and injections included. */
  readonly segmentCount: number
  readonly paused: boolean
  /** Why the round is over; null while it is being played. */
  readonly over: Extract<Effect, { kind: 'over' }>['why'] | null
}

type Mutable<T> = { -readonly [F in keyof T]: T[F] }
/** A shallow copy that the reducer may still change, without changing the original. */
export type WorldDraft = Mutable<World>
export type HostDraft = Mutable<Host>
export type SeatDraft = Mutable<SeatRecord>

// Copied field by field, as in `copyTcb`, because object spread is many times slower. The type checker reports a missing field.

export const copyWorld = (world: World): WorldDraft => ({
  entryCount: world.entryCount,
  script: world.script,
  sceneIndex: world.sceneIndex,
  clock: world.clock,
  hosts: world.hosts,
  seats: world.seats,
  wire: world.wire,
  wireStopped: world.wireStopped,
  faultMatches: world.faultMatches,
  injectionsSent: world.injectionsSent,
  interceptor: world.interceptor,
  eavesdropped: world.eavesdropped,
  segmentCount: world.segmentCount,
  paused: world.paused,
  over: world.over,
})

export const copyHost = (host: Host): HostDraft => ({
  tcb: host.tcb,
  timerDeadlines: host.timerDeadlines,
  visitedStates: host.visitedStates,
  received: host.received,
  unackedEnds: host.unackedEnds,
  sent: host.sent,
  arrived: host.arrived,
  fired: host.fired,
  sentWhenPlanted: host.sentWhenPlanted,
  called: host.called,
  stepsMade: host.stepsMade,
  stream: host.stream,
  relayed: host.relayed,
  writtenMessages: host.writtenMessages,
  readMessages: host.readMessages,
  tls: host.tls,
  strangers: host.strangers,
})

export const copySeat = (seat: SeatRecord): SeatDraft => ({
  player: seat.player,
  abandoned: seat.abandoned,
  viewCount: seat.viewCount,
  claimedState: seat.claimedState,
  shownTcb: seat.shownTcb,
  openEvents: seat.openEvents,
  milestones: seat.milestones,
  stepsDue: seat.stepsDue,
  triedFields: seat.triedFields,
  refusedActions: seat.refusedActions,
  chargedInStep: seat.chargedInStep,
  openWhenLeft: seat.openWhenLeft,
  uselessActsInRow: seat.uselessActsInRow,
  excusedMisconceptions: seat.excusedMisconceptions,
  waitRequested: seat.waitRequested,
  votes: seat.votes,
  prediction: seat.prediction,
})
