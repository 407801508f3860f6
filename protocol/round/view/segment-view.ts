/** Converts a segment to the form that the pages show: numbers in the scene's notation, and the layout of its payload. */
import { formatNumber } from '../../notation.ts'
import { notationOf, sceneOf } from '../fold/current-scene.ts'
import { payloadLayoutOf } from '../fold/payload-layout.ts'
import type { InFlightSegment, World } from '../model/world.ts'
import type { SegmentView } from './seat-view.ts'

type ViewedSegment = Pick<InFlightSegment, 'id' | 'from' | 'segment' | 'stranger'>

/** A segment without its payload, which is what anybody on the wire can see. `at`: world ms. */
export function segmentView(world: World, flight: ViewedSegment, at: number): SegmentView {
  const { id, from, stranger } = flight
  const { bits, seq, ack, window, length } = flight.segment
  const notation = notationOf(world)
  const view = {
    id,
    from,
    bits,
    seq: formatNumber(seq, notation, 'seq', from),
    ack: ack === null ? null : formatNumber(ack, notation, 'ack', from),
    window,
    length,
    at,
  }
  return stranger === undefined ? view : { ...view, stranger }
}

/** A segment with the layout of its payload, which both hosts know: one has written the data, the other can decrypt it. `at`: world ms. */
export function segmentViewWithPayload(world: World, flight: ViewedSegment, at: number): SegmentView {
  const { from, segment, stranger } = flight
  const seen = segmentView(world, flight, at)
  const payload = stranger === undefined ? payloadLayoutOf(sceneOf(world), world.hosts[from].writtenMessages, from, segment) : []
  return payload.length > 0 ? { ...seen, payload } : seen
}
