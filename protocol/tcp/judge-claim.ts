/** Judges what a student claims without sending a segment: that the host is in a state, or that an arrived segment is dropped. */
import { ACK, hasBit, SYN } from '../segment.ts'
import type { Finding, Misconception } from '../findings.ts'
import { citeTcpRule, type TcpRules } from './rules.ts'
import type { PendingSegment, State, Tcb } from './tcb.ts'

/** A student's claim about the state of a host. */
export interface StateClaim {
  /** The state before and after the event or segment that the claim is about. */
  readonly before: State
  readonly actual: State
  /** The state that the student claims. */
  readonly claimed: State
  readonly tcb: Tcb
}

/** Returns null if the claim is right. */
export function judgeClaim(claim: StateClaim, rules: TcpRules): Finding | null {
  if (claim.claimed === claim.actual) return null
  const misconception = diagnoseClaim(claim)
  return {
    kind: 'refusal',
    field: 'state',
    given: claim.claimed,
    want: claim.actual,
    rule: citeTcpRule(misconception === 'early-close' ? 'RFC 9293 3.10.8' : 'RFC 9293 3.3.2', rules),
    misconception,
  }
}

function diagnoseClaim({ before, actual, claimed, tcb }: StateClaim): Misconception | null {
  if (tcb.backoff > 0) {
    // Nothing has been acknowledged for at least one retransmission timeout.
    if ((actual === 'SYN-SENT' || actual === 'SYN-RECEIVED') && (claimed === 'CLOSED' || claimed === 'LISTEN'))
      return 'loss-ends-handshake'
    if (STATE_AFTER_ACK[actual] === claimed) return 'silence-is-proof'
  }
  switch (claimed) {
    case 'TIME-WAIT':
      // Only the side that closes first enters TIME-WAIT. The other side passes through CLOSE-WAIT and LAST-ACK to CLOSED.
      if (actual === 'CLOSE-WAIT' || actual === 'LAST-ACK' || (actual === 'CLOSED' && before === 'LAST-ACK'))
        return 'wrong-side-time-wait'
      return actual === 'FIN-WAIT-1' || actual === 'FIN-WAIT-2' ? 'skips-fin-wait-2' : null
    case 'CLOSED':
      if (actual === 'TIME-WAIT') return 'early-close'
      return actual === 'FIN-WAIT-2' ? 'skips-fin-wait-2' : null
    case 'LAST-ACK':
      return actual === 'TIME-WAIT' ? 'wrong-side-time-wait' : null
    case 'LISTEN':
      return tcb.opened !== 'passive' && CLOSING_STATES.includes(actual) ? 'client-listens-again' : null
    default:
      return null
  }
}

/** The state that follows once the outstanding acknowledgment arrives. */
const STATE_AFTER_ACK: { readonly [S in State]?: State } = {
  'SYN-SENT': 'ESTABLISHED',
  'SYN-RECEIVED': 'ESTABLISHED',
  'FIN-WAIT-1': 'FIN-WAIT-2',
  CLOSING: 'TIME-WAIT',
  'LAST-ACK': 'CLOSED',
}

const CLOSING_STATES: readonly State[] = ['FIN-WAIT-1', 'FIN-WAIT-2', 'CLOSE-WAIT', 'CLOSING', 'LAST-ACK', 'TIME-WAIT', 'CLOSED']

/**
 * Judges the claim that the last segment is dropped without a reply. It is right only if the arrival left no reply pending and changed
 * nothing: no text or control was accepted, and SND.UNA and the state are as before. Returns null if it is right. `moved`: something has
 * changed. `tcb`: the TCB just after the arrival.
 */
export function judgeDiscard(pending: readonly PendingSegment[], moved: boolean, tcb: Tcb, rules: TcpRules): Finding | null {
  const answer = pending.find(({ kind }) => kind === 'RST') ?? pending.find(({ kind }) => kind === 'ACK' || kind === 'SYN,ACK')
  if (answer === undefined && !moved) return null
  return {
    kind: 'refusal',
    field: 'flags',
    given: null,
    want: answer === undefined ? null : answer.kind === 'RST' && answer.ack !== null ? 'RST,ACK' : answer.kind,
    rule: citeTcpRule(answer?.kind === 'RST' ? 'RFC 9293 3.5.2' : 'RFC 9293 3.10.7.4', rules),
    misconception: answer === undefined ? null : diagnoseDiscard(answer, tcb),
  }
}

function diagnoseDiscard(answer: PendingSegment, { state, heard }: Tcb): Misconception | null {
  if (answer.kind === 'RST') {
    const synAck = heard !== null && hasBit(heard.bits, SYN) && hasBit(heard.bits, ACK)
    return synAck ? 'textbook-ignores-stale-synack' : 'drop-instead-of-reset'
  }
  const finWaits = state === 'FIN-WAIT-1' || state === 'FIN-WAIT-2'
  return finWaits && answer.kind === 'ACK' && answer.why === 'data' ? 'cannot-receive-after-fin' : null
}
