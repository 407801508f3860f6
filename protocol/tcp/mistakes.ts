/**
 * Segments as someone writes them who holds a misconception, whole: beside the legal meanings these too explain a segment that is refused, and
 * the one that leaves the fewest differences is taken.
 */
import { bitNames, FIN, has, RST, type Segment, SYN } from '../segment.ts'
import { whyNoReset } from './diagnose.ts'
import type { Field, Misconception } from '../findings.ts'
import { finAt, type Meaning } from './meanings.ts'
import type { Calls, RuleName } from './rules.ts'
import { owes, type State, synOutstanding, type Tcb } from './tcb.ts'

/**
 * It counts as one fault, on `field`, beside the fields in which the segment differs even from this: the FIN without CLOSE is one fault, not
 * one in the control bits and one in the state.
 */
export interface Mistake extends Meaning {
  readonly field: Field
  readonly want: string | number | null
  readonly misconception: Misconception
}

/** The mistaken template, where this segment is one; `state` is the one its sender believes to be in afterwards. */
type Errs = (tcb: Tcb, segment: Segment, calls: Calls, state: State) => Mistake | null

/** A FIN although the application has not called CLOSE, otherwise as a FIN should be. */
const finWithoutClose: Errs = (tcb, segment, calls) => {
  if (calls === 'assumed' || tcb.closing || !has(segment.bits, FIN)) return null
  const wish = finAt(tcb, segment, calls, 0, tcb.queued)
  return wish && { ...wish, field: 'flags', want: bitNames(segment.bits & ~FIN), misconception: 'fin-before-ready' }
}

/** Data without SYN while one's own SYN is not acknowledged: whatever its numbers are, it is too early. */
const dataTooEarly: Errs = (tcb, segment, _calls, state) => {
  if (segment.length === 0 || has(segment.bits, SYN | RST | FIN)) return null
  const opening = synOutstanding(tcb) || owes(tcb, 'SYN') || owes(tcb, 'SYN,ACK') || tcb.state === 'LISTEN'
  if (!opening) return null
  return { ...asWritten(segment, state, 'sends-data'), field: 'payload', want: 0, misconception: 'data-before-established' }
}

/** A RST where none may be sent: whatever its numbers are. */
const resetUncalledFor: Errs = (tcb, segment, _calls, state) => {
  if (!has(segment.bits, RST) || owes(tcb, 'RST')) return null
  const misconception = whyNoReset(tcb)
  return (
    misconception && {
      ...asWritten(segment, state, 'resets-when-called-for'),
      field: 'flags',
      want: owes(tcb, 'ACK') ? 'ACK' : null,
      misconception,
    }
  )
}

/** All fields as the segment has them. */
const asWritten = (segment: Segment, state: State, rule: RuleName): Meaning => ({
  name: 'duplicates',
  rule,
  must: segment.bits,
  may: 0,
  seq: segment.seq,
  ack: segment.ack,
  least: segment.length,
  most: segment.length,
  window: null,
  after: state,
  owed: false,
})

export const MISTAKES: readonly Errs[] = [dataTooEarly, finWithoutClose, resetUncalledFor]
