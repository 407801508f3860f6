/**
 * Templates of the segments that a TCP may send now. `maySend` accepts a segment that fits a template; otherwise it reports the differences
 * from the nearest template.
 */
import { ACK, CWR, ECE, FIN, hasBit, PSH, RST, type Segment, SYN, URG } from '../segment.ts'
import { add, ge, le, sub, isWithin } from '../seq.ts'
import type { CallSource, TcpRuleName, TcpRules } from './rules.ts'
import { finalAck, isPending, type State, isSynOutstanding, sendMss, type Tcb, windowField } from './tcb.ts'

/**
 * - `opens`: sends a SYN or SYN,ACK for the first time. `sends`: sends new data. `closes`: sends the FIN for the first time.
 * - `acknowledges`: an ACK that was pending. `duplicates`: an ACK that was not pending.
 * - `retransmits`: repeats anything sent and unacknowledged, with any segment boundaries, alone or followed by new data.
 * - `keeps-alive`: a keep-alive (3.8.4). `probes`: a window probe (3.8.6.1). `resets`: a RST that an arrival or ABORT calls for.
 */
export type SegmentMeaning =
  'opens' | 'acknowledges' | 'duplicates' | 'sends' | 'closes' | 'retransmits' | 'keeps-alive' | 'probes' | 'resets'

/** The allowed field values of one kind of segment in the current state of a TCB, and the state after sending it. */
export interface SegmentTemplate {
  readonly meaning: SegmentMeaning
  readonly rule: TcpRuleName
  /** Control bits that must be set, and further bits that may be set. */
  readonly requiredBits: number
  readonly optionalBits: number
  /** If several numbers are legal, the one that suits the judged segment best. */
  readonly seq: number
  /** Null: no ACK bit. */
  readonly ack: number | null
  /** Range of the payload's length in octets, both limits included. */
  readonly minLength: number
  readonly maxLength: number
  /** Null: any window is legal. */
  readonly window: number | null
  /** The state after the segment has been sent. */
  readonly stateAfter: State
  /** Such a segment is pending. */
  readonly isDue: boolean
}

/** Returns the template for the judged segment, or null if this TCB may not send a segment of this kind. */
type TemplateBuilder = (tcb: Tcb, segment: Segment, calls: CallSource, rules: TcpRules) => SegmentTemplate | null
/** Bits that are allowed in every segment. */
const HARMLESS_BITS = PSH | URG | ECE | CWR
/** An upper bound for the payload of a segment: IP's total length has 16 bits. */
const MAX_PAYLOAD_OCTETS = 65_535

/** 3.7.1: a segment keeps to the peer's MSS. Captures show larger ones, since they are taken before the network card cuts them. */
const maxPayload = (tcb: Tcb, calls: CallSource): number => (calls === 'given' ? sendMss(tcb) : MAX_PAYLOAD_OCTETS)

const isSynchronized = (state: State): boolean =>
  state !== 'CLOSED' && state !== 'LISTEN' && state !== 'SYN-SENT' && state !== 'SYN-RECEIVED'

/** Whether a segment with ACK may be sent at SND.NXT: the peer's SYN has arrived and our own has been sent. */
const canSendWithAck = (tcb: Tcb): boolean =>
  isSynchronized(tcb.state) || (tcb.state === 'SYN-RECEIVED' && tcb.snd.nxt !== tcb.iss && !isPending(tcb, 'SYN,ACK'))

/** The usable window in octets: SND.UNA + SND.WND - SND.NXT, at least 0. */
export function usableWindow(tcb: Tcb): number {
  const edge = add(tcb.snd.una, tcb.snd.wnd)
  return le(edge, tcb.snd.nxt) ? 0 : sub(edge, tcb.snd.nxt)
}

const requiredWindow = (tcb: Tcb, calls: CallSource): number | null => (calls === 'given' ? windowField(tcb) : null)

/** 3.10.1: the SYN of an active OPEN. It may carry data that the user has queued. */
const synTemplate: TemplateBuilder = (tcb, _segment, calls) => {
  const isDue = isPending(tcb, 'SYN')
  if (!isDue && !(calls === 'assumed' && (tcb.state === 'CLOSED' || tcb.state === 'LISTEN'))) return null
  return {
    meaning: 'opens',
    rule: 'sends-syn',
    requiredBits: SYN,
    optionalBits: HARMLESS_BITS,
    seq: tcb.iss,
    ack: null,
    minLength: 0,
    maxLength: calls === 'given' ? Math.min(tcb.queued, sendMss(tcb)) : MAX_PAYLOAD_OCTETS,
    window: requiredWindow(tcb, calls),
    stateAfter: 'SYN-SENT',
    isDue,
  }
}

/** How many octets of new data may be sent: queued by the user, and inside the peer's window. */
function sendableOctets(tcb: Tcb, calls: CallSource): number {
  // A server that has accepted a Fast Open's text may answer before the handshake is over (RFC 7413 4.2.2).
  const early = calls === 'assumed' && tcb.peerOffers.fastOpen === true && tcb.state === 'SYN-RECEIVED' && canSendWithAck(tcb)
  if ((tcb.state !== 'ESTABLISHED' && tcb.state !== 'CLOSE-WAIT' && !early) || tcb.finSent !== null) return 0
  return Math.min(calls === 'given' ? tcb.queued : MAX_PAYLOAD_OCTETS, maxPayload(tcb, calls), usableWindow(tcb))
}

/**
 * Whether a retransmission may end with new data. If user calls are given, only a pending retransmission may; otherwise new data with a wrong
 * sequence number would be accepted as a retransmission.
 */
const mayAppendNewData = (tcb: Tcb, calls: CallSource): boolean => calls === 'assumed' || isPending(tcb, 'retransmission')

/** 3.10.2: new data, at SND.NXT, inside the peer's window, with a piggybacked acknowledgment. */
const dataTemplate: TemplateBuilder = (tcb, _segment, calls) => {
  const most = sendableOctets(tcb, calls)
  if (most === 0) return null
  return {
    meaning: 'sends',
    rule: 'sends-data',
    requiredBits: ACK,
    optionalBits: HARMLESS_BITS,
    seq: tcb.snd.nxt,
    ack: tcb.rcv.nxt,
    minLength: 1,
    maxLength: most,
    window: requiredWindow(tcb, calls),
    stateAfter: tcb.state,
    isDue: isPending(tcb, 'data'),
  }
}

/** The FIN, preceded by `least` to `most` new octets, which may be preceded by retransmitted ones. Null if no FIN may be sent. */
export const buildFinTemplate = (
  tcb: Tcb,
  segment: Segment,
  calls: CallSource,
  least: number,
  most: number,
): SegmentTemplate | null => {
  if (tcb.finSent !== null || !canSendWithAck(tcb)) return null
  // Octets that are retransmitted before the FIN reach SND.NXT. In a classroom a shorter text is told as text that is missing.
  const reaches = calls === 'given' || ge(add(segment.seq, segment.length), tcb.snd.nxt)
  const joined = reaches && mayAppendNewData(tcb, calls) && isWithin(segment.seq, firstAfterSyn(tcb), tcb.snd.nxt)
  const seq = joined ? segment.seq : tcb.snd.nxt
  const repeated = sub(tcb.snd.nxt, seq)
  return {
    meaning: 'closes',
    rule: 'sends-fin',
    requiredBits: FIN | ACK,
    optionalBits: HARMLESS_BITS,
    seq,
    ack: tcb.rcv.nxt,
    minLength: repeated + least,
    maxLength: repeated + most,
    window: requiredWindow(tcb, calls),
    stateAfter: tcb.state === 'CLOSE-WAIT' ? 'LAST-ACK' : 'FIN-WAIT-1',
    isDue: isPending(tcb, 'FIN'),
  }
}

/** 3.10.4: the FIN, after the last octet that the user has queued; in SYN-RECEIVED only if none is queued. */
const finTemplate: TemplateBuilder = (tcb, segment, calls) => {
  if (calls === 'assumed')
    return buildFinTemplate(tcb, segment, calls, 0, tcb.state === 'SYN-RECEIVED' ? 0 : Math.max(0, usableWindow(tcb) - 1))
  if (!tcb.closing || (tcb.state === 'SYN-RECEIVED' && tcb.queued > 0) || tcb.queued > sendMss(tcb)) return null
  // The FIN occupies one number of the window, as an octet does, and may serve as the window probe.
  const probes = isPending(tcb, 'probe') && tcb.queued === 0
  return tcb.queued + 1 > usableWindow(tcb) && !probes ? null : buildFinTemplate(tcb, segment, calls, tcb.queued, tcb.queued)
}

/**
 * 3.10.5: ABORT's <SEQ=SND.NXT><CTL=RST>. It may also carry an acknowledgment, as all segments of a connection do.
 * 3.10.7.1 to 3.10.7.4: the RST that answers an arrival, with the numbers that these clauses specify.
 */
const rstTemplate: TemplateBuilder = (tcb, segment, calls) => {
  const assumed = calls === 'assumed' && !isPending(tcb, 'RST')
  // Some implementations explain in its text why they refuse a connection (3.5.3).
  const maxText = calls === 'assumed' ? MAX_PAYLOAD_OCTETS : 0
  if (assumed && isPending(tcb, 'SYN,ACK')) {
    // The passive OPEN was only assumed. This RST shows that the TCP was CLOSED and refuses the connection.
    return {
      meaning: 'resets',
      rule: 'refuses-connection',
      requiredBits: RST | ACK,
      optionalBits: HARMLESS_BITS,
      seq: 0,
      ack: tcb.rcv.nxt,
      minLength: 0,
      maxLength: maxText,
      window: null,
      stateAfter: 'CLOSED',
      isDue: false,
    }
  }
  if (tcb.aborted || (assumed && canSendWithAck(tcb))) {
    // In practice the RST of an abort may have any sequence number in flight.
    const { una, nxt } = tcb.snd
    return {
      meaning: 'resets',
      rule: 'sends-abort',
      requiredBits: RST,
      optionalBits: HARMLESS_BITS | (tcb.irs === null ? 0 : ACK),
      seq: assumed && isWithin(segment.seq, una, nxt) ? segment.seq : nxt,
      ack: tcb.rcv.nxt,
      minLength: 0,
      maxLength: 0,
      window: null,
      stateAfter: 'CLOSED',
      isDue: tcb.aborted,
    }
  }
  if (!isPending(tcb, 'RST')) return null
  const resets = tcb.owes.filter((pending) => pending.kind === 'RST')
  const reset = resets.find(({ seq }) => seq === segment.seq) ?? resets[0]
  if (reset === undefined) return null
  return {
    meaning: 'resets',
    rule: RESET_RULES[tcb.state] ?? 'resets-from-syn-received',
    requiredBits: reset.ack === null ? RST : RST | ACK,
    optionalBits: HARMLESS_BITS,
    seq: reset.seq,
    ack: reset.ack,
    minLength: 0,
    maxLength: maxText,
    window: null,
    stateAfter: tcb.state,
    isDue: true,
  }
}

const RESET_RULES: { readonly [S in State]?: TcpRuleName } = {
  CLOSED: 'resets-from-closed',
  LISTEN: 'resets-from-listen',
  'SYN-SENT': 'resets-from-syn-sent',
}

/**
 * 3.10.7.2, and in a simultaneous open 3.10.7.3: <SEQ=ISS><ACK=RCV.NXT><CTL=SYN,ACK>. With Fast Open it may acknowledge all or part of the
 * SYN's text (RFC 7413 4.2).
 */
const synAckTemplate: TemplateBuilder = (tcb, segment, calls, rules) => {
  if (!isPending(tcb, 'SYN,ACK')) return null
  const text = tcb.peerOffers.fastOpen ? tcb.held[0] : undefined
  const takesText = text !== undefined && segment.ack !== null && ge(segment.ack, text.from) && le(segment.ack, text.to)
  const passive = tcb.opened === 'passive'
  return {
    meaning: 'opens',
    rule: passive ? 'answers-syn' : 'answers-simultaneous-syn',
    requiredBits: SYN | ACK,
    optionalBits: HARMLESS_BITS,
    seq: tcb.iss,
    ack: takesText ? segment.ack : tcb.rcv.nxt,
    minLength: 0,
    maxLength: 0,
    window: requiredWindow(tcb, calls),
    stateAfter: passive && !rules.thirdSegment ? 'ESTABLISHED' : tcb.state,
    isDue: true,
  }
}

/** 3.10.7.4: <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>. It is always legal, even if no ACK is pending. */
const ackTemplate: TemplateBuilder = (tcb, _segment, calls) => {
  const last = finalAck(tcb)
  if (!canSendWithAck(tcb) && last === null) return null
  const isDue = isPending(tcb, 'ACK')
  return {
    meaning: isDue ? 'acknowledges' : 'duplicates',
    rule: 'sends-ack',
    requiredBits: ACK,
    optionalBits: HARMLESS_BITS,
    seq: last?.seq ?? tcb.snd.nxt,
    ack: last?.ack ?? tcb.rcv.nxt,
    minLength: 0,
    maxLength: 0,
    window: requiredWindow(tcb, calls),
    stateAfter: tcb.state,
    isDue,
  }
}

/** What differs between retransmissions. */
type Retransmission = Pick<SegmentTemplate, 'requiredBits' | 'seq' | 'ack' | 'minLength' | 'maxLength'>

/** A retransmission: 3.10.8, and 3.8.1, which allows other segment boundaries and the current acknowledgment. */
const retransmission = (
  tcb: Tcb,
  calls: CallSource,
  { requiredBits, seq, ack, minLength, maxLength }: Retransmission,
): SegmentTemplate => ({
  meaning: 'retransmits',
  rule: 'sends-again',
  requiredBits,
  optionalBits: HARMLESS_BITS,
  seq,
  ack,
  minLength,
  maxLength,
  window: requiredWindow(tcb, calls),
  stateAfter: tcb.state,
  isDue: isPending(tcb, 'retransmission'),
})

/** The first sequence number from SND.UNA on that is not that of our SYN. */
const firstAfterSyn = (tcb: Tcb): number => (isSynOutstanding(tcb) ? add(tcb.iss, 1) : tcb.snd.una)

/** The retransmission of our SYN, in its current form: a SYN,ACK if the peer's SYN has arrived. */
const synAgainTemplate: TemplateBuilder = (tcb, _segment, calls) => {
  if (!isSynOutstanding(tcb) || isPending(tcb, 'SYN,ACK')) return null
  const { iss, snd, rcv } = tcb
  return tcb.state === 'SYN-SENT'
    ? retransmission(tcb, calls, { requiredBits: SYN, seq: iss, ack: null, minLength: 0, maxLength: sub(snd.nxt, add(iss, 1)) })
    : retransmission(tcb, calls, { requiredBits: SYN | ACK, seq: iss, ack: rcv.nxt, minLength: 0, maxLength: 0 })
}

/** The retransmission of octets in [SND.UNA, SND.NXT), with any segment boundaries; new octets may follow them. */
const dataAgainTemplate: TemplateBuilder = (tcb, segment, calls) => {
  const first = firstAfterSyn(tcb)
  const end = tcb.finSent ?? tcb.snd.nxt
  if (tcb.state === 'SYN-SENT' || first === end || !isWithin(first, tcb.snd.una, tcb.snd.nxt)) return null
  const seq = isWithin(segment.seq, first, end) ? segment.seq : first
  const available = sub(end, seq) + (mayAppendNewData(tcb, calls) ? sendableOctets(tcb, calls) : 0)
  const maxLength = Math.min(maxPayload(tcb, calls), available)
  return retransmission(tcb, calls, { requiredBits: ACK, seq, ack: tcb.rcv.nxt, minLength: 1, maxLength })
}

/** The retransmission of the FIN, alone or preceded by octets that are still outstanding. */
const finAgainTemplate: TemplateBuilder = (tcb, segment, calls) => {
  const { finSent } = tcb
  if (finSent === null || !isWithin(finSent, tcb.snd.una, tcb.snd.nxt)) return null
  const end = add(finSent, 1)
  // What one segment can carry together with the FIN.
  const first =
    sub(finSent, firstAfterSyn(tcb)) > maxPayload(tcb, calls) ? add(finSent, -maxPayload(tcb, calls)) : firstAfterSyn(tcb)
  // The nearest legal number: the segment's own if that is outstanding; else the one that fits the segment's length.
  const byLength = add(finSent, -segment.length)
  const seq = isWithin(segment.seq, first, end) ? segment.seq : isWithin(byLength, first, end) ? byLength : first
  const octets = sub(finSent, seq)
  return retransmission(tcb, calls, {
    requiredBits: FIN | ACK,
    seq,
    ack: tcb.rcv.nxt,
    minLength: octets,
    maxLength: octets,
  })
}

/**
 * 3.8.4: a keep-alive at SND.NXT-1 with nothing outstanding, empty or with one octet that the peer already has. Real implementations also
 * probe a closed window in this way, at SND.UNA-1.
 */
const keepAliveTemplate: TemplateBuilder = (tcb, _segment, calls) => {
  if (calls === 'given' || !isSynchronized(tcb.state) || (tcb.snd.una !== tcb.snd.nxt && usableWindow(tcb) > 0)) return null
  // "Keep-alive packets MUST only be sent when no sent data is outstanding, and no data or acknowledgment packets have been received for
  // the connection within an interval": not while the acknowledgment of a SYN or FIN is due, nor after it.
  if (
    tcb.state === 'TIME-WAIT' ||
    tcb.owes.some((pending) => pending.kind === 'ACK' && (pending.why === 'SYN' || pending.why === 'FIN'))
  )
    return null
  return {
    meaning: 'keeps-alive',
    rule: 'keeps-alive',
    requiredBits: ACK,
    optionalBits: HARMLESS_BITS,
    seq: add(tcb.snd.una, -1),
    ack: tcb.rcv.nxt,
    minLength: 0,
    maxLength: 1,
    window: null,
    stateAfter: tcb.state,
    isDue: false,
  }
}

/** 3.8.6.1: one octet beyond a closed window, after the window has been closed for a retransmission timeout. */
const probeTemplate: TemplateBuilder = (tcb, _segment, calls) => {
  if ((tcb.state !== 'ESTABLISHED' && tcb.state !== 'CLOSE-WAIT') || tcb.finSent !== null || tcb.snd.wnd > 0) return null
  const isDue = isPending(tcb, 'probe')
  if (calls === 'given' && (!isDue || tcb.queued === 0)) return null
  return {
    meaning: 'probes',
    rule: 'probes-window',
    requiredBits: ACK,
    optionalBits: HARMLESS_BITS,
    seq: tcb.snd.nxt,
    ack: tcb.rcv.nxt,
    minLength: 1,
    maxLength: 1,
    window: requiredWindow(tcb, calls),
    stateAfter: tcb.state,
    isDue,
  }
}

/** All templates, in the RFC's order. */
export const TEMPLATES: readonly TemplateBuilder[] = [
  synTemplate,
  dataTemplate,
  finTemplate,
  rstTemplate,
  synAckTemplate,
  ackTemplate,
  synAgainTemplate,
  dataAgainTemplate,
  finAgainTemplate,
  keepAliveTemplate,
  probeTemplate,
]

/** After ABORT only its RST may be sent. */
export const ABORTED_TEMPLATES: readonly TemplateBuilder[] = [rstTemplate]

const SYN_TEMPLATES: readonly TemplateBuilder[] = [synTemplate, synAckTemplate, synAgainTemplate]
const FIN_TEMPLATES: readonly TemplateBuilder[] = [finTemplate, finAgainTemplate]
const DATA_AND_ACK_TEMPLATES: readonly TemplateBuilder[] = [
  dataTemplate,
  ackTemplate,
  dataAgainTemplate,
  keepAliveTemplate,
  probeTemplate,
]

/** The templates that a segment with these control bits can fit. This works because RST, SYN and FIN are never optional bits. */
export const templatesFor = (bits: number): readonly TemplateBuilder[] =>
  hasBit(bits, RST)
    ? ABORTED_TEMPLATES
    : hasBit(bits, SYN)
      ? SYN_TEMPLATES
      : hasBit(bits, FIN)
        ? FIN_TEMPLATES
        : DATA_AND_ACK_TEMPLATES
