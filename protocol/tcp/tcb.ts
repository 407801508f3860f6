/**
 * The transmission control block (RFC 9293 3.3.1): the state that one TCP endpoint keeps about one connection.
 *
 * It is plain, immutable data. The log stores it in this form, so replaying a log applies no protocol rule.
 */
import { deepEqual } from '../deep-equal.ts'
import type { Options, Segment, SegmentKind } from '../segment.ts'
import { add } from '../seq.ts'
import { type HeldRanges, NOTHING_HELD } from './reassembly.ts'
import type { State } from './states.ts'

export type { State }

/**
 * The timers of RFC 9293 3.10.8, and the persist timer, which probes a closed window (3.8.6.1). The engine has no clock: it determines which
 * timers run, and the caller reports when they expire.
 */
export type Timer = 'user' | 'retransmission' | 'persist' | 'time-wait'

/**
 * A segment that this endpoint must still send, and why.
 *
 * - `ACK`: an acknowledgment. `why` is the reason: the `SYN`, `data` or `FIN` that was accepted; `gap`: a segment beyond a gap arrived
 *   (RFC 5681 4.2); `unacceptable`: a segment was not accepted; `window`: a closed window has opened, and the peer waits for that (3.8.6).
 *   `of`: what the answered segment carried. `last`: the numbers of the ACK if the TCB that holds them has been deleted, which happens in the
 *   rule set without TIME-WAIT.
 * - `SYN`, `FIN`, `data`: requested by a user call.
 * - `SYN,ACK`: a SYN has arrived.
 * - `RST`: a segment that belongs to no connection has arrived (`seq` and `ack` as 3.10.7.1 computes them), or ABORT was called (3.10.5).
 * - `retransmission`: the retransmission timer has expired. `probe`: the persist timer has expired.
 */
export type PendingSegment =
  | { readonly kind: 'SYN' | 'SYN,ACK' | 'FIN' | 'data' | 'retransmission' | 'probe' }
  | ({ readonly kind: 'ACK'; readonly last?: { readonly seq: number; readonly ack: number } } & (
      | { readonly why: 'SYN' | 'data' | 'FIN' | 'window' }
      | { readonly why: 'gap' | 'unacceptable'; readonly of: readonly SegmentKind[] }
    ))
  | { readonly kind: 'RST'; readonly seq: number; readonly ack: number | null }

/** When the user reads data: `at-once` as if a RECEIVE were always queued (3.10.3), or `on-RECEIVE` only when RECEIVE is called. */
export type ReadMode = 'at-once' | 'on-RECEIVE'

/** The TCB. Sequence numbers are absolute; windows are in octets, after scaling. */
export interface Tcb {
  readonly state: State
  /** The kind of OPEN. After a passive one, a reset in SYN-RECEIVED leads to LISTEN (3.10.7.4). Null before OPEN and after deletion. */
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
    /**
     * RCV.NXT (meaningless while `irs` is null) and RCV.WND; their sum, the right edge of the window, never decreases (SHLD-14). RCV.BUFF, in
     * octets.
     */
    readonly nxt: number
    readonly wnd: number
    readonly buff: number
  }
  /** Octets that the user has passed to SEND and that have not been sent yet. */
  readonly queued: number
  /** CLOSE has been called: a FIN follows the last queued octet. */
  readonly closing: boolean
  /** The sequence number that this endpoint's FIN occupies, once sent; null before. */
  readonly finSent: number | null
  readonly reads: ReadMode
  /** Octets that have arrived in order and that the user has not read yet (3.10.3). */
  readonly unread: number
  /** Text held until the octets before it arrive, or, if it arrived with the peer's SYN, until ESTABLISHED (3.10.7.2 to 3.10.7.4). */
  readonly held: HeldRanges
  /** The sequence number of the peer's FIN if it is held for the same reasons; null otherwise. */
  readonly finHeld: number | null
  /** ABORT has been called in a state in which a RST must be sent to the peer (3.10.5). */
  readonly aborted: boolean
  /** The options of this endpoint's SYN and of the peer's SYN. An option is in force if both have offered it. */
  readonly offers: Options
  readonly peerOffers: Options
  /** TS.Recent (RFC 7323 4.3); null if the peer's SYN carried no timestamp. */
  readonly tsRecent: number | null
  /** The pending segments, oldest first. One segment can satisfy several. */
  readonly owes: readonly PendingSegment[]
  /** The timers that are running. */
  readonly timers: readonly Timer[]
  /**
   * How many times the retransmission or persist timer has expired since SND.UNA last advanced or a closed window opened. The caller sets
   * the duration of both timers to RTO · 2^backoff, up to a maximum (RFC 6298 5.5 and 2.5, RFC 9293 3.8.6.1).
   */
  readonly backoff: number
  /**
   * The last segment received (`heard`), whether accepted or not, and the last one sent (`said`). The diagnosis of a mistake compares wrong
   * numbers with the numbers in these segments. They are kept when the TCB is deleted, so that an answer to a RST can be recognised.
   */
  readonly heard: Segment | null
  readonly said: Segment | null
}

/** A mutable TCB, for use within a transition. */
export type MutableTcb = { -readonly [F in keyof Omit<Tcb, 'snd' | 'rcv'>]: Tcb[F] } & {
  snd: { -readonly [F in keyof Tcb['snd']]: number }
  rcv: { -readonly [F in keyof Tcb['rcv']]: number }
}

/**
 * A mutable copy. With it the code of a transition can read like the RFC (`snd.una = ack`) and leaves the original unchanged. The fields are
 * listed one by one because spreading an object with this many fields takes twenty times as long, and judging a capture spends most of its
 * time here.
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

/** A copy of the TCB with these fields set. */
export const setTcb = (tcb: Tcb, set: Partial<Tcb>): Tcb => Object.assign(copyTcb(tcb), set)

/**
 * The fields whose values in `after` differ from `before`, with their new values; null if there are none. Fields are compared by value, so
 * that the result is the same for TCBs that were read from a log and share no objects.
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

/** The shift count for the windows of arriving segments: nonzero only if both SYNs carried the option (RFC 7323 2.2). */
export const sendWindowShift = ({ offers, peerOffers }: Tcb): number =>
  offers.windowScale === undefined || peerOffers.windowScale === undefined ? 0 : Math.min(peerOffers.windowScale, MAX_WINDOW_SHIFT)

/** The shift count for the windows of segments that are sent. */
export const receiveWindowShift = ({ offers, peerOffers }: Tcb): number =>
  offers.windowScale === undefined || peerOffers.windowScale === undefined ? 0 : Math.min(offers.windowScale, MAX_WINDOW_SHIFT)

/** The SEG.WND that advertises RCV.WND in a segment without SYN. */
export const windowField = (tcb: Tcb): number => tcb.rcv.wnd >>> receiveWindowShift(tcb)

const NO_TIMERS: readonly Timer[] = []
const OUTSTANDING_TIMERS: readonly Timer[] = ['user', 'retransmission']
const PERSIST_TIMERS: readonly Timer[] = ['persist']
const TIME_WAIT_TIMERS: readonly Timer[] = ['time-wait']

/**
 * The timers that must run in this state: the time-wait timer (2MSL) in TIME-WAIT; else the user and retransmission timers while anything is
 * unacknowledged; else the persist timer while a closed window prevents sending.
 */
export function runningTimers(tcb: Tcb): readonly Timer[] {
  if (tcb.state === 'TIME-WAIT') return TIME_WAIT_TIMERS
  if (tcb.aborted) return NO_TIMERS
  if (tcb.snd.una !== tcb.snd.nxt) return OUTSTANDING_TIMERS
  return isWaitingForWindow(tcb) ? PERSIST_TIMERS : NO_TIMERS
}

/** Data or a FIN is waiting to be sent, and the peer's window is closed (3.8.6.1). The caller knows that nothing is outstanding. */
const isWaitingForWindow = ({ state, snd, queued, closing, finSent }: Tcb): boolean =>
  snd.wnd === 0 && (state === 'ESTABLISHED' || state === 'CLOSE-WAIT') && finSent === null && (queued > 0 || closing)

/**
 * The TCB before OPEN, in state CLOSED. `iss`: the number that the next SYN will carry. `rcvWnd`: the size of the receive buffer in octets,
 * all of which is advertised as the window.
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

/** A TCB in ESTABLISHED just after the handshake: both SYNs are acknowledged, and nothing else has been sent. Windows in octets. */
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

/** The MSS in octets that applies to a peer which has announced none (RFC 9293 3.7.1, MUST-15, IPv4). */
const DEFAULT_MSS = 536

/** The most octets of data that a segment to the peer may carry: what its SYN has announced (RFC 9293 3.7.1, MUST-16). */
export const sendMss = ({ peerOffers }: Tcb): number => peerOffers.mss ?? DEFAULT_MSS

/** "Delete the TCB, enter the CLOSED state." Keeps the ISS, the receive buffer, the read mode, `heard` and `said`. */
export const deleteTcb = (tcb: Tcb): MutableTcb => ({
  ...createTcb(tcb.iss, tcb.rcv.buff, tcb.reads),
  heard: tcb.heard,
  said: tcb.said,
})

/** "Return this connection to the LISTEN state" (3.10.7.4). */
export const returnToListen = (tcb: Tcb): MutableTcb => ({ ...deleteTcb(tcb), state: 'LISTEN', opened: 'passive' })

/** Whether a segment of this kind is pending. */
export function isPending(tcb: Tcb, kind: PendingSegment['kind']): boolean {
  for (const pending of tcb.owes) if (pending.kind === kind) return true
  return false
}

/** The numbers of the ACK that is still pending after the rule set without TIME-WAIT has deleted the TCB; null if there is none. */
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

/** Whether our SYN has been sent and is not acknowledged, so that it is at the front of the retransmission queue. */
export const isSynOutstanding = (tcb: Tcb): boolean =>
  tcb.snd.una === tcb.iss &&
  tcb.snd.nxt !== tcb.iss &&
  (tcb.state === 'SYN-SENT' || tcb.state === 'SYN-RECEIVED' || tcb.finSent === add(tcb.iss, 1))

/** Whether the peer's FIN has been processed. This is the case in exactly these states. */
export const hasReceivedFin = (state: State): boolean =>
  state === 'CLOSE-WAIT' || state === 'CLOSING' || state === 'LAST-ACK' || state === 'TIME-WAIT'
