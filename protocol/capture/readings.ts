/**
 * The readings of a captured segment. A capture does not say what had arrived at the sender, nor what it had sent that the capture lacks.
 * Where the numbers of a segment show such a thing, the sender's TCB is changed accordingly before the engine judges the segment.
 * docs/departures.md lists every reading by the names of the functions below.
 */
import { ACK, FIN, hasBit, RST, type Segment, segmentLength, SYN } from '../segment.ts'
import { add, ge, gt, le, lt, sub } from '../seq.ts'
import { copyTcb, hasReceivedFin, isPending, type MutableTcb, type PendingSegment, type Tcb } from '../tcp/tcb.ts'
import { MAX_PENDING_REPLIES, MAX_WINDOW_OCTETS } from './limits.ts'
import type { SegmentHistory } from './segment-history.ts'

/** A gap of at least this many numbers may be a segment that the capture lacks. A gap of one is considered a mistake in counting. */
const MIN_LOSS_NUMBERS = 2

const ACK_OF_DATA: PendingSegment = { kind: 'ACK', why: 'data' }

/** What has been observed of one side of the connection; its `Side` explains each. */
interface ObservedSide {
  readonly tcb: Tcb
  readonly hasSent: boolean
  readonly captured: boolean
  readonly highestAckSent: number | null
  readonly ownWindowEdge: number | null
  readonly peerWindowEdge: number | null
  readonly widestPeerWindow: number
  readonly ackAllowance: number
  readonly gapEnd: number | null
  readonly mayHaveBegunWithKeepAlive: boolean
  readonly history: SegmentHistory
}

/** What a segment is judged with. */
export interface Circumstances {
  readonly side: ObservedSide
  readonly peer: ObservedSide
  /** The capture is known to lack segments of this connection. */
  readonly lacks: boolean
}

/** The TCB that the sender may have had when it sent the segment. */
export class Reading {
  readonly #tcb: Tcb
  #changed: MutableTcb | null = null
  /** Only a segment that the capture lacks explains the numbers. */
  lacking = false
  /** The segment acknowledges what the capture lacks. */
  acknowledgesLacking = false

  constructor(tcb: Tcb, segment: Segment, circumstances: Circumstances) {
    this.#tcb = tcb
    this.#sequenceNumber(segment, circumstances)
    this.#acknowledgment(segment, circumstances)
    this.#window(segment, circumstances)
  }

  get tcb(): Tcb {
    return this.#changed ?? this.#tcb
  }

  get #change(): MutableTcb {
    return (this.#changed ??= copyTcb(this.#tcb))
  }

  /** More or less may have been sent, or been acknowledged, than the capture shows. */
  #sequenceNumber(segment: Segment, { side, peer, lacks }: Circumstances): void {
    const { bits, seq, ack } = segment
    const length = segmentLength(segment)
    const tcb = this.#tcb
    const { una, nxt } = tcb.snd
    if (seq === nxt || hasBit(bits, SYN)) return
    if (gt(seq, nxt)) {
      if (side.mayHaveBegunWithKeepAlive && seq === add(nxt, 1)) this.#change.snd.nxt = seq
      else if (lacksBefore(tcb, seq, length, side, lacks || !peer.captured)) {
        this.#change.snd.nxt = seq
        this.lacking = side.captured
      }
    } else if (hasBit(bits, FIN) && fillsGapBefore(tcb, add(seq, length), side)) {
      // The gap that the capture had was this FIN, with its text: an ACK that was sent later has overtaken it.
      this.#change.snd.nxt = seq
      if (gt(una, seq)) this.#change.snd.una = seq
    } else if (length > 0) {
      if (lt(seq, una) && mayBeOutstanding(tcb, seq, side, peer) && !(una === nxt && length === 1 && seq === add(nxt, -1)))
        this.#change.snd.una = seq
    } else if (seq === add(una, -1)) {
      // A keep-alive or probe whose sender counts less as outstanding than the capture shows.
      if (una !== nxt) this.#change.snd.nxt = una
    } else if (mayHaveBeenOvertaken(seq, ack, side) && mayBeOutstanding(tcb, seq, side, peer)) {
      this.#change.snd.nxt = seq
      if (lt(seq, una)) this.#change.snd.una = seq
    }
  }

  /** More or less may have arrived than the capture shows. */
  #acknowledgment(segment: Segment, { side, peer, lacks }: Circumstances): void {
    const { bits, ack } = segment
    const tcb = this.#tcb
    if (!hasBit(bits, ACK) || ack === null || tcb.irs === null) return
    if (gt(ack, tcb.rcv.nxt)) {
      if (mayHaveReceived(tcb, segment, side, peer)) {
        this.#change.rcv.nxt = ack
      } else if (mayHaveReceivedLacking(tcb, segment, side, peer, lacks || this.lacking)) {
        this.#change.rcv.nxt = ack
        this.lacking = this.acknowledgesLacking = true
      }
    } else if (ack !== tcb.rcv.nxt && mayHaveReceivedLess(tcb, segment, side, peer)) this.#change.rcv.nxt = ack
    const isNews = side.highestAckSent === null || gt(ack, side.highestAckSent) || side.ackAllowance > 0
    if (isNews && !isPending(tcb, 'ACK') && !isPending(tcb, 'SYN,ACK') && tcb.owes.length < MAX_PENDING_REPLIES)
      this.#change.owes = [...tcb.owes, ACK_OF_DATA]
  }

  /** The sender may use a window that was offered earlier, even if a smaller one has been offered since, or one that the capture lacks. */
  #window(segment: Segment, { side, peer, lacks }: Circumstances): void {
    const { bits, seq } = segment
    const length = segmentLength(segment)
    if (length === 0 || hasBit(bits, SYN)) return
    const { snd } = this.tcb
    const end = add(seq, length)
    if (le(end, add(snd.una, snd.wnd))) return
    const { peerWindowEdge } = side
    if (peerWindowEdge !== null && le(end, peerWindowEdge)) this.#change.snd.wnd = sub(peerWindowEdge, snd.una)
    else if (lacks || !peer.captured) {
      this.#change.snd.wnd = MAX_WINDOW_OCTETS
      this.lacking = true
    }
  }
}

/**
 * Whether the capture may lack the segments before `seq`: inside the peer's window, if that is known; or if no number of this side is known.
 */
function lacksBefore(tcb: Tcb, seq: number, length: number, side: ObservedSide, windowUnknown: boolean): boolean {
  if (tcb.irs === null || tcb.finSent !== null) return false
  if (!side.captured) return true
  if (sub(seq, tcb.snd.nxt) < MIN_LOSS_NUMBERS) return false
  return windowUnknown || (side.peerWindowEdge !== null && le(add(seq, length), side.peerWindowEdge))
}

/** Whether a FIN that ends here fills the end of a gap, after which nothing has been sent. */
const fillsGapBefore = (tcb: Tcb, end: number, side: ObservedSide): boolean =>
  tcb.finSent === null && end === tcb.snd.nxt && side.gapEnd === end

/** Whether `seq` may be unacknowledged for this side: ACKs may be in flight or lost, but at most the largest window is outstanding. */
const mayBeOutstanding = (tcb: Tcb, seq: number, side: ObservedSide, peer: ObservedSide): boolean =>
  ge(seq, add(tcb.iss, 1)) && (sub(tcb.snd.nxt, seq) <= side.widestPeerWindow || !peer.captured)

/**
 * Whether an empty segment may have been sent before segments that were captured earlier. It then acknowledges no more than the first
 * segment that took up its number: the numbers of one sender only grow.
 */
function mayHaveBeenOvertaken(seq: number, ack: number | null, side: ObservedSide): boolean {
  if (!side.history.hasEdge(seq)) return false
  const limit = side.history.lowestAckFrom(seq)
  return ack === null || limit === null || le(ack, limit)
}

/** Whether this side may have received what was captured later, or before the capture began. */
function mayHaveReceived(tcb: Tcb, { bits, ack }: Segment, side: ObservedSide, peer: ObservedSide): boolean {
  if (peer.mayHaveBegunWithKeepAlive && ack === add(tcb.rcv.nxt, 1)) return true
  // The beginning of a capture in mid-connection. A SYN,ACK or RST, however, answers the SYN.
  return !peer.hasSent || (!side.captured && !hasBit(bits, SYN | RST))
}

/** Whether this side may have received segments that the capture lacks. */
function mayHaveReceivedLacking(tcb: Tcb, { bits, ack }: Segment, side: ObservedSide, peer: ObservedSide, lacks: boolean): boolean {
  if (ack === null || hasBit(bits, SYN)) return false
  if (!peer.captured) return true
  // Up to SND.NXT of a peer whose numbers had a gap.
  if (peer.gapEnd !== null && le(ack, peer.tcb.snd.nxt)) return true
  return (
    lacks &&
    sub(ack, tcb.rcv.nxt) >= MIN_LOSS_NUMBERS &&
    peer.tcb.finSent === null &&
    (side.ownWindowEdge === null || le(ack, side.ownWindowEdge))
  )
}

/**
 * Whether this side may have acknowledged less than the capture shows: it had received less, had trimmed a segment to its window (RFC 9293
 * 3.10.7.4, first check), or segments sent later have overtaken this one. One number beside a segment's edge is a mistake in counting.
 */
function mayHaveReceivedLess(tcb: Tcb, segment: Segment, side: ObservedSide, peer: ObservedSide): boolean {
  const { bits, seq, length } = segment
  const ack = segment.ack!
  if (lt(ack, add(tcb.irs ?? ack, 1))) return false
  // 4.2BSD's keep-alive: one number before what it has sent, and one before what it has received (RFC 9293 3.8.4).
  if (isKeepAliveOf42Bsd(tcb, segment)) return true
  const { history } = peer
  if (hasBit(bits, RST)) return history.hasEdge(ack) || history.hasTextBeforeFin(ack)
  if (history.isBesideEdge(ack)) return false
  if (side.highestAckSent !== null && lt(ack, side.highestAckSent)) {
    // An older ACK may have been overtaken; new data or a FIN with one cannot have been: their numbers are the highest.
    return segmentLength(segment) === 0 || lt(seq, tcb.snd.nxt)
  }
  if (!hasReceivedFin(tcb.state)) return true
  // The text was received, and the FIN after it was cut off: it has come again alone.
  return length === 0 && history.hasTextBeforeFin(ack) && history.hasBareFin(ack)
}

const isKeepAliveOf42Bsd = (tcb: Tcb, { bits, seq, ack, length }: Segment): boolean =>
  length <= 1 && !hasBit(bits, FIN | RST) && seq === add(tcb.snd.una, -1) && ack === add(tcb.rcv.nxt, -1)
