/** Finds the misconception that explains a wrong field, by comparing its value with the other numbers that its author knows. */
import { ACK, FIN, hasBit, RST, type Segment, segmentLength, SYN } from '../segment.ts'
import { add, ge, gt, le } from '../seq.ts'
import type { Misconception } from '../findings.ts'
import type { SegmentTemplate } from './segment-templates.ts'
import { hasReceivedFin, isPending, isSynOutstanding, type Tcb } from './tcb.ts'

/** The misconception behind wrong control bits. `want`: the nearest legal template. Null if no known misconception fits. */
export function diagnoseFlags(tcb: Tcb, given: Segment, want: SegmentTemplate): Misconception | null {
  const missing = want.requiredBits & ~given.bits
  const extra = given.bits & ~(want.requiredBits | want.optionalBits)
  if (hasBit(extra, RST)) return diagnoseReset(tcb)
  if (hasBit(missing, ACK)) {
    if (given.ack !== null) return 'ack-number-without-ack-bit'
    return hasBit(given.bits, FIN) ? 'textbook-omits-ack' : 'ack-bit-missing'
  }
  if (hasBit(missing, SYN) && hasBit(want.requiredBits, ACK)) return 'syn-missing-on-reply'
  if (hasBit(extra, FIN) && tcb.finSent === null && !(tcb.closing && tcb.queued === 0)) return 'fin-before-ready'
  return null
}

/** The misconception behind a wrong sequence number. `want`: the nearest legal template. Null if no known misconception fits. */
export function diagnoseSeq(tcb: Tcb, given: Segment, want: SegmentTemplate): Misconception | null {
  const { seq } = given
  const { iss, finSent, said } = tcb
  if (want.ack !== null && seq === want.ack) return 'seq-ack-swapped'
  // In a simultaneous open the SYN,ACK repeats the sequence number of the SYN that has been sent.
  if ((want.meaning === 'retransmits' || want.meaning === 'opens') && seq === tcb.snd.nxt) return 'retransmit-new-number'
  if (seq === iss && want.seq === add(iss, 1)) return 'syn-consumes-one'
  if (seq === finSent && want.seq === add(finSent, 1)) return 'fin-consumes-one'
  if (said !== null && seq === add(said.seq, 1)) {
    if (segmentLength(said) === 0) return 'pure-ack-consumes-none'
    if (said.length > 1) return 'seq-counts-segments'
  }
  if (seq === add(iss, 4) && want.seq === add(iss, 1)) return 'isn-is-four-bytes'
  if (want.meaning === 'resets') return null
  if (seq === 0 && want.seq === iss) return 'isn-is-zero'
  if (seq === 0 || (want.seq !== iss && (seq === iss || seq === add(iss, 1)))) return 'isn-reset'
  return null
}

/** The misconception behind a wrong acknowledgment number. `want`: the nearest legal template. Null if no known misconception fits. */
export function diagnoseAck(tcb: Tcb, given: Segment, want: SegmentTemplate): Misconception | null {
  const { ack } = given
  if (ack === null || want.ack === null) return ack === null ? null : 'ack-number-without-ack-bit'
  const { iss, irs, heard, said } = tcb
  if (acknowledgesOverGap(tcb, ack)) return 'ack-over-a-gap'
  const oneShort = add(ack, 1) === want.ack
  const oneOver = ack === add(want.ack, 1)
  if (
    heard !== null &&
    hasBit(heard.bits, FIN) &&
    oneOver &&
    tcb.owes.some((pending) => pending.kind === 'ACK' && pending.why === 'unacceptable')
  ) {
    return 'repeated-fin-advances-ack'
  }
  if (oneShort && (hasReceivedFin(tcb.state) || (heard !== null && hasBit(heard.bits, FIN)))) return 'fin-consumes-one'
  if (oneShort && (ack === irs || (heard !== null && hasBit(heard.bits, SYN)))) return 'syn-consumes-one'
  if (irs !== null && (ack === add(irs, 4) || ack === add(want.ack, 4)) && want.ack === add(irs, 1)) return 'isn-is-four-bytes'
  if (ack === given.seq || ack === tcb.snd.nxt || ack === iss || ack === add(iss, 1)) return 'own-isn-for-peer'
  if (heard !== null && segmentLength(heard) === 0 && oneOver) return 'pure-ack-consumes-none'
  if (heard !== null && heard.length > 0) {
    if (oneShort || ack === heard.seq) return 'ack-is-next-expected'
    if (heard.length > 1 && ack === add(heard.seq, 1)) return 'seq-counts-segments'
  }
  for (const own of [given.length, said?.length ?? 0]) {
    if (own > 0 && (ack === add(want.ack, own) || (heard !== null && ack === add(heard.seq, own)))) return 'own-length-in-ack'
  }
  // The peer has sent data even if it arrived and was not accepted, so acknowledging that is not `ack-beyond-sent`.
  const wasSent = heard !== null && le(ack, add(heard.seq, segmentLength(heard)))
  return gt(ack, want.ack) && !wasSent ? 'ack-beyond-sent' : null
}

/** Whether `ack` acknowledges text beyond a gap: it is inside a held range or at one of its ends, or acknowledges a held FIN. */
const acknowledgesOverGap = ({ held, finHeld }: Tcb, ack: number): boolean =>
  held.some(({ from, to }) => ge(ack, from) && le(ack, to)) || (finHeld !== null && (ack === finHeld || ack === add(finHeld, 1)))

/** The misconception behind a wrong payload length. `want`: the nearest legal template. Null if no known misconception fits. */
export function diagnosePayload(tcb: Tcb, given: Segment, want: SegmentTemplate): Misconception | null {
  if (given.length < want.minLength) return want.meaning === 'closes' ? 'fin-before-ready' : null
  if (tcb.finSent !== null) return 'data-after-fin'
  return isSynOutstanding(tcb) || isPending(tcb, 'SYN,ACK') ? 'data-before-established' : null
}

/** The misconception behind a RST that may not be sent, inferred from the segments before it. */
export function diagnoseReset(tcb: Tcb): Misconception | null {
  if (isPending(tcb, 'retransmission') && (tcb.state === 'SYN-SENT' || tcb.state === 'SYN-RECEIVED')) return 'loss-ends-handshake'
  if (tcb.heard === null) return null
  if (hasBit(tcb.heard.bits, RST)) return 'answer-a-rst'
  const acks = tcb.owes.filter((pending) => pending.kind === 'ACK')
  if (acks.some(({ why }) => why === 'unacceptable' || why === 'gap')) return 'reset-instead-of-ack'
  if (tcb.finSent !== null && acks.some(({ why }) => why === 'data')) return 'cannot-receive-after-fin'
  return tcb.owes.length === 0 ? 'reset-instead-of-drop' : null
}
