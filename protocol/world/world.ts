/**
 * A round as a discrete-event world: a clock, two hosts, segments between them, and what each seat has earned.
 * Plain, immutable data, made only by folding the log (`apply.ts`).
 */
import type { Finding, Misconception } from '../findings.ts'
import type { State, Tcb, Timer } from '../tcp/tcb.ts'
import type { Segment, Sort } from '../segment.ts'
import { rulesNamed, type Rules } from '../tcp/rules.ts'
import type { Endpoint } from '../tls/endpoint.ts'
import type { NotationContext } from '../notation.ts'
import type { Effect, Stray } from './action.ts'
import type { Call, Condition, Seat } from './exercise.ts'
import type { Utterance } from './utterances.ts'
import type { Player, Scene, Script } from './script.ts'

/** How often each has been seen at a host. */
export type Counts = { readonly [S in Sort]?: number }

/** A connection of a host with somebody whom nobody plays. */
export type Stranger = Extract<Effect, { is: 'strangers' }>['strangers'][number]

export interface Host {
  readonly tcb: Tcb
  /** World times (ms) at which the running timers go off. */
  readonly due: { readonly [T in Timer]?: number }
  /** In this scene: every state that the TCB has been in, in the order of their first time. */
  readonly been: readonly State[]
  readonly received: readonly NonNullable<Condition['received']>[]
  /** What has left and what has arrived, taken in or not; how often each timer has gone off. */
  readonly sent: Counts
  readonly arrived: Counts
  readonly fired: { readonly [T in Timer]?: number }
  /** How much had been `sent` when the built-in partner last planted a mistake here; null before the first. */
  readonly planted: number | null
  /** The calls that the application has made, in order. */
  readonly called: readonly Call[]
  /** How many steps of its application's script have been made. */
  readonly steps: number
  /** The octets that its application has handed over in this scene (hexadecimal): what stands at each sequence number, sent or not. */
  readonly stream: string
  /** The messages in that stream. */
  readonly wrote: readonly Written[]
  /** The messages that its application has been given whole. */
  readonly read: readonly Utterance[]
  /** Its end of TLS; null where there is none. */
  readonly tls: SecureEnd | null
  readonly strangers: readonly Stranger[]
}

/** A message in a host's stream. */
export interface Written {
  readonly name: Utterance
  /** Where its octets end in the stream; they begin where those of the one before it end. */
  readonly end: number
  readonly encrypted: boolean
  /** Octets of its HTTP message; null where it is none. */
  readonly http: number | null
}

/** An end of TLS in a round: the endpoint, how many octets of the peer's stream it has taken in, and the applications' own (hexadecimal). */
export interface SecureEnd {
  readonly endpoint: Endpoint
  readonly taken: number
  readonly said: string
  readonly heard: string
}

/** A segment on the wire. */
export interface Flight {
  readonly id: number
  /** The side that it comes from. */
  readonly from: Seat
  readonly segment: Segment
  /** Absent where a seat has sent it. */
  readonly as?: Stray
  /** Whose it is, or to whom it goes, where that is no seat. */
  readonly stranger?: string
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
  readonly of?: readonly Sort[]
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
  /** No person plays it any more, or ever did. */
  readonly left: boolean
  /** How many views the seat has been given. */
  readonly views: number
  /** The last state that it rightly said. */
  readonly said: State
  /** The TCB that `guided` shows: as it stood before what just arrived. */
  readonly shown: Tcb
  /** Those that have not been discarded, and whose state has not been said since: a long round carries no more of them than a short one. */
  readonly events: readonly HostEvent[]
  /** Of all scenes. */
  readonly milestones: readonly MilestoneRecord[]
  /** How many calls of its application's script have been made or may be made now. */
  readonly due: number
  /** The fields of the refusals since the last accepted act. */
  readonly tries: readonly string[]
  /** Useless acts in a row. */
  readonly useless: number
  readonly excused: readonly Misconception[]
  readonly lodged: boolean
}

export interface World {
  /** How many entries have been folded. */
  readonly index: number
  readonly script: Script
  /** The scene that is played: its place in the script. */
  readonly scene: number
  /** World ms since the round began. */
  readonly clock: number
  readonly hosts: { readonly [S in Seat]: Host }
  readonly seats: { readonly [S in Seat]: SeatRecord }
  readonly wire: readonly Flight[]
  /** Segments stop on the wire until they are let pass. */
  readonly stops: boolean
  /** How many segments of each of the scene's faults have left. */
  readonly matched: readonly number[]
  /** The scene's injections that have set out. */
  readonly setOut: readonly number[]
  /** The scene's eavesdropper has computed what can be computed. */
  readonly overheard: boolean
  /** How many segments there have been on the wire. */
  readonly segments: number
  readonly paused: boolean
  readonly over: Extract<Effect, { is: 'over' }>['why'] | null
}

export function sceneOf({ script, scene }: World): Scene {
  const current = script.scenes[scene]
  if (!current) throw new Error(`${script.exercise} has no scene ${scene}`)
  return current
}

/** The part that the network seat has in the scene; null where it has none, or nobody plays it. */
export const networkPart = ({ script, scene }: Pick<World, 'script' | 'scene'>): Scene['network'] | null =>
  (script.network && script.scenes[scene]?.network) || null

export const rulesOf = (world: World): Rules => rulesNamed(sceneOf(world).rules)

export function notationOf(world: World): NotationContext {
  const { names, iss } = sceneOf(world)
  return { kind: world.script.notation, names, iss }
}

/** The tries that a step has (design: exam two, otherwise four). */
export const attemptsOf = (script: Script): number => (script.level === 'exam' ? 2 : 4)

/** The milestone that refusals and hints are charged to: the oldest that is open. A wrong answer is charged to its own question. */
export const openMilestone = (record: SeatRecord): MilestoneRecord | undefined => record.milestones.find((m) => m.status === 'open')
