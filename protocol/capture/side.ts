/**
 * One side of a captured connection. Its TCB is updated as if every captured segment had arrived immediately and in the captured order. In
 * reality a segment captured on its way to a host may still be in flight or may be lost, and segments may have been reordered before they
 * were captured. If the order of events that the capture shows makes a segment illegal, it is judged under other possible orders as well,
 * and accepted if it is legal under one of them. Such an interpretation is called a reading.
 */
import { ACK, hasBit, RST, type Segment, segmentLength, SYN } from '../segment.ts'
import { add, ge, gt, le, lt, sub } from '../seq.ts'
import { type SegmentContext, maySend, type SegmentPermission } from '../tcp/may-send.ts'
import { RFC_9293, type TcpRules } from '../tcp/rules.ts'
import { processArrival } from '../tcp/segment-arrives.ts'
import {
  createTcb,
  copyTcb,
  type PendingSegment,
  hasReceivedFin,
  returnToListen,
  isPending,
  type State,
  type Tcb,
} from '../tcp/tcb.ts'
import { SegmentEdges } from './segment-edges.ts'

/** The largest window. Windows are passed to the engine in octets, already scaled, so they can be as large as 2^30 (RFC 7323 2.2). */
export const MAX_WINDOW_OCTETS = 65_535 * 2 ** 14
const RULES: TcpRules = { ...RFC_9293, maxSndWnd: MAX_WINDOW_OCTETS }
const LENIENT_ASK: SegmentContext = { rules: RULES, calls: 'assumed' }

type Refusal = Extract<SegmentPermission, { ok: false }>

/** A change of state that the host may not have made yet: the TCB before the change, and the arriving segment that causes it. */
interface UncertainChange {
  readonly tcb: Tcb
  readonly segment: Segment
}

/** The maximum number of uncertain changes that are kept. */
const MAX_UNCERTAIN_CHANGES = 3
/** Limits the number of pending replies to segments that arrive after the connection has ended. */
const MAX_PENDING_REPLIES = 8
/** A gap of at least this many numbers may be a segment that was lost before the capture. A gap of one is considered a mistake. */
const MIN_LOSS_OCTETS = 2

const ACK_OF_DATA: PendingSegment = { kind: 'ACK', why: 'data' }

/** One side of a captured connection under one hypothesis. */
export class Side {
  tcb: Tcb
  /** A segment from this side has been captured, so its sequence numbers are known. */
  hasSent: boolean
  /** The highest acknowledgment number that it has sent. */
  highestAckSent: number | null = null
  /** The rightmost edges that this side's own window and the peer's window have had, and the largest window of the peer, in octets. */
  ownWindowEdge: number | null = null
  peerWindowEdge: number | null = null
  widestPeerWindow = 0
  /** The number of arrivals that call for an ACK minus the number of ACKs sent: this many ACKs may be sent, whatever their numbers. */
  ackAllowance = 0
  /** The segment judged last is legal only on the assumption that an earlier segment of this side was lost before it was captured. */
  assumesLoss = false
  /** Where its most recent segments begin and end. */
  readonly segmentEdges: SegmentEdges
  #earlier: UncertainChange[] = []

  constructor(tcb: Tcb, seen: boolean, edges = new SegmentEdges()) {
    this.tcb = tcb
    this.hasSent = seen
    this.segmentEdges = edges
  }

  /** An independent copy. */
  fork(): Side {
    const side = new Side(this.tcb, this.hasSent, this.segmentEdges.fork())
    side.highestAckSent = this.highestAckSent
    side.ownWindowEdge = this.ownWindowEdge
    side.peerWindowEdge = this.peerWindowEdge
    side.widestPeerWindow = this.widestPeerWindow
    side.ackAllowance = this.ackAllowance
    side.#earlier = [...this.#earlier]
    return side
  }

  /** Judges a segment that this side sends. It is applied if it is legal in any reading. `digest`: the payload's checksum, or -1. */
  judgeSent(segment: Segment, digest: number, peer: Side): SegmentPermission {
    this.assumesLoss = false
    if (this.segmentEdges.contradicts(segment, digest)) return contradictionRefusal(segment)
    const first = this.#mayBegin(this.tcb, segment) ? this.#withIss(this.tcb, segment.seq) : this.tcb
    const reading = this.#reading(first, segment, peer)
    const permission = maySend(reading, segment, LENIENT_ASK)
    if (permission.ok) {
      this.tcb = this.#restoreWithheld(permission.tcb, first)
      this.#advanceEarlier(segment, peer)
    } else {
      const refused = [permission]
      const other = this.#judgeAsSentEarlier(segment, peer, refused) ?? this.#judgeAsReset(segment, refused)
      if (other === null) return nearestRefusal(refused)
      this.#noteSent(segment, digest)
      return other
    }
    this.#noteSent(segment, digest)
    return permission
  }

  /** Applies the arrival of a segment that was captured on its way to this side. */
  receive(segment: Segment): void {
    const before = this.#listenerBehind(segment) ?? this.tcb
    let { tcb } = processArrival(before, segment, RULES)
    if (tcb.owes.length > MAX_PENDING_REPLIES) tcb = { ...tcb, owes: tcb.owes.slice(-MAX_PENDING_REPLIES) }
    if (tcb.state !== before.state) this.#earlier = [...this.#earlier.slice(1 - MAX_UNCERTAIN_CHANGES), { tcb: before, segment }]
    this.tcb = tcb
    if (segmentLength(segment) > 0) this.ackAllowance += 1
    this.noteOfferedWindow(segment.ack, segment.window)
  }

  /** The TCB of a listener that may receive a SYN after the connection has closed; its numbers are unknown. Null if that is impossible. */
  #listenerBehind({ bits }: Segment): Tcb | null {
    if (this.tcb.state !== 'CLOSED' || !this.hasSent || !hasBit(bits, SYN) || hasBit(bits, ACK | RST)) return null
    this.hasSent = false
    this.highestAckSent = null
    this.#earlier = []
    return returnToListen(createTcb(0, MAX_WINDOW_OCTETS))
  }

  /** Assumes that this side has sent everything before `seq`, even if it was not captured. */
  assumeSent(seq: number): void {
    if (this.tcb.irs === null || !gt(seq, this.tcb.snd.nxt)) return
    const tcb = copyTcb(this.tcb)
    tcb.snd.nxt = seq
    this.tcb = tcb
  }

  /** Assumes that this side has accepted everything before `seq`, even if it was not captured. */
  assumeReceived(seq: number): void {
    if (this.tcb.irs === null || !gt(seq, this.tcb.rcv.nxt)) return
    const tcb = copyTcb(this.tcb)
    tcb.rcv.nxt = seq
    this.tcb = tcb
  }

  /** Assumes that the numbers of a segment from this side are right. */
  assumeNumbers(seq: number, ack: number | null): void {
    const tcb = copyTcb(this.tcb)
    if (lt(seq, tcb.snd.una)) tcb.snd.una = seq
    tcb.snd.nxt = seq
    if (ack !== null) tcb.rcv.nxt = ack
    this.tcb = tcb
  }

  /** Notes that the peer accepts `window` octets from `ack` on. */
  noteOfferedWindow(ack: number | null, window: number): void {
    if (window > this.widestPeerWindow) this.widestPeerWindow = window
    if (ack === null) return
    const edge = add(ack, window)
    if (this.peerWindowEdge === null || gt(edge, this.peerWindowEdge)) this.peerWindowEdge = edge
  }

  /**
   * The TCB that the sender may have had when it sent the segment, as far as the numbers of the segment show: fewer acknowledgments or less
   * data may have arrived, or more may have been sent, than the capture shows.
   */
  #reading(tcb: Tcb, segment: Segment, peer: Side): Tcb {
    const { bits, seq, ack } = segment
    const length = segmentLength(segment)
    const { una, nxt } = tcb.snd
    let view: ReturnType<typeof copyTcb> | null = null

    if (hasBit(bits, ACK) && ack !== null && tcb.irs !== null) {
      if (ack !== tcb.rcv.nxt && this.#mayAcknowledge(tcb, segment, ack, peer)) (view ??= copyTcb(tcb)).rcv.nxt = ack
      const isNews = this.highestAckSent === null || gt(ack, this.highestAckSent) || this.ackAllowance > 0
      if (isNews && !isPending(tcb, 'ACK') && !isPending(tcb, 'SYN,ACK') && tcb.owes.length < MAX_PENDING_REPLIES) {
        view ??= copyTcb(tcb)
        view.owes = [...tcb.owes, ACK_OF_DATA]
      }
    }
    if (seq !== nxt && !hasBit(bits, SYN)) {
      if (gt(seq, nxt)) {
        if (this.#lostBefore(tcb, seq, length)) {
          ;(view ??= copyTcb(tcb)).snd.nxt = seq
          this.assumesLoss = this.hasSent
        }
      } else if (length > 0) {
        if (lt(seq, una) && this.#maybeOutstanding(tcb, seq) && !(una === nxt && length === 1 && seq === add(nxt, -1)))
          (view ??= copyTcb(tcb)).snd.una = seq
      } else if (seq === add(una, -1)) {
        // A keep-alive or probe whose sender counts less as outstanding than the capture shows.
        if (una !== nxt) (view ??= copyTcb(tcb)).snd.nxt = una
      } else if (this.segmentEdges.has(seq) && this.#maybeOutstanding(tcb, seq)) {
        // It was sent before segments that were captured earlier.
        view ??= copyTcb(tcb)
        view.snd.nxt = seq
        if (lt(seq, una)) view.snd.una = seq
      }
    }
    // The sender may use a window that was offered earlier, even if a smaller one has been offered since.
    if (length > 0 && this.peerWindowEdge !== null) {
      const { snd } = view ?? tcb
      const end = add(seq, length)
      if (gt(end, add(snd.una, snd.wnd)) && le(end, this.peerWindowEdge))
        (view ??= copyTcb(tcb)).snd.wnd = sub(this.peerWindowEdge, snd.una)
    }
    return view ?? tcb
  }

  /** Whether this side may have accepted exactly the data before `ack`, or may have sent this ACK before segments captured earlier. */
  #mayAcknowledge(tcb: Tcb, { bits }: Segment, ack: number, peer: Side): boolean {
    // If the capture began in mid-connection or holds one direction only, it is unknown what has been sent. A SYN,ACK or RST, however,
    // answers the SYN.
    if (gt(ack, tcb.rcv.nxt)) return !peer.hasSent || (!this.hasSent && !hasBit(bits, SYN | RST))
    if (lt(ack, add(tcb.irs ?? ack, 1))) return false
    if (this.highestAckSent !== null && lt(ack, this.highestAckSent)) return peer.segmentEdges.has(ack)
    // If it had not accepted the peer's FIN, it would be in an earlier state.
    return !hasReceivedFin(tcb.state) && !peer.segmentEdges.splits(ack)
  }

  /** Whether a segment may have been lost before the capture: only inside the peer's window, or if no number of this side is known. */
  #lostBefore(tcb: Tcb, seq: number, length: number): boolean {
    if (tcb.irs === null || tcb.finSent !== null) return false
    if (!this.hasSent) return true
    return sub(seq, tcb.snd.nxt) >= MIN_LOSS_OCTETS && this.peerWindowEdge !== null && le(add(seq, length), this.peerWindowEdge)
  }

  /** Whether `seq` may be unacknowledged for this side: ACKs may be in flight or lost, but at most the largest window is outstanding. */
  #maybeOutstanding(tcb: Tcb, seq: number): boolean {
    return ge(seq, add(tcb.iss, 1)) && sub(tcb.snd.nxt, seq) <= this.widestPeerWindow
  }

  /** Restores what the reading has removed from the TCB: arrivals, acknowledgments, segments sent and the window. */
  #restoreWithheld(after: Tcb, before: Tcb): Tcb {
    if (after.state === 'CLOSED') return after
    const tcb = copyTcb(after)
    if (before.irs !== null && gt(before.rcv.nxt, tcb.rcv.nxt)) tcb.rcv.nxt = before.rcv.nxt
    if (gt(before.snd.una, tcb.snd.una)) tcb.snd.una = before.snd.una
    if (gt(before.snd.nxt, tcb.snd.nxt)) tcb.snd.nxt = before.snd.nxt
    if (before.irs === tcb.irs) tcb.snd.wnd = before.snd.wnd
    return tcb
  }

  /** Keeps those earlier TCBs that could also have sent this segment, and applies it to them. */
  #advanceEarlier(segment: Segment, peer: Side): void {
    if (this.#earlier.length === 0) return
    const possible: UncertainChange[] = []
    for (const { tcb, segment: change } of this.#earlier) {
      const permission = maySend(this.#reading(tcb, segment, peer), segment, LENIENT_ASK)
      if (permission.ok) possible.push({ tcb: this.#restoreWithheld(permission.tcb, tcb), segment: change })
    }
    this.#earlier = possible
  }

  /** Judges a segment as sent before the latest changes of state, and then applies those again. Adds each refusal to `refused`. */
  #judgeAsSentEarlier(segment: Segment, peer: Side, refused: Refusal[]): SegmentPermission | null {
    for (let i = this.#earlier.length - 1; i >= 0; i--) {
      const from = this.#earlier[i]!
      const tcb = this.#mayBegin(from.tcb, segment) ? this.#withIss(from.tcb, segment.seq) : from.tcb
      const permission = maySend(this.#reading(tcb, segment, peer), segment, LENIENT_ASK)
      if (!permission.ok) {
        refused.push(permission)
        continue
      }
      const sent = copyTcb(this.#restoreWithheld(permission.tcb, tcb))
      const arrivals = this.#earlier.slice(i)
      this.#earlier = this.#earlier.slice(0, i)
      let now: Tcb = sent
      for (const { segment: arrival } of arrivals) {
        this.#earlier.push({ tcb: now, segment: arrival })
        now = processArrival(now, arrival, RULES).tcb
      }
      // Before its first segment, the numbers of this side were unknown, so there is nothing to restore.
      if (now.state !== 'CLOSED' && this.tcb.irs === now.irs && this.hasSent) now = this.#restoreWithheld(now, this.tcb)
      this.tcb = now
      return permission
    }
    return null
  }

  /** Judges a RST as a (repeated) answer to the last arrival. A host that has never sent anything may have no listener. */
  #judgeAsReset(segment: Segment, refused: Refusal[]): SegmentPermission | null {
    const last = this.tcb.heard
    if (!hasBit(segment.bits, RST) || last === null || !RESETTING.includes(this.tcb.state)) return null
    for (const tcb of this.hasSent ? [this.tcb] : [this.tcb, createTcb(this.tcb.iss, 0)]) {
      const permission = maySend(processArrival(tcb, last, RULES).tcb, segment, LENIENT_ASK)
      if (!permission.ok) {
        refused.push(permission)
        continue
      }
      this.tcb = permission.tcb
      return permission
    }
    return null
  }

  /** Whether the ISN is still unknown, so that the first segment may have any number, even without a SYN. */
  #mayBegin({ state, iss, snd }: Tcb, { bits }: Segment): boolean {
    return state === 'CLOSED' || (!this.hasSent && (hasBit(bits, SYN) || snd.nxt === iss))
  }

  #withIss(tcb: Tcb, iss: number): Tcb {
    const known = copyTcb(tcb)
    return { ...known, iss, snd: { ...known.snd, una: iss, nxt: iss } }
  }

  /** Records a segment as sent. */
  #noteSent(segment: Segment, digest: number): void {
    const { bits, ack, window } = segment
    this.hasSent = true
    this.segmentEdges.add(segment, digest)
    if (hasBit(bits, RST)) return
    if (hasBit(bits, ACK) && ack !== null) {
      if (this.highestAckSent === null || gt(ack, this.highestAckSent)) this.highestAckSent = ack
      if (this.ackAllowance > 0) this.ackAllowance -= 1
      const edge = add(ack, window)
      if (this.ownWindowEdge === null || gt(edge, this.ownWindowEdge)) this.ownWindowEdge = edge
    }
    // It accepts everything inside any window that it has ever offered.
    const { tcb, ownWindowEdge } = this
    if (tcb.irs === null || ownWindowEdge === null || tcb.state === 'CLOSED') return
    const wnd = gt(ownWindowEdge, tcb.rcv.nxt) ? sub(ownWindowEdge, tcb.rcv.nxt) : 0
    if (wnd !== tcb.rcv.wnd) {
      const offering = copyTcb(tcb)
      offering.rcv.wnd = wnd
      this.tcb = offering
    }
  }
}

/** The refusal with the fewest findings; on a tie, one in which the control bits are right. */
const nearestRefusal = (refused: readonly Refusal[]): Refusal =>
  refused.reduce((best, one) => {
    const nearer = one.findings.length - best.findings.length
    return nearer < 0 || (nearer === 0 && hasWrongBits(best) && !hasWrongBits(one)) ? one : best
  })

const hasWrongBits = ({ findings }: Refusal): boolean => findings.some(({ field }) => field === 'flags')

/** A retransmission must carry the same octets (RFC 9293 3.8.1). */
const contradictionRefusal = ({ length }: Segment): SegmentPermission => ({
  ok: false,
  findings: [{ kind: 'refusal', field: 'payload', given: length, want: length, rule: 'RFC 9293 3.8.1', misconception: null }],
  rule: 'sends-again',
  silent: false,
})

/** The states in which a segment can be answered with a RST (RFC 9293 3.5.2, groups 1 and 2). */
const RESETTING: readonly State[] = ['CLOSED', 'LISTEN', 'SYN-SENT', 'SYN-RECEIVED']

/** A side from which nothing has been captured; it is assumed to be listening. */
export const unseenSide = (): Side => new Side(returnToListen(createTcb(0, MAX_WINDOW_OCTETS)), false)
