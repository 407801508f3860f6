/** What stands at a row of the ladder in the protocol's own words, the same in every language. */
import { bitNames, hasBit, RST } from '../../../protocol/segment.ts'
import type { FindingField } from '../../../protocol/findings.ts'
import type { SegmentDraft } from '../../../protocol/round/model/action.ts'
import type { LadderSegment } from './rows.ts'

/** A piece of a label that is never broken. `wrong`: a refusal names it. */
export interface LabelPart {
  readonly text: string
  readonly wrong: boolean
}

export const createPart = (text: string, wrong = false): LabelPart => ({ text, wrong })

/** The largest window without scaling (RFC 9293 3.1). Exercises that are not about windows use it, so it is not shown. */
const MAX_UNSCALED_WINDOW = 65_535

/** `SYN,ACK` `seq=y` `ack=x+1` `data=20` `win=0`. A field that is empty, or says nothing, stands only where it is wrong. */
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

/** A draft as it was typed, with the window and the state where they are what is wrong. */
export function formatDraftParts(draft: SegmentDraft, state: string, faults: readonly FindingField[]): LabelPart[] {
  const parts = formatSegmentParts(draft, faults)
  if (faults.includes('state')) parts.push(createPart(state, true))
  return parts
}
