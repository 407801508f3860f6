/** Timeouts: RFC 9293 3.10.8, and the persist timer of 3.8.6.1. */
import type { Rules } from './rules.ts'
import { deleted, owes, type Tcb, type Timer } from './tcb.ts'

/** The timer has gone off. One that does not run changes nothing. No rule set changes what the timeouts do; it is asked for as everywhere. */
export function timeout(tcb: Tcb, timer: Timer, _rules: Rules): Tcb {
  if (!tcb.timers.includes(timer)) return tcb
  switch (timer) {
    case 'user':
      return deleted(tcb)
    case 'retransmission':
      // "Send the segment at the front of the retransmission queue again."
      return again(tcb, 'retransmission')
    case 'persist':
      return again(tcb, 'probe')
    case 'time-wait':
      return deleted(tcb)
  }
}

const again = (tcb: Tcb, kind: 'retransmission' | 'probe'): Tcb => ({
  ...tcb,
  backoff: tcb.backoff + 1,
  owes: owes(tcb, kind) ? tcb.owes : [...tcb.owes, { kind }],
})
