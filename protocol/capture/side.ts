/**
 * One side of a captured connection. Its TCB is updated as if every captured segment had arrived immediately and in the captured order. In
 * reality a segment captured on its way to a host may still be in flight or may be lost, and segments may have been reordered before they
 * were captured. If the order of events that the capture shows makes a segment illegal, it is judged under other possible orders as well,
 * and accepted if it is legal under one of them. Such an interpretation is called a reading.
 */
import { ACK, FIN, hasBit, RST, type Segment, segmentLength, SYN } from '../segment.ts'
import { add, gt, le, lt, sub } from '../seq.ts'
import type { Finding } from '../findings.ts'
import type { SegmentMeaning } from '../tcp/segment-templates.ts'
import {
  findPermission,
  findRefusal,
  maySend,
  type Permission,
  type Refusal,
  type SegmentContext,
  type SegmentPermission,
} from '../tcp/may-send.ts'
import { RFC_9293, type TcpRuleName, type TcpRules } from '../tcp/rules.ts'
import { processArrival } from '../tcp/segment-arrives.ts'
import { createTcb, copyTcb, returnToListen, type State, type Tcb } from '../tcp/tcb.ts'
import type { CapturedSegment } from './captured-segment.ts'
import { MAX_PENDING_REPLIES, MAX_WINDOW_OCTETS } from './limits.ts'
import { type Circumstances, Reading } from './readings.ts'
import { SegmentHistory } from './segment-history.ts'

const RULES: TcpRules = { ...RFC_9293, maxSndWnd: MAX_WINDOW_OCTETS }
const LENIENT_ASK: SegmentContext = { rules: RULES, calls: 'assumed' }

/** A change of state that the host may not have made yet: the TCB before the change, and the arriving segment that causes it. */
interface UncertainChange {
  readonly tcb: Tcb
  readonly segment: Segment
}

/** The maximum number of uncertain changes that are kept. */
const MAX_UNCERTAIN_CHANGES = 3

/** One side of a captured connection under one hypothesis. */
export class Side {
  tcb: Tcb
  /** Its sequence numbers are known: a segment from it has been captured, or reconstructed. */
  hasSent: boolean
  /** A segment from it has been captured. Of a side that never was, nothing is known. */
  captured: boolean
  /** The shift count that its SYN offered; -1 if none; null if its SYN was not captured (RFC 7323 2.2). */
  windowScale: number | null = null
  /** The highest acknowledgment number that it has sent. */
  highestAckSent: number | null = null
  /** The rightmost edges that this side's own window and the peer's window have had, and the largest window of the peer, in octets. */
  ownWindowEdge: number | null = null
  peerWindowEdge: number | null = null
  widestPeerWindow = 0
  /** The number of arrivals that call for an ACK minus the number of ACKs sent: this many ACKs may be sent, whatever their numbers. */
  ackAllowance = 0
  /** Where the last gap in its numbers ends that the capture has left; null if there has been none. */
  gapEnd: number | null = null
  /** The segment judged last is legal only on the assumption that the capture lacks a segment. */
  assumesLoss = false
  /** It acknowledges what the capture lacks. */
  acknowledgedLacking = false
  /** In mid-connection: all that was captured are empty segments at one number. SND.NXT is one more if they were keep-alives. */
  mayHaveBegunWithKeepAlive = false
  /** Its last segments. */
  readonly history: SegmentHistory
  #earlier: readonly UncertainChange[] = NONE_EARLIER

  constructor(tcb: Tcb, known: boolean, history = new SegmentHistory()) {
    this.tcb = tcb
    this.hasSent = known
    this.captured = known
    this.history = history
  }

  /** An independent copy. */
  fork(): Side {
    const side = new Side(this.tcb, this.hasSent, this.history.fork())
    side.captured = this.captured
    side.windowScale = this.windowScale
    side.highestAckSent = this.highestAckSent
    side.ownWindowEdge = this.ownWindowEdge
    side.peerWindowEdge = this.peerWindowEdge
    side.widestPeerWindow = this.widestPeerWindow
    side.ackAllowance = this.ackAllowance
    side.gapEnd = this.gapEnd
    side.mayHaveBegunWithKeepAlive = this.mayHaveBegunWithKeepAlive
    side.#earlier = this.#earlier
    return side
  }

  /** Judges a segment that this side sends. It is applied if it is legal in any reading. `lacks`: see `Circumstances`. */
  judgeSent(captured: CapturedSegment, peer: Side, lacks: boolean): SegmentPermission {
    const { segment } = captured
    const circumstances: Circumstances = { side: this, peer, lacks }
    const before = this.tcb
    let first = this.#mayBegin(before, segment) ? this.#withIss(before, segment.seq) : before
    let reading = new Reading(first, segment, circumstances)
    if (reading.acknowledgesLacking) {
      first = withLackingText(first, segment.ack)
      reading = new Reading(first, segment, circumstances)
      reading.lacking = reading.acknowledgesLacking = true
    }
    this.assumesLoss = reading.lacking
    this.acknowledgedLacking = reading.acknowledgesLacking
    const permission = findPermission(reading.tcb, segment, LENIENT_ASK)
    if (permission !== null) {
      this.tcb = this.#restoreWithheld(permission.tcb, first)
      this.#advanceEarlier(segment, circumstances)
      this.#noteSent(captured, before)
      return permission
    }
    const refused: Refusal[] = []
    const other =
      this.#judgeAsSentEarlier(segment, circumstances, refused) ??
      this.#judgeAsReset(segment, peer, refused) ??
      this.#judgeAsCopy(captured)
    if (other === null) return nearestRefusal([findRefusal(reading.tcb, segment, LENIENT_ASK), ...refused])
    this.#noteSent(captured, before)
    return other
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
    this.#earlier = NONE_EARLIER
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

  /** Restores what the reading has removed from the TCB: arrivals, acknowledgments, segments sent and the window. */
  #restoreWithheld(after: Tcb, before: Tcb): Tcb {
    if (after.state === 'CLOSED') return after
    const { snd, rcv } = before
    const received = before.irs !== null && gt(rcv.nxt, after.rcv.nxt)
    const sameWindow = before.irs !== after.irs || snd.wnd === after.snd.wnd
    if (!received && le(snd.una, after.snd.una) && le(snd.nxt, after.snd.nxt) && sameWindow) return after
    const tcb = copyTcb(after)
    if (received) tcb.rcv.nxt = rcv.nxt
    if (gt(snd.una, tcb.snd.una)) tcb.snd.una = snd.una
    if (gt(snd.nxt, tcb.snd.nxt)) tcb.snd.nxt = snd.nxt
    if (!sameWindow) tcb.snd.wnd = snd.wnd
    return tcb
  }

  /** Keeps those earlier TCBs that could also have sent this segment, and applies it to them. */
  #advanceEarlier(segment: Segment, circumstances: Circumstances): void {
    if (this.#earlier.length === 0) return
    const possible: UncertainChange[] = []
    for (const { tcb, segment: change } of this.#earlier) {
      const permission = findPermission(new Reading(tcb, segment, circumstances).tcb, segment, LENIENT_ASK)
      if (permission !== null) possible.push({ tcb: this.#restoreWithheld(permission.tcb, tcb), segment: change })
    }
    this.#earlier = possible
  }

  /** Judges a segment as sent before the latest changes of state, and then applies those again. Adds each refusal to `refused`. */
  #judgeAsSentEarlier(segment: Segment, circumstances: Circumstances, refused: Refusal[]): Permission | null {
    for (let i = this.#earlier.length - 1; i >= 0; i--) {
      const from = this.#earlier[i]!
      const tcb = this.#mayBegin(from.tcb, segment) ? this.#withIss(from.tcb, segment.seq) : from.tcb
      const reading = new Reading(tcb, segment, circumstances)
      const permission = maySend(reading.tcb, segment, LENIENT_ASK)
      if (!permission.ok) {
        refused.push(permission)
        continue
      }
      this.assumesLoss = reading.lacking
      this.acknowledgedLacking = reading.acknowledgesLacking
      const earlier = this.#earlier.slice(0, i)
      let now: Tcb = copyTcb(this.#restoreWithheld(permission.tcb, tcb))
      for (const { segment: arrival } of this.#earlier.slice(i)) {
        earlier.push({ tcb: now, segment: arrival })
        now = processArrival(now, arrival, RULES).tcb
      }
      this.#earlier = earlier
      // Before its first segment, the numbers of this side were unknown, so there is nothing to restore.
      if (now.state !== 'CLOSED' && this.tcb.irs === now.irs && this.hasSent) now = this.#restoreWithheld(now, this.tcb)
      this.tcb = now
      return permission
    }
    return null
  }

  /** Judges a RST as the answer to an arrival. A host that has never sent anything may have no listener. */
  #judgeAsReset(segment: Segment, peer: Side, refused: Refusal[]): Permission | null {
    const { state, heard } = this.tcb
    if (!hasBit(segment.bits, RST) || !RESETTING.includes(state)) return null
    if (heard !== null) {
      for (const tcb of this.hasSent ? [this.tcb] : [this.tcb, createTcb(this.tcb.iss, 0)]) {
        const permission = maySend(processArrival(tcb, heard, RULES).tcb, segment, LENIENT_ASK)
        if (permission.ok) {
          this.tcb = permission.tcb
          return permission
        }
        refused.push(permission)
      }
    }
    // A CLOSED host answers each segment that was on its way, "<SEQ=SEG.ACK><CTL=RST>" (RFC 9293 3.10.7.1).
    const bare = !hasBit(segment.bits, SYN | ACK | FIN)
    return bare && state === 'CLOSED' && peer.history.hasAcknowledged(segment.seq)
      ? this.#unchanged('resets', 'resets-from-closed')
      : null
  }

  /** A segment that equals an earlier one may be the same one, captured twice or duplicated by the network (RFC 9293 3.4). */
  #judgeAsCopy(captured: CapturedSegment): Permission | null {
    if (!this.history.holdsCopyOf(captured)) return null
    const { segment } = captured
    const meaning = hasBit(segment.bits, RST) ? 'resets' : segmentLength(segment) > 0 ? 'retransmits' : 'duplicates'
    return this.#unchanged(meaning, 'sends-again', [copyRemark(segment)])
  }

  /** Permits a segment that does not change this side. */
  #unchanged(meaning: SegmentMeaning, rule: TcpRuleName, remarks: readonly Finding[] = []): Permission {
    return { ok: true, meanings: [meaning], rule, tcb: this.tcb, satisfied: [], remarks }
  }

  /** Whether the ISN is still unknown, so that the first segment may have any number, even without a SYN. */
  #mayBegin({ state, iss, snd }: Tcb, { bits }: Segment): boolean {
    return state === 'CLOSED' || (!this.hasSent && (hasBit(bits, SYN) || snd.nxt === iss))
  }

  #withIss(tcb: Tcb, iss: number): Tcb {
    const known = copyTcb(tcb)
    return { ...known, iss, snd: { ...known.snd, una: iss, nxt: iss } }
  }

  /** Records a segment as sent. `before`: the TCB before it. */
  #noteSent(captured: CapturedSegment, before: Tcb): void {
    const { bits, seq, ack, window } = captured.segment
    if (this.assumesLoss && gt(seq, before.snd.nxt)) this.gapEnd = seq
    if (segmentLength(captured.segment) > 0 || seq !== before.snd.nxt) this.mayHaveBegunWithKeepAlive = false
    this.hasSent = true
    this.captured = true
    this.history.add(captured)
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

/** The TCB after the arrival of the text before `ack` that the capture lacks. What it held beyond that is accepted with it. */
function withLackingText(tcb: Tcb, ack: number | null): Tcb {
  const { snd, rcv } = tcb
  const length = sub(ack ?? rcv.nxt, rcv.nxt)
  return processArrival(tcb, { bits: ACK, seq: rcv.nxt, ack: snd.una, window: snd.wnd, length }, RULES).tcb
}

const NONE_EARLIER: readonly UncertainChange[] = []

const copyRemark = ({ seq }: Segment): Finding => ({
  kind: 'remark',
  field: 'seq',
  given: seq,
  want: null,
  rule: 'RFC 9293 3.4',
  misconception: null,
})

/** The states in which a segment can be answered with a RST (RFC 9293 3.5.2, groups 1 and 2). */
const RESETTING: readonly State[] = ['CLOSED', 'LISTEN', 'SYN-SENT', 'SYN-RECEIVED']

/** A side from which nothing has been captured; it is assumed to be listening. */
export const unseenSide = (): Side => new Side(returnToListen(createTcb(0, MAX_WINDOW_OCTETS)), false)
