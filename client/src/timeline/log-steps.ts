/** A round's log step by step: each entry with the world after it and what it changed. Pure. */
import { SEATS, type Seat } from '../../../protocol/seat.ts'
import type { Finding } from '../../../protocol/findings.ts'
import type { State } from '../../../protocol/tcp/tcb.ts'
import type { Action } from '../../../protocol/round/model/action.ts'
import type { Entry } from '../../../protocol/round/model/entry.ts'
import { applyEntry } from '../../../protocol/round/fold/reducer.ts'
import type { World } from '../../../protocol/round/model/world.ts'

export interface LogStep {
  readonly entry: Entry
  /** The world after the entry. */
  readonly world: World
  /** ms of real time since the round's first entry. */
  readonly elapsedMs: number
  /** Hosts that are in another state than before. */
  readonly stateChanges: readonly { readonly seat: Seat; readonly state: State }[]
}

export function buildLogSteps(entries: readonly Entry[]): LogStep[] {
  const begin = Date.parse(entries[0]?.at ?? '')
  let before: World | null = null
  return entries.map((entry) => {
    const world = applyEntry(before, entry)
    const stateChanges = SEATS.flatMap((seat) => {
      const { state } = world.hosts[seat].tcb
      return before?.hosts[seat].tcb.state === state ? [] : [{ seat, state }]
    })
    before = world
    return { entry, world, elapsedMs: Date.parse(entry.at) - begin, stateChanges }
  })
}

/** What a finding's field held, as the student typed it. */
export function getGivenAsTyped({ field, given }: Finding, action: Action): string | null {
  if (given === null) return null
  return action.kind === 'send' && (field === 'seq' || field === 'ack') ? action.segment[field] : String(given)
}
