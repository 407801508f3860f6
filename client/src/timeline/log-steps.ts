/** The steps of a round's log: each entry with the world after it and the state changes. Pure. */
import { SEATS, type Seat } from '../../../protocol/seat.ts'
import type { State } from '../../../protocol/tcp/tcb.ts'
import type { Timeline } from '../../../protocol/round/fold/timeline.ts'
import type { Entry } from '../../../protocol/round/model/entry.ts'
import type { World } from '../../../protocol/round/model/world.ts'

export interface LogStep {
  readonly entry: Entry
  /** The world after the entry. */
  readonly world: World
  /** Real ms since the round's first entry. */
  readonly elapsedMs: number
  /** The hosts whose state differs from the one before the entry; both for the first entry. */
  readonly stateChanges: readonly { readonly seat: Seat; readonly state: State }[]
}

/** One step for each entry of the timeline. */
export function buildLogSteps(timeline: Timeline): LogStep[] {
  const begin = Date.parse(timeline[0]?.entry.at ?? '')
  return timeline.map(({ entry, before, after }) => ({
    entry,
    world: after,
    elapsedMs: Date.parse(entry.at) - begin,
    stateChanges: SEATS.flatMap((seat) => {
      const { state } = after.hosts[seat].tcb
      return before?.hosts[seat].tcb.state === state ? [] : [{ seat, state }]
    }),
  }))
}
