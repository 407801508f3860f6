/** A hypothesis about the state of both sides of a captured connection, and how a segment changes it. */
import { peerOf, type Seat } from '../seat.ts'
import { ACK, FIN, hasBit, RST, type Segment, SYN } from '../segment.ts'
import { add, gt } from '../seq.ts'
import type { SegmentPermission } from '../tcp/may-send.ts'
import { createTcb, createEstablishedTcb, type State, type Tcb } from '../tcp/tcb.ts'
import { Side, unseenSide, MAX_WINDOW_OCTETS } from './side.ts'

/** An assumption about the TCBs of both sides at one point of the capture. */
export interface Hypothesis {
  readonly sides: Readonly<Record<Seat, Side>>
  /**
   * Which sides are known not to have closed before the capture began; null if the capture holds the beginning of the connection. A side that
   * sends text or its FIN had not closed. Once this is known of both sides, their states are known.
   */
  readonly shownOpen: Record<Seat, boolean> | null
}

/** Judges a segment. A legal segment is applied to both sides as sent and received; otherwise the hypothesis is unchanged. */
export function judgeUnder({ sides, shownOpen }: Hypothesis, from: Seat, segment: Segment, digest: number): SegmentPermission {
  const sender = sides[from]
  const receiver = sides[peerOf(from)]
  const first = !sender.hasSent
  const permission = sender.judgeSent(segment, digest, receiver)
  if (!permission.ok) return permission
  if (segment.ack !== null) receiver.assumeSent(segment.ack)
  if (first) receiver.assumeReceived(segment.seq)
  receiver.receive(segment)
  if (shownOpen && (segment.length > 0 || hasBit(segment.bits, FIN | RST))) {
    shownOpen[from] = true
    if (hasBit(segment.bits, RST)) shownOpen[peerOf(from)] = true
  }
  return permission
}

/** A side's state; null until known. */
export const stateUnder = ({ sides, shownOpen }: Hypothesis, seat: Seat): State | null =>
  shownOpen && !(shownOpen.client && shownOpen.server) ? null : sides[seat].tcb.state

/** The state in which both sides must have been before this segment, if nothing else is known. */
export function hypothesisBefore(from: Seat, segment: Segment): Hypothesis {
  const { bits, seq, ack } = segment
  const to = peerOf(from)
  if (!hasBit(bits, SYN)) return hypothesisMidConnection(from, segment)
  if (!hasBit(bits, ACK) || ack === null) return hypothesisOf(from, new Side(createTcb(seq, MAX_WINDOW_OCTETS), true), unseenSide())
  // The segment is a SYN,ACK whose SYN was not captured. That SYN is reconstructed from the acknowledgment number.
  const iss = add(ack, -1)
  const hypothesis = hypothesisOf(from, unseenSide(), new Side(createTcb(iss, MAX_WINDOW_OCTETS), true))
  judgeUnder(hypothesis, to, { bits: SYN, seq: iss, ack: null, window: 65_535, length: 0 }, -1)
  return hypothesis
}

/** The sender opens a new connection; the peer is still in the state of the old one. */
export const reopen = (from: Seat, segment: Segment, peer: Side): Hypothesis =>
  hypothesisOf(from, new Side(createTcb(segment.seq, MAX_WINDOW_OCTETS), true), peer)

/** The alternative hypothesis that a refused segment was accepted: its numbers are assumed to be right. Null if it is illegal even then. */
export function assumeAccepted(hypothesis: Hypothesis, from: Seat, segment: Segment, digest: number): Hypothesis | null {
  const { sides, shownOpen } = hypothesis
  if (hasBit(segment.bits, SYN) || sides[from].tcb.irs === null) return null
  const fork: Hypothesis = {
    sides: { client: sides.client.fork(), server: sides.server.fork() },
    shownOpen: shownOpen && { ...shownOpen },
  }
  fork.sides[from].assumeNumbers(segment.seq, segment.ack)
  fork.sides[peerOf(from)].assumeReceived(segment.seq)
  return judgeUnder(fork, from, segment, digest).ok ? fork : null
}

const hypothesisOf = (from: Seat, sender: Side, receiver: Side): Hypothesis => ({
  sides: from === 'client' ? { client: sender, server: receiver } : { client: receiver, server: sender },
  shownOpen: null,
})

/** How many sequence numbers before the first captured one may still be in flight. */
const UNSEEN_NUMBERS = 2 ** 29

function hypothesisMidConnection(from: Seat, { seq, ack }: Segment): Hypothesis {
  const at = (nxt: number, next: number): Tcb => {
    const tcb = createEstablishedTcb({
      iss: add(nxt, -UNSEEN_NUMBERS),
      irs: add(next, -UNSEEN_NUMBERS),
      sndWnd: MAX_WINDOW_OCTETS,
      rcvWnd: MAX_WINDOW_OCTETS,
    })
    return { ...tcb, snd: { ...tcb.snd, una: nxt, nxt }, rcv: { ...tcb.rcv, nxt: next } }
  }
  const sender = new Side(at(seq, ack ?? 0), true)
  const receiver = new Side(at(ack ?? 0, seq), false)
  sender.noteOfferedWindow(seq, MAX_WINDOW_OCTETS)
  receiver.noteOfferedWindow(ack ?? 0, MAX_WINDOW_OCTETS)
  return { ...hypothesisOf(from, sender, receiver), shownOpen: { client: false, server: false } }
}

/** Whether the state of this side allows a new connection on the same ports. */
export const isOver = ({ tcb }: Side): boolean =>
  OVER_STATES.includes(tcb.state) || (tcb.state === 'SYN-RECEIVED' && !gt(tcb.snd.una, tcb.iss))

const OVER_STATES: readonly State[] = ['CLOSED', 'LISTEN', 'TIME-WAIT', 'SYN-SENT']
