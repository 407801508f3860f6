/** Faded help: the seat's next segment as the engine would write it, with one or two fields left to the student. Only in practice. */
import type { Seat } from '../../seat.ts'
import type { Partner } from '../model/script.ts'
import type { World } from '../model/world.ts'
import { nextEngineAction } from '../rules/next-action.ts'
import type { PrefillView } from './seat-view.ts'
import { segmentView } from './segment-view.ts'

const OPEN_FIELDS: { readonly [L in NonNullable<Partner['leaves']>]: number } = { 'one-field': 1, 'two-fields': 2 }

/** Null if the engine would send nothing now, so that nothing is filled in. Which fields are open changes from segment to segment. */
export function prefillView(world: World, seat: Seat, leaves: NonNullable<Partner['leaves']>): PrefillView | null {
  const next = nextEngineAction(world, seat)
  if (world.over || next.kind !== 'send') return null
  const { bits, seq, ack, length } = segmentView(world, { id: 0, from: seat, segment: next.segment }, 0)
  const fields = ack === null ? (['seq', 'state', 'bits'] as const) : (['ack', 'state', 'seq', 'bits'] as const)
  const first = world.segmentCount % fields.length
  const open: ReadonlySet<string> = new Set([...fields, ...fields].slice(first, first + OPEN_FIELDS[leaves]))
  return {
    bits: open.has('bits') ? 0 : bits,
    seq: open.has('seq') ? '' : seq,
    ack: open.has('ack') ? '' : (ack ?? ''),
    length,
    state: open.has('state') ? '' : next.state,
  }
}
