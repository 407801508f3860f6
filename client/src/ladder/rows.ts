/**
 * The rows of a ladder: what happened, in order, as plain data. A student's rows hold what a host would see, a teacher's
 * (`entries.ts`) both sides of everything. Which of the two it is shows in the rows alone: where a segment's departure and its
 * arrival are both known, the ladder draws one whole arrow, else the half that is known.
 */
import type { UserCall } from '../../../protocol/tcp/user-calls.ts'
import type { Seat } from '../../../protocol/seat.ts'
import type { FindingField } from '../../../protocol/findings.ts'
import type { State, Timer } from '../../../protocol/tcp/tcb.ts'
import type { SeatAction } from '../../../protocol/round/model/action.ts'
import type { Effect } from '../../../protocol/round/model/effect.ts'
import type { Happenings, SegmentView, PlayerView } from '../../../protocol/round/view/seat-view.ts'

/** Numbers as the round writes them (`x+1`). `origin`: set where no host sent this segment (injected or duplicated). Only in rows made from a log. */
export type LadderSegment = Pick<SegmentView, 'id' | 'bits' | 'seq' | 'ack' | 'length' | 'stranger' | 'payload'> & {
  readonly window?: number
  readonly origin?: 'stale' | 'forged' | 'planted' | 'copy'
}

/** A field that a refusal names. `want`: the expected value; null in a student's rows. */
export interface LadderFault {
  readonly field: FindingField
  readonly want: string | null
}

/** Who did it: the seat itself, its exercise's application, or the invigilator in the seat's place. */
export type RowActor = 'seat' | 'exercise' | 'invigilator'

/** Something on the lane of one seat. `at`: world ms. `transitMs`: how long its segment was on the way, where that was long; only in rows made from a log. */
export type SeatRow = { readonly seat: Seat; readonly at: number } & (
  | {
      readonly kind: 'sent'
      readonly segment: LadderSegment
      readonly by: RowActor
      /** Legal, but it served nothing. */
      readonly useless: boolean
    }
  | { readonly kind: 'arrived'; readonly segment: LadderSegment; readonly transitMs?: number }
  /** It never arrives. The lane is the one that it comes from. */
  | {
      readonly kind: 'lost'
      readonly segment: LadderSegment
      readonly transitMs?: number
      readonly why: Extract<Effect, { kind: 'lost' }>['why']
    }
  /** An attempt that never reached the wire. At `exam` its faults stay away. */
  | { readonly kind: 'refused'; readonly act: SeatAction; readonly faults: readonly LadderFault[] }
  | { readonly kind: 'called'; readonly call: UserCall; readonly by: RowActor }
  | { readonly kind: 'discarded' }
  | { readonly kind: 'fired'; readonly timer: Timer }
  | { readonly kind: 'state'; readonly state: State }
)

export type LadderRow =
  | SeatRow
  /** The clock went on by `elapsedMs` world ms in which there was nothing to see. */
  | { readonly kind: 'clock'; readonly at: number; readonly elapsedMs: number }
  /** Another scene opens: its number counts from 1. */
  | { readonly kind: 'scene'; readonly at: number; readonly number: number }

/** World ms. What takes less is a segment's way, not a wait. */
export const MIN_WAIT_MS = 500

/** A student's ladder: from the views of one round, in order, from the first. */
export function buildRowsFromViews(views: readonly PlayerView[], seat: Seat): LadderRow[] {
  const rows: LadderRow[] = []
  let before: PlayerView['now'] | null = null
  let state: State | null = null

  const enter = (next: State, at: number) => {
    if (next !== state) rows.push({ seat, at, kind: 'state', state: next })
    state = next
  }
  const host = (at: number, { fired, called, sent, arrived }: Happenings, by: RowActor, useless: boolean) => {
    for (const timer of fired ?? []) rows.push({ seat, at, kind: 'fired', timer })
    for (const call of called ?? []) rows.push({ seat, at, kind: 'called', call, by: 'exercise' })
    const leaves = (segment: LadderSegment & { at: number }) =>
      rows.push({ seat, at: segment.at, kind: 'sent', segment, by, useless })
    for (const segment of sent ?? []) if (segment.stranger === undefined) leaves(segment)
    for (const segment of arrived ?? []) rows.push({ seat, at: segment.at, kind: 'arrived', segment })
    // What goes to a stranger answers what has just come from there.
    for (const segment of sent ?? []) if (segment.stranger !== undefined) leaves(segment)
  }

  for (const { event, now } of views) {
    const { act } = event
    // What the seat does stands still in time; `now` is after what came of it.
    const base = { seat, at: event.sent?.[0]?.at ?? now.clock }
    const elapsed = before ? now.clock - before.clock : 0
    if (elapsed >= MIN_WAIT_MS) rows.push({ kind: 'clock', at: now.clock, elapsedMs: elapsed })
    if (act?.outcome === 'refused') {
      const faults = act.findings.map(({ field }) => ({ field, want: null }))
      rows.push({ ...base, kind: 'refused', act: act.action, faults })
    }
    if (act?.outcome === 'accepted' && act.action.kind === 'discard') rows.push({ ...base, kind: 'discarded' })
    if (act?.outcome === 'accepted' && act.action.kind === 'call')
      rows.push({ ...base, kind: 'called', call: act.action.call, by: 'seat' })

    const useless = act?.findings.some(({ kind }) => kind === 'remark') ?? false
    host(base.at, event, act?.invigilated ? 'invigilator' : 'seat', useless)
    if (event.scene) {
      if (event.state) enter(event.state, base.at)
      rows.push({ kind: 'scene', at: now.clock, number: event.scene.number + 1 })
      state = null
      host(now.clock, event.scene, 'seat', false)
    }
    enter(now.state, event.scene ? now.clock : base.at)
    before = now
  }
  return rows
}
