/** Which control bits a refusal is about, where the mistake that it names is about one bit. */
import type { Misconception } from '../../../protocol/findings.ts'
import { ACK, FIN, RST, SYN } from '../../../protocol/segment.ts'
import type { FindingView } from '../../../protocol/round/view/seat-view.ts'

const BIT_BY_MISCONCEPTION: { readonly [M in Misconception]?: number } = {
  'ack-bit-missing': ACK,
  'ack-number-without-ack-bit': ACK,
  'textbook-omits-ack': ACK,
  'syn-missing-on-reply': SYN,
  'fin-before-ready': FIN,
  'reset-instead-of-drop': RST,
  'reset-instead-of-ack': RST,
}

/** The bits that the findings name; 0 if they only say that the bits do not fit. */
export const findWrongBits = (findings: readonly FindingView[]): number =>
  findings.reduce(
    (bits, { field, misconception }) =>
      bits | (field === 'flags' ? ((misconception && BIT_BY_MISCONCEPTION[misconception]) ?? 0) : 0),
    0,
  )
