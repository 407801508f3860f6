/**
 * SEGMENT ARRIVES: RFC 9293 3.10.7, clause by clause in the RFC's order. State changes take effect here; a segment that the RFC says to
 * send becomes pending.
 *
 * Security and compartment (the RFC's third check) are not modelled: they are assumed to match in every segment.
 */
import { ACK, FIN, hasBit, RST, type Segment, segmentLength, segmentKindsOf, SYN } from '../segment.ts'
import { add, ge, gt, le, lt, sub, isWithin } from '../seq.ts'
import { keepHeldAfter, addHeld, NOTHING_HELD, advancePastHeld } from './reassembly.ts'
import type { TcpRuleName, TcpRules } from './rules.ts'
import {
  copyTcb,
  type PendingSegment,
  deleteTcb,
  hasReceivedFin,
  returnToListen,
  NO_OPTIONS,
  isPending,
  sendWindowShift,
  effectiveState,
  type Tcb,
  type Timer,
  runningTimers,
  type MutableTcb,
} from './tcb.ts'

/** What the receiver accepted from the segment. */
export interface TakenIn {
  readonly syn: boolean
  /** Octets of text that advanced RCV.NXT. */
  readonly octets: number
  readonly fin: boolean
  /** It advanced SND.UNA. */
  readonly acked: boolean
  /** It reset the connection. */
  readonly reset: boolean
}

/** The result of a segment's arrival. */
export interface Arrival {
  readonly tcb: Tcb
  /** The rule that decided how the segment was processed. */
  readonly rule: TcpRuleName
  readonly takenIn: TakenIn
  /** The pending segments that this arrival calls for, even those that are already pending. */
  readonly newlyPending: readonly PendingSegment[]
  /** Timers that are restarted. */
  readonly restarted: readonly Timer[]
}

/** Processes the arrival of a segment at the endpoint that this TCB describes. */
export function processArrival(before: Tcb, segment: Segment, rules: TcpRules): Arrival {
  const tcb = copyTcb(before)
  tcb.heard = segment
  const takenIn = { syn: false, octets: 0, fin: false, acked: false, reset: false }
  const arrival: ArrivalContext = { tcb, rules, takenIn, newlyPending: [], restarted: [] }
  const rule = processByState(arrival, segment)
  const { newlyPending, restarted, tcb: after } = arrival
  // The same pending segment is listed only once.
  for (const pending of newlyPending)
    if (!after.owes.some((old) => isSamePending(old, pending))) after.owes = after.owes.concat(pending)
  after.timers = runningTimers(after)
  return { tcb: after, rule, takenIn, newlyPending, restarted }
}

/** The state of an arrival while it is being processed. The functions below modify it; most return the rule that decided. */
interface ArrivalContext {
  tcb: MutableTcb
  readonly rules: TcpRules
  readonly takenIn: { -readonly [F in keyof TakenIn]: TakenIn[F] }
  readonly newlyPending: PendingSegment[]
  readonly restarted: Timer[]
}

const ACK_OF_SYN: PendingSegment = { kind: 'ACK', why: 'SYN' }
const ACK_OF_DATA: PendingSegment = { kind: 'ACK', why: 'data' }
const ACK_OF_FIN: PendingSegment = { kind: 'ACK', why: 'FIN' }
const ackOfGap = (segment: Segment): PendingSegment => ({ kind: 'ACK', why: 'gap', of: segmentKindsOf(segment) })
const ackOfUnacceptable = (segment: Segment): PendingSegment => ({ kind: 'ACK', why: 'unacceptable', of: segmentKindsOf(segment) })

function processByState(arrival: ArrivalContext, segment: Segment): TcpRuleName {
  const { tcb } = arrival
  if (tcb.aborted) {
    // ABORT has deleted the TCB, and its RST is pending. That RST answers any arriving segment; an arriving RST makes it unnecessary.
    if (hasBit(segment.bits, RST)) resetConnection(arrival, deleteTcb(tcb))
    return 'arrives-in-closed'
  }
  switch (effectiveState(tcb)) {
    case 'CLOSED':
      return processInClosed(arrival, segment)
    case 'LISTEN':
      return processInListen(arrival, segment)
    case 'SYN-SENT':
      return processInSynSent(arrival, segment)
    default:
      return processInOtherStates(arrival, segment)
  }
}

/** 3.10.7.1 */
function processInClosed(arrival: ArrivalContext, segment: Segment): TcpRuleName {
  // "An incoming segment containing a RST is discarded."
  if (!hasBit(segment.bits, RST)) answerUnknownSegment(arrival, segment)
  return 'arrives-in-closed'
}

/** 3.10.7.2 */
function processInListen(arrival: ArrivalContext, segment: Segment): TcpRuleName {
  // First, check for a RST.
  if (hasBit(segment.bits, RST)) return 'arrives-in-listen'
  // Second, check for an ACK.
  if (hasBit(segment.bits, ACK)) answerUnknownSegment(arrival, segment)
  // Third, check for a SYN.
  else if (hasBit(segment.bits, SYN)) processSyn(arrival, segment)
  // Fourth, other data or control: dropped.
  return 'arrives-in-listen'
}

/** 3.10.7.3 */
function processInSynSent(arrival: ArrivalContext, segment: Segment): TcpRuleName {
  const { tcb } = arrival
  const { bits, ack } = segment
  // First, check the ACK bit.
  const acknowledges = hasBit(bits, ACK) && ack !== null
  if (acknowledges && (le(ack, tcb.iss) || gt(ack, tcb.snd.nxt))) {
    if (!hasBit(bits, RST)) answerUnknownSegment(arrival, segment)
    return 'arrives-in-syn-sent'
  }
  // Second, check the RST bit. (RFC 5961's check against RCV.NXT has nothing to compare with: no SYN has arrived.)
  if (hasBit(bits, RST)) {
    if (acknowledges) resetConnection(arrival, deleteTcb(tcb))
    return 'arrives-in-syn-sent'
  }
  // Fourth, check the SYN bit.
  if (hasBit(bits, SYN)) {
    if (acknowledges) processSynAck(arrival, segment, ack)
    else processSyn(arrival, segment)
  }
  // Fifth, neither SYN nor RST: drop.
  return 'arrives-in-syn-sent'
}

/** "If SND.UNA > ISS (our SYN has been ACKed)": a SYN,ACK has arrived. Enters ESTABLISHED; an ACK becomes pending (3.10.7.3). */
function processSynAck(arrival: ArrivalContext, segment: Segment, ack: number): void {
  const { tcb, rules, takenIn, newlyPending } = arrival
  takenIn.syn = true
  tcb.irs = segment.seq
  tcb.rcv.nxt = add(segment.seq, 1)
  recordPeerOptions(tcb, segment)
  processAck(arrival, segment, ack)
  tcb.state = 'ESTABLISHED'
  if (rules.thirdSegment) newlyPending.push(ACK_OF_SYN)
  releaseQueued(arrival)
  // "If there are other controls or text in the segment, then continue processing at the sixth step."
  processText(arrival, segment)
}

/** 3.10.7.4 */
function processInOtherStates(arrival: ArrivalContext, arrived: Segment): TcpRuleName {
  const { tcb, rules, newlyPending } = arrival
  const { bits, ack } = arrived
  const passive = tcb.state === 'SYN-RECEIVED' && tcb.opened === 'passive'

  // PAWS precedes all other checks: a timestamp below TS.Recent marks an old segment (RFC 7323 5.3, R1). RSTs are exempt.
  const stamp = tcb.offers.timestamps === undefined || tcb.tsRecent === null ? undefined : arrived.options?.timestamps
  if (stamp !== undefined && tcb.tsRecent !== null && !hasBit(bits, RST)) {
    if (lt(stamp.value, tcb.tsRecent)) {
      newlyPending.push(ackOfUnacceptable(arrived))
      return 'checks-timestamp'
    }
    // "If SEG.TSval >= TS.Recent and SEG.SEQ <= Last.ACK.sent" (R3).
    if (le(arrived.seq, tcb.said?.ack ?? tcb.rcv.nxt)) tcb.tsRecent = stamp.value
  }

  // Exception: in TIME-WAIT, a FIN at RCV.NXT-1 is a retransmission of the peer's FIN. The fifth and eighth checks say "Acknowledge it,
  // and restart the 2 MSL timeout", but the first check would reject it before it got there.
  if (
    tcb.state === 'TIME-WAIT' &&
    hasBit(bits, FIN) &&
    !hasBit(bits, SYN | RST) &&
    add(arrived.seq, arrived.length + 1) === tcb.rcv.nxt
  ) {
    newlyPending.push(ackOfUnacceptable(arrived))
    arrival.restarted.push('time-wait')
    return 'checks-sequence-number'
  }
  // Exception: the SYN,ACK of a simultaneous open begins at IRS, before RCV.NXT. In figure 7 its ACK is processed nevertheless. After a
  // passive OPEN no SYN has been sent that it could answer.
  const answersOurSyn =
    tcb.state === 'SYN-RECEIVED' &&
    tcb.opened === 'active' &&
    hasBit(bits, SYN) &&
    hasBit(bits, ACK) &&
    !hasBit(bits, RST) &&
    arrived.seq === tcb.irs

  const segment = rules.sequenceCheck || answersOurSyn ? arrived : { ...arrived, seq: tcb.rcv.nxt }
  if (!answersOurSyn) {
    // First, check sequence number.
    if (!isAcceptable(tcb, segment) && !isAllowedAtFullWindow(tcb, segment)) {
      if (!hasBit(bits, RST)) newlyPending.push(ackOfUnacceptable(segment))
      return 'checks-sequence-number'
    }
    // Second, check the RST bit: a RST whose sequence number is not RCV.NXT gets RFC 5961's challenge ACK.
    if (hasBit(bits, RST)) {
      if (segment.seq !== tcb.rcv.nxt) {
        newlyPending.push(ackOfUnacceptable(segment))
        return 'challenges-reset'
      }
      resetConnection(arrival, passive ? returnToListen(tcb) : deleteTcb(tcb))
      return 'checks-reset'
    }
    // Fourth, check the SYN bit: a passive SYN-RECEIVED returns to LISTEN, all others send RFC 5961's challenge ACK.
    if (hasBit(bits, SYN)) {
      if (passive) {
        resetConnection(arrival, returnToListen(tcb))
        return 'checks-syn'
      }
      newlyPending.push(ackOfUnacceptable(segment))
      return 'challenges-syn'
    }
  }

  // Fifth, check the ACK field.
  if (!hasBit(bits, ACK) || ack === null) return 'checks-ack'
  const { una, nxt } = tcb.snd
  if (tcb.state === 'SYN-RECEIVED') {
    // RFC 5961's range applies to synchronized states only. In SYN-RECEIVED a wrong ACK is answered with a RST (3.5.2, group 2).
    if (!(lt(una, ack) && le(ack, nxt))) {
      newlyPending.push(buildReset(segment))
      return 'checks-ack'
    }
  } else if (gt(ack, nxt) || lt(ack, add(una, -(rules.maxSndWnd << sendWindowShift(tcb))))) {
    newlyPending.push(ackOfUnacceptable(segment))
    return 'challenges-ack'
  }
  processAck(arrival, segment, ack)
  const finAcked = tcb.finSent !== null && gt(ack, tcb.finSent)
  switch (tcb.state) {
    case 'SYN-RECEIVED':
      enterEstablished(arrival)
      break
    case 'FIN-WAIT-1':
      if (finAcked) tcb.state = 'FIN-WAIT-2'
      break
    case 'CLOSING':
      if (finAcked) enterTimeWait(arrival)
      break
    case 'LAST-ACK':
      if (finAcked) arrival.tcb = deleteTcb(tcb)
      break
    default:
      // ESTABLISHED, FIN-WAIT-2, CLOSE-WAIT: nothing further. TIME-WAIT: a repeated FIN has been answered above.
      break
  }
  processText(arrival, segment)
  return 'takes-text'
}

/** First check of 3.10.7.4, table 6. */
function isAcceptable(tcb: Tcb, segment: Segment): boolean {
  const { nxt, wnd } = tcb.rcv
  const length = segmentLength(segment)
  if (length === 0) return wnd === 0 ? segment.seq === nxt : isWithin(segment.seq, nxt, add(nxt, wnd))
  return isWithin(segment.seq, nxt, add(nxt, wnd)) || isWithin(add(segment.seq, length - 1), nxt, add(nxt, wnd))
}

/**
 * Exceptions to table 6. A peer that has used up the window sends its ACKs at the right edge, and one beyond it after it has probed a closed
 * window. Table 6 rejects both, and two such peers would answer each other endlessly. "If the RCV.WND is zero, no segments will be
 * acceptable, but special allowance should be made to accept valid ACKs, URGs, and RSTs": this admits the probe itself, without its text.
 */
function isAllowedAtFullWindow({ rcv }: Tcb, segment: Segment): boolean {
  if (rcv.wnd === 0 && segment.seq === rcv.nxt) return true
  const past = sub(segment.seq, add(rcv.nxt, rcv.wnd))
  return segmentLength(segment) === 0 && !hasBit(segment.bits, RST) && past <= (rcv.wnd === 0 ? 1 : 0)
}

/** The ESTABLISHED STATE paragraph of the fifth check, for an acceptable ACK: updates SND.UNA and the send window. */
function processAck({ tcb, takenIn, restarted }: ArrivalContext, segment: Segment, ack: number): void {
  const { snd } = tcb
  const shut = snd.wnd === 0
  const entering = tcb.state === 'SYN-SENT' || tcb.state === 'SYN-RECEIVED'
  // "The check here prevents using old segments to update the window."
  if (entering || (le(snd.una, ack) && (lt(snd.wl1, segment.seq) || (snd.wl1 === segment.seq && le(snd.wl2, ack))))) {
    // The window of a SYN is never scaled (RFC 7323 2.2).
    snd.wnd = hasBit(segment.bits, SYN) ? segment.window : segment.window << sendWindowShift(tcb)
    snd.wl1 = segment.seq
    snd.wl2 = ack
  }
  if (shut && snd.wnd > 0) {
    tcb.backoff = 0
    if (isPending(tcb, 'probe')) tcb.owes = tcb.owes.filter((pending) => pending.kind !== 'probe')
  }
  // "As long as the receiving TCP peer continues to send acknowledgments in response to the probe segments, the sending TCP peer MUST
  // allow the connection to stay open" (MUST-37). Otherwise the user timeout measures how long the same octets are unacknowledged (3.8.3).
  if (snd.wnd === 0 || gt(ack, snd.una)) restarted.push('user')
  if (gt(ack, snd.una)) {
    snd.una = ack
    tcb.backoff = 0
    takenIn.acked = true
    if (isPending(tcb, 'retransmission')) tcb.owes = tcb.owes.filter((pending) => pending.kind !== 'retransmission')
  }
}

/** The SYN-RECEIVED STATE paragraph of the fifth check, once our SYN is acknowledged. What was queued until ESTABLISHED becomes pending. */
function enterEstablished(arrival: ArrivalContext): void {
  const { tcb, newlyPending } = arrival
  tcb.state = 'ESTABLISHED'
  releaseQueued(arrival)
  // A SYN,ACK that has not been sent is no longer needed, but the peer's SYN must still be acknowledged.
  if (isPending(tcb, 'SYN,ACK')) {
    tcb.owes = tcb.owes.filter((pending) => pending.kind !== 'SYN,ACK')
    newlyPending.push(ACK_OF_SYN)
  }
  acceptText(arrival, tcb.rcv.nxt)
}

/** Data and a FIN that the user queued before ESTABLISHED become pending (3.10.2, 3.10.4). */
function releaseQueued({ tcb, newlyPending }: ArrivalContext): void {
  if (tcb.queued > 0) newlyPending.push({ kind: 'data' })
  if (tcb.closing) newlyPending.push({ kind: 'FIN' })
}

/** Sixth to eighth checks: urgent pointer (not modelled), text, FIN. */
function processText(arrival: ArrivalContext, segment: Segment): void {
  const { tcb, newlyPending } = arrival
  const fin = hasBit(segment.bits, FIN)
  if (segment.length === 0 && !fin) return
  if (tcb.rcv.wnd === 0 && tcb.state !== 'CLOSED') {
    newlyPending.push(ackOfUnacceptable(segment))
    return
  }
  if (tcb.state === 'CLOSED') return
  if (hasReceivedFin(tcb.state)) {
    // "This should not occur since a FIN has been received from the remote side. Ignore the segment text." A FIN is acknowledged (eighth).
    if (fin) newlyPending.push(ackOfUnacceptable(segment))
    return
  }

  // Seventh, process the segment text: "If a segment's contents straddle the boundary between old and new, only the new parts are
  // processed". Text beyond the window is cut off, and then the FIN is ignored as well.
  const from = hasBit(segment.bits, SYN) ? add(segment.seq, 1) : segment.seq
  const end = add(from, segment.length)
  const edge = add(tcb.rcv.nxt, tcb.rcv.wnd)
  const last = gt(end, edge) ? edge : end
  if (fin && last === end && ge(end, tcb.rcv.nxt)) tcb.finHeld = end
  if (gt(from, tcb.rcv.nxt)) {
    // "Segments with higher beginning sequence numbers SHOULD be held for later processing."
    if (gt(last, from)) tcb.held = addHeld(tcb.held, from, last)
    newlyPending.push(ackOfGap(segment))
    return
  }
  acceptText(arrival, gt(last, tcb.rcv.nxt) ? last : tcb.rcv.nxt)
}

/** Accepts all text before `nxt`, which has arrived, then held text that follows directly, then the FIN if it comes next. */
function acceptText(arrival: ArrivalContext, nxt: number): void {
  const { tcb, takenIn, newlyPending } = arrival
  const reached = advancePastHeld(tcb.held, nxt)
  const octets = sub(reached, tcb.rcv.nxt)
  if (octets > 0) {
    tcb.rcv.nxt = reached
    tcb.held = keepHeldAfter(tcb.held, reached)
    if (tcb.reads === 'on-RECEIVE') {
      // "The total of RCV.NXT and RCV.WND should not be reduced": unread text occupies part of the window.
      tcb.rcv.wnd = Math.max(0, tcb.rcv.wnd - octets)
      tcb.unread += octets
    }
    takenIn.octets += octets
    newlyPending.push(ACK_OF_DATA)
  }
  // Eighth, check the FIN bit: the FIN is processed once all text before it has been accepted.
  if (tcb.finHeld === tcb.rcv.nxt) {
    tcb.rcv.nxt = add(tcb.rcv.nxt, 1)
    tcb.held = NOTHING_HELD
    tcb.finHeld = null
    takenIn.fin = true
    newlyPending.push(ACK_OF_FIN)
    // In FIN-WAIT-1 our FIN is still unacknowledged; otherwise the fifth check would have left this state.
    if (tcb.state === 'ESTABLISHED') tcb.state = 'CLOSE-WAIT'
    else if (tcb.state === 'FIN-WAIT-1') tcb.state = 'CLOSING'
    else if (tcb.state === 'FIN-WAIT-2') enterTimeWait(arrival)
  }
}

/** Enters TIME-WAIT. A rule set without it deletes the TCB instead, and the numbers of the last ACK are stored with the pending ACK. */
function enterTimeWait(arrival: ArrivalContext): void {
  const { tcb, rules, newlyPending } = arrival
  tcb.state = 'TIME-WAIT'
  if (rules.timeWait) return
  const last = { seq: tcb.snd.nxt, ack: tcb.rcv.nxt }
  const acks = [...tcb.owes, ...newlyPending.splice(0)].filter((pending) => pending.kind === 'ACK')
  arrival.tcb = deleteTcb(tcb)
  newlyPending.push(...acks.map((pending) => ({ ...pending, last })))
}

/** A SYN without ACK has arrived: enters SYN-RECEIVED, and a SYN,ACK becomes pending (3.10.7.2, 3.10.7.3). */
function processSyn({ tcb, takenIn, newlyPending }: ArrivalContext, segment: Segment): void {
  tcb.state = 'SYN-RECEIVED'
  tcb.irs = segment.seq
  tcb.rcv.nxt = add(segment.seq, 1)
  recordPeerOptions(tcb, segment)
  tcb.snd.wnd = segment.window
  tcb.snd.wl1 = segment.seq
  // There is no SEG.ACK for SND.WL2. The segment that enters ESTABLISHED sets SND.WND, SND.WL1 and SND.WL2 again.
  tcb.snd.wl2 = tcb.snd.una
  // "Any other control or text should be queued for processing later."
  const end = add(tcb.rcv.nxt, segment.length)
  if (segment.length > 0) tcb.held = [{ from: tcb.rcv.nxt, to: end }]
  if (hasBit(segment.bits, FIN)) tcb.finHeld = end
  tcb.owes = tcb.owes.filter((pending) => pending.kind !== 'SYN')
  takenIn.syn = true
  newlyPending.push({ kind: 'SYN,ACK' })
}

/** Stores the options of the peer's SYN. */
function recordPeerOptions(tcb: MutableTcb, { options = NO_OPTIONS }: Segment): void {
  tcb.peerOffers = options
  tcb.tsRecent = options.timestamps?.value ?? null
}

function resetConnection(arrival: ArrivalContext, after: MutableTcb): void {
  arrival.tcb = after
  arrival.takenIn.reset = true
}

/**
 * Answers a segment that belongs to no connection with a reset. In the rule set without a third segment a SYN,ACK gets no answer.
 */
function answerUnknownSegment({ rules, newlyPending }: ArrivalContext, segment: Segment): void {
  if (rules.thirdSegment || !hasBit(segment.bits, SYN) || !hasBit(segment.bits, ACK)) newlyPending.push(buildReset(segment))
}

/**
 * The RST that answers a segment, with numbers "selected to make the reset sequence acceptable to the TCP endpoint that sent the offending
 * segment".
 */
const buildReset = (segment: Segment): PendingSegment =>
  segment.ack !== null && hasBit(segment.bits, ACK)
    ? { kind: 'RST', seq: segment.ack, ack: null }
    : { kind: 'RST', seq: 0, ack: add(segment.seq, segmentLength(segment)) }

function isSamePending(a: PendingSegment, b: PendingSegment): boolean {
  if (a.kind === 'ACK' && b.kind === 'ACK') return a.why === b.why && answeredKinds(a) === answeredKinds(b)
  if (a.kind === 'RST' && b.kind === 'RST') return a.seq === b.seq && a.ack === b.ack
  return a.kind === b.kind
}

const answeredKinds = (pending: PendingSegment): string => ('of' in pending ? pending.of.join() : '')
