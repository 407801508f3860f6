/** The ladder of the network seat: what entered the wire and what happened to it. Needs all views of the round, in order. */
import { peerOf } from '../../../protocol/seat.ts'
import type { WireView } from '../../../protocol/round/view/wire-view.ts'
import { MIN_WAIT_MS, type LadderRow, type LadderSegment } from '../ladder/rows.ts'

export function buildRowsFromWire(views: readonly WireView[]): LadderRow[] {
  const rows: LadderRow[] = []
  /** The segments that the network itself injected or duplicated, by id: no host sent them. */
  const own = new Map<number, LadderSegment['origin']>()
  let clock = 0
  let injections: WireView['now']['injections'] = []
  for (const { event, now } of views) {
    if (now.clock - clock >= MIN_WAIT_MS) rows.push({ kind: 'clock', at: now.clock, elapsedMs: now.clock - clock })
    clock = now.clock
    if (event.scene !== undefined) rows.push({ kind: 'scene', at: clock, number: event.scene + 1 })
    const done = event.act?.outcome === 'accepted' ? event.act.action : null
    for (const segment of event.entered ?? []) {
      const { from: seat, at } = segment
      const [first] = event.entered ?? []
      if (segment === first && done?.wire === 'duplicate') own.set(segment.id, 'copy')
      else if (segment === first && done?.wire === 'inject') {
        const as = injections[done.injection]?.as
        own.set(segment.id, as === 'stranger' ? undefined : as) // the segment itself names its stranger
      } else rows.push({ kind: 'sent', seat, at, segment, by: 'seat', useless: false })
    }
    const marked = (segment: LadderSegment): LadderSegment => {
      const origin = own.get(segment.id)
      return origin ? { ...segment, origin } : segment
    }
    for (const segment of event.delivered ?? []) {
      rows.push({ kind: 'arrived', seat: peerOf(segment.from), at: segment.at, segment: marked(segment) })
    }
    for (const segment of event.lost ?? []) {
      rows.push({ kind: 'lost', seat: segment.from, at: segment.at, segment: marked(segment), why: 'dropped' })
    }
    injections = now.injections
  }
  return rows
}
