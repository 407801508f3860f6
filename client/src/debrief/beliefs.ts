/** The states that each side claims, next to its actual states. Pure. */
import { SEATS, type Seat } from '../../../protocol/seat.ts'
import type { State } from '../../../protocol/tcp/tcb.ts'
import type { ReplayStep } from '../timeline/replay-steps.ts'

/** The state that a side claims, and the state that its host is in. */
export interface Belief {
  readonly claimed: State
  readonly actual: State
}

/** Both sides after each step. A refused claim counts as well, until the side claims another state. */
export function buildBeliefs(steps: readonly ReplayStep[]): { readonly [S in Seat]: Belief }[] {
  const says: { [S in Seat]: State } = { client: 'CLOSED', server: 'CLOSED' }
  return steps.map(({ entry, headline, moments, after }) => {
    const { actor, action, verdict } = entry
    const wrong = headline === null && verdict.findings.some(({ kind, field }) => kind === 'refusal' && field === 'state')
    if (wrong && (actor === 'client' || actor === 'server') && 'state' in action) says[actor] = action.state
    for (const { effect } of moments) {
      if (effect.kind === 'said') says[effect.seat] = effect.state
      if (effect.kind === 'begun' || effect.kind === 'scene') for (const seat of SEATS) says[seat] = effect.tcbs[seat].state
    }
    const of = (seat: Seat): Belief => ({ claimed: says[seat], actual: after.hosts[seat].tcb.state })
    return { client: of('client'), server: of('server') }
  })
}

/** The states that a host has gone through in the scene of a step, up to that step, in order. */
export function listStates(steps: readonly ReplayStep[], index: number, seat: Seat): readonly State[] {
  const played = steps.slice(0, index + 1)
  const opened = played.findLastIndex(({ headline }) => headline?.kind === 'begun' || headline?.kind === 'scene')
  const states = played.slice(Math.max(0, opened)).map(({ after }) => after.hosts[seat].tcb.state)
  return states.filter((state, i) => state !== states[i - 1])
}

/** Consecutive steps with the same value: indices from `from` up to, but not including, `to`. */
export interface Run<T> {
  readonly value: T
  readonly from: number
  readonly to: number
}

/** Merges consecutive values that are the same. */
export function groupRuns<T>(values: readonly T[], same: (a: T, b: T) => boolean): Run<T>[] {
  const runs: { value: T; from: number; to: number }[] = []
  values.forEach((value, i) => {
    const last = runs.at(-1)
    if (last && same(last.value, value)) last.to = i + 1
    else runs.push({ value, from: i, to: i + 1 })
  })
  return runs
}
