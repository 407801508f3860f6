/**
 * What a TCP may send now: each legal meaning as a template of the fields that a segment with it has. `maySend` accepts what fits one
 * and compares what fits none with the nearest.
 */
import { ACK, CWR, ECE, FIN, has, PSH, RST, type Segment, SYN, URG } from '../segment.ts'
import { add, ge, le, sub, within } from '../seq.ts'
import type { Calls, RuleName, Rules } from './rules.ts'
import { lastAck, owes, type State, synOutstanding, type Tcb, windowField } from './tcb.ts'

/**
 * - `opens`: the SYN or SYN,ACK, for the first time. `sends`, `closes`: new data, the FIN for the first time.
 * - `acknowledges`: an ACK that was owed. `duplicates`: one that was not.
 * - `retransmits`: what has been sent and is not acknowledged, in any pieces, alone or with what is new.
 * - `keeps-alive`, `probes`: 3.8.4, 3.8.6.1. `resets`: a RST, owed by an arrival or asked for by ABORT.
 */
export type MeaningName =
  'opens' | 'acknowledges' | 'duplicates' | 'sends' | 'closes' | 'retransmits' | 'keeps-alive' | 'probes' | 'resets'

export interface Meaning {
  readonly name: MeaningName
  readonly rule: RuleName
  /** Control bits that are on, and those that may be on besides. */
  readonly must: number
  readonly may: number
  /** Where the meaning leaves a choice, the value nearest to the segment's own. */
  readonly seq: number
  /** Null: no ACK bit. */
  readonly ack: number | null
  /** Octets of payload, both ends included. */
  readonly least: number
  readonly most: number
  /** Null: any. */
  readonly window: number | null
  /** The state once it has left. */
  readonly after: State
  /** It pays what is owed. */
  readonly owed: boolean
}

/** The template, where the meaning is open to this TCB. */
type Opens = (tcb: Tcb, segment: Segment, calls: Calls, rules: Rules) => Meaning | null
/** No rule forbids them where they say nothing: URG and PSH on any segment, ECN's bits. */
const HARMLESS = PSH | URG | ECE | CWR
/** The most octets that a segment can carry: IP's total length has 16 bits. */
const MOST = 65_535

const synchronised = (state: State): boolean =>
  state !== 'CLOSED' && state !== 'LISTEN' && state !== 'SYN-SENT' && state !== 'SYN-RECEIVED'

/** Something may be sent at SND.NXT with an ACK: the peer's SYN is here and our own has left. */
const speaks = (tcb: Tcb): boolean =>
  synchronised(tcb.state) || (tcb.state === 'SYN-RECEIVED' && tcb.snd.nxt !== tcb.iss && !owes(tcb, 'SYN,ACK'))

/** Octets that the peer's window still takes: SND.UNA + SND.WND - SND.NXT. */
export function room(tcb: Tcb): number {
  const edge = add(tcb.snd.una, tcb.snd.wnd)
  return le(edge, tcb.snd.nxt) ? 0 : sub(edge, tcb.snd.nxt)
}

const window = (tcb: Tcb, calls: Calls): number | null => (calls === 'given' ? windowField(tcb) : null)

/** 3.10.1: the SYN that an active OPEN owes. Data that has been handed over may go with it. */
const syn: Opens = (tcb, _segment, calls) => {
  const owed = owes(tcb, 'SYN')
  if (!owed && !(calls === 'assumed' && (tcb.state === 'CLOSED' || tcb.state === 'LISTEN'))) return null
  return {
    name: 'opens',
    rule: 'sends-syn',
    must: SYN,
    may: HARMLESS,
    seq: tcb.iss,
    ack: null,
    least: 0,
    most: calls === 'given' ? tcb.queued : MOST,
    window: window(tcb, calls),
    after: 'SYN-SENT',
    owed,
  }
}

/** Octets of new data that may leave: handed over, and inside the peer's window. */
function fresh(tcb: Tcb, calls: Calls): number {
  // A server that has taken a Fast Open's text may answer before the handshake is over (RFC 7413 4.2.2).
  const early = calls === 'assumed' && tcb.peerOffers.fastOpen === true && tcb.state === 'SYN-RECEIVED' && speaks(tcb)
  if ((tcb.state !== 'ESTABLISHED' && tcb.state !== 'CLOSE-WAIT' && !early) || tcb.finSent !== null) return 0
  return Math.min(calls === 'given' ? tcb.queued : MOST, room(tcb))
}

/**
 * A retransmission may go on with what is new. In a classroom only one that is due may: otherwise a slip in the number of new data would
 * pass for it.
 */
const joins = (tcb: Tcb, calls: Calls): boolean => calls === 'assumed' || owes(tcb, 'retransmission')

/** 3.10.2: new data, at SND.NXT, inside the peer's window, with a piggybacked acknowledgment. */
const data: Opens = (tcb, _segment, calls) => {
  const most = fresh(tcb, calls)
  if (most === 0) return null
  return {
    name: 'sends',
    rule: 'sends-data',
    must: ACK,
    may: HARMLESS,
    seq: tcb.snd.nxt,
    ack: tcb.rcv.nxt,
    least: 1,
    most,
    window: window(tcb, calls),
    after: tcb.state,
    owed: owes(tcb, 'data'),
  }
}

/** The FIN as CLOSE asks for it, if the state has one to send: `least` to `most` new octets before it, and before these what is repeated. */
export const finAt = (tcb: Tcb, segment: Segment, calls: Calls, least: number, most: number): Meaning | null => {
  if (tcb.finSent !== null || !speaks(tcb)) return null
  const joined = joins(tcb, calls) && within(segment.seq, firstAfterSyn(tcb), tcb.snd.nxt)
  const seq = joined ? segment.seq : tcb.snd.nxt
  const repeated = sub(tcb.snd.nxt, seq)
  return {
    name: 'closes',
    rule: 'sends-fin',
    must: FIN | ACK,
    may: HARMLESS,
    seq,
    ack: tcb.rcv.nxt,
    least: repeated + least,
    most: repeated + most,
    window: window(tcb, calls),
    after: tcb.state === 'CLOSE-WAIT' ? 'LAST-ACK' : 'FIN-WAIT-1',
    owed: owes(tcb, 'FIN'),
  }
}

/** 3.10.4: the FIN, after the last octet that was handed over; in SYN-RECEIVED only if none was. */
const fin: Opens = (tcb, segment, calls) => {
  if (calls === 'assumed') return finAt(tcb, segment, calls, 0, tcb.state === 'SYN-RECEIVED' ? 0 : Math.max(0, room(tcb) - 1))
  if (!tcb.closing || (tcb.state === 'SYN-RECEIVED' && tcb.queued > 0)) return null
  // The FIN takes a number of the window like any octet, and may be the one that probes it.
  const probes = owes(tcb, 'probe') && tcb.queued === 0
  return tcb.queued + 1 > room(tcb) && !probes ? null : finAt(tcb, segment, calls, tcb.queued, tcb.queued)
}

/**
 * 3.10.5: ABORT's <SEQ=SND.NXT><CTL=RST>. It may carry the acknowledgment, as all segments of a connection do.
 * 3.10.7.1 to 3.10.7.4: the RST that an arrival owes, its numbers chosen there.
 */
const rst: Opens = (tcb, segment, calls) => {
  const assumed = calls === 'assumed' && !owes(tcb, 'RST')
  if (assumed && owes(tcb, 'SYN,ACK')) {
    // The passive OPEN was only assumed, and a CLOSED TCP refuses.
    return {
      name: 'resets',
      rule: 'refuses-connection',
      must: RST | ACK,
      may: HARMLESS,
      seq: 0,
      ack: tcb.rcv.nxt,
      least: 0,
      most: 0,
      window: null,
      after: 'CLOSED',
      owed: false,
    }
  }
  if (tcb.aborted || (assumed && speaks(tcb))) {
    // What was in flight may have been given up with the connection: real stacks reset anywhere in it.
    const { una, nxt } = tcb.snd
    return {
      name: 'resets',
      rule: 'sends-abort',
      must: RST,
      may: HARMLESS | (tcb.irs === null ? 0 : ACK),
      seq: assumed && within(segment.seq, una, nxt) ? segment.seq : nxt,
      ack: tcb.rcv.nxt,
      least: 0,
      most: 0,
      window: null,
      after: 'CLOSED',
      owed: tcb.aborted,
    }
  }
  if (!owes(tcb, 'RST')) return null
  const debts = tcb.owes.filter((debt) => debt.kind === 'RST')
  const debt = debts.find((owed) => owed.seq === segment.seq) ?? debts[0]
  if (debt === undefined) return null
  return {
    name: 'resets',
    rule: RESET_RULES[tcb.state] ?? 'resets-from-syn-received',
    must: debt.ack === null ? RST : RST | ACK,
    may: HARMLESS,
    seq: debt.seq,
    ack: debt.ack,
    least: 0,
    most: 0,
    window: null,
    after: tcb.state,
    owed: true,
  }
}

const RESET_RULES: { readonly [S in State]?: RuleName } = {
  CLOSED: 'resets-from-closed',
  LISTEN: 'resets-from-listen',
  'SYN-SENT': 'resets-from-syn-sent',
}

/**
 * 3.10.7.2, and 3.10.7.3 in a simultaneous open: <SEQ=ISS><ACK=RCV.NXT><CTL=SYN,ACK>. With Fast Open it may acknowledge the SYN's text, all or
 * some of it (RFC 7413 4.2).
 */
const synAck: Opens = (tcb, segment, calls, rules) => {
  if (!owes(tcb, 'SYN,ACK')) return null
  const text = tcb.peerOffers.fastOpen ? tcb.held[0] : undefined
  const takesText = text !== undefined && segment.ack !== null && ge(segment.ack, text.from) && le(segment.ack, text.to)
  const passive = tcb.opened === 'passive'
  return {
    name: 'opens',
    rule: passive ? 'answers-syn' : 'answers-simultaneous-syn',
    must: SYN | ACK,
    may: HARMLESS,
    seq: tcb.iss,
    ack: takesText ? segment.ack : tcb.rcv.nxt,
    least: 0,
    most: 0,
    window: window(tcb, calls),
    after: passive && !rules.thirdSegment ? 'ESTABLISHED' : tcb.state,
    owed: true,
  }
}

/** 3.10.7.4: <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>. Owed or not, it is never wrong. */
const ack: Opens = (tcb, _segment, calls) => {
  const last = lastAck(tcb)
  if (!speaks(tcb) && last === null) return null
  const owed = owes(tcb, 'ACK')
  return {
    name: owed ? 'acknowledges' : 'duplicates',
    rule: 'sends-ack',
    must: ACK,
    may: HARMLESS,
    seq: last?.seq ?? tcb.snd.nxt,
    ack: last?.ack ?? tcb.rcv.nxt,
    least: 0,
    most: 0,
    window: window(tcb, calls),
    after: tcb.state,
    owed,
  }
}

/** What every retransmission has in common: 3.10.8, and 3.8.1, which lets it be cut anew, with the acknowledgment of today. */
const again = (tcb: Tcb, calls: Calls) =>
  ({
    name: 'retransmits',
    rule: 'sends-again',
    may: HARMLESS,
    ack: tcb.rcv.nxt,
    window: window(tcb, calls),
    after: tcb.state,
    owed: owes(tcb, 'retransmission'),
  }) as const

/** The first number in [SND.UNA, SND.NXT) that is not the SYN's. */
const firstAfterSyn = (tcb: Tcb): number => (synOutstanding(tcb) ? add(tcb.iss, 1) : tcb.snd.una)

/** The SYN again, as it would be sent today: a SYN,ACK once the peer's has arrived. */
const synAgain: Opens = (tcb, _segment, calls) => {
  if (!synOutstanding(tcb) || owes(tcb, 'SYN,ACK')) return null
  return tcb.state === 'SYN-SENT'
    ? { ...again(tcb, calls), must: SYN, seq: tcb.iss, ack: null, least: 0, most: sub(tcb.snd.nxt, add(tcb.iss, 1)) }
    : { ...again(tcb, calls), must: SYN | ACK, seq: tcb.iss, least: 0, most: 0 }
}

/** Octets of [SND.UNA, SND.NXT) again, in any pieces, and new ones behind them. */
const dataAgain: Opens = (tcb, segment, calls) => {
  const first = firstAfterSyn(tcb)
  const end = tcb.finSent ?? tcb.snd.nxt
  if (tcb.state === 'SYN-SENT' || first === end || !within(first, tcb.snd.una, tcb.snd.nxt)) return null
  const seq = within(segment.seq, first, end) ? segment.seq : first
  return { ...again(tcb, calls), must: ACK, seq, least: 1, most: sub(end, seq) + (joins(tcb, calls) ? fresh(tcb, calls) : 0) }
}

/** The FIN again, alone or after octets that are still outstanding. */
const finAgain: Opens = (tcb, segment, calls) => {
  const { finSent } = tcb
  if (finSent === null || !within(finSent, tcb.snd.una, tcb.snd.nxt)) return null
  const first = firstAfterSyn(tcb)
  const end = add(finSent, 1)
  // Nearest: where the segment begins, if that is outstanding; else as many octets before the FIN as it has.
  const byLength = add(finSent, -segment.length)
  const seq = within(segment.seq, first, end) ? segment.seq : within(byLength, first, end) ? byLength : first
  const octets = sub(finSent, seq)
  return { ...again(tcb, calls), must: FIN | ACK, seq, least: octets, most: octets }
}

/**
 * 3.8.4: keep-alive, at SND.NXT-1 with nothing outstanding, empty or with one octet that the peer has had. Real stacks probe a closed window
 * in the same way, at SND.UNA-1.
 */
const keepAlive: Opens = (tcb, _segment, calls) => {
  if (calls === 'given' || !synchronised(tcb.state) || (tcb.snd.una !== tcb.snd.nxt && room(tcb) > 0)) return null
  return {
    name: 'keeps-alive',
    rule: 'keeps-alive',
    must: ACK,
    may: HARMLESS,
    seq: add(tcb.snd.una, -1),
    ack: tcb.rcv.nxt,
    least: 0,
    most: 1,
    window: null,
    after: tcb.state,
    owed: false,
  }
}

/** 3.8.6.1: one octet beyond a window that is closed, once it has been so for a retransmission timeout. */
const probe: Opens = (tcb, _segment, calls) => {
  if ((tcb.state !== 'ESTABLISHED' && tcb.state !== 'CLOSE-WAIT') || tcb.finSent !== null || tcb.snd.wnd > 0) return null
  const owed = owes(tcb, 'probe')
  if (calls === 'given' && (!owed || tcb.queued === 0)) return null
  return {
    name: 'probes',
    rule: 'probes-window',
    must: ACK,
    may: HARMLESS,
    seq: tcb.snd.nxt,
    ack: tcb.rcv.nxt,
    least: 1,
    most: 1,
    window: window(tcb, calls),
    after: tcb.state,
    owed,
  }
}

/** Every legal meaning, in the RFC's order. */
export const MEANINGS: readonly Opens[] = [syn, data, fin, rst, synAck, ack, synAgain, dataAgain, finAgain, keepAlive, probe]

/** An ABORT has deleted the TCB but for its RST. */
export const ABORTED: readonly Opens[] = [rst]

const OPENINGS: readonly Opens[] = [syn, synAck, synAgain]
const ENDINGS: readonly Opens[] = [fin, finAgain]
const OTHERS: readonly Opens[] = [data, ack, dataAgain, keepAlive, probe]

/** Those that a segment with these control bits can have: no meaning leaves RST, SYN or FIN open. */
export const meaningsOf = (bits: number): readonly Opens[] =>
  has(bits, RST) ? ABORTED : has(bits, SYN) ? OPENINGS : has(bits, FIN) ? ENDINGS : OTHERS
