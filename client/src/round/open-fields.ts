/** Which fields of a segment that the engine has filled in are left to the student. Pure. */
import { ACK, hasBit } from '../../../protocol/segment.ts'
import type { PrefillView } from '../../../protocol/round/view/seat-view.ts'

export type OpenField = 'flags' | 'seq' | 'ack' | 'state'

/** In the order of the form. While the control bits are open, it is not told whether the ack is: that would tell the ACK bit. */
export const listOpenFields = ({ bits, seq, ack, state }: PrefillView): readonly OpenField[] => [
  ...(bits === 0 ? (['flags'] as const) : []),
  ...(seq === '' ? (['seq'] as const) : []),
  ...(ack === '' && hasBit(bits, ACK) ? (['ack'] as const) : []),
  ...(state === '' ? (['state'] as const) : []),
]
