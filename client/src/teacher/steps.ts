/** A round's log step by step: each entry with the world after it and what it changed. Pure. */
import type { Finding } from '../../../protocol/findings.ts'
import type { State } from '../../../protocol/tcp/tcb.ts'
import type { Action, Entry } from '../../../protocol/world/action.ts'
import { apply } from '../../../protocol/world/apply.ts'
import { SEATS, type Seat } from '../../../protocol/world/exercise.ts'
import type { World } from '../../../protocol/world/world.ts'

export interface Step {
  readonly entry: Entry
  /** The world after the entry. */
  readonly world: World
  /** ms of real time since the round's first entry. */
  readonly after: number
  /** Hosts that are in another state than before. */
  readonly moved: readonly { readonly seat: Seat; readonly state: State }[]
}

export function stepsOf(entries: readonly Entry[]): Step[] {
  const begin = Date.parse(entries[0]?.at ?? '')
  let before: World | null = null
  return entries.map((entry) => {
    const world = apply(before, entry)
    const moved = SEATS.flatMap((seat) => {
      const { state } = world.hosts[seat].tcb
      return before?.hosts[seat].tcb.state === state ? [] : [{ seat, state }]
    })
    before = world
    return { entry, world, after: Date.parse(entry.at) - begin, moved }
  })
}

/** What a finding's field held, as the student typed it. */
export function givenIn({ field, given }: Finding, action: Action): string | null {
  if (given === null) return null
  return action.type === 'send' && (field === 'seq' || field === 'ack') ? action.segment[field] : String(given)
}
