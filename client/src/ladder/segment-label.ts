/** Labels of segments in protocol notation, the same in every language. */
import { bitNames, hasBit, RST } from '../../../protocol/segment.ts'
import type { FindingField } from '../../../protocol/findings.ts'
import type { SegmentDraft } from '../../../protocol/round/model/action.ts'
import type { LadderSegment } from './rows.ts'

/** A piece of a label that is never split across lines. `wrong`: a refusal is about it. */
export interface LabelPart {
  readonly text: string
  readonly wrong: boolean
}

export const createPart = (text: string, wrong = false): LabelPart => ({ text, wrong })

/** The largest window without scaling (RFC 9293 3.1). Exercises that are not about windows use it, so it is not shown. */
const MAX_UNSCALED_WINDOW = 65_535

/** `SYN,ACK` `seq=y` `ack=x+1` `data=20` `win=0`. Fields that are empty or carry no information are shown only if they are wrong. */
export function formatSegmentParts(
  { bits, seq, ack, length, window }: Pick<LadderSegment, 'bits' | 'seq' | 'ack' | 'length' | 'window'>,
  faults: readonly FindingField[] = [],
): LabelPart[] {
  const wrong = (field: FindingField) => faults.includes(field)
  const parts = [createPart(bitNames(bits) || '–', wrong('flags')), createPart(`seq=${seq}`, wrong('seq'))]
  if (ack || wrong('ack')) parts.push(createPart(`ack=${ack || '–'}`, wrong('ack')))
  if (length > 0 || wrong('payload')) parts.push(createPart(`data=${length}`, wrong('payload')))
  if (((window ?? MAX_UNSCALED_WINDOW) !== MAX_UNSCALED_WINDOW && !hasBit(bits, RST)) || wrong('window'))
    parts.push(createPart(`win=${window ?? '–'}`, wrong('window')))
  return parts
}

/** A draft as it was typed; the claimed state is shown only if it is wrong. */
export function formatDraftParts(draft: SegmentDraft, state: string, faults: readonly FindingField[]): LabelPart[] {
  const parts = formatSegmentParts(draft, faults)
  if (faults.includes('state')) parts.push(createPart(state, true))
  return parts
}
