/** Maps sequence numbers to offsets in the applications' octet streams, so that a retransmission carries the same octets. */
import { peerOf, type Seat } from '../../seat.ts'
import { add, sub } from '../../seq.ts'
import { hasBit, type Segment, SYN } from '../../segment.ts'
import { hasReceivedFin, type Tcb } from '../../tcp/tcb.ts'
import type { ScriptScene } from '../model/script.ts'
import type { Host, World } from '../model/world.ts'
import { sceneOf } from './current-scene.ts'

/** The sequence number of the first octet that a seat's application writes in a scene. */
const firstSeqOf = ({ iss, opening }: ScriptScene, seat: Seat): number => add(iss[seat], 1 + (opening[seat].sent ?? 0))

/** Offset of a segment's first octet in its sender's stream. Negative for octets from before the scene. */
export const streamOffsetOf = (scene: ScriptScene, from: Seat, { bits, seq }: Segment): number =>
  sub(hasBit(bits, SYN) ? add(seq, 1) : seq, firstSeqOf(scene, from))

/** How many octets of its stream a host has sent, not counting retransmissions. */
export function octetsSentBy(scene: ScriptScene, seat: Seat, { iss, snd, finSent }: Tcb): number {
  return snd.nxt === iss ? 0 : sub(finSent ?? snd.nxt, firstSeqOf(scene, seat))
}

/** The octets that a host has written (hexadecimal), as they arrive at its peer: an interceptor may send on others in their place. */
const arrivingStreamOf = ({ stream, relayed }: Host): string => relayed + stream.slice(relayed.length)

/** The octets that a seat has written (hexadecimal), as they are seen at the client. */
export const octetsAtClient = ({ hosts }: World, from: Seat): string =>
  from === 'client' ? hosts.client.stream : arrivingStreamOf(hosts.server)

/** What has been delivered to a host's application of the peer's stream: hexadecimal octets, and whether the stream has ended. */
export function octetsDeliveredTo(world: World, seat: Seat): { readonly octets: string; readonly ended: boolean } {
  const { irs, rcv, unread, state } = world.hosts[seat].tcb
  if (irs === null) return { octets: '', ended: false }
  const ended = hasReceivedFin(state)
  const octets = sub(rcv.nxt, firstSeqOf(sceneOf(world), peerOf(seat))) - (ended ? 1 : 0) - unread
  return { octets: arrivingStreamOf(world.hosts[peerOf(seat)]).slice(0, 2 * Math.max(octets, 0)), ended }
}

/**
 * The application data that a host has written (`said`) and received (`heard`), in hexadecimal, and whether the peer has closed (`ended`).
 * In scenes with TLS, this is the plaintext.
 */
export function applicationOctetsOf(
  world: World,
  seat: Seat,
): { readonly said: string; readonly heard: string; readonly ended: boolean } {
  const { tls, stream } = world.hosts[seat]
  if (tls) return { said: tls.plaintextSent, heard: tls.plaintextReceived, ended: tls.endpoint.connection.closed[peerOf(seat)] }
  const { octets, ended } = octetsDeliveredTo(world, seat)
  return { said: stream, heard: octets, ended }
}
