/** Both sides of a captured connection, and how a segment moves them. */
import { ACK, FIN, has, RST, type Segment, SYN } from '../segment.ts'
import { add, gt } from '../seq.ts'
import type { Permission } from '../tcp/may-send.ts'
import { closed, established, type State, type Tcb } from '../tcp/tcb.ts'
import { peerOf, type Seat } from '../world/exercise.ts'
import { Side, unheard, WIDEST } from './side.ts'

export interface World {
  readonly sides: Readonly<Record<Seat, Side>>
  /**
   * Which sides had not closed before the capture began; null where it holds the beginning. A side that sends text or its FIN had not, and
   * once both have shown it, the states are known.
   */
  readonly shown: Record<Seat, boolean> | null
}

/** Judges a segment in this world. If it is legal it has left and arrived; otherwise the world is as it was. */
export function judgeIn({ sides, shown }: World, from: Seat, segment: Segment, digest: number): Permission {
  const sender = sides[from]
  const receiver = sides[peerOf(from)]
  const first = !sender.seen
  const permission = sender.sends(segment, digest, receiver)
  if (!permission.ok) return permission
  if (segment.ack !== null) receiver.mustHaveSent(segment.ack)
  if (first) receiver.mustHaveReceived(segment.seq)
  receiver.receives(segment)
  if (shown && (segment.length > 0 || has(segment.bits, FIN | RST))) {
    shown[from] = true
    if (has(segment.bits, RST)) shown[peerOf(from)] = true
  }
  return permission
}

/** Null until it is known. */
export const stateOf = ({ sides, shown }: World, seat: Seat): State | null =>
  shown && !(shown.client && shown.server) ? null : sides[seat].tcb.state

/** Both sides as they must have been before a segment of which nothing is known but itself. */
export function worldBefore(from: Seat, segment: Segment): World {
  const { bits, seq, ack } = segment
  const to = peerOf(from)
  if (!has(bits, SYN)) return middle(from, segment)
  if (!has(bits, ACK) || ack === null) return withSides(from, new Side(closed(seq, WIDEST), true), unheard())
  // The SYN that it answers was not captured.
  const iss = add(ack, -1)
  const world = withSides(from, unheard(), new Side(closed(iss, WIDEST), true))
  judgeIn(world, to, { bits: SYN, seq: iss, ack: null, window: 65_535, length: 0 }, -1)
  return world
}

/** The sender opens anew; the peer does not know yet that its connection is gone. */
export const reopened = (from: Seat, segment: Segment, peer: Side): World =>
  withSides(from, new Side(closed(segment.seq, WIDEST), true), peer)

/** The world in which a refused segment had counted: its sender stood where it says. Null where even then it would be refused. */
export function counted(world: World, from: Seat, segment: Segment, digest: number): World | null {
  const { sides, shown } = world
  if (has(segment.bits, SYN) || sides[from].tcb.irs === null) return null
  const fork: World = {
    sides: { client: sides.client.fork(), server: sides.server.fork() },
    shown: shown && { ...shown },
  }
  fork.sides[from].standsAt(segment.seq, segment.ack)
  fork.sides[peerOf(from)].mustHaveReceived(segment.seq)
  return judgeIn(fork, from, segment, digest).ok ? fork : null
}

const withSides = (from: Seat, sender: Side, receiver: Side): World => ({
  sides: from === 'client' ? { client: sender, server: receiver } : { client: receiver, server: sender },
  shown: null,
})

/** Numbers before the first that was seen may still be on the way. */
const UNSEEN = 2 ** 29

function middle(from: Seat, { seq, ack }: Segment): World {
  const at = (nxt: number, next: number): Tcb => {
    const tcb = established({ iss: add(nxt, -UNSEEN), irs: add(next, -UNSEEN), sndWnd: WIDEST, rcvWnd: WIDEST })
    return { ...tcb, snd: { ...tcb.snd, una: nxt, nxt }, rcv: { ...tcb.rcv, nxt: next } }
  }
  const sender = new Side(at(seq, ack ?? 0), true)
  const receiver = new Side(at(ack ?? 0, seq), false)
  sender.offered(seq, WIDEST)
  receiver.offered(ack ?? 0, WIDEST)
  return { ...withSides(from, sender, receiver), shown: { client: false, server: false } }
}

/** Nothing is left of the connection on this side, or nothing that would keep a new one from the same ports. */
export const isOver = ({ tcb }: Side): boolean =>
  OVER.includes(tcb.state) || (tcb.state === 'SYN-RECEIVED' && !gt(tcb.snd.una, tcb.iss))

const OVER: readonly State[] = ['CLOSED', 'LISTEN', 'TIME-WAIT', 'SYN-SENT']
