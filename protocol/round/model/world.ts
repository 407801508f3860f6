/**
 * A round as a discrete-event world: a clock, two hosts, segments between them, and what each seat has earned.
 * Plain, immutable data, made only by folding the log (`fold/reducer.ts`).
 */
import type { UserCall } from '../../tcp/user-calls.ts'
import type { Seat } from '../../seat.ts'
import type { Finding, Misconception } from '../../findings.ts'
import type { State, Tcb, Timer } from '../../tcp/tcb.ts'
import type { Segment, SegmentKind } from '../../segment.ts'
import type { TlsEndpoint } from '../../tls/endpoint/endpoint.ts'
import type { Effect, InjectedOrigin } from './effect.ts'
import type { Condition } from './exercise.ts'
import type { UpperLayerMessage } from './upper-layer-messages.ts'
import type { Player, Script } from './script.ts'

/** How often each has been seen at a host. */
export type SegmentCounts = { readonly [S in SegmentKind]?: number }

/** A connection of a host with somebody whom nobody plays. */
export type Stranger = Extract<Effect, { kind: 'strangers' }>['strangers'][number]

export interface Host {
  readonly tcb: Tcb
  /** World times (ms) at which the running timers go off. */
  readonly timerDeadlines: { readonly [T in Timer]?: number }
  /** In this scene: every state that the TCB has been in, in the order of their first time. */
  readonly visitedStates: readonly State[]
  readonly received: readonly NonNullable<Condition['received']>[]
  /** What has left and what has arrived, taken in or not; how often each timer has gone off. */
  readonly sent: SegmentCounts
  readonly arrived: SegmentCounts
  readonly fired: { readonly [T in Timer]?: number }
  /** `sent` in total when the built-in partner last planted a mistake; null before the first. */
  readonly sentWhenPlanted: number | null
  /** The calls that the application has made, in order. */
  readonly called: readonly UserCall[]
  /** How many steps of its application's script have been made. */
  readonly stepsMade: number
  /** The octets that its application has handed over in this scene (hexadecimal): what stands at each sequence number, sent or not. */
  readonly stream: string
  /** The messages in that stream. */
  readonly writtenMessages: readonly StreamMessage[]
  /** The messages that its application has been given whole. */
  readonly readMessages: readonly UpperLayerMessage[]
  /** Its end of TLS; null where there is none. */
  readonly tls: TlsEndState | null
  readonly strangers: readonly Stranger[]
}

/** A message in a host's stream. */
export interface StreamMessage {
  readonly name: UpperLayerMessage
  /** Where its octets end in the stream; they begin where those of the one before it end. */
  readonly end: number
  readonly encrypted: boolean
  /** Octets of its HTTP message; null where it is none. */
  readonly http: number | null
}

/** An end of TLS in a round: the endpoint, how many octets of the peer's stream it has taken in, and the applications' own (hexadecimal). */
export interface TlsEndState {
  readonly endpoint: TlsEndpoint
  readonly octetsConsumed: number
  readonly plaintextSent: string
  readonly plaintextReceived: string
}

/** A segment on the wire. */
export interface InFlightSegment {
  readonly id: number
  /** The side that it comes from. */
  readonly from: Seat
  readonly segment: Segment
  /** Absent where a seat has sent it. */
  readonly as?: InjectedOrigin
  /** Whose it is, or to whom it goes, where that is no seat. */
  readonly stranger?: string
  /** The segment that the wire has doubled; absent where this is no copy. */
  readonly copyOf?: number
  /** World ms at which it came onto the wire. */
  readonly departedAt: number
  /** World ms at which it arrives; null where somebody has to let it pass. */
  readonly due: number | null
  /** It arrives as soon as this holds. */
  readonly until?: Condition
}

/** Something that happened to a host and that its seat may name in a claim or discard. */
export interface HostEvent {
  /** The seat's view in which it stands. */
  readonly view: number
  /** The host's state just after it. */
  readonly state: State
  /** It asked for a segment. */
  readonly asks: boolean
  /** What is wrong with discarding it; null where that is right. */
  readonly discard: Finding | null
  /** What the segment carried that arrived; absent where it was a timer. */
  readonly of?: readonly SegmentKind[]
}

export interface MilestoneRecord {
  readonly id: string
  readonly status: 'shut' | 'open' | 'met' | 'forfeited'
  /** Eighths of its point that refusals and hints have cost. */
  readonly charged: number
  /** Rungs of its hint that have been bought. */
  readonly hints: number
}

export interface SeatRecord {
  readonly player: Player
  /** Its person has left for good, or it never had one. */
  readonly abandoned: boolean
  /** How many views the seat has been given. */
  readonly viewCount: number
  /** The last state that it rightly claimed. */
  readonly claimedState: State
  /** The TCB that `guided` shows: as it stood before what just arrived. */
  readonly shownTcb: Tcb
  /** Events that may still be claimed or discarded; settled ones are dropped, so that long rounds do not grow. */
  readonly openEvents: readonly HostEvent[]
  /** Of all scenes. */
  readonly milestones: readonly MilestoneRecord[]
  /** How many calls of its application's script have been made or may be made now. */
  readonly stepsDue: number
  /** The fields of the refusals since the last accepted act. */
  readonly triedFields: readonly string[]
  /** Useless acts in a row. */
  readonly uselessActsInRow: number
  readonly excusedMisconceptions: readonly Misconception[]
  readonly waitRequested: boolean
}

export interface World {
  /** How many entries have been folded. */
  readonly entryCount: number
  readonly script: Script
  /** The scene that is played: its place in the script. */
  readonly sceneIndex: number
  /** World ms since the round began. */
  readonly clock: number
  readonly hosts: { readonly [S in Seat]: Host }
  readonly seats: { readonly [S in Seat]: SeatRecord }
  readonly wire: readonly InFlightSegment[]
  /** Segments stop on the wire until they are let pass. */
  readonly wireStopped: boolean
  /** How many segments of each of the scene's faults have left. */
  readonly faultMatches: readonly number[]
  /** The scene's injections that have set out. */
  readonly injectionsSent: readonly number[]
  /** The scene's eavesdropper has computed what can be computed. */
  readonly eavesdropped: boolean
  /** How many segments there have been on the wire. */
  readonly segmentCount: number
  readonly paused: boolean
  readonly over: Extract<Effect, { kind: 'over' }>['why'] | null
}

type Mutable<T> = { -readonly [F in keyof T]: T[F] }
/** A copy that the reducer may still change; the original stays as it is. */
export type WorldDraft = Mutable<World>
export type HostDraft = Mutable<Host>
export type SeatDraft = Mutable<SeatRecord>

// Field by field, as `copyTcb` does it: spreading takes many times as long. The types demand every field.

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
  sent: host.sent,
  arrived: host.arrived,
  fired: host.fired,
  sentWhenPlanted: host.sentWhenPlanted,
  called: host.called,
  stepsMade: host.stepsMade,
  stream: host.stream,
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
  uselessActsInRow: seat.uselessActsInRow,
  excusedMisconceptions: seat.excusedMisconceptions,
  waitRequested: seat.waitRequested,
})
