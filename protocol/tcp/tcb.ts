/**
 * The transmission control block (RFC 9293 3.3.1): what one TCP endpoint remembers of one connection.
 *
 * Plain, immutable data: it is stored in the log as it stands here and folded back without any rule.
 */

/** The states of RFC 9293 3.3.2, in the RFC's order; CLOSED is fictional there, since it means that there is no TCB. */
export const STATES = [
  'LISTEN',
  'SYN-SENT',
  'SYN-RECEIVED',
  'ESTABLISHED',
  'FIN-WAIT-1',
  'FIN-WAIT-2',
  'CLOSE-WAIT',
  'CLOSING',
  'LAST-ACK',
  'TIME-WAIT',
  'CLOSED',
] as const

export type State = (typeof STATES)[number]

/** The timers of RFC 9293 3.10.8. The engine has no clock: it says which run, the caller says when they have gone off. */
export type Timer = 'user' | 'retransmission' | 'time-wait'

/**
 * What this endpoint has still to send because of something that happened to it.
 *
 * - `ACK`: what arrived asks for an acknowledgment. `why` is what it acknowledges.
 * - `SYN`, `FIN`, `data`: a user call asked for it.
 * - `SYN,ACK`: a SYN arrived.
 * - `RST`: a segment arrived that belongs to no connection; `seq` and `ack` as 3.10.7.1 computes them.
 * - `retransmission`: the retransmission timer has gone off.
 */
export type Debt =
  | { readonly kind: 'SYN' | 'SYN,ACK' | 'FIN' | 'data' | 'retransmission' }
  | { readonly kind: 'ACK'; readonly why: 'SYN' | 'data' | 'FIN' | 'unacceptable' }
  | { readonly kind: 'RST'; readonly seq: number; readonly ack: number | null }

export interface Tcb {
  readonly state: State
  /** How it was opened; a passive one goes back to LISTEN when its SYN-RECEIVED is reset (3.10.7.4). Null while CLOSED. */
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
    /** RCV.NXT (meaningless while `irs` is null), RCV.WND. */
    readonly nxt: number
    readonly wnd: number
  }
  /** Octets that the user has handed over with SEND and that no segment has carried yet. */
  readonly queued: number
  /** CLOSE has been called: a FIN follows the last queued octet. */
  readonly closing: boolean
  /** The sequence number that this endpoint's FIN occupies, once sent; null before. */
  readonly finSent: number | null
  /** Octets that arrived in order and that the user has not been given yet (3.10.3). */
  readonly unread: number
  /** ABORT has been called in a state that owes the peer a RST (3.10.5). */
  readonly aborted: boolean
  /** What is still to be sent, oldest first. One segment pays every debt that it covers. */
  readonly owes: readonly Debt[]
  /** The timers that run. */
  readonly timers: readonly Timer[]
}
