/** The ladder rows of teachers and replays. In a separate file, so that students do not load it. */
import { SEATS, type Seat } from '../../../protocol/seat.ts'
import { formatNumber } from '../../../protocol/notation.ts'
import type { Finding } from '../../../protocol/findings.ts'
import { notationOf } from '../../../protocol/round/fold/current-scene.ts'
import type { Moment, Timeline, TimelineEntry } from '../../../protocol/round/fold/timeline.ts'
import type { InFlightSegment, World } from '../../../protocol/round/model/world.ts'
import { segmentViewWithPayload } from '../../../protocol/round/view/segment-view.ts'
import { MIN_WAIT_MS, type RowActor, type LadderRow, type LadderSegment } from '../ladder/rows.ts'

/** A teacher's ladder: both sides of a round. `timeline`: the round's log from its first entry on, in order. */
export const buildRowsFromLog = (timeline: Timeline): LadderRow[] =>
  timeline.flatMap((read) => {
    const useless = read.entry.verdict.findings.some(({ kind }) => kind === 'remark')
    let by: RowActor = 'seat'
    const rows = buildActRows(read)
    for (const moment of read.moments) {
      if (moment.kind === 'invigilated') by = 'invigilator'
      rows.push(...buildMomentRows(moment, by, useless))
    }
    return rows
  })

/** Rows for what a seat did without a visible effect: a refused attempt, or a discard. */
function buildActRows({ entry: { actor, action, verdict }, before }: TimelineEntry): LadderRow[] {
  if (action.kind === 'control' || action.kind === 'wire' || (actor !== 'client' && actor !== 'server')) return []
  const base = { seat: actor, at: before?.clock ?? 0 }
  if (verdict.outcome === 'refused') {
    const faults = verdict.findings.map((finding) => ({ field: finding.field, want: formatWant(finding, before, actor) }))
    return [{ ...base, kind: 'refused', act: action, faults }]
  }
  return verdict.outcome === 'accepted' && action.kind === 'discard' ? [{ ...base, kind: 'discarded' }] : []
}

function formatWant({ field, want }: Finding, world: World | null, seat: Seat): string | null {
  if (want === null) return null
  return world && typeof want === 'number' && (field === 'seq' || field === 'ack')
    ? formatNumber(want, notationOf(world), field, seat)
    : String(want)
}

function buildMomentRows({ kind, effect, flight, before, after }: Moment, by: RowActor, useless: boolean): LadderRow[] {
  const at = after.clock
  const stateRow = (seat: Seat): LadderRow => ({ kind: 'state', seat, at, state: after.hosts[seat].tcb.state })
  switch (kind) {
    case 'begun':
      return SEATS.map(stateRow)
    case 'scene':
      return [{ kind: 'scene', at, number: effect.scene + 1 }, ...SEATS.map(stateRow)]
    case 'tcb': {
      const { seat } = effect
      return before.hosts[seat].tcb.state === after.hosts[seat].tcb.state ? [] : [stateRow(seat)]
    }
    case 'clock': {
      const elapsedMs = after.clock - before.clock
      return elapsedMs >= MIN_WAIT_MS ? [{ kind: 'clock', at, elapsedMs }] : []
    }
    case 'fired':
      return [{ kind: 'fired', seat: effect.seat, at, timer: effect.timer }]
    case 'called':
      return [{ kind: 'called', seat: effect.seat, at, call: effect.call, by: effect.by === 'seat' ? by : 'exercise' }]
    case 'left':
      return [{ kind: 'sent', seat: effect.from, at: effect.at, segment: ladderSegmentOf(after, flight), by, useless }]
    case 'arrived': {
      const segment = ladderSegmentOf(after, flight)
      return [{ kind: 'arrived', seat: effect.to, at: effect.at, segment, ...measureTransit(flight, effect.at) }]
    }
    case 'lost': {
      const segment = ladderSegmentOf(after, flight)
      return [{ kind: 'lost', seat: flight.from, at: effect.at, segment, why: effect.why, ...measureTransit(flight, effect.at) }]
    }
    default: // nothing that a host can see
      return []
  }
}

function ladderSegmentOf(world: World, flight: InFlightSegment): LadderSegment {
  const { as, copyOf } = flight
  const { from: _from, at: _at, payload, ...segment } = segmentViewWithPayload(world, flight, 0)
  const origin = copyOf === undefined ? as : 'copy'
  return {
    ...segment,
    ...(payload && as === undefined ? { payload } : {}),
    ...(origin === undefined || origin === 'stranger' ? {} : { origin }),
  }
}

/** How long a host's own segment was in flight, in world ms; empty if less than `MIN_WAIT_MS`. */
function measureTransit({ as, copyOf, departedAt }: InFlightSegment, at: number): { readonly transitMs?: number } {
  const ms = at - departedAt
  return as === undefined && copyOf === undefined && ms >= MIN_WAIT_MS ? { transitMs: ms } : {}
}
