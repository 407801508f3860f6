/**
 * Text that is held until the octets before it arrive: RFC 9293 3.10.7.4, seventh ("segments with higher beginning sequence numbers SHOULD
 * be held for later processing", SHLD-31).
 */
import { gt, le, lt } from '../seq.ts'

/** The sequence numbers in [from, to). */
export interface SequenceRange {
  readonly from: number
  readonly to: number
}

/** The ranges held beyond RCV.NXT: ascending, disjoint and not adjacent. */
export type HeldRanges = readonly SequenceRange[]

export const NOTHING_HELD: HeldRanges = []

/** At most this many ranges are kept; data beyond them must be retransmitted. Bounds memory against a hostile peer. */
const MAX_HELD_RANGES = 1024

/** Adds [from, to), merging it with ranges that it overlaps or touches. Unchanged if that would exceed `MAX_HELD_RANGES`. */
export function addHeld(held: HeldRanges, from: number, to: number): HeldRanges {
  let first = 0
  for (let range = held[first]; range !== undefined && lt(range.to, from); range = held[first]) first++
  let next = first
  let [start, end] = [from, to]
  for (let range = held[next]; range !== undefined && le(range.from, to); range = held[next]) {
    if (lt(range.from, start)) start = range.from
    if (gt(range.to, end)) end = range.to
    next++
  }
  if (next === first && held.length >= MAX_HELD_RANGES) return held
  return [...held.slice(0, first), { from: start, to: end }, ...held.slice(next)]
}

/** The new RCV.NXT once all octets before `nxt` have arrived: the end of the held ranges that follow `nxt` without a gap. */
export function advancePastHeld(held: HeldRanges, nxt: number): number {
  let reached = nxt
  for (const { from, to } of held) {
    if (gt(from, reached)) break
    if (gt(to, reached)) reached = to
  }
  return reached
}

/** The ranges that remain held once RCV.NXT is `nxt`. */
export const keepHeldAfter = (held: HeldRanges, nxt: number): HeldRanges =>
  held.length === 0 ? held : held.filter(({ from }) => gt(from, nxt))
