/**
 * Segments as someone writes them who holds a misconception, whole: beside the legal meanings these too explain a segment that is refused, and
 * the one that leaves the fewest differences is taken.
 */
import { bitNames, FIN, hasBit, RST, type Segment, SYN } from '../segment.ts'
import { diagnoseReset } from './diagnose-segment.ts'
import type { FindingField, Misconception } from '../findings.ts'
import { buildFinTemplate, type SegmentTemplate } from './segment-templates.ts'
import type { CallSource, TcpRuleName } from './rules.ts'
import { isPending, type State, isSynOutstanding, type Tcb } from './tcb.ts'

/**
 * It counts as one fault, on `field`, beside the fields in which the segment differs even from this: the FIN without CLOSE is one fault, not
 * one in the control bits and one in the state.
 */
export interface MistakeTemplate extends SegmentTemplate {
  readonly field: FindingField
  readonly want: string | number | null
  readonly misconception: Misconception
}

/** The mistaken template, where this segment is one; `state` is the one its sender believes to be in afterwards. */
type MistakeBuilder = (tcb: Tcb, segment: Segment, calls: CallSource, state: State) => MistakeTemplate | null

/** A FIN although the application has not called CLOSE, otherwise as a FIN should be. */
const buildFinWithoutClose: MistakeBuilder = (tcb, segment, calls) => {
  if (calls === 'assumed' || tcb.closing || !hasBit(segment.bits, FIN)) return null
  const wish = buildFinTemplate(tcb, segment, calls, 0, tcb.queued)
  return wish && { ...wish, field: 'flags', want: bitNames(segment.bits & ~FIN), misconception: 'fin-before-ready' }
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
