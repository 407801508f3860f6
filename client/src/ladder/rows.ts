/**
 * The rows of a ladder: what happened, in order, as plain data. A student's rows hold what a host would see, a teacher's both
 * sides of everything. Which of the two it is shows in the rows alone: where a segment's departure and its arrival are both
 * known, the ladder draws one whole arrow, else the half that is known.
 */
import { formatNumber, type NotationContext } from '../../../protocol/notation.ts'
import type { Field, Finding } from '../../../protocol/tcp/findings.ts'
import type { State, Timer } from '../../../protocol/tcp/tcb.ts'
import type { Entry, SeatAction } from '../../../protocol/world/action.ts'
import type { Call, Seat } from '../../../protocol/world/exercise.ts'
import type { SegmentView, View } from '../../../protocol/world/view.ts'

/** Numbers as the round writes them (`x+1`). */
export type LadderSegment = Pick<SegmentView, 'id' | 'bits' | 'seq' | 'ack' | 'length'>

/** A field that a refusal names. `want` is told to teachers only. */
export interface Fault {
  readonly field: Field
  readonly want: string | null
}

/** Who did it: the seat itself, its exercise's application, or the invigilator in the seat's place. */
export type Doer = 'seat' | 'exercise' | 'invigilator'

/** Something on the lane of one seat. `at`: world ms. */
export type SeatRow = { readonly seat: Seat; readonly at: number } & (
  | {
      readonly kind: 'sent'
      readonly segment: LadderSegment
      readonly by: Doer
      /** Legal, but it served nothing. */
      readonly useless: boolean
    }
  | { readonly kind: 'arrived'; readonly segment: LadderSegment }
  /** An attempt that never reached the wire. At `exam` its faults stay away. */
  | { readonly kind: 'refused'; readonly act: SeatAction; readonly faults: readonly Fault[] }
  | { readonly kind: 'called'; readonly call: Call; readonly by: Doer }
  | { readonly kind: 'discarded' }
  | { readonly kind: 'fired'; readonly timer: Timer }
  | { readonly kind: 'state'; readonly state: State }
)

export type LadderRow =
  | SeatRow
  /** The clock went on by `elapsed` world ms in which there was nothing to see. */
  | { readonly kind: 'clock'; readonly at: number; readonly elapsed: number }

/** World ms. What takes less is a segment's way, not a wait. */
const SHORTEST_WAIT = 500

/** A student's ladder: from the views of one round, in order, from the first. */
export function rowsFromViews(views: readonly View[], seat: Seat): LadderRow[] {
  const rows: LadderRow[] = []
  let before: View['now'] | null = null

  for (const { event, now } of views) {
    const { act } = event
    // What the seat does stands still in time; `now` is after what came of it.
    const base = { seat, at: event.sent?.[0]?.at ?? now.clock }
    const elapsed = before ? now.clock - before.clock : 0
    if (elapsed >= SHORTEST_WAIT) rows.push({ kind: 'clock', at: now.clock, elapsed })
    for (const timer of event.fired ?? []) rows.push({ ...base, kind: 'fired', timer })

    if (act?.outcome === 'refused') {
      const faults = act.findings.map(({ field }) => ({ field, want: null }))
      rows.push({ ...base, kind: 'refused', act: act.action, faults })
    }
    if (act?.outcome === 'accepted' && act.action.type === 'discard') rows.push({ ...base, kind: 'discarded' })
    if (act?.outcome === 'accepted' && act.action.type === 'call') {
      rows.push({ ...base, kind: 'called', call: act.action.call, by: 'seat' })
    }
    for (const call of event.called ?? []) rows.push({ ...base, kind: 'called', call, by: 'exercise' })

    const useless = act?.findings.some(({ kind }) => kind === 'remark') ?? false
    const by = act?.invigilated ? 'invigilator' : 'seat'
    for (const segment of event.sent ?? []) rows.push({ seat, at: segment.at, kind: 'sent', segment, by, useless })
    for (const segment of event.arrived ?? []) rows.push({ seat, at: segment.at, kind: 'arrived', segment })

    if (now.state !== before?.state) rows.push({ ...base, kind: 'state', state: now.state })
    before = now
  }
  return rows
}

/** A teacher's ladder: the whole truth of a round, from its log, in order, from the first entry. */
export function rowsFromEntries(entries: readonly Entry[]): LadderRow[] {
  const rows: LadderRow[] = []
  const states: { [S in Seat]?: State } = {}
  const segments = new Map<number, LadderSegment>()
  let notation: NotationContext | null = null
  let clock = 0

  const enter = (seat: Seat, state: State) => {
    if (states[seat] === state) return
    states[seat] = state
    rows.push({ kind: 'state', seat, at: clock, state })
  }
  const format = (value: number, field: 'seq' | 'ack', seat: Seat) =>
    notation ? formatNumber(value, notation, field, seat) : String(value)
  const want = ({ field, want: value }: Finding, seat: Seat) => {
    if (value === null) return null
    return typeof value === 'number' && (field === 'seq' || field === 'ack') ? format(value, field, seat) : String(value)
  }

  for (const { actor, action, verdict, effects } of entries) {
    const useless = verdict.findings.some(({ kind }) => kind === 'remark')
    let by: Doer = 'seat'

    if (action.type !== 'control' && (actor === 'client' || actor === 'server')) {
      const base = { seat: actor, at: clock }
      if (verdict.outcome === 'refused') {
        const faults = verdict.findings.map((finding) => ({ field: finding.field, want: want(finding, actor) }))
        rows.push({ ...base, kind: 'refused', act: action, faults })
      } else if (verdict.outcome === 'accepted' && action.type === 'discard') rows.push({ ...base, kind: 'discarded' })
    }

    for (const effect of effects) {
      switch (effect.is) {
        case 'begun': {
          const { script, tcbs } = effect
          notation = { kind: script.notation, names: script.names, iss: script.iss }
          enter('client', tcbs.client.state)
          enter('server', tcbs.server.state)
          break
        }
        case 'clock':
          if (effect.now - clock >= SHORTEST_WAIT) rows.push({ kind: 'clock', at: effect.now, elapsed: effect.now - clock })
          clock = effect.now
          break
        case 'invigilated':
          by = 'invigilator'
          break
        case 'fired':
          rows.push({ kind: 'fired', seat: effect.seat, at: clock, timer: effect.timer })
          break
        case 'called':
          rows.push({ kind: 'called', seat: effect.seat, at: clock, call: effect.call, by: effect.by === 'seat' ? by : 'exercise' })
          break
        case 'left': {
          const { id, from: seat, at, segment } = effect
          const { bits, length } = segment
          const ack = segment.ack === null ? null : format(segment.ack, 'ack', seat)
          segments.set(id, { id, bits, seq: format(segment.seq, 'seq', seat), ack, length })
          rows.push({ kind: 'sent', seat, at, segment: segments.get(id)!, by, useless })
          break
        }
        case 'arrived':
          rows.push({ kind: 'arrived', seat: effect.to, at: effect.at, segment: segments.get(effect.id)! })
          break
        case 'tcb':
          enter(effect.seat, effect.tcb.state)
          break
        default: // nothing that a host would see
      }
    }
  }
  return rows
}
