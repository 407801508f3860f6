/** The segment that this TCP should send now: for hints, the built-in partner, and steps for which a student has used up all attempts. */
import { ACK, FIN, RST, type Segment, SYN } from '../segment.ts'
import { add, sub } from '../seq.ts'
import { usableWindow } from './segment-templates.ts'
import { type PendingSegment, isSynOutstanding, sendMss, type Tcb, windowField } from './tcb.ts'

/**
 * Builds the segment for the oldest pending segment that can be sent now; it satisfies as many of the other pending segments as it can
 * carry, and keeps to the peer's MSS. Null if none is pending, or if all must wait (for example data that exceeds the peer's window).
 * `maySend` accepts the result. `frontEnd`: where the segment at the front of the retransmission queue ends, which is what a retransmission
 * repeats (3.10.8); the queue is taken for one segment if absent.
 */
export function nextSegment(tcb: Tcb, frontEnd: number = tcb.snd.nxt): Segment | null {
  for (const pending of tcb.owes) {
    const segment = segmentFor(tcb, pending, frontEnd)
    if (segment !== null) return segment
  }
  return null
}

function segmentFor(tcb: Tcb, pending: PendingSegment, frontEnd: number): Segment | null {
  const window = windowField(tcb)
  const ack = tcb.rcv.nxt
  switch (pending.kind) {
    case 'SYN':
      return { bits: SYN, seq: tcb.iss, ack: null, window, length: 0 }
    case 'SYN,ACK':
      return { bits: SYN | ACK, seq: tcb.iss, ack, window, length: 0 }
    case 'RST':
      return { bits: pending.ack === null ? RST : RST | ACK, seq: pending.seq, ack: pending.ack, window, length: 0 }
    case 'ACK':
      return pending.last ? { bits: ACK, ...pending.last, window, length: 0 } : segmentAtSndNxt(tcb)
    case 'data':
    case 'FIN': {
      const segment = segmentAtSndNxt(tcb)
      return segment.length > 0 || segment.bits !== ACK ? segment : null
    }
    case 'retransmission':
      return retransmissionSegment(tcb, frontEnd)
    case 'probe': {
      const segment: Segment = { bits: ACK, seq: tcb.snd.nxt, ack, window, length: 1 }
      return tcb.queued > 0 ? segment : { ...segment, bits: FIN | ACK, length: 0 }
    }
  }
}

/** The segment at SND.NXT: an acknowledgment, the queued data that fits the window, and the FIN if it comes next. */
function segmentAtSndNxt(tcb: Tcb): Segment {
  const open = tcb.state === 'ESTABLISHED' || tcb.state === 'CLOSE-WAIT'
  const free = usableWindow(tcb)
  const length = open ? Math.min(tcb.queued, free, sendMss(tcb)) : 0
  const fin =
    tcb.closing &&
    tcb.finSent === null &&
    length === tcb.queued &&
    length < free &&
    (open || (tcb.state === 'SYN-RECEIVED' && tcb.snd.nxt !== tcb.iss))
  return { bits: fin ? FIN | ACK : ACK, seq: tcb.snd.nxt, ack: tcb.rcv.nxt, window: windowField(tcb), length }
}

/** Retransmits the segment at the front of the queue, as far as one segment can carry it. Null if nothing is outstanding. */
function retransmissionSegment(tcb: Tcb, frontEnd: number): Segment | null {
  const { una, nxt } = tcb.snd
  if (una === nxt) return null
  const window = windowField(tcb)
  if (tcb.state === 'SYN-SENT') return { bits: SYN, seq: tcb.iss, ack: null, window, length: sub(nxt, tcb.iss) - 1 }
  if (isSynOutstanding(tcb)) return { bits: SYN | ACK, seq: tcb.iss, ack: tcb.rcv.nxt, window, length: 0 }
  const octets = sub(tcb.finSent !== null && frontEnd === nxt ? tcb.finSent : frontEnd, una)
  const length = Math.min(octets, sendMss(tcb))
  const fin = tcb.finSent !== null && add(una, length) === tcb.finSent && frontEnd === nxt
  return { bits: fin ? FIN | ACK : ACK, seq: una, ack: tcb.rcv.nxt, window, length }
}
