/** What a seat says of itself without a segment: the state it is in, and that something is to be dropped. */
import { ACK, has, SYN } from '../segment.ts'
import type { Finding, Misconception } from '../findings.ts'
import { cited, type Rules } from './rules.ts'
import type { Debt, State, Tcb } from './tcb.ts'

export interface Claim {
  /** The state before the event or the segment, and the one after it. */
  readonly was: State
  readonly is: State
  /** The one that was claimed. */
  readonly given: State
  readonly tcb: Tcb
}

/** Null where the claim is right. */
export function judgeClaim(claim: Claim, rules: Rules): Finding | null {
  if (claim.given === claim.is) return null
  const misconception = misjudged(claim)
  return {
    kind: 'refusal',
    field: 'state',
    given: claim.given,
    want: claim.is,
    rule: cited(misconception === 'early-close' ? 'RFC 9293 3.10.8' : 'RFC 9293 3.3.2', rules),
    misconception,
  }
}

function misjudged({ was, is, given, tcb }: Claim): Misconception | null {
  if (tcb.backoff > 0) {
    // Nothing has come for at least one retransmission timeout.
    if ((is === 'SYN-SENT' || is === 'SYN-RECEIVED') && (given === 'CLOSED' || given === 'LISTEN')) return 'loss-ends-handshake'
    if (ACKNOWLEDGED[is] === given) return 'silence-is-proof'
  }
  switch (given) {
    case 'TIME-WAIT':
      // TIME-WAIT is for the side that closed first: CLOSE-WAIT, LAST-ACK and what follows are the other side's.
      if (is === 'CLOSE-WAIT' || is === 'LAST-ACK' || (is === 'CLOSED' && was === 'LAST-ACK')) return 'wrong-side-time-wait'
      return is === 'FIN-WAIT-1' || is === 'FIN-WAIT-2' ? 'skips-fin-wait-2' : null
    case 'CLOSED':
      if (is === 'TIME-WAIT') return 'early-close'
      return is === 'FIN-WAIT-2' ? 'skips-fin-wait-2' : null
    case 'LAST-ACK':
      return is === 'TIME-WAIT' ? 'wrong-side-time-wait' : null
    case 'LISTEN':
      return tcb.opened !== 'passive' && CLOSING.includes(is) ? 'client-listens-again' : null
    default:
      return null
  }
}

/** The state that the acknowledgment brings which is missing. */
const ACKNOWLEDGED: { readonly [S in State]?: State } = {
  'SYN-SENT': 'ESTABLISHED',
  'SYN-RECEIVED': 'ESTABLISHED',
  'FIN-WAIT-1': 'FIN-WAIT-2',
  CLOSING: 'TIME-WAIT',
  'LAST-ACK': 'CLOSED',
}

const CLOSING: readonly State[] = ['FIN-WAIT-1', 'FIN-WAIT-2', 'CLOSE-WAIT', 'CLOSING', 'LAST-ACK', 'TIME-WAIT', 'CLOSED']

/**
 * "This arrived segment is to be dropped without an answer": right exactly where its arrival owes nothing and moved nothing (no text or
 * control taken, SND.UNA and the state unmoved). Null where right. `tcb` is the one just after the arrival.
 */
export function judgeDiscard(owed: readonly Debt[], moved: boolean, tcb: Tcb, rules: Rules): Finding | null {
  const answer = owed.find((debt) => debt.kind === 'RST') ?? owed.find((debt) => debt.kind === 'ACK' || debt.kind === 'SYN,ACK')
  if (answer === undefined && !moved) return null
  return {
    kind: 'refusal',
    field: 'flags',
    given: null,
    want: answer === undefined ? null : answer.kind === 'RST' && answer.ack !== null ? 'ACK,RST' : answer.kind,
    rule: cited(answer?.kind === 'RST' ? 'RFC 9293 3.5.2' : 'RFC 9293 3.10.7.4', rules),
    misconception: answer === undefined ? null : dropped(answer, tcb),
  }
}

function dropped(answer: Debt, { state, heard }: Tcb): Misconception | null {
  if (answer.kind === 'RST') {
    const synAck = heard !== null && has(heard.bits, SYN) && has(heard.bits, ACK)
    return synAck ? 'textbook-ignores-stale-synack' : 'drop-instead-of-reset'
  }
  const finWaits = state === 'FIN-WAIT-1' || state === 'FIN-WAIT-2'
  return finWaits && answer.kind === 'ACK' && answer.why === 'data' ? 'cannot-receive-after-fin' : null
}
