/**
 * SEGMENT ARRIVES: RFC 9293 3.10.7, clause by clause in the RFC's order. The state changes here; what the RFC says to send is owed.
 *
 * Security and compartment (the RFC's third check) are not modelled: every segment has the connection's.
 */
import { ACK, FIN, has, RST, type Segment, segmentLength, sortsOf, SYN } from '../segment.ts'
import { add, ge, gt, le, lt, sub, within } from '../seq.ts'
import { beyond, hold, NOTHING_HELD, reach } from './held.ts'
import type { RuleName, Rules } from './rules.ts'
import {
  copyOf,
  type Debt,
  deleted,
  finReceived,
  listening,
  NO_OPTIONS,
  owes,
  sndShift,
  standing,
  type Tcb,
  type Timer,
  timersOf,
  type Working,
} from './tcb.ts'

/** What of the segment was taken in. */
export interface Took {
  readonly syn: boolean
  /** Octets of text that advanced RCV.NXT. */
  readonly octets: number
  readonly fin: boolean
  /** SND.UNA moved. */
  readonly acked: boolean
  /** It reset the connection. */
  readonly reset: boolean
}

export interface Arrival {
  readonly tcb: Tcb
  /** The rule that decided. */
  readonly rule: RuleName
  readonly took: Took
  /** Newly owed by this arrival. */
  readonly owed: readonly Debt[]
  /** Timers that begin anew, although they ran. */
  readonly restarted: readonly Timer[]
}

/** A segment arrives at the endpoint that this TCB describes. */
export function segmentArrives(before: Tcb, segment: Segment, rules: Rules): Arrival {
  const tcb = copyOf(before)
  tcb.heard = segment
  const took = { syn: false, octets: 0, fin: false, acked: false, reset: false }
  const event: Event = { tcb, rules, took, owed: [], restarted: [] }
  const rule = decide(event, segment)
  const { owed, restarted, tcb: after } = event
  // A second debt of the same kind adds nothing to what is owed.
  for (const debt of owed) if (!after.owes.some((old) => same(old, debt))) after.owes = [...after.owes, debt]
  after.timers = timersOf(after)
  return { tcb: after, rule, took, owed, restarted }
}

/** An arrival while it is worked on. The functions below change it, and return the rule that decided. */
interface Event {
  tcb: Working
  readonly rules: Rules
  readonly took: { -readonly [F in keyof Took]: Took[F] }
  readonly owed: Debt[]
  readonly restarted: Timer[]
}

const ACK_OF_SYN: Debt = { kind: 'ACK', why: 'SYN' }
const ACK_OF_DATA: Debt = { kind: 'ACK', why: 'data' }
const ACK_OF_FIN: Debt = { kind: 'ACK', why: 'FIN' }
const ackOfGap = (segment: Segment): Debt => ({ kind: 'ACK', why: 'gap', of: sortsOf(segment) })
const unacceptable = (segment: Segment): Debt => ({ kind: 'ACK', why: 'unacceptable', of: sortsOf(segment) })

function decide(event: Event, segment: Segment): RuleName {
  const { tcb } = event
  if (tcb.aborted) {
    // ABORT has deleted the TCB and its RST is on the way: that answers whatever comes, but a RST, which needs no answer.
    if (has(segment.bits, RST)) reset(event, deleted(tcb))
    return 'arrives-in-closed'
  }
  switch (standing(tcb)) {
    case 'CLOSED':
      return arrivesInClosed(event, segment)
    case 'LISTEN':
      return arrivesInListen(event, segment)
    case 'SYN-SENT':
      return arrivesInSynSent(event, segment)
    default:
      return arrivesInOtherStates(event, segment)
  }
}

/** 3.10.7.1 */
function arrivesInClosed(event: Event, segment: Segment): RuleName {
  // "An incoming segment containing a RST is discarded."
  if (!has(segment.bits, RST)) belongsToNone(event, segment)
  return 'arrives-in-closed'
}

/** 3.10.7.2 */
function arrivesInListen(event: Event, segment: Segment): RuleName {
  // First, check for a RST.
  if (has(segment.bits, RST)) return 'arrives-in-listen'
  // Second, check for an ACK.
  if (has(segment.bits, ACK)) belongsToNone(event, segment)
  // Third, check for a SYN.
  else if (has(segment.bits, SYN)) synchronise(event, segment)
  // Fourth, other data or control: dropped.
  return 'arrives-in-listen'
}

/** 3.10.7.3 */
function arrivesInSynSent(event: Event, segment: Segment): RuleName {
  const { tcb } = event
  const { bits, ack } = segment
  // First, check the ACK bit.
  const acknowledges = has(bits, ACK) && ack !== null
  if (acknowledges && (le(ack, tcb.iss) || gt(ack, tcb.snd.nxt))) {
    if (!has(bits, RST)) belongsToNone(event, segment)
    return 'arrives-in-syn-sent'
  }
  // Second, check the RST bit. (RFC 5961's check against RCV.NXT has nothing to compare with: no SYN has arrived.)
  if (has(bits, RST)) {
    if (acknowledges) reset(event, deleted(tcb))
    return 'arrives-in-syn-sent'
  }
  // Fourth, check the SYN bit.
  if (has(bits, SYN)) {
    if (acknowledges) answered(event, segment, ack)
    else synchronise(event, segment)
  }
  // Fifth, neither SYN nor RST: drop.
  return 'arrives-in-syn-sent'
}

/** "If SND.UNA > ISS (our SYN has been ACKed)": the peer's SYN,ACK has come, ESTABLISHED, and an ACK is owed (3.10.7.3). */
function answered(event: Event, segment: Segment, ack: number): void {
  const { tcb, rules, took, owed } = event
  took.syn = true
  tcb.irs = segment.seq
  tcb.rcv.nxt = add(segment.seq, 1)
  hears(tcb, segment)
  acknowledge(event, segment, ack)
  tcb.state = 'ESTABLISHED'
  if (rules.thirdSegment) owed.push(ACK_OF_SYN)
  release(event)
  // "If there are other controls or text in the segment, then continue processing at the sixth step."
  text(event, segment)
}

/** 3.10.7.4 */
function arrivesInOtherStates(event: Event, arrived: Segment): RuleName {
  const { tcb, rules, owed } = event
  const { bits, ack } = arrived
  const passive = tcb.state === 'SYN-RECEIVED' && tcb.opened === 'passive'

  // PAWS, which comes before all else: an older timestamp is an older segment's (RFC 7323 5.3, R1). A RST is not asked for its own.
  const stamp = tcb.offers.timestamps === undefined || tcb.tsRecent === null ? undefined : arrived.options?.timestamps
  if (stamp !== undefined && tcb.tsRecent !== null && !has(bits, RST)) {
    if (lt(stamp.value, tcb.tsRecent)) {
      owed.push(unacceptable(arrived))
      return 'checks-timestamp'
    }
    // "If SEG.TSval >= TS.Recent and SEG.SEQ <= Last.ACK.sent" (R3).
    if (le(arrived.seq, tcb.said?.ack ?? tcb.rcv.nxt)) tcb.tsRecent = stamp.value
  }

  // Allowance: a FIN at RCV.NXT-1 in TIME-WAIT is the peer's FIN again. The fifth and eighth checks speak of it, and the first would
  // never let it pass: "Acknowledge it, and restart the 2 MSL timeout."
  if (
    tcb.state === 'TIME-WAIT' &&
    has(bits, FIN) &&
    !has(bits, SYN | RST) &&
    add(arrived.seq, arrived.length + 1) === tcb.rcv.nxt
  ) {
    owed.push(unacceptable(arrived))
    event.restarted.push('time-wait')
    return 'checks-sequence-number'
  }
  // Allowance: the SYN,ACK of a simultaneous open begins at IRS, before RCV.NXT; figure 7 has its ACK processed.
  const answersOurSyn =
    tcb.state === 'SYN-RECEIVED' && has(bits, SYN) && has(bits, ACK) && !has(bits, RST) && arrived.seq === tcb.irs

  const segment = rules.sequenceCheck || answersOurSyn ? arrived : { ...arrived, seq: tcb.rcv.nxt }
  if (!answersOurSyn) {
    // First, check sequence number.
    if (!acceptable(tcb, segment) && !meetsFullWindow(tcb, segment)) {
      if (!has(bits, RST)) owed.push(unacceptable(segment))
      return 'checks-sequence-number'
    }
    // Second, check the RST bit: RFC 5961's challenge ACK where it does not stand at RCV.NXT.
    if (has(bits, RST)) {
      if (segment.seq !== tcb.rcv.nxt) {
        owed.push(unacceptable(segment))
        return 'challenges-reset'
      }
      reset(event, passive ? listening(tcb) : deleted(tcb))
      return 'checks-reset'
    }
    // Fourth, check the SYN bit: a passive SYN-RECEIVED returns to LISTEN, all others send RFC 5961's challenge ACK.
    if (has(bits, SYN)) {
      if (passive) {
        reset(event, listening(tcb))
        return 'checks-syn'
      }
      owed.push(unacceptable(segment))
      return 'challenges-syn'
    }
  }

  // Fifth, check the ACK field.
  if (!has(bits, ACK) || ack === null) return 'checks-ack'
  const { una, nxt } = tcb.snd
  if (tcb.state === 'SYN-RECEIVED') {
    // RFC 5961's range is for synchronized states: here 3.5.2 (group 2) answers a wrong ACK with a RST.
    if (!(lt(una, ack) && le(ack, nxt))) {
      owed.push(resetFor(segment))
      return 'checks-ack'
    }
  } else if (gt(ack, nxt) || lt(ack, add(una, -(rules.maxSndWnd << sndShift(tcb))))) {
    owed.push(unacceptable(segment))
    return 'challenges-ack'
  }
  acknowledge(event, segment, ack)
  const finAcked = tcb.finSent !== null && gt(ack, tcb.finSent)
  switch (tcb.state) {
    case 'SYN-RECEIVED':
      enterEstablished(event)
      break
    case 'FIN-WAIT-1':
      if (finAcked) tcb.state = 'FIN-WAIT-2'
      break
    case 'CLOSING':
      if (finAcked) enterTimeWait(event)
      break
    case 'LAST-ACK':
      if (finAcked) event.tcb = deleted(tcb)
      break
    default:
      // ESTABLISHED, FIN-WAIT-2, CLOSE-WAIT: no more than that. TIME-WAIT: a repeated FIN has been answered above.
      break
  }
  text(event, segment)
  return 'takes-text'
}

/** First check of 3.10.7.4, table 6. */
function acceptable(tcb: Tcb, segment: Segment): boolean {
  const { nxt, wnd } = tcb.rcv
  const length = segmentLength(segment)
  if (length === 0) return wnd === 0 ? segment.seq === nxt : within(segment.seq, nxt, add(nxt, wnd))
  return within(segment.seq, nxt, add(nxt, wnd)) || within(add(segment.seq, length - 1), nxt, add(nxt, wnd))
}

/**
 * Allowance: a peer that has used the window up sends its ACKs at the right edge, and one past it after the probe of a closed window. Table 6
 * refuses both, and two such peers would answer each other for ever. "If the RCV.WND is zero, no segments will be acceptable, but special
 * allowance should be made to accept valid ACKs, URGs, and RSTs": that is the probe itself, whose text is not taken.
 */
function meetsFullWindow({ rcv }: Tcb, segment: Segment): boolean {
  if (rcv.wnd === 0 && segment.seq === rcv.nxt) return true
  const past = sub(segment.seq, add(rcv.nxt, rcv.wnd))
  return segmentLength(segment) === 0 && !has(segment.bits, RST) && past <= (rcv.wnd === 0 ? 1 : 0)
}

/** The ESTABLISHED STATE paragraph of the fifth check, for an ACK that is in order: SND.UNA and the send window. */
function acknowledge({ tcb, took, restarted }: Event, segment: Segment, ack: number): void {
  const { snd } = tcb
  const shut = snd.wnd === 0
  const entering = tcb.state === 'SYN-SENT' || tcb.state === 'SYN-RECEIVED'
  // "The check here prevents using old segments to update the window."
  if (entering || (le(snd.una, ack) && (lt(snd.wl1, segment.seq) || (snd.wl1 === segment.seq && le(snd.wl2, ack))))) {
    // The window of a SYN is never scaled (RFC 7323 2.2).
    snd.wnd = has(segment.bits, SYN) ? segment.window : segment.window << sndShift(tcb)
    snd.wl1 = segment.seq
    snd.wl2 = ack
  }
  if (shut && snd.wnd > 0) {
    tcb.backoff = 0
    if (owes(tcb, 'probe')) tcb.owes = tcb.owes.filter((debt) => debt.kind !== 'probe')
  }
  // "As long as the receiving TCP peer continues to send acknowledgments in response to the probe segments, the sending TCP peer MUST
  // allow the connection to stay open" (MUST-37); else what counts is how long the same octets have not been acknowledged (3.8.3).
  if (snd.wnd === 0 || gt(ack, snd.una)) restarted.push('user')
  if (gt(ack, snd.una)) {
    snd.una = ack
    tcb.backoff = 0
    took.acked = true
    if (owes(tcb, 'retransmission')) tcb.owes = tcb.owes.filter((debt) => debt.kind !== 'retransmission')
  }
}

/** The SYN-RECEIVED STATE paragraph of the fifth check, once our SYN is acknowledged: what has waited for ESTABLISHED is due. */
function enterEstablished(event: Event): void {
  const { tcb, owed } = event
  tcb.state = 'ESTABLISHED'
  release(event)
  // A SYN,ACK that has not left has nothing more to open; the peer still waits to hear that its SYN has come.
  if (owes(tcb, 'SYN,ACK')) {
    tcb.owes = tcb.owes.filter((debt) => debt.kind !== 'SYN,ACK')
    owed.push(ACK_OF_SYN)
  }
  takeIn(event, tcb.rcv.nxt)
}

/** What the user handed over before ESTABLISHED may leave now (3.10.2, 3.10.4). */
function release({ tcb, owed }: Event): void {
  if (tcb.queued > 0) owed.push({ kind: 'data' })
  if (tcb.closing) owed.push({ kind: 'FIN' })
}

/** Sixth to eighth checks: urgent pointer (not modelled), text, FIN. */
function text(event: Event, segment: Segment): void {
  const { tcb, owed } = event
  const fin = has(segment.bits, FIN)
  if (segment.length === 0 && !fin) return
  if (tcb.rcv.wnd === 0 && tcb.state !== 'CLOSED') {
    owed.push(unacceptable(segment))
    return
  }
  // "This should not occur since a FIN has been received from the remote side. Ignore the segment text."
  if (finReceived(tcb.state) || tcb.state === 'CLOSED') return

  // Seventh, process the segment text: "If a segment's contents straddle the boundary between old and new, only the new parts are
  // processed", and what does not fit the window is cut off, the FIN with it.
  const from = has(segment.bits, SYN) ? add(segment.seq, 1) : segment.seq
  const end = add(from, segment.length)
  const edge = add(tcb.rcv.nxt, tcb.rcv.wnd)
  const last = gt(end, edge) ? edge : end
  if (fin && last === end && ge(end, tcb.rcv.nxt)) tcb.finHeld = end
  if (gt(from, tcb.rcv.nxt)) {
    // "Segments with higher beginning sequence numbers SHOULD be held for later processing."
    if (gt(last, from)) tcb.held = hold(tcb.held, from, last)
    owed.push(ackOfGap(segment))
    return
  }
  takeIn(event, gt(last, tcb.rcv.nxt) ? last : tcb.rcv.nxt)
}

/** All text before `nxt` is there: it is taken in with what is held behind it, and then the FIN if its turn has come. */
function takeIn(event: Event, nxt: number): void {
  const { tcb, took, owed } = event
  const reached = reach(tcb.held, nxt)
  const octets = sub(reached, tcb.rcv.nxt)
  if (octets > 0) {
    tcb.rcv.nxt = reached
    tcb.held = beyond(tcb.held, reached)
    if (tcb.reads === 'on-RECEIVE') {
      // "The total of RCV.NXT and RCV.WND should not be reduced": what the user has not read yet takes from the window.
      tcb.rcv.wnd = Math.max(0, tcb.rcv.wnd - octets)
      tcb.unread += octets
    }
    took.octets += octets
    owed.push(ACK_OF_DATA)
  }
  // Eighth, check the FIN bit: it counts once all text before it has been taken.
  if (tcb.finHeld === tcb.rcv.nxt) {
    tcb.rcv.nxt = add(tcb.rcv.nxt, 1)
    tcb.held = NOTHING_HELD
    tcb.finHeld = null
    took.fin = true
    owed.push(ACK_OF_FIN)
    // In FIN-WAIT-1 our FIN is not acknowledged, else the fifth check had left it.
    if (tcb.state === 'ESTABLISHED') tcb.state = 'CLOSE-WAIT'
    else if (tcb.state === 'FIN-WAIT-1') tcb.state = 'CLOSING'
    else if (tcb.state === 'FIN-WAIT-2') enterTimeWait(event)
  }
}

/** TIME-WAIT. In a world without it the TCB is deleted here, and the ACK that is owed takes its numbers along. */
function enterTimeWait(event: Event): void {
  const { tcb, rules, owed } = event
  tcb.state = 'TIME-WAIT'
  if (rules.timeWait) return
  const last = { seq: tcb.snd.nxt, ack: tcb.rcv.nxt }
  const acks = [...tcb.owes, ...owed.splice(0)].filter((debt) => debt.kind === 'ACK')
  event.tcb = deleted(tcb)
  owed.push(...acks.map((debt) => ({ ...debt, last })))
}

/** The peer's SYN has come and does not acknowledge ours: SYN-RECEIVED, and a SYN,ACK is owed (3.10.7.2, 3.10.7.3). */
function synchronise({ tcb, took, owed }: Event, segment: Segment): void {
  tcb.state = 'SYN-RECEIVED'
  tcb.irs = segment.seq
  tcb.rcv.nxt = add(segment.seq, 1)
  hears(tcb, segment)
  tcb.snd.wnd = segment.window
  tcb.snd.wl1 = segment.seq
  // SEG.ACK is not there to become SND.WL2; the segment that enters ESTABLISHED sets all three again.
  tcb.snd.wl2 = tcb.snd.una
  // "Any other control or text should be queued for processing later."
  const end = add(tcb.rcv.nxt, segment.length)
  if (segment.length > 0) tcb.held = [{ from: tcb.rcv.nxt, to: end }]
  if (has(segment.bits, FIN)) tcb.finHeld = end
  tcb.owes = tcb.owes.filter((debt) => debt.kind !== 'SYN')
  took.syn = true
  owed.push({ kind: 'SYN,ACK' })
}

/** The options of the peer's SYN. */
function hears(tcb: Working, { options = NO_OPTIONS }: Segment): void {
  tcb.peerOffers = options
  tcb.tsRecent = options.timestamps?.value ?? null
}

function reset(event: Event, after: Working): void {
  event.tcb = after
  event.took.reset = true
}

/**
 * It belongs to no connection here, and is answered with a reset. Where the handshake has no third segment, a SYN,ACK is answered with
 * nothing.
 */
function belongsToNone({ rules, owed }: Event, segment: Segment): void {
  if (rules.thirdSegment || !has(segment.bits, SYN) || !has(segment.bits, ACK)) owed.push(resetFor(segment))
}

/** A reset "selected to make the reset sequence acceptable to the TCP endpoint that sent the offending segment". */
const resetFor = (segment: Segment): Debt =>
  segment.ack !== null && has(segment.bits, ACK)
    ? { kind: 'RST', seq: segment.ack, ack: null }
    : { kind: 'RST', seq: 0, ack: add(segment.seq, segmentLength(segment)) }

function same(a: Debt, b: Debt): boolean {
  if (a.kind === 'ACK' && b.kind === 'ACK') return a.why === b.why && answers(a) === answers(b)
  if (a.kind === 'RST' && b.kind === 'RST') return a.seq === b.seq && a.ack === b.ack
  return a.kind === b.kind
}

const answers = (debt: Debt): string => ('of' in debt ? debt.of.join() : '')
