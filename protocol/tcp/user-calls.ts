/** User calls: RFC 9293 3.10.1 to 3.10.5, in the RFC's order. */
import { copyTcb, type PendingSegment, deleteTcb, finalAck, isPending, effectiveState, type Tcb, runningTimers } from './tcb.ts'

/** A user call (RFC 9293 3.10.1 to 3.10.5). */
export type UserCall =
  | { readonly call: 'OPEN'; readonly mode: 'active' | 'passive' }
  | { readonly call: 'SEND'; readonly octets: number }
  | { readonly call: 'RECEIVE' }
  | { readonly call: 'CLOSE' }
  | { readonly call: 'ABORT' }

/** `error`: the RFC's error text without its leading `error: `. `rule`: the clause that requires it. */
export type CallResult =
  { readonly ok: true; readonly tcb: Tcb } | { readonly ok: false; readonly error: string; readonly rule: string }

/** Processes a user call on this connection. */
export function processCall(tcb: Tcb, call: UserCall): CallResult {
  switch (call.call) {
    case 'OPEN':
      return open(tcb, call.mode)
    case 'SEND':
      return send(tcb, call.octets)
    case 'RECEIVE':
      return receive(tcb)
    case 'CLOSE':
      return close(tcb)
    case 'ABORT':
      return abort(tcb)
  }
}

const OPEN = 'RFC 9293 3.10.1'
const SEND = 'RFC 9293 3.10.2'
const RECEIVE = 'RFC 9293 3.10.3'
const CLOSE = 'RFC 9293 3.10.4'
const ABORT = 'RFC 9293 3.10.5'

/** The successful result: the TCB with these fields changed and its running timers updated. */
function succeed(tcb: Tcb, change: Partial<Tcb> = {}): CallResult {
  const after = Object.assign(copyTcb(tcb), change)
  after.timers = runningTimers(after)
  return { ok: true, tcb: after }
}
const fail = (words: string, rule: string): CallResult => ({ ok: false, error: words, rule })
const addPending = (tcb: Tcb, kind: Extract<PendingSegment['kind'], 'SYN' | 'FIN' | 'data'>): readonly PendingSegment[] =>
  isPending(tcb, kind) ? tcb.owes : [...tcb.owes, { kind }]

/** 3.10.1 */
function open(tcb: Tcb, mode: 'active' | 'passive'): CallResult {
  switch (effectiveState(tcb)) {
    case 'CLOSED':
      // The last segment of the previous connection has not been sent yet.
      if (tcb.aborted || finalAck(tcb) !== null) return fail('connection already exists', OPEN)
      if (mode === 'passive') return succeed(tcb, { state: 'LISTEN', opened: 'passive' })
      return succeed(tcb, { opened: 'active', owes: addPending(tcb, 'SYN') })
    case 'LISTEN':
      if (mode === 'passive') return fail('connection already exists', OPEN)
      // "change the connection from passive to active"
      return succeed(tcb, { opened: 'active', owes: addPending(tcb, 'SYN') })
    default:
      return fail('connection already exists', OPEN)
  }
}

/** 3.10.2 */
function send(tcb: Tcb, octets: number): CallResult {
  switch (effectiveState(tcb)) {
    case 'CLOSED':
      return fail('connection does not exist', SEND)
    case 'LISTEN':
      // In the RFC a SEND in LISTEN makes the OPEN active if it names the peer; here it cannot name one.
      return fail('remote socket unspecified', SEND)
    case 'SYN-SENT':
    case 'SYN-RECEIVED':
      if (tcb.closing) return fail('connection closing', SEND)
      return succeed(tcb, { queued: tcb.queued + octets })
    case 'ESTABLISHED':
    case 'CLOSE-WAIT':
      if (tcb.closing) return fail('connection closing', SEND)
      return succeed(tcb, { queued: tcb.queued + octets, owes: addPending(tcb, 'data') })
    default:
      return fail('connection closing', SEND)
  }
}

/** 3.10.3: the user reads all data, so the window is the whole buffer again. If it was closed, a window update becomes pending (3.8.6). */
function receive(tcb: Tcb): CallResult {
  switch (effectiveState(tcb)) {
    case 'CLOSED':
      return fail('connection does not exist', RECEIVE)
    case 'LISTEN':
    case 'SYN-SENT':
    case 'SYN-RECEIVED':
      return succeed(tcb)
    case 'ESTABLISHED':
    case 'FIN-WAIT-1':
    case 'FIN-WAIT-2': {
      const { nxt, wnd, buff } = tcb.rcv
      const update: PendingSegment = { kind: 'ACK', why: 'window' }
      const opens = wnd === 0 && tcb.unread > 0 && !isPending(tcb, 'ACK')
      return succeed(tcb, {
        unread: 0,
        rcv: { nxt, wnd: Math.max(wnd, buff), buff },
        owes: opens ? [...tcb.owes, update] : tcb.owes,
      })
    }
    case 'CLOSE-WAIT':
      if (tcb.unread === 0) return fail('connection closing', RECEIVE)
      return succeed(tcb, { unread: 0 })
    default:
      return fail('connection closing', RECEIVE)
  }
}

/** 3.10.4 */
function close(tcb: Tcb): CallResult {
  const state = effectiveState(tcb)
  if (tcb.closing) return fail('connection closing', CLOSE)
  switch (state) {
    case 'CLOSED':
      return fail('connection does not exist', CLOSE)
    case 'LISTEN':
    case 'SYN-SENT':
      return succeed(deleteTcb(tcb))
    case 'SYN-RECEIVED':
      // "If no SENDs have been issued and there is no pending data to send, then form a FIN segment and send it";
      // "otherwise, queue for processing after entering ESTABLISHED state."
      return succeed(tcb, { closing: true, owes: tcb.queued === 0 ? addPending(tcb, 'FIN') : tcb.owes })
    case 'ESTABLISHED':
    case 'CLOSE-WAIT':
      return succeed(tcb, { closing: true, owes: addPending(tcb, 'FIN') })
    default:
      return fail('connection closing', CLOSE)
  }
}

/** 3.10.5 */
function abort(tcb: Tcb): CallResult {
  switch (effectiveState(tcb)) {
    case 'CLOSED':
      return fail('connection does not exist', ABORT)
    case 'SYN-RECEIVED':
    case 'ESTABLISHED':
    case 'FIN-WAIT-1':
    case 'FIN-WAIT-2':
    case 'CLOSE-WAIT':
      // <SEQ=SND.NXT><CTL=RST>; "all segments queued for transmission … should be flushed".
      return succeed(tcb, {
        aborted: true,
        queued: 0,
        closing: false,
        owes: [{ kind: 'RST', seq: tcb.snd.nxt, ack: null }],
      })
    default:
      return succeed(deleteTcb(tcb))
  }
}
