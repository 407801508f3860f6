/** What a seat expects to arrive next, compared with what arrives. */
import type { FindingField } from '../../findings.ts'
import type { Segment } from '../../segment.ts'
import type { Prediction } from '../model/world.ts'

/** The fields in which the segment that has arrived differs from the one predicted; none if it was foreseen. */
export function comparePrediction(predicted: Prediction, arrived: Segment): readonly FindingField[] {
  const differs: readonly (readonly [FindingField, boolean])[] = [
    ['flags', predicted.bits !== arrived.bits],
    ['seq', predicted.seq !== arrived.seq],
    ['ack', predicted.ack !== arrived.ack],
    ['payload', predicted.length !== arrived.length],
  ]
  return differs.flatMap(([field, is]) => (is ? [field] : []))
}
