/** Encodes a segment as octets: TCP in IPv4 or IPv6 with correct checksums, and optionally in Ethernet. */
import type { Segment } from '../segment.ts'
import { foldCarries, sumWords } from './checksum.ts'
import { ETHERTYPE_IPV4, ETHERTYPE_IPV6, PROTOCOL_TCP } from './decode-packet.ts'

/** An address of 4 or 16 octets, and a port. */
export interface SocketAddress {
  readonly address: Uint8Array
  readonly port: number
}

const EMPTY = new Uint8Array(0)

/**
 * Encodes a segment as an IP packet. `payload` has `segment.length` octets; `options` are the encoded TCP options, which are padded
 * to 32 bits; `id` is the IPv4 identification field.
 */
export function encodeIp(
  from: SocketAddress,
  to: SocketAddress,
  segment: Segment,
  { payload = EMPTY, options = EMPTY, id = 0 }: { payload?: Uint8Array; options?: Uint8Array; id?: number } = {},
): Uint8Array {
  const v4 = from.address.length === 4
  const ip = v4 ? 20 : 40
  const header = 20 + Math.ceil(options.length / 4) * 4
  const length = header + payload.length
  const bytes = new Uint8Array(ip + length)
  const view = new DataView(bytes.buffer)
  if (v4) {
    bytes[0] = 0x45
    view.setUint16(2, ip + length)
    view.setUint16(4, id & 0xffff)
    bytes[6] = 0x40 // Don't fragment.
    bytes[8] = 64
    bytes[9] = PROTOCOL_TCP
  } else {
    bytes[0] = 0x60
    view.setUint16(4, length)
    bytes[6] = PROTOCOL_TCP
    bytes[7] = 64
  }
  const addresses = v4 ? 12 : 8
  bytes.set(from.address, addresses)
  bytes.set(to.address, addresses + from.address.length)
  if (v4) view.setUint16(10, computeChecksum(sumWords(bytes, 0, ip)))

  view.setUint16(ip, from.port)
  view.setUint16(ip + 2, to.port)
  view.setUint32(ip + 4, segment.seq)
  view.setUint32(ip + 8, segment.ack ?? 0)
  bytes[ip + 12] = (header / 4) << 4
  bytes[ip + 13] = segment.bits
  view.setUint16(ip + 14, segment.window)
  bytes.set(options, ip + 20)
  bytes.set(payload, ip + header)
  const pseudo = sumWords(bytes, addresses, ip, PROTOCOL_TCP + length)
  view.setUint16(ip + 16, computeChecksum(sumWords(bytes, ip, bytes.length, pseudo)))
  return bytes
}

/** Puts an IP packet into an Ethernet frame. The MAC addresses are locally administered and end in the last octet of the IP addresses. */
export function encodeEthernet(packet: Uint8Array): Uint8Array {
  const v4 = packet[0]! >> 4 === 4
  const frame = new Uint8Array(14 + packet.length)
  frame.set([2, 0, 0, 0, 0, packet[v4 ? 19 : 39]!, 2, 0, 0, 0, 0, packet[v4 ? 15 : 23]!])
  new DataView(frame.buffer).setUint16(12, v4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6)
  frame.set(packet, 14)
  return frame
}

const computeChecksum = (sum: number): number => ~foldCarries(sum) & 0xffff
