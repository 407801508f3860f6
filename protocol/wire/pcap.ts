/** Reads pcap: a file header of 24 octets, then packets, each with a header of 16 octets (draft-ietf-opsawg-pcap). */
import { type FormatReader, MAX_CAPTURED_OCTETS, type ReaderInput } from './capture-format.ts'

/** By magic number, read big-endian: the byte order of the file, and the timestamp units per second. */
const MAGIC_NUMBERS: { readonly [magic: number]: { readonly little: boolean; readonly unitsPerSecond: number } } = {
  0xa1b2c3d4: { little: false, unitsPerSecond: 1e6 },
  0xa1b23c4d: { little: false, unitsPerSecond: 1e9 },
  0xd4c3b2a1: { little: true, unitsPerSecond: 1e6 },
  0x4d3cb2a1: { little: true, unitsPerSecond: 1e9 },
}

const FILE_HEADER_OCTETS = 24
const PACKET_HEADER_OCTETS = 16

/** Starts reading; null if `magic`, the first four octets, is not that of a pcap file. */
export function openPcapReader(magic: number, { bytes, view, packet, handlers, fail }: ReaderInput): FormatReader | null {
  const order = MAGIC_NUMBERS[magic]
  if (order === undefined) return null
  const { little, unitsPerSecond } = order
  let headerRead = false

  return {
    read(at, filled) {
      if (!headerRead) {
        if (filled - at < FILE_HEADER_OCTETS) return at
        const version = view.getUint16(at + 4, little)
        if (version !== 2) fail(at, `pcap of version ${version}, where 2 is the only one in use`)
        // The upper bits describe a frame check sequence; it follows the IP packet and is ignored.
        packet.link = view.getUint32(at + 20, little) & 0xffff
        headerRead = true
        return at + FILE_HEADER_OCTETS
      }
      if (filled - at < PACKET_HEADER_OCTETS) return at
      const captured = view.getUint32(at + 8, little)
      if (captured > MAX_CAPTURED_OCTETS)
        fail(at, `a packet claims ${captured} octets, more than the ${MAX_CAPTURED_OCTETS} that there can be`)
      const start = at + PACKET_HEADER_OCTETS
      const end = start + captured
      if (end > filled) return at
      packet.number += 1
      packet.time = view.getUint32(at, little) + view.getUint32(at + 4, little) / unitsPerSecond
      packet.bytes = bytes
      packet.start = start
      packet.end = end
      packet.length = Math.max(captured, view.getUint32(at + 12, little))
      handlers.packet(packet)
      return end
    },
  }
}
