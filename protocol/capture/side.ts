/**
 * One side of a captured connection. Its TCB is kept as if all that was captured had arrived at once and in that order. Where a capture may
 * tell it otherwise (what was captured on its way to a host may still be on the way, or be lost; a segment may have been overtaken before
 * it was captured), a segment is judged on the reading that makes it legal, if there is one.
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

/** Windows are handed to the engine in octets, already scaled: up to 2^30 (RFC 7323 2.2). */
export const MAX_WINDOW_OCTETS = 65_535 * 2 ** 14
const RULES: TcpRules = { ...RFC_9293, maxSndWnd: MAX_WINDOW_OCTETS }
const LENIENT_ASK: SegmentContext = { rules: RULES, calls: 'assumed' }

type Refusal = Extract<SegmentPermission, { ok: false }>

/** A change of state that its host may not have made yet: the TCB before it, and the segment that causes it. */
interface UncertainChange {
  readonly tcb: Tcb
  readonly segment: Segment
}

/** At most this many uncertain changes are kept. */
const MAX_UNCERTAIN_CHANGES = 3
/** Bounds the replies to segments that arrive after the connection is gone. */
const MAX_PENDING_REPLIES = 8
/** A gap of so many numbers or more may be a segment lost before the capture. A gap of one is a miscount. */
const MIN_LOSS_OCTETS = 2

const ACK_OF_DATA: PendingSegment = { kind: 'ACK', why: 'data' }

export class Side {
  tcb: Tcb
  /** A segment of its own has been seen: its numbers are known. */
  hasSent: boolean
  /** The highest acknowledgment number that it has sent. */
  highestAckSent: number | null = null
  /** The right edge of its own window, and of the peer's, the farthest that each was offered; the widest of the peer's windows. */
  ownWindowEdge: number | null = null
  peerWindowEdge: number | null = null
  widestPeerWindow = 0
  /** Arrivals that ask for an ACK, less the ACKs that it has sent: it may send so many, whatever they say. */
  ackAllowance = 0
  /** The segment judged last is legal only if something that it sent before was lost on its way to the capture. */
  assumesLoss = false
  /** Where its segments began and ended lately. */
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

  /** Judges what it sends, `digest` being its payload's sum or -1. If it is legal in any reading, it counts; otherwise nothing changes. */
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

  /** What was captured on its way to this side arrives. */
  receive(segment: Segment): void {
    const before = this.#listenerBehind(segment) ?? this.tcb
    let { tcb } = processArrival(before, segment, RULES)
    if (tcb.owes.length > MAX_PENDING_REPLIES) tcb = { ...tcb, owes: tcb.owes.slice(-MAX_PENDING_REPLIES) }
    if (tcb.state !== before.state) this.#earlier = [...this.#earlier.slice(1 - MAX_UNCERTAIN_CHANGES), { tcb: before, segment }]
    this.tcb = tcb
    if (segmentLength(segment) > 0) this.ackAllowance += 1
    this.noteOfferedWindow(segment.ack, segment.window)
  }

  /** A SYN meets a closed connection: a listener with unknown numbers may stand behind it. Null where that cannot be. */
  #listenerBehind({ bits }: Segment): Tcb | null {
    if (this.tcb.state !== 'CLOSED' || !this.hasSent || !hasBit(bits, SYN) || hasBit(bits, ACK | RST)) return null
    this.hasSent = false
    this.highestAckSent = null
    this.#earlier = []
    return returnToListen(createTcb(0, MAX_WINDOW_OCTETS))
  }

  /** It has sent everything before `seq`, although the capture does not hold it. */
  assumeSent(seq: number): void {
    if (this.tcb.irs === null || !gt(seq, this.tcb.snd.nxt)) return
    const tcb = copyTcb(this.tcb)
    tcb.snd.nxt = seq
    this.tcb = tcb
  }

  /** It has accepted everything before `seq`, although the capture does not hold it. */
  assumeReceived(seq: number): void {
    if (this.tcb.irs === null || !gt(seq, this.tcb.rcv.nxt)) return
    const tcb = copyTcb(this.tcb)
    tcb.rcv.nxt = seq
    this.tcb = tcb
  }

  /** Takes the numbers of its own segment as true. */
  assumeNumbers(seq: number, ack: number | null): void {
    const tcb = copyTcb(this.tcb)
    if (lt(seq, tcb.snd.una)) tcb.snd.una = seq
    tcb.snd.nxt = seq
    if (ack !== null) tcb.rcv.nxt = ack
    this.tcb = tcb
  }

  /** The peer accepts `window` octets from `ack` on. */
  noteOfferedWindow(ack: number | null, window: number): void {
    if (window > this.widestPeerWindow) this.widestPeerWindow = window
    if (ack === null) return
    const edge = add(ack, window)
    if (this.peerWindowEdge === null || gt(edge, this.peerWindowEdge)) this.peerWindowEdge = edge
  }

  /**
   * The TCB as it stood for the sender, as far as the numbers of its segment tell: with less acknowledged to it, with less arrived at it, or
   * with more sent by it than was captured.
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
        // A keep-alive or probe, with more outstanding than its sender counts.
        if (una !== nxt) (view ??= copyTcb(tcb)).snd.nxt = una
      } else if (this.segmentEdges.has(seq) && this.#maybeOutstanding(tcb, seq)) {
        // Sent before what was captured before it.
        view ??= copyTcb(tcb)
        view.snd.nxt = seq
        if (lt(seq, una)) view.snd.una = seq
      }
    }
    // A window that was offered may be used, although a smaller one has been offered since.
    if (length > 0 && this.peerWindowEdge !== null) {
      const { snd } = view ?? tcb
      const end = add(seq, length)
      if (gt(end, add(snd.una, snd.wnd)) && le(end, this.peerWindowEdge))
        (view ??= copyTcb(tcb)).snd.wnd = sub(this.peerWindowEdge, snd.una)
    }
    return view ?? tcb
  }

  /** Whether this side may have accepted so much and no more, or have acknowledged it before an earlier captured segment. */
  #mayAcknowledge(tcb: Tcb, { bits }: Segment, ack: number, peer: Side): boolean {
    // Where the capture began in the middle, or holds one direction only, nobody knows what has been sent. A SYN,ACK or RST answers
    // the SYN.
    if (gt(ack, tcb.rcv.nxt)) return !peer.hasSent || (!this.hasSent && !hasBit(bits, SYN | RST))
    if (lt(ack, add(tcb.irs ?? ack, 1))) return false
    if (this.highestAckSent !== null && lt(ack, this.highestAckSent)) return peer.segmentEdges.has(ack)
    // With less than the peer's FIN taken in, it would be in an earlier state.
    return !hasReceivedFin(tcb.state) && !peer.segmentEdges.splits(ack)
  }

  /** Whether a segment may have been lost before the capture: only inside the peer's window, or where no number of this side is known. */
  #lostBefore(tcb: Tcb, seq: number, length: number): boolean {
    if (tcb.irs === null || tcb.finSent !== null) return false
    if (!this.hasSent) return true
    return sub(seq, tcb.snd.nxt) >= MIN_LOSS_OCTETS && this.peerWindowEdge !== null && le(add(seq, length), this.peerWindowEdge)
  }

  /** The acknowledgments may all be on the way or lost; but the window that was used shows how far they had come. */
  #maybeOutstanding(tcb: Tcb, seq: number): boolean {
    return ge(seq, add(tcb.iss, 1)) && sub(tcb.snd.nxt, seq) <= this.widestPeerWindow
  }

  /** Restores what the reading had withheld from the TCB. */
  #restoreWithheld(after: Tcb, before: Tcb): Tcb {
    if (after.state === 'CLOSED') return after
    const tcb = copyTcb(after)
    if (before.irs !== null && gt(before.rcv.nxt, tcb.rcv.nxt)) tcb.rcv.nxt = before.rcv.nxt
    if (gt(before.snd.una, tcb.snd.una)) tcb.snd.una = before.snd.una
    if (gt(before.snd.nxt, tcb.snd.nxt)) tcb.snd.nxt = before.snd.nxt
    if (before.irs === tcb.irs) tcb.snd.wnd = before.snd.wnd
    return tcb
  }

  /** An earlier TCB stays possible while it could have sent all that has been sent since. */
  #advanceEarlier(segment: Segment, peer: Side): void {
    if (this.#earlier.length === 0) return
    const possible: UncertainChange[] = []
    for (const { tcb, segment: change } of this.#earlier) {
      const permission = maySend(this.#reading(tcb, segment, peer), segment, LENIENT_ASK)
      if (permission.ok) possible.push({ tcb: this.#restoreWithheld(permission.tcb, tcb), segment: change })
    }
    this.#earlier = possible
  }

  /** Judges it as sent before the latest changes of state, which then come after it. Adds every refusal to `refused`. */
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
      // Before its first segment nothing was known of its own numbers.
      if (now.state !== 'CLOSED' && this.tcb.irs === now.irs && this.hasSent) now = this.#restoreWithheld(now, this.tcb)
      this.tcb = now
      return permission
    }
    return null
  }

  /** Judges a RST as the answer to the last arrival, perhaps not the first; a host that has never sent anything may have no listener. */
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

  /** Its ISN is not known yet: the first segment may have any number, even without a SYN. */
  #mayBegin({ state, iss, snd }: Tcb, { bits }: Segment): boolean {
    return state === 'CLOSED' || (!this.hasSent && (hasBit(bits, SYN) || snd.nxt === iss))
  }

  #withIss(tcb: Tcb, iss: number): Tcb {
    const known = copyTcb(tcb)
    return { ...known, iss, snd: { ...known.snd, una: iss, nxt: iss } }
  }

  /** Notes a segment as sent. */
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
    // It accepts what it has ever offered.
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

/** The refusal with the fewest findings; on a tie, one where the control bits are right. */
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

/** The states in which a RST answers a segment (RFC 9293 3.5.2, groups 1 and 2). */
const RESETTING: readonly State[] = ['CLOSED', 'LISTEN', 'SYN-SENT', 'SYN-RECEIVED']

/** A side of which nothing has been captured; it may be listening. */
export const unseenSide = (): Side => new Side(returnToListen(createTcb(0, MAX_WINDOW_OCTETS)), false)
