/**
 * Templates of whole segments that people write who hold a misconception. A refused segment is compared with these as well as with the legal
 * templates; the one with the fewest differences explains it.
 */
import { bitNames, FIN, hasBit, RST, type Segment, SYN } from '../segment.ts'
import { diagnoseReset } from './diagnose-segment.ts'
import type { FindingField, Misconception } from '../findings.ts'
import { buildFinTemplate, type SegmentTemplate } from './segment-templates.ts'
import type { CallSource, TcpRuleName } from './rules.ts'
import { isPending, type State, isSynOutstanding, type Tcb } from './tcb.ts'

/**
 * Counts as one fault, on `field`; fields that differ even from this template come on top. So a FIN without CLOSE is one fault, not one in
 * the control bits and one in the state.
 */
export interface MistakeTemplate extends SegmentTemplate {
  readonly field: FindingField
  readonly want: string | number | null
  readonly misconception: Misconception
}

/** The template; null where the segment shows no such mistake. `state`: the one that its sender believes to be in afterwards. */
type MistakeBuilder = (tcb: Tcb, segment: Segment, calls: CallSource, state: State) => MistakeTemplate | null

/** A FIN although the application has not called CLOSE, otherwise as a FIN should be. */
const buildFinWithoutClose: MistakeBuilder = (tcb, segment, calls) => {
  if (calls === 'assumed' || tcb.closing || !hasBit(segment.bits, FIN)) return null
  const fin = buildFinTemplate(tcb, segment, calls, 0, tcb.queued)
  return fin && { ...fin, field: 'flags', want: bitNames(segment.bits & ~FIN), misconception: 'fin-before-ready' }
}

/** Data without SYN while one's own SYN is not acknowledged: whatever its numbers are, it is too early. */
const buildDataTooEarly: MistakeBuilder = (tcb, segment, _calls, state) => {
  if (segment.length === 0 || hasBit(segment.bits, SYN | RST | FIN)) return null
  const opening = isSynOutstanding(tcb) || isPending(tcb, 'SYN') || isPending(tcb, 'SYN,ACK') || tcb.state === 'LISTEN'
  if (!opening) return null
  return { ...templateAsWritten(segment, state, 'sends-data'), field: 'payload', want: 0, misconception: 'data-before-established' }
}

/** A RST where none may be sent: whatever its numbers are. */
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

/** All fields as the segment has them. */
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

export const MISTAKE_TEMPLATES: readonly MistakeBuilder[] = [buildDataTooEarly, buildFinWithoutClose, buildUnwarrantedReset]
