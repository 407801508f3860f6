/** Builds captures from scripted conversations, and judges captures in memory. */
import type { Seat } from '../../protocol/seat.ts'
import type { KeySource } from '../../protocol/capture/tls-decryptor.ts'
import { type JudgedSegment, ConnectionTracker } from '../../protocol/capture/connection-tracker.ts'
import { CONTROL_BITS, type Segment } from '../../protocol/segment.ts'
import { CaptureReader } from '../../protocol/wire/capture-reader.ts'
import { LINKTYPE_ETHERNET } from '../../protocol/wire/decode-packet.ts'
import { encodeEthernet, encodeIp, type SocketAddress } from '../../protocol/wire/encode-packet.ts'
import { encodePcapngHeader, encodePcapngPacket } from '../../protocol/wire/encode-pcapng.ts'

const CLIENT: SocketAddress = { address: Uint8Array.of(192, 0, 2, 1), port: 40000 }
const SERVER: SocketAddress = { address: Uint8Array.of(192, 0, 2, 2), port: 80 }
const ISN: Readonly<Record<Seat, number>> = { client: 1000, server: 4294967290 }

/**
 * One line of a conversation with relative numbers, `client SYN,ACK 0 1 10 win 500`: seat, bits, seq, ack or `-`, octets, window.
 */
export interface Line {
  readonly from: Seat
  readonly segment: Segment
  readonly payload: Uint8Array
  readonly options?: Uint8Array
}

/** Parses a line of a conversation. `options`: the TCP options of the segment, as octets. */
export function line(text: string, options?: Uint8Array): Line {
  const [from, bits = '', seq, ack, length = '0', , window = '65535'] = text.split(' ') as [Seat, ...string[]]
  const peer = from === 'client' ? 'server' : 'client'
  const octets = Number(length)
  const segment: Segment = {
    bits: bits.split(',').reduce((sum, name) => sum | (CONTROL_BITS.find(([known]) => known === name)?.[1] ?? 0), 0),
    seq: (ISN[from] + Number(seq)) >>> 0,
    ack: ack === '-' || ack === undefined ? null : (ISN[peer] + Number(ack)) >>> 0,
    window: Number(window),
    length: octets,
  }
  // An octet depends only on its sequence number, so a retransmission carries the same text.
  const payload = Uint8Array.from({ length: octets }, (_, i) => 97 + ((Number(seq) + i) % 26))
  return { from, segment, payload, ...(options && { options }) }
}

/** The IP packet of a line. */
export const packetOf = ({ from, segment, payload, options }: Line, client = CLIENT, server = SERVER): Uint8Array =>
  encodeIp(from === 'client' ? client : server, from === 'client' ? server : client, segment, {
    payload,
    ...(options && { options }),
  })

export const concat = (parts: readonly Uint8Array[]): Uint8Array => {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** The conversation as pcapng over Ethernet, with one segment per millisecond. */
export const captureOf = (lines: readonly (string | Line)[]): Uint8Array =>
  concat([
    encodePcapngHeader(LINKTYPE_ETHERNET),
    ...lines.map((said, i) =>
      encodePcapngPacket(1_700_000_000 + i / 1000, encodeEthernet(packetOf(typeof said === 'string' ? line(said) : said))),
    ),
  ])

/** Every judged segment of a capture that is read in chunks of this size. */
export function judgeAll(
  file: Uint8Array,
  chunk = file.length,
  secrets: KeySource | null = null,
): { judged: JudgedSegment[]; tracker: ConnectionTracker } {
  const judged: JudgedSegment[] = []
  const tracker = new ConnectionTracker((one) => judged.push(one), secrets)
  const reader = new CaptureReader({ packet: (packet) => tracker.take(packet) })
  for (let at = 0; at < file.length; at += chunk) reader.feed(file.subarray(at, at + chunk))
  reader.end()
  tracker.end()
  return { judged, tracker }
}

/** A connection without faults: handshake, data in both directions, close by the client. */
export const PLAIN: readonly string[] = [
  'client SYN 0 - 0',
  'server SYN,ACK 0 1 0',
  'client ACK 1 1 0',
  'client PSH,ACK 1 1 100',
  'server ACK 1 101 0',
  'server PSH,ACK 1 101 1000',
  'client ACK 101 1001 0',
  'client FIN,ACK 101 1001 0',
  'server ACK 1001 102 0',
  'server FIN,ACK 1001 102 0',
  'client ACK 102 1002 0',
]
