/** What the participants and the projector are shown of the longest wire: numbers of those in line, never who they are. */
import type { Reason } from '../../round/model/verdict.ts'
import { peerOf, type Seat } from '../../seat.ts'
import type { State } from '../../tcp/states.ts'
import { formatRelaySegment, notationOfRelay, seatDue } from './judge-relay.ts'
import type { RelayWorld } from './relay-world.ts'

/** A segment in x and y. */
export type RelaySegmentView = ReturnType<typeof formatRelaySegment>

export interface RelayPhoneView {
  /** One's place in line, from 1. */
  readonly number: number
  /** How many turns are before one's own; 0: it is one's turn. */
  readonly ahead: number
  /** The side that sends next; null once all is over. */
  readonly seat: Seat | null
  /** The state of that side. */
  readonly state: State | null
  /** What has arrived last at that side. */
  readonly heard: RelaySegmentView | null
  /** What the application of that side has just written, in octets that are not sent yet, and whether it has called CLOSE. */
  readonly queued: number
  readonly closing: boolean
  readonly names: { readonly [name: string]: number }
  /** Why one can send nothing now; null if one can. */
  readonly reason: Reason | null
  readonly over: boolean
}

export interface RelayScreenView {
  /** How many are in line, and the number of the one whose turn it is, from 1. */
  readonly runners: number
  readonly turn: number
  readonly seat: Seat | null
  readonly states: { readonly [S in Seat]: State }
  /** How many segments have travelled, and how many have been refused. */
  readonly sent: number
  readonly refused: number
  /** The latest segments, oldest first, each with the number of whoever has sent it. */
  readonly latest: readonly {
    readonly number: number
    readonly from: Seat
    readonly by: number
    readonly segment: RelaySegmentView
  }[]
  readonly closing: boolean
  readonly over: boolean
}

/** As many arrows as a projector shows in letters that can be read from afar. */
const MAX_ARROWS = 7

export function viewRelayFor(world: RelayWorld, participant: string): RelayPhoneView | null {
  const place = world.runners.findIndex(({ id }) => id === participant)
  if (place < 0) return null
  const count = world.runners.length
  const ahead = (place - world.turn + count) % count
  const seat = world.over ? null : seatDue(world)
  const tcb = seat && world.tcbs[seat]
  const heard = seat && world.segments.findLast(({ from }) => from === peerOf(seat))
  const { names } = notationOfRelay(world)
  return {
    number: place + 1,
    ahead,
    seat,
    state: tcb?.state ?? null,
    heard: heard ? formatRelaySegment(world, heard.from, heard.segment) : null,
    queued: tcb?.queued ?? 0,
    closing: tcb?.closing ?? false,
    names: Object.fromEntries(Object.entries(names).map(([name, { value }]) => [name, value])),
    reason: world.over ? 'over' : ahead === 0 && seat ? null : 'not-yet',
    over: world.over,
  }
}

export const viewRelayForScreen = (world: RelayWorld): RelayScreenView => ({
  runners: world.runners.length,
  turn: world.runners.length === 0 ? 0 : world.turn + 1,
  seat: world.over ? null : seatDue(world),
  states: { client: world.tcbs.client.state, server: world.tcbs.server.state },
  sent: world.segments.length,
  refused: world.refused,
  latest: world.segments
    .map(({ from, segment, by }, i) => ({ number: i + 1, from, by: by + 1, segment: formatRelaySegment(world, from, segment) }))
    .slice(-MAX_ARROWS),
  closing: world.closing,
  over: world.over,
})
