/** Timeouts: RFC 9293 3.10.8, and the persist timer of 3.8.6.1. */
import { deleteTcb, isPending, type Tcb, type Timer } from './tcb.ts'

/** The TCB after the timer has expired. A timer that is not running changes nothing. */
export function processTimeout(tcb: Tcb, timer: Timer): Tcb {
  if (!tcb.timers.includes(timer)) return tcb
  switch (timer) {
    case 'user':
      return deleteTcb(tcb)
    case 'retransmission':
      // "Send the segment at the front of the retransmission queue again."
      return addRetransmission(tcb, 'retransmission')
    case 'persist':
      return addRetransmission(tcb, 'probe')
    case 'time-wait':
      return deleteTcb(tcb)
  }
}

const addRetransmission = (tcb: Tcb, kind: 'retransmission' | 'probe'): Tcb => ({
  ...tcb,
  backoff: tcb.backoff + 1,
  owes: isPending(tcb, kind) ? tcb.owes : [...tcb.owes, { kind }],
})
