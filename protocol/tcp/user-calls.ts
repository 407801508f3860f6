/** User calls: RFC 9293 3.10.1 to 3.10.5, in the RFC's order. */
import type { Call } from '../world/exercise.ts'
import type { Rules } from './rules.ts'
import { copyOf, type Debt, deleted, lastAck, owes, standing, type Tcb, timersOf } from './tcb.ts'

/** `error` in the RFC's own words, without its leading `error: `; `rule` is the clause that was followed. */
export type Called =
  { readonly ok: true; readonly tcb: Tcb } | { readonly ok: false; readonly error: string; readonly rule: string }

/** The user calls `call` on this connection. No rule set changes what the calls do; it is asked for as everywhere. */
export function userCall(tcb: Tcb, call: Call, _rules: Rules): Called {
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

/** The TCB with these fields changed. What waits for a closed window starts the persist timer, and what is flushed stops it. */
function done(tcb: Tcb, change: Partial<Tcb> = {}): Called {
  const after = Object.assign(copyOf(tcb), change)
  after.timers = timersOf(after)
  return { ok: true, tcb: after }
}
const error = (words: string, rule: string): Called => ({ ok: false, error: words, rule })
const owing = (tcb: Tcb, kind: Extract<Debt['kind'], 'SYN' | 'FIN' | 'data'>): readonly Debt[] =>
  owes(tcb, kind) ? tcb.owes : [...tcb.owes, { kind }]

/** 3.10.1 */
function open(tcb: Tcb, mode: 'active' | 'passive'): Called {
  switch (standing(tcb)) {
    case 'CLOSED':
      // Its last segment has not left yet.
      if (tcb.aborted || lastAck(tcb) !== null) return error('connection already exists', OPEN)
      if (mode === 'passive') return done(tcb, { state: 'LISTEN', opened: 'passive' })
      return done(tcb, { opened: 'active', owes: owing(tcb, 'SYN') })
    case 'LISTEN':
      if (mode === 'passive') return error('connection already exists', OPEN)
      // "change the connection from passive to active"
      return done(tcb, { opened: 'active', owes: owing(tcb, 'SYN') })
    default:
      return error('connection already exists', OPEN)
  }
}

/** 3.10.2 */
function send(tcb: Tcb, octets: number): Called {
  switch (standing(tcb)) {
    case 'CLOSED':
      return error('connection does not exist', SEND)
    case 'LISTEN':
      // A SEND could make the OPEN active, if it named the peer.
      return error('remote socket unspecified', SEND)
    case 'SYN-SENT':
    case 'SYN-RECEIVED':
      if (tcb.closing) return error('connection closing', SEND)
      return done(tcb, { queued: tcb.queued + octets })
    case 'ESTABLISHED':
    case 'CLOSE-WAIT':
      if (tcb.closing) return error('connection closing', SEND)
      return done(tcb, { queued: tcb.queued + octets, owes: owing(tcb, 'data') })
    default:
      return error('connection closing', SEND)
  }
}

/** 3.10.3: the user takes all that is there, and the whole buffer is offered again. A window that was closed is told of (3.8.6). */
function receive(tcb: Tcb): Called {
  switch (standing(tcb)) {
    case 'CLOSED':
      return error('connection does not exist', RECEIVE)
    case 'LISTEN':
    case 'SYN-SENT':
    case 'SYN-RECEIVED':
      return done(tcb)
    case 'ESTABLISHED':
    case 'FIN-WAIT-1':
    case 'FIN-WAIT-2': {
      const { nxt, wnd, buff } = tcb.rcv
      const update: Debt = { kind: 'ACK', why: 'window' }
      const opens = wnd === 0 && tcb.unread > 0 && !owes(tcb, 'ACK')
      return done(tcb, {
        unread: 0,
        rcv: { nxt, wnd: Math.max(wnd, buff), buff },
        owes: opens ? [...tcb.owes, update] : tcb.owes,
      })
    }
    case 'CLOSE-WAIT':
      if (tcb.unread === 0) return error('connection closing', RECEIVE)
      return done(tcb, { unread: 0 })
    default:
      return error('connection closing', RECEIVE)
  }
}

/** 3.10.4 */
function close(tcb: Tcb): Called {
  const state = standing(tcb)
  if (tcb.closing) return error('connection closing', CLOSE)
  switch (state) {
    case 'CLOSED':
      return error('connection does not exist', CLOSE)
    case 'LISTEN':
    case 'SYN-SENT':
      return done(deleted(tcb))
    case 'SYN-RECEIVED':
      // "If no SENDs have been issued and there is no pending data to send, then form a FIN segment and send it";
      // "otherwise, queue for processing after entering ESTABLISHED state."
      return done(tcb, { closing: true, owes: tcb.queued === 0 ? owing(tcb, 'FIN') : tcb.owes })
    case 'ESTABLISHED':
    case 'CLOSE-WAIT':
      return done(tcb, { closing: true, owes: owing(tcb, 'FIN') })
    default:
      return error('connection closing', CLOSE)
  }
}

/** 3.10.5 */
function abort(tcb: Tcb): Called {
  switch (standing(tcb)) {
    case 'CLOSED':
      return error('connection does not exist', ABORT)
    case 'SYN-RECEIVED':
    case 'ESTABLISHED':
    case 'FIN-WAIT-1':
    case 'FIN-WAIT-2':
    case 'CLOSE-WAIT':
      // <SEQ=SND.NXT><CTL=RST>; "all segments queued for transmission … should be flushed".
      return done(tcb, {
        aborted: true,
        queued: 0,
        closing: false,
        owes: [{ kind: 'RST', seq: tcb.snd.nxt, ack: null }],
      })
    default:
      return done(deleted(tcb))
  }
}
