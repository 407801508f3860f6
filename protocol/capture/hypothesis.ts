/** A hypothesis about the state of both sides of a captured connection, and how a segment changes it. */
import { peerOf, type Seat } from '../seat.ts'
import { ACK, FIN, hasBit, RST, type Segment, SYN } from '../segment.ts'
import { add, gt } from '../seq.ts'
import type { SegmentPermission } from '../tcp/may-send.ts'
import { createTcb, createEstablishedTcb, type State, type Tcb } from '../tcp/tcb.ts'
import type { CapturedSegment } from './captured-segment.ts'
import { MAX_WINDOW_OCTETS } from './limits.ts'
import { Side, unseenSide } from './side.ts'

/** An assumption about the TCBs of both sides at one point of the capture. */
export interface Hypothesis {
  sides: Readonly<Record<Seat, Side>>
  /**
   * Which sides are known not to have closed before the capture began; null if the capture holds the beginning of the connection. A side that
   * sends text or its FIN had not closed. Once this is known of both sides, their states are known.
   */
  shownOpen: Record<Seat, boolean> | null
  /** The capture is known to lack segments of this connection, because they have been acknowledged. */
  lacks: boolean
  /** A side of which nothing has been captured may still be in a connection that is older than the capture. */
  readonly unseenMayBeOlder: boolean
}

/** Judges a segment. A legal segment is applied to both sides as sent and received; otherwise the hypothesis is unchanged. */
export function judgeUnder(hypothesis: Hypothesis, from: Seat, captured: CapturedSegment): SegmentPermission {
  const permission = judgeAsCaptured(hypothesis, from, captured)
  if (permission.ok || hypothesis.sides[from].captured === hypothesis.sides[peerOf(from)].captured) return permission
  const fork = reconstructUnseen(hypothesis, from, captured.segment)
  if (fork === null) return permission
  const reconstructed = judgeAsCaptured(fork, from, captured)
  if (!reconstructed.ok) return permission
  fork.sides[from].assumesLoss = true
  Object.assign(hypothesis, fork)
  return reconstructed
}

function judgeAsCaptured(hypothesis: Hypothesis, from: Seat, captured: CapturedSegment): SegmentPermission {
  const { sides, shownOpen } = hypothesis
  const sender = sides[from]
  const receiver = sides[peerOf(from)]
  const first = !sender.hasSent
  const scaled = withScaledWindow(captured, sender, receiver)
  const { segment } = scaled
  const permission = sender.judgeSent(scaled, receiver, hypothesis.lacks)
  if (!permission.ok) return permission
  if (hasBit(segment.bits, SYN)) sender.windowScale = captured.windowScale
  if (sender.acknowledgedLacking) hypothesis.lacks = true
  if (segment.ack !== null) receiver.assumeSent(segment.ack)
  if (first) receiver.assumeReceived(segment.seq)
  receiver.receive(segment)
  if (shownOpen && (segment.length > 0 || hasBit(segment.bits, FIN | RST))) {
    shownOpen[from] = true
    if (hasBit(segment.bits, RST)) shownOpen[peerOf(from)] = true
  }
  return permission
}

/** RFC 7323 2.2: windows are scaled if both SYNs offered it, and never in a SYN. If the scale is unknown, the largest is assumed. */
function withScaledWindow(captured: CapturedSegment, sender: Side, receiver: Side): CapturedSegment {
  const { segment } = captured
  if (hasBit(segment.bits, SYN) || sender.windowScale === -1 || receiver.windowScale === -1 || sender.windowScale === 0)
    return captured
  return { ...captured, segment: { ...segment, window: segment.window * 2 ** (sender.windowScale ?? 14) } }
}

/** A side's state; null until known. */
export const stateUnder = ({ sides, shownOpen }: Hypothesis, seat: Seat): State | null =>
  shownOpen && !(shownOpen.client && shownOpen.server) ? null : sides[seat].tcb.state

/** The state in which both sides must have been before this segment, if nothing else is known. */
export function hypothesisBefore(from: Seat, segment: Segment): Hypothesis {
  const { bits, seq, ack } = segment
  if (!hasBit(bits, SYN)) return hypothesisMidConnection(from, segment)
  if (!hasBit(bits, ACK) || ack === null) return hypothesisOf(from, new Side(createTcb(seq, MAX_WINDOW_OCTETS), true), unseenSide())
  // The segment is a SYN,ACK whose SYN was not captured. That SYN is reconstructed from the acknowledgment number.
  const iss = add(ack, -1)
  const hypothesis = hypothesisOf(from, unseenSide(), new Side(createTcb(iss, MAX_WINDOW_OCTETS), true))
  reconstruct(hypothesis, peerOf(from), { bits: SYN, seq: iss, ack: null, window: 65_535, length: 0 })
  return hypothesis
}

/** The sender opens a new connection; the peer is still in the state of the old one. */
export const reopen = (from: Seat, segment: Segment, peer: Side): Hypothesis =>
  hypothesisOf(from, new Side(createTcb(segment.seq, MAX_WINDOW_OCTETS), true), peer)

/** The alternative hypothesis that a refused segment was accepted: its numbers are assumed to be right. Null if it is illegal even then. */
export function assumeAccepted(hypothesis: Hypothesis, from: Seat, captured: CapturedSegment): Hypothesis | null {
  const { segment } = captured
  if (hasBit(segment.bits, SYN) || hypothesis.sides[from].tcb.irs === null) return null
  const fork = forkOf(hypothesis)
  fork.sides[from].assumeNumbers(segment.seq, segment.ack)
  fork.sides[peerOf(from)].assumeReceived(segment.seq)
  return judgeUnder(fork, from, captured).ok ? fork : null
}

export const forkOf = ({ sides, shownOpen, ...rest }: Hypothesis): Hypothesis => ({
  ...rest,
  sides: { client: sides.client.fork(), server: sides.server.fork() },
  shownOpen: shownOpen && { ...shownOpen },
})

/**
 * The hypothesis with what a side must have sent of which nothing has been captured, so that this segment of its peer can be legal; or with
 * an older state of a side whose first segment this is. Null if there is no such thing.
 */
function reconstructUnseen(hypothesis: Hypothesis, from: Seat, { bits, seq, ack, length }: Segment): Hypothesis | null {
  if (!hasBit(bits, ACK) || ack === null || hasBit(bits, SYN | RST)) return null
  const to = peerOf(from)
  const fork = forkOf(hypothesis)
  const sender = fork.sides[from]
  const receiver = fork.sides[to]
  const { tcb } = sender
  if (!sender.captured) {
    // A SYN meets a connection that began before the capture: it is challenged (RFC 9293 3.5.1 and 3.10.7.4; RFC 5961 4.2).
    if (!hypothesis.unseenMayBeOlder || receiver.tcb.state !== 'SYN-SENT' || ack === receiver.tcb.snd.nxt) return null
    const old = new Side(tcbMidConnection(seq, ack), true)
    fork.sides = from === 'client' ? { client: old, server: receiver } : { client: receiver, server: old }
    return fork
  }
  const acknowledged = tcb.snd.nxt
  if (tcb.state === 'SYN-SENT' && seq === acknowledged) {
    reconstruct(fork, to, { bits: SYN | ACK, seq: add(ack, -1), ack: acknowledged, window: 65_535, length: 0 })
    return fork
  }
  if (tcb.state !== 'SYN-RECEIVED' || tcb.irs === null || (length === 0 && !hasBit(bits, FIN))) return null
  reconstruct(fork, to, { bits: ACK, seq: tcb.rcv.nxt, ack: acknowledged, window: 65_535, length: 0 })
  return fork
}

/** Applies a segment that the capture lacks. Its sender remains one of which nothing has been captured. */
function reconstruct(hypothesis: Hypothesis, from: Seat, segment: Segment): void {
  const side = hypothesis.sides[from]
  judgeAsCaptured(hypothesis, from, { segment, windowScale: 0, digest: -1, position: -1 })
  side.captured = false
  side.windowScale = null
}

const hypothesisOf = (from: Seat, sender: Side, receiver: Side): Hypothesis => ({
  sides: from === 'client' ? { client: sender, server: receiver } : { client: receiver, server: sender },
  shownOpen: null,
  lacks: false,
  unseenMayBeOlder: true,
})

/** How many sequence numbers before the first captured one may still be in flight. */
const UNSEEN_NUMBERS = 2 ** 29

/** The TCB of a side in mid-connection that sends at `nxt` and expects `next`. */
function tcbMidConnection(nxt: number, next: number): Tcb {
  const tcb = createEstablishedTcb({
    iss: add(nxt, -UNSEEN_NUMBERS),
    irs: add(next, -UNSEEN_NUMBERS),
    sndWnd: MAX_WINDOW_OCTETS,
    rcvWnd: MAX_WINDOW_OCTETS,
  })
  return { ...tcb, snd: { ...tcb.snd, una: nxt, nxt }, rcv: { ...tcb.rcv, nxt: next } }
}

function hypothesisMidConnection(from: Seat, { seq, ack }: Segment): Hypothesis {
  const sender = new Side(tcbMidConnection(seq, ack ?? 0), true)
  const receiver = new Side(tcbMidConnection(ack ?? 0, seq), false)
  sender.mayHaveBegunWithKeepAlive = receiver.mayHaveBegunWithKeepAlive = true
  sender.noteOfferedWindow(seq, MAX_WINDOW_OCTETS)
  receiver.noteOfferedWindow(ack ?? 0, MAX_WINDOW_OCTETS)
  return { ...hypothesisOf(from, sender, receiver), shownOpen: { client: false, server: false } }
}

/** Whether the state of this side allows a new connection on the same ports. */
export const isOver = ({ tcb }: Side): boolean =>
  OVER_STATES.includes(tcb.state) || (tcb.state === 'SYN-RECEIVED' && !gt(tcb.snd.una, tcb.iss))

const OVER_STATES: readonly State[] = ['CLOSED', 'LISTEN', 'TIME-WAIT', 'SYN-SENT']
