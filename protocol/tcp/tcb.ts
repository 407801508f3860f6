/**
 * The transmission control block (RFC 9293 3.3.1): what one TCP endpoint remembers of one connection.
 *
 * Plain, immutable data: it is stored in the log as it stands here and folded back without any rule.
 */
import { deepEqual } from '../deep-equal.ts'
import type { Options, Segment, SegmentKind } from '../segment.ts'
import { add } from '../seq.ts'
import { type HeldRanges, NOTHING_HELD } from './reassembly.ts'
import type { State } from './states.ts'

export type { State }

/** The timers of RFC 9293 3.10.8, and the one that probes a closed window (3.8.6.1). The engine has no clock: it says which run, the caller says when they have gone off. */
export type Timer = 'user' | 'retransmission' | 'persist' | 'time-wait'

/**
 * A segment that this endpoint must still send, and why.
 *
 * - `ACK`: what arrived asks for an acknowledgment. `why` is what it acknowledges; `gap`: it lay beyond one (RFC 5681 4.2); `window`: nothing,
 *   but the peer waits for a window that was closed (3.8.6). `of`: what the answered segment carried, which was not accepted. `last`: its numbers,
 *   where the TCB that it would take them from is deleted, as in a rule set without TIME-WAIT.
 * - `SYN`, `FIN`, `data`: a user call asked for it.
 * - `SYN,ACK`: a SYN arrived.
 * - `RST`: a segment arrived that belongs to no connection; `seq` and `ack` as 3.10.7.1 computes them.
 * - `retransmission`: the retransmission timer has gone off. `probe`: the persist timer has.
 */
export type PendingSegment =
  | { readonly kind: 'SYN' | 'SYN,ACK' | 'FIN' | 'data' | 'retransmission' | 'probe' }
  | ({ readonly kind: 'ACK'; readonly last?: { readonly seq: number; readonly ack: number } } & (
      | { readonly why: 'SYN' | 'data' | 'FIN' | 'window' }
      | { readonly why: 'gap' | 'unacceptable'; readonly of: readonly SegmentKind[] }
    ))
  | { readonly kind: 'RST'; readonly seq: number; readonly ack: number | null }

/** When the user takes what has arrived: a RECEIVE is always queued (3.10.3), or what arrives waits for the next. */
export type ReadMode = 'at-once' | 'on-RECEIVE'

export interface Tcb {
  readonly state: State
  /** How it was opened; a passive one goes back to LISTEN when its SYN-RECEIVED is reset (3.10.7.4). Null before OPEN and once the TCB is deleted. */
  readonly opened: 'active' | 'passive' | null
  /** ISS: the initial send sequence number that this endpoint uses when it next sends a SYN. */
  readonly iss: number
  /** IRS: null until the peer's SYN has arrived. */
  readonly irs: number | null
  readonly snd: {
    /** SND.UNA, SND.NXT, SND.WND, SND.WL1, SND.WL2. */
    readonly una: number
    readonly nxt: number
    readonly wnd: number
    readonly wl1: number
    readonly wl2: number
  }
  readonly rcv: {
    /** RCV.NXT (meaningless while `irs` is null), RCV.WND: their sum, the right edge, never moves back (SHLD-14). RCV.BUFF in octets. */
    readonly nxt: number
    readonly wnd: number
    readonly buff: number
  }
  /** Octets that the user has handed over with SEND and that no segment has carried yet. */
  readonly queued: number
  /** CLOSE has been called: a FIN follows the last queued octet. */
  readonly closing: boolean
  /** The sequence number that this endpoint's FIN occupies, once sent; null before. */
  readonly finSent: number | null
  readonly reads: ReadMode
  /** Octets that arrived in order and that the user has not been given yet (3.10.3). */
  readonly unread: number
  /** Text that waits: for the octets before it, or, where it came with the peer's SYN, for ESTABLISHED (3.10.7.2 to 3.10.7.4). */
  readonly held: HeldRanges
  /** The number of the peer's FIN, where it waits likewise; null otherwise. */
  readonly finHeld: number | null
  /** ABORT has been called in a state that owes the peer a RST (3.10.5). */
  readonly aborted: boolean
  /** The options of the own SYN and of the peer's: what both have offered is in force. */
  readonly offers: Options
  readonly peerOffers: Options
  /** TS.Recent (RFC 7323 4.3); null where the peer's SYN carried no timestamp. */
  readonly tsRecent: number | null
  /** The pending segments, oldest first. One segment can satisfy several. */
  readonly owes: readonly PendingSegment[]
  /** The timers that run. */
  readonly timers: readonly Timer[]
  /**
   * How often the retransmission or persist timer has gone off since an acknowledgment moved SND.UNA or a closed window opened. The caller
   * lets either run for RTO · 2^backoff, up to a bound (RFC 6298 5.5 and 2.5, RFC 9293 3.8.6.1).
   */
  readonly backoff: number
  /**
   * The last segment received (`heard`), accepted or not, and the last one sent (`said`). No rule asks for them: a diagnosis compares a
   * wrong number with the numbers that its author knew. They outlive the connection, so that an answer to a RST is recognised.
   */
  readonly heard: Segment | null
  readonly said: Segment | null
}

/** A TCB while a transition works on it. */
export type MutableTcb = { -readonly [F in keyof Omit<Tcb, 'snd' | 'rcv'>]: Tcb[F] } & {
  snd: { -readonly [F in keyof Tcb['snd']]: number }
  rcv: { -readonly [F in keyof Tcb['rcv']]: number }
}

/**
 * A copy to change, so that a transition reads as in the RFC (`snd.una = ack`) and the original stays as it is. Field by field: with this
 * many fields, spreading takes twenty times as long, and judging a capture is mostly this.
 */
export const copyTcb = (tcb: Tcb): MutableTcb => ({
  state: tcb.state,
  opened: tcb.opened,
  iss: tcb.iss,
  irs: tcb.irs,
  snd: { una: tcb.snd.una, nxt: tcb.snd.nxt, wnd: tcb.snd.wnd, wl1: tcb.snd.wl1, wl2: tcb.snd.wl2 },
  rcv: { nxt: tcb.rcv.nxt, wnd: tcb.rcv.wnd, buff: tcb.rcv.buff },
  queued: tcb.queued,
  closing: tcb.closing,
  finSent: tcb.finSent,
  reads: tcb.reads,
  unread: tcb.unread,
  held: tcb.held,
  finHeld: tcb.finHeld,
  aborted: tcb.aborted,
  offers: tcb.offers,
  peerOffers: tcb.peerOffers,
  tsRecent: tcb.tsRecent,
  owes: tcb.owes,
  timers: tcb.timers,
  backoff: tcb.backoff,
  heard: tcb.heard,
  said: tcb.said,
})

/** The TCB with these fields set. */
export const setTcb = (tcb: Tcb, set: Partial<Tcb>): Tcb => Object.assign(copyTcb(tcb), set)

/**
 * The fields that `after` has otherwise; null where it has none. By value: a TCB that has been read from its log shares nothing, and gives the
 * same fields.
 */
export function changedFields(before: Tcb, after: Tcb): Partial<Tcb> | null {
  let set: { [field: string]: unknown } | null = null
  for (const field in after) {
    const [was, is] = [before[field as keyof Tcb], after[field as keyof Tcb]]
    if (was !== is && !deepEqual(was, is)) (set ??= {})[field] = is
  }
  return set
}

export const NO_OPTIONS: Options = {}

/** RFC 7323 2.3: "the shift count MUST be limited to 14". */
const MAX_WINDOW_SHIFT = 14

/** By how many bits the windows of arriving segments are shifted: only if both SYNs had the option (RFC 7323 2.2). */
export const sendWindowShift = ({ offers, peerOffers }: Tcb): number =>
  offers.windowScale === undefined || peerOffers.windowScale === undefined ? 0 : Math.min(peerOffers.windowScale, MAX_WINDOW_SHIFT)

/** The same for the windows of segments that leave. */
export const receiveWindowShift = ({ offers, peerOffers }: Tcb): number =>
  offers.windowScale === undefined || peerOffers.windowScale === undefined ? 0 : Math.min(offers.windowScale, MAX_WINDOW_SHIFT)

/** SEG.WND for RCV.WND, on a segment without SYN. */
export const windowField = (tcb: Tcb): number => tcb.rcv.wnd >>> receiveWindowShift(tcb)

const NO_TIMERS: readonly Timer[] = []
const OUTSTANDING_TIMERS: readonly Timer[] = ['user', 'retransmission']
const PERSIST_TIMERS: readonly Timer[] = ['persist']
const TIME_WAIT_TIMERS: readonly Timer[] = ['time-wait']

/**
 * The timers that run in this position: both of the sender's while anything is unacknowledged, else persist while something waits for a
 * closed window, 2MSL in TIME-WAIT.
 */
export function runningTimers(tcb: Tcb): readonly Timer[] {
  if (tcb.state === 'TIME-WAIT') return TIME_WAIT_TIMERS
  if (tcb.aborted) return NO_TIMERS
  if (tcb.snd.una !== tcb.snd.nxt) return OUTSTANDING_TIMERS
  return isWaitingForWindow(tcb) ? PERSIST_TIMERS : NO_TIMERS
}

/** Data or a FIN is to leave, nothing is outstanding, and the peer's window is closed (3.8.6.1). */
const isWaitingForWindow = ({ state, snd, queued, closing, finSent }: Tcb): boolean =>
  snd.wnd === 0 && (state === 'ESTABLISHED' || state === 'CLOSE-WAIT') && finSent === null && (queued > 0 || closing)

/**
 * No connection: what there is before OPEN. `iss` is the number that the next SYN will carry, `rcvWnd` the receive buffer in octets, all of
 * which is offered as window.
 */
export const createTcb = (iss: number, rcvWnd: number, reads: ReadMode = 'on-RECEIVE'): MutableTcb => ({
  state: 'CLOSED',
  opened: null,
  iss,
  irs: null,
  snd: { una: iss, nxt: iss, wnd: 0, wl1: 0, wl2: 0 },
  rcv: { nxt: 0, wnd: rcvWnd, buff: rcvWnd },
  queued: 0,
  closing: false,
  finSent: null,
  reads,
  unread: 0,
  held: NOTHING_HELD,
  finHeld: null,
  aborted: false,
  offers: NO_OPTIONS,
  peerOffers: NO_OPTIONS,
  tsRecent: null,
  owes: [],
  timers: NO_TIMERS,
  backoff: 0,
  heard: null,
  said: null,
})

/** ESTABLISHED with nothing outstanding: only the SYNs have been used up. Windows in octets. */
export const createEstablishedTcb = (of: {
  readonly iss: number
  readonly irs: number
  readonly sndWnd: number
  readonly rcvWnd: number
  readonly opened?: 'active' | 'passive'
  readonly reads?: ReadMode
}): Tcb => ({
  ...createTcb(of.iss, of.rcvWnd, of.reads),
  state: 'ESTABLISHED',
  opened: of.opened ?? 'active',
  irs: of.irs,
  snd: { una: add(of.iss, 1), nxt: add(of.iss, 1), wnd: of.sndWnd, wl1: of.irs, wl2: add(of.iss, 1) },
  rcv: { nxt: add(of.irs, 1), wnd: of.rcvWnd, buff: of.rcvWnd },
})

/** "Delete the TCB, enter the CLOSED state." */
export const deleteTcb = (tcb: Tcb): MutableTcb => ({
  ...createTcb(tcb.iss, tcb.rcv.buff, tcb.reads),
  heard: tcb.heard,
  said: tcb.said,
})

/** "Return this connection to the LISTEN state" (3.10.7.4). */
export const returnToListen = (tcb: Tcb): MutableTcb => ({ ...deleteTcb(tcb), state: 'LISTEN', opened: 'passive' })

export function isPending(tcb: Tcb, kind: PendingSegment['kind']): boolean {
  for (const pending of tcb.owes) if (pending.kind === kind) return true
  return false
}

/** The numbers of the ACK that is still pending although a rule set without TIME-WAIT has deleted the TCB; null where there is none. */
export function finalAck(tcb: Tcb): { readonly seq: number; readonly ack: number } | null {
  for (const pending of tcb.owes) if (pending.kind === 'ACK' && pending.last) return pending.last
  return null
}

/**
 * The state in the RFC's sense when a call is made or a segment arrives. The RFC enters SYN-SENT at OPEN and deletes the TCB at ABORT; here
 * both happen when the segment is sent.
 */
export function effectiveState(tcb: Tcb): State {
  if (tcb.aborted) return 'CLOSED'
  return isPending(tcb, 'SYN') ? 'SYN-SENT' : tcb.state
}

/** Our SYN has left and is not acknowledged: it stands at the front of the retransmission queue. */
export const isSynOutstanding = (tcb: Tcb): boolean =>
  tcb.snd.una === tcb.iss &&
  tcb.snd.nxt !== tcb.iss &&
  (tcb.state === 'SYN-SENT' || tcb.state === 'SYN-RECEIVED' || tcb.finSent === add(tcb.iss, 1))

/** The peer's FIN has been taken in: only in these states can that be so. */
export const hasReceivedFin = (state: State): boolean =>
  state === 'CLOSE-WAIT' || state === 'CLOSING' || state === 'LAST-ACK' || state === 'TIME-WAIT'
