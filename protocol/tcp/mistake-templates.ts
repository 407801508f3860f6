/**
 * Templates of illegal segments that follow from a misconception. A refused segment is compared with these as well as with the legal
 * templates; the template with the fewest differences explains it.
 */
import { bitNames, FIN, hasBit, RST, type Segment, SYN } from '../segment.ts'
import { diagnoseReset } from './diagnose-segment.ts'
import type { FindingField, Misconception } from '../findings.ts'
import { buildFinTemplate, type SegmentTemplate } from './segment-templates.ts'
import type { CallSource, TcpRuleName } from './rules.ts'
import { isPending, type State, isSynOutstanding, type Tcb } from './tcb.ts'

/**
 * A matching segment has one fault, in `field`. Fields that differ from this template as well are further faults. Without such a
 * template, a FIN without CLOSE would count as two faults: one in the control bits and one in the state.
 */
export interface MistakeTemplate extends SegmentTemplate {
  readonly field: FindingField
  readonly want: string | number | null
  readonly misconception: Misconception
}

/** Returns the template, or null if the segment does not show the mistake. `state`: the sender's belief about its state afterwards. */
type MistakeBuilder = (tcb: Tcb, segment: Segment, calls: CallSource, state: State) => MistakeTemplate | null

/** A FIN that would be right if the application had called CLOSE. */
const buildFinWithoutClose: MistakeBuilder = (tcb, segment, calls) => {
  if (calls === 'assumed' || tcb.closing || !hasBit(segment.bits, FIN)) return null
  const fin = buildFinTemplate(tcb, segment, calls, 0, tcb.queued)
  return fin && { ...fin, field: 'flags', want: bitNames(segment.bits & ~FIN), misconception: 'fin-before-ready' }
}

/** Data without SYN before the sender's own SYN is acknowledged. It is too early, whatever its numbers are. */
const buildDataTooEarly: MistakeBuilder = (tcb, segment, _calls, state) => {
  if (segment.length === 0 || hasBit(segment.bits, SYN | RST | FIN)) return null
  const opening = isSynOutstanding(tcb) || isPending(tcb, 'SYN') || isPending(tcb, 'SYN,ACK') || tcb.state === 'LISTEN'
  if (!opening) return null
  return { ...templateAsWritten(segment, state, 'sends-data'), field: 'payload', want: 0, misconception: 'data-before-established' }
}

/** A RST that may not be sent, whatever its numbers are. */
const buildUnwarrantedReset: MistakeBuilder = (tcb, segment, _calls, state) => {
  if (!hasBit(segment.bits, RST) || isPending(tcb, 'RST')) return null
  const misconception = diagnoseReset(tcb)
  return (
    misconception && {
      ...templateAsWritten(segment, state, 'resets-when-called-for'),
      field: 'flags',
      want: isPending(tcb, 'ACK') ? 'ACK' : null,
      misconception,
    }
  )
}

/** A template with which the segment agrees in all fields. */
const templateAsWritten = (segment: Segment, state: State, rule: TcpRuleName): SegmentTemplate => ({
  meaning: 'duplicates',
  rule,
  requiredBits: segment.bits,
  optionalBits: 0,
  seq: segment.seq,
  ack: segment.ack,
  minLength: segment.length,
  maxLength: segment.length,
  window: null,
  stateAfter: state,
  isDue: false,
})

/** All mistake templates. On a tie the earlier one is reported. */
export const MISTAKE_TEMPLATES: readonly MistakeBuilder[] = [buildDataTooEarly, buildFinWithoutClose, buildUnwarrantedReset]
