/** A segment as it stands in a capture, before the judge knows anything of its connection. */
import type { Segment } from '../segment.ts'

export interface CapturedSegment {
  /** `window` is the header's field, not scaled. */
  readonly segment: Segment
  /** The shift count of the window scale option, or -1 without the option. */
  readonly windowScale: number
  /** The 16-bit sum of the payload, or -1 if the payload was captured in part. */
  readonly digest: number
  /** Where `RecentOctets` keeps the payload, or -1 if it does not. */
  readonly position: number
}
