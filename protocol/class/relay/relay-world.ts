/**
 * The longest wire: one TCP connection for the whole room, each segment of which the next participant composes. The state of this activity,
 * and the effects that it is folded from.
 */
import type { SegmentDraft } from '../../round/model/action.ts'
import type { Seat } from '../../seat.ts'
import type { Segment } from '../../segment.ts'
import type { State } from '../../tcp/states.ts'
import { createTcb, type Tcb } from '../../tcp/tcb.ts'
import type { UserCall } from '../../tcp/user-calls.ts'

export type RelayAction =
  /** A participant lines up. */
  | { readonly kind: 'enter' }
  /** Whoever is next sends a segment as they compose it, in textbook notation: x and y are the initial numbers of client and server. */
  | { readonly kind: 'send'; readonly segment: SegmentDraft; readonly state: State }
  /** Whoever is next sends the segment that is due. */
  | { readonly kind: 'send-due' }
  /** The teacher passes the turn on: whoever has it is not there. */
  | { readonly kind: 'pass-on' }
  /** The teacher has the applications close the connection, whoever has not had a turn. */
  | { readonly kind: 'close' }

export interface RelaySetup {
  /** Seed of the initial sequence numbers and the lengths of data. */
  readonly seed: number
  readonly iss: { readonly [S in Seat]: number }
}

export interface Runner {
  /** The participant's id. */
  readonly id: string
  /** How many segments they have sent. */
  readonly sent: number
}

export type RelayEffect =
  | { readonly kind: 'lined-up'; readonly id: string }
  | { readonly kind: 'called'; readonly seat: Seat; readonly call: UserCall; readonly tcb: Tcb }
  /** A segment has left, and has arrived. `by`: index of the runner. `tcbs`: both hosts after that. */
  | {
      readonly kind: 'passed'
      readonly from: Seat
      readonly segment: Segment
      readonly by: number
      readonly tcbs: { readonly [S in Seat]: Tcb }
    }
  /** A segment has been refused. */
  | { readonly kind: 'missed' }
  /** The next turn is that of the runner with this index. */
  | { readonly kind: 'turn'; readonly runner: number }
  | { readonly kind: 'closing' | 'over' }

export interface RelayWorld {
  readonly setup: RelaySetup
  /** In the order in which they have lined up; after the last one it is the first one's turn again. */
  readonly runners: readonly Runner[]
  /** Index of the runner whose turn it is; beyond the last one if nobody is there yet. */
  readonly turn: number
  readonly tcbs: { readonly [S in Seat]: Tcb }
  /** The segments so far. */
  readonly segments: readonly { readonly from: Seat; readonly segment: Segment; readonly by: number }[]
  /** How many segments have been refused. */
  readonly refused: number
  /** The applications close as soon as nothing is under way. */
  readonly closing: boolean
  readonly over: boolean
}

/** Receive buffer of both hosts, in octets: the largest that the header's window field can announce. */
const BUFFER_OCTETS = 65_535

/** The world before the first entry. */
export const beginRelay = (setup: RelaySetup): RelayWorld => ({
  setup,
  runners: [],
  turn: 0,
  tcbs: {
    client: createTcb(setup.iss.client, BUFFER_OCTETS, 'at-once'),
    server: createTcb(setup.iss.server, BUFFER_OCTETS, 'at-once'),
  },
  segments: [],
  refused: 0,
  closing: false,
  over: false,
})

export function applyRelayEffect(world: RelayWorld, effect: RelayEffect): RelayWorld {
  switch (effect.kind) {
    case 'lined-up':
      return { ...world, runners: [...world.runners, { id: effect.id, sent: 0 }] }
    case 'called':
      return { ...world, tcbs: { ...world.tcbs, [effect.seat]: effect.tcb } }
    case 'passed': {
      const { from, segment, by, tcbs } = effect
      const runners = world.runners.map((runner, i) => (i === by ? { ...runner, sent: runner.sent + 1 } : runner))
      return { ...world, runners, tcbs, segments: [...world.segments, { from, segment, by }] }
    }
    case 'missed':
      return { ...world, refused: world.refused + 1 }
    case 'turn':
      return { ...world, turn: effect.runner }
    case 'closing':
      return { ...world, closing: true }
    case 'over':
      return { ...world, over: true }
  }
}
