/**
 * A round as a discrete-event world: a clock, two hosts, segments between them, and what each seat has earned.
 * Plain, immutable data, made only by folding the log (`apply.ts`).
 */
import type { Finding, Misconception } from '../tcp/findings.ts'
import type { State, Tcb, Timer } from '../tcp/tcb.ts'
import type { Segment } from '../segment.ts'
import type { Effect } from './action.ts'
import type { Call, Condition, Script, Seat } from './exercise.ts'

export interface Host {
  readonly tcb: Tcb
  /** World times (ms) at which the running timers go off. */
  readonly due: { readonly [T in Timer]?: number }
  /** Every state that the TCB has been in, in the order of their first time. */
  readonly been: readonly State[]
  readonly received: readonly NonNullable<Condition['received']>[]
  /** The calls that the application has made, in order. */
  readonly called: readonly Call[]
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
  /** Discarded, or its state has been said since. */
  readonly settled: boolean
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
  /** How many views the seat has been given. */
  readonly views: number
  /** The last state that it rightly said. */
  readonly said: State
  /** The TCB that `guided` shows: as it stood before what just arrived. */
  readonly shown: Tcb
  readonly events: readonly HostEvent[]
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
  /** World ms since the round began. */
  readonly clock: number
  readonly hosts: { readonly [S in Seat]: Host }
  readonly seats: { readonly [S in Seat]: SeatRecord }
  /** Segments on the wire. */
  readonly wire: readonly { readonly id: number; readonly from: Seat; readonly segment: Segment }[]
  /** How many segments have left a host. */
  readonly segments: number
  readonly paused: boolean
  readonly over: Extract<Effect, { is: 'over' }>['why'] | null
}

/** The tries that a step has (design: exam two, otherwise four). */
export const attemptsOf = (script: Script): number => (script.level === 'exam' ? 2 : 4)

/** The milestone that refusals and hints are charged to: the oldest that is open. */
export const openMilestone = (record: SeatRecord): MilestoneRecord | undefined => record.milestones.find((m) => m.status === 'open')
