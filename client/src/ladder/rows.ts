/**
 * The rows of a ladder: what happened, in order, as plain data. A student's rows contain what one host sees, a teacher's
 * (`timeline/rows-from-log.ts`) both sides. The ladder draws a complete arrow if the rows contain a segment's departure and its
 * arrival, otherwise half an arrow.
 */
import type { UserCall } from '../../../protocol/tcp/user-calls.ts'
import type { Seat } from '../../../protocol/seat.ts'
import type { FindingField } from '../../../protocol/findings.ts'
import type { State, Timer } from '../../../protocol/tcp/tcb.ts'
import type { SeatAction } from '../../../protocol/round/model/action.ts'
import type { Effect } from '../../../protocol/round/model/effect.ts'
import type { Happenings, SegmentView, PlayerView } from '../../../protocol/round/view/seat-view.ts'

/**
 * A segment with its numbers in the round's notation (`x+1`). `origin`: set if no host sent this segment (it was injected or duplicated);
 * never set in a student's rows.
 */
export type LadderSegment = Pick<SegmentView, 'id' | 'bits' | 'seq' | 'ack' | 'length' | 'stranger' | 'payload'> & {
  readonly window?: number
  readonly origin?: 'stale' | 'forged' | 'planted' | 'copy'
}

/** A field that a refusal is about. `want`: the expected value; null in a student's rows. */
export interface LadderFault {
  readonly field: FindingField
  readonly want: string | null
}

/** Who acted: the seat itself, the application as the exercise scripts it, or the invigilator in the seat's place. */
export type RowActor = 'seat' | 'exercise' | 'invigilator'

/**
 * An event on the lane of one seat. `at`: world ms. `transitMs`: world ms that the segment was in flight, set only if at least
 * `MIN_WAIT_MS`, and only in rows made from a log.
 */
export type SeatRow = { readonly seat: Seat; readonly at: number } & (
  | {
      readonly kind: 'sent'
      readonly segment: LadderSegment
      readonly by: RowActor
      /** Legal, but the judge remarked that it did not help. */
      readonly useless: boolean
    }
  | { readonly kind: 'arrived'; readonly segment: LadderSegment; readonly transitMs?: number }
  /** The segment never arrives. `seat` is its sender. */
  | {
      readonly kind: 'lost'
      readonly segment: LadderSegment
      readonly transitMs?: number
      readonly why: Extract<Effect, { kind: 'lost' }>['why']
    }
  /** A refused attempt: it never reached the wire. A student's rows have no faults at level `exam`. */
  | { readonly kind: 'refused'; readonly act: SeatAction; readonly faults: readonly LadderFault[] }
  | { readonly kind: 'called'; readonly call: UserCall; readonly by: RowActor }
  | { readonly kind: 'discarded' }
  | { readonly kind: 'fired'; readonly timer: Timer }
  | { readonly kind: 'state'; readonly state: State }
)

export type LadderRow =
  | SeatRow
  /** The clock advanced by `elapsedMs` world ms without a visible event. */
  | { readonly kind: 'clock'; readonly at: number; readonly elapsedMs: number }
  /** Another scene opens. `number`: counted from 1. */
  | { readonly kind: 'scene'; readonly at: number; readonly number: number }

/** World ms. Shorter intervals are ordinary transit times, and are not shown as a wait. */
export const MIN_WAIT_MS = 500

/** The segments that a host sent and received in one view, in order. An answer, which is younger, may leave when what it answers arrives. */
export const inOrder = (sent: readonly SegmentView[], arrived: readonly SegmentView[]): (SegmentView & { own: boolean })[] =>
  [...sent.map((segment) => ({ ...segment, own: true })), ...arrived.map((segment) => ({ ...segment, own: false }))].sort(
    (a, b) => a.at - b.at || a.id - b.id,
  )

/** A student's ladder. `views`: all views of one round from the first on, in order. */
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
    for (const { own, ...segment } of inOrder(sent ?? [], arrived ?? []))
      rows.push(
        own ? { seat, at: segment.at, kind: 'sent', segment, by, useless } : { seat, at: segment.at, kind: 'arrived', segment },
      )
  }

  for (const { event, now } of views) {
    const { act } = event
    // The clock does not advance while the seat acts; `now` is the state after all consequences of the act.
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
