/**
 * SEGMENT ARRIVES: RFC 9293 3.10.7, clause by clause in the RFC's order. The state changes here; what the RFC says to send is owed.
 *
 * Security and compartment (the RFC's third check) are not modelled: every segment has the connection's.
 */
import { ACK, FIN, has, RST, type Segment, segmentLength, SYN } from '../segment.ts'
import { add, ge, gt, le, lt, sub, within } from '../seq.ts'
import type { Rules } from './rules.ts'
import { type Debt, deleted, finReceived, listening, owes, type State, type Tcb, type Timer, timersOf } from './tcb.ts'
import { standing } from './user-calls.ts'

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
  /** The clause that decided. */
  readonly rule: string
  readonly took: Took
  /** Newly owed by this arrival. */
  readonly owed: readonly Debt[]
  /** Timers that begin anew, although they ran. */
  readonly restarted: readonly Timer[]
}

/** A segment arrives at the endpoint that this TCB describes. */
export function segmentArrives(before: Tcb, segment: Segment, rules: Rules): Arrival {
  const tcb: Tcb = { ...before, heard: segment }
  // ABORT has deleted the TCB and its RST is on the way: that answers whatever comes, but a RST, which needs no answer.
  if (tcb.aborted) return has(segment.bits, RST) ? reset(deleted(tcb), CLOSED) : pass(tcb, CLOSED)
  switch (standing(tcb)) {
    case 'CLOSED':
      return arrivesInClosed(tcb, segment)
    case 'LISTEN':
      return arrivesInListen(tcb, segment)
    case 'SYN-SENT':
      return arrivesInSynSent(tcb, segment)
    default:
      return arrivesInOtherStates(tcb, segment, rules)
  }
}

const CLOSED = 'RFC 9293 3.10.7.1'
const LISTEN = 'RFC 9293 3.10.7.2'
const SYN_SENT = 'RFC 9293 3.10.7.3'
const OTHERS = 'RFC 9293 3.10.7.4'
const RFC_5961_RST = 'RFC 5961 3.2'
const RFC_5961_SYN = 'RFC 5961 4.2'
const RFC_5961_ACK = 'RFC 5961 5.2'

/** 3.10.7.1 */
function arrivesInClosed(tcb: Tcb, segment: Segment): Arrival {
  // "An incoming segment containing a RST is discarded."
  if (has(segment.bits, RST)) return pass(tcb, CLOSED)
  return owe(tcb, resetFor(segment), CLOSED)
}

/** 3.10.7.2 */
function arrivesInListen(tcb: Tcb, segment: Segment): Arrival {
  // First, check for a RST.
  if (has(segment.bits, RST)) return pass(tcb, LISTEN)
  // Second, check for an ACK.
  if (has(segment.bits, ACK)) return owe(tcb, resetFor(segment), LISTEN)
  // Third, check for a SYN. "Any other control or text should be queued for processing later."
  if (has(segment.bits, SYN)) return synchronise(tcb, segment, LISTEN)
  // Fourth, other data or control.
  return pass(tcb, LISTEN)
}

/** 3.10.7.3 */
function arrivesInSynSent(tcb: Tcb, segment: Segment): Arrival {
  const { bits, ack } = segment
  // First, check the ACK bit.
  const acknowledges = has(bits, ACK) && ack !== null
  if (acknowledges && (le(ack, tcb.iss) || gt(ack, tcb.snd.nxt))) {
    return has(bits, RST) ? pass(tcb, SYN_SENT) : owe(tcb, resetFor(segment), SYN_SENT)
  }
  // Second, check the RST bit. (RFC 5961's check against RCV.NXT has nothing to compare with: no SYN has arrived.)
  if (has(bits, RST)) return acknowledges ? reset(deleted(tcb), SYN_SENT) : pass(tcb, SYN_SENT)
  // Fourth, check the SYN bit.
  if (has(bits, SYN)) {
    if (!acknowledges) return synchronise(tcb, segment, SYN_SENT)
    const established: Tcb = {
      ...tcb,
      state: 'ESTABLISHED',
      irs: segment.seq,
      rcv: { ...tcb.rcv, nxt: add(segment.seq, 1) },
      snd: { ...tcb.snd, una: ack, wnd: segment.window, wl1: segment.seq, wl2: ack },
      owes: withoutRetransmission(tcb.owes),
    }
    // "Continue processing at the sixth step" for what else there is in the segment.
    return text(established, segment, SYN_SENT, [{ kind: 'ACK', why: 'SYN' }, ...released(established)], {
      ...NOTHING,
      syn: true,
      acked: true,
    })
  }
  // Fifth, neither SYN nor RST: drop.
  return pass(tcb, SYN_SENT)
}

/** 3.10.7.4 */
function arrivesInOtherStates(tcb: Tcb, segment: Segment, rules: Rules): Arrival {
  const { bits, ack } = segment
  const passive = tcb.state === 'SYN-RECEIVED' && tcb.opened === 'passive'

  // Allowance: a FIN at RCV.NXT-1 in TIME-WAIT is the peer's FIN again. The fifth and eighth checks speak of it, and the first would
  // never let it pass: "Acknowledge it, and restart the 2 MSL timeout."
  if (
    tcb.state === 'TIME-WAIT' &&
    has(bits, FIN) &&
    !has(bits, SYN | RST) &&
    add(segment.seq, segment.length + 1) === tcb.rcv.nxt
  ) {
    return { ...owe(tcb, UNACCEPTABLE, OTHERS), restarted: ['time-wait'] }
  }
  // Allowance: the SYN,ACK of a simultaneous open begins at IRS, before RCV.NXT; figure 7 has its ACK processed.
  const answersOurSyn =
    tcb.state === 'SYN-RECEIVED' && has(bits, SYN) && has(bits, ACK) && !has(bits, RST) && segment.seq === tcb.irs

  if (!answersOurSyn) {
    // First, check sequence number.
    if (!acceptable(tcb, segment)) return has(bits, RST) ? pass(tcb, OTHERS) : owe(tcb, UNACCEPTABLE, OTHERS)
    // Second, check the RST bit, as RFC 5961 has it.
    if (has(bits, RST)) {
      if (segment.seq !== tcb.rcv.nxt) return owe(tcb, UNACCEPTABLE, RFC_5961_RST)
      return reset(passive ? listening(tcb) : deleted(tcb), OTHERS)
    }
    // Fourth, check the SYN bit: an old SYN takes a passive SYN-RECEIVED back to LISTEN, else a challenge ACK.
    if (has(bits, SYN)) return passive ? reset(listening(tcb), OTHERS) : owe(tcb, UNACCEPTABLE, RFC_5961_SYN)
  }

  // Fifth, check the ACK field.
  if (!has(bits, ACK) || ack === null) return pass(tcb, OTHERS)
  const { una, nxt } = tcb.snd
  if (tcb.state === 'SYN-RECEIVED') {
    // RFC 5961's range is for synchronized states: here 3.5.2 (group 2) answers a wrong ACK with a RST.
    if (!(lt(una, ack) && le(ack, nxt))) return owe(tcb, resetFor(segment), OTHERS)
  } else if (gt(ack, nxt) || lt(ack, add(una, -rules.maxSndWnd))) {
    return owe(tcb, UNACCEPTABLE, RFC_5961_ACK)
  }
  const acked = gt(ack, una)
  const finAcked = tcb.finSent !== null && gt(ack, tcb.finSent)
  const taken: Took = acked ? { ...NOTHING, acked } : NOTHING
  const current = acknowledged(tcb, segment, ack)

  switch (tcb.state) {
    case 'SYN-RECEIVED':
      return enterEstablished(current, segment, taken)
    case 'ESTABLISHED':
    case 'FIN-WAIT-2':
    case 'CLOSE-WAIT':
      return text(current, segment, OTHERS, NO_DEBTS, taken)
    case 'FIN-WAIT-1':
      return text(finAcked ? { ...current, state: 'FIN-WAIT-2' } : current, segment, OTHERS, NO_DEBTS, taken)
    case 'CLOSING':
      return settle(finAcked ? { ...current, state: 'TIME-WAIT' } : current, OTHERS, NO_DEBTS, taken)
    case 'LAST-ACK':
      return settle(finAcked ? deleted(current) : current, OTHERS, NO_DEBTS, taken)
    default:
      // TIME-WAIT: a repeated FIN has been answered above; nothing else is expected.
      return settle(current, OTHERS, NO_DEBTS, taken)
  }
}

/** The SYN-RECEIVED STATE paragraph of the fifth check, once our SYN is acknowledged: what has waited for ESTABLISHED is due. */
function enterEstablished(tcb: Tcb, segment: Segment, took: Took): Arrival {
  const { held } = tcb
  const owed = [...released(tcb)]
  // A SYN,ACK that has not left has nothing more to open; the peer still waits to hear that its SYN has come.
  if (owes(tcb, 'SYN,ACK')) owed.push(ACK_OF_SYN)
  if (held > 0) owed.push(ACK_OF_DATA)
  const established: Tcb = {
    ...tcb,
    state: 'ESTABLISHED',
    rcv: { ...tcb.rcv, nxt: add(tcb.rcv.nxt, held) },
    unread: tcb.unread + held,
    held: 0,
    owes: tcb.owes.filter((debt) => debt.kind !== 'SYN,ACK'),
  }
  return text(established, segment, OTHERS, owed, { ...took, octets: held })
}

/** First check of 3.10.7.4, table 6. */
function acceptable(tcb: Tcb, segment: Segment): boolean {
  const { nxt, wnd } = tcb.rcv
  const length = segmentLength(segment)
  if (length === 0) return wnd === 0 ? segment.seq === nxt : within(segment.seq, nxt, add(nxt, wnd))
  return within(segment.seq, nxt, add(nxt, wnd)) || within(add(segment.seq, length - 1), nxt, add(nxt, wnd))
}

/** The ESTABLISHED STATE paragraph of the fifth check: SND.UNA and the send window. */
function acknowledged(tcb: Tcb, segment: Segment, ack: number): Tcb {
  const { una, wl1, wl2 } = tcb.snd
  const entering = tcb.state === 'SYN-RECEIVED'
  const newer = entering || (le(una, ack) && (lt(wl1, segment.seq) || (wl1 === segment.seq && le(wl2, ack))))
  const acked = gt(ack, una)
  if (!newer && !acked) return tcb
  return {
    ...tcb,
    snd: {
      ...tcb.snd,
      una: acked ? ack : una,
      ...(newer ? { wnd: segment.window, wl1: segment.seq, wl2: ack } : null),
    },
    owes: acked ? withoutRetransmission(tcb.owes) : tcb.owes,
  }
}

/** Sixth to eighth checks: urgent pointer (not modelled), text, FIN. */
function text(tcb: Tcb, segment: Segment, rule: string, owed: readonly Debt[], took: Took): Arrival {
  const hasFin = has(segment.bits, FIN)
  if (segment.length === 0 && !hasFin) return settle(tcb, rule, owed, took)
  // "This should not occur since a FIN has been received from the remote side. Ignore the segment text."
  if (finReceived(tcb.state)) return settle(tcb, rule, owed, took)

  // Seventh, process the segment text: "If a segment's contents straddle the boundary between old and new, only the new parts are
  // processed", and what does not fit the window is cut off. What lies beyond a gap is not held.
  const from = has(segment.bits, SYN) ? add(segment.seq, 1) : segment.seq
  const old = sub(tcb.rcv.nxt, from)
  if (gt(from, tcb.rcv.nxt)) return settle(tcb, rule, [...owed, UNACCEPTABLE], took)
  const fresh = Math.max(0, segment.length - old)
  const octets = Math.min(fresh, tcb.rcv.wnd)
  // Eighth, check the FIN bit: it counts once all text before it has been taken.
  const fin = hasFin && octets === fresh && ge(add(from, segment.length), tcb.rcv.nxt)
  const state = fin ? AFTER_FIN[tcb.state] : undefined
  return settle(
    {
      ...tcb,
      state: state ?? tcb.state,
      rcv: { ...tcb.rcv, nxt: add(tcb.rcv.nxt, octets + (fin ? 1 : 0)) },
      unread: tcb.unread + octets,
    },
    rule,
    [...owed, ...(octets > 0 ? [ACK_OF_DATA] : NO_DEBTS), ...(fin ? [ACK_OF_FIN] : NO_DEBTS)],
    { ...took, octets: took.octets + octets, fin },
  )
}

/** Eighth check: the state after the peer's FIN. In FIN-WAIT-1 ours is not acknowledged, else the fifth check had left it. */
const AFTER_FIN: { readonly [S in State]?: State } = {
  ESTABLISHED: 'CLOSE-WAIT',
  'FIN-WAIT-1': 'CLOSING',
  'FIN-WAIT-2': 'TIME-WAIT',
}

const NOTHING: Took = { syn: false, octets: 0, fin: false, acked: false, reset: false }
const NO_DEBTS: readonly Debt[] = []
const NONE_RESTARTED: readonly Timer[] = []
const ACK_OF_SYN: Debt = { kind: 'ACK', why: 'SYN' }
const ACK_OF_DATA: Debt = { kind: 'ACK', why: 'data' }
const ACK_OF_FIN: Debt = { kind: 'ACK', why: 'FIN' }
const UNACCEPTABLE: Debt = { kind: 'ACK', why: 'unacceptable' }

/** The peer's SYN has come and does not acknowledge ours: SYN-RECEIVED, and a SYN,ACK is owed (3.10.7.2, 3.10.7.3). */
function synchronise(tcb: Tcb, segment: Segment, rule: string): Arrival {
  return settle(
    {
      ...tcb,
      state: 'SYN-RECEIVED',
      irs: segment.seq,
      rcv: { ...tcb.rcv, nxt: add(segment.seq, 1) },
      // SEG.ACK is not there to become SND.WL2; the segment that enters ESTABLISHED sets all three again.
      snd: { ...tcb.snd, wnd: segment.window, wl1: segment.seq, wl2: tcb.snd.una },
      held: segment.length,
      owes: tcb.owes.filter((debt) => debt.kind !== 'SYN'),
    },
    rule,
    [{ kind: 'SYN,ACK' }],
    { ...NOTHING, syn: true },
  )
}

/** What the user handed over before ESTABLISHED is due now (3.10.2, 3.10.4). */
function released(tcb: Tcb): readonly Debt[] {
  if (tcb.queued === 0 && !tcb.closing) return NO_DEBTS
  return [...(tcb.queued > 0 ? [{ kind: 'data' } as const] : NO_DEBTS), ...(tcb.closing ? [{ kind: 'FIN' } as const] : NO_DEBTS)]
}

/** A reset "selected to make the reset sequence acceptable to the TCP endpoint that sent the offending segment". */
const resetFor = (segment: Segment): Debt =>
  segment.ack !== null && has(segment.bits, ACK)
    ? { kind: 'RST', seq: segment.ack, ack: null }
    : { kind: 'RST', seq: 0, ack: add(segment.seq, segmentLength(segment)) }

const withoutRetransmission = (debts: readonly Debt[]): readonly Debt[] => debts.filter((debt) => debt.kind !== 'retransmission')

const same = (a: Debt, b: Debt): boolean =>
  a.kind === b.kind &&
  (a.kind !== 'ACK' || a.why === (b as typeof a).why) &&
  (a.kind !== 'RST' || (a.seq === (b as typeof a).seq && a.ack === (b as typeof a).ack))

/** The arrival's outcome: new debts joined to the old (a second one of a kind adds nothing), timers as the position asks. */
function settle(tcb: Tcb, rule: string, owed: readonly Debt[], took: Took): Arrival {
  const fresh = owed.filter((debt) => !tcb.owes.some((old) => same(old, debt)))
  const debts = fresh.length === 0 ? tcb.owes : [...tcb.owes, ...fresh]
  return {
    tcb: { ...tcb, owes: debts, timers: timersOf(tcb.state, tcb.snd.una, tcb.snd.nxt) },
    rule,
    took,
    owed,
    restarted: NONE_RESTARTED,
  }
}

const pass = (tcb: Tcb, rule: string): Arrival => settle(tcb, rule, NO_DEBTS, NOTHING)
const owe = (tcb: Tcb, debt: Debt, rule: string): Arrival => settle(tcb, rule, [debt], NOTHING)
const reset = (after: Tcb, rule: string): Arrival => settle(after, rule, NO_DEBTS, { ...NOTHING, reset: true })
