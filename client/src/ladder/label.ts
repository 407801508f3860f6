/** What stands at a row of the ladder in the protocol's own words, the same in every language. */
import { bitNames, has, RST } from '../../../protocol/segment.ts'
import type { Field } from '../../../protocol/findings.ts'
import type { Draft } from '../../../protocol/world/action.ts'
import type { LadderSegment } from './rows.ts'

/** A piece of a label that is never broken. `wrong`: a refusal names it. */
export interface Part {
  readonly text: string
  readonly wrong: boolean
}

export const part = (text: string, wrong = false): Part => ({ text, wrong })

/** The largest window without scaling: whoever has nothing to say about it says this. */
const WIDE = 65_535

/** `SYN,ACK` `seq=y` `ack=x+1` `data=20` `win=0`. A field that is empty, or says nothing, stands only where it is wrong. */
export function segmentParts(
  { bits, seq, ack, length, window }: Pick<LadderSegment, 'bits' | 'seq' | 'ack' | 'length' | 'window'>,
  faults: readonly Field[] = [],
): Part[] {
  const wrong = (field: Field) => faults.includes(field)
  const parts = [part(bitNames(bits) || '–', wrong('flags')), part(`seq=${seq}`, wrong('seq'))]
  if (ack || wrong('ack')) parts.push(part(`ack=${ack || '–'}`, wrong('ack')))
  if (length > 0 || wrong('payload')) parts.push(part(`data=${length}`, wrong('payload')))
  if (((window ?? WIDE) !== WIDE && !has(bits, RST)) || wrong('window')) parts.push(part(`win=${window ?? '–'}`, wrong('window')))
  return parts
}

/** A draft as it was typed, with the window and the state where they are what is wrong. */
export function draftParts(draft: Draft, state: string, faults: readonly Field[]): Part[] {
  const parts = segmentParts(draft, faults)
  if (faults.includes('state')) parts.push(part(state, true))
  return parts
}
