/** Encodes pcapng blocks. The caller concatenates them: the header, the secrets if there are any, the packets. */
import {
  BYTE_ORDER_MAGIC,
  ENHANCED_PACKET_BLOCK,
  INTERFACE_BLOCK,
  DECRYPTION_SECRETS_BLOCK,
  SECTION_HEADER_BLOCK,
} from './pcapng.ts'

/** The section header and the description of one interface of this link type, with timestamps in microseconds. */
export function encodePcapngHeader(link: number): Uint8Array {
  const section = encodeBlock(SECTION_HEADER_BLOCK, 16, (view) => {
    view.setUint32(0, BYTE_ORDER_MAGIC)
    view.setUint16(4, 1)
    view.setBigInt64(8, -1n) // Section length: unspecified.
  })
  const description = encodeBlock(INTERFACE_BLOCK, 8, (view) => view.setUint16(0, link))
  const header = new Uint8Array(section.length + description.length)
  header.set(section)
  header.set(description, section.length)
  return header
}

/** A Decryption Secrets Block: TLS secrets in the NSS key log format, which decrypt the packets that follow. */
export const encodePcapngSecrets = (keyLog: Uint8Array): Uint8Array =>
  encodeBlock(DECRYPTION_SECRETS_BLOCK, 8 + keyLog.length, (view, bytes) => {
    view.setUint32(0, TLS_KEY_LOG)
    view.setUint32(4, keyLog.length)
    bytes.set(keyLog, 8)
  })

/** The secrets type of an NSS key log: "TLSK". */
export const TLS_KEY_LOG = 0x544c534b

/** A completely captured packet. `time`: seconds since 1970. */
export const encodePcapngPacket = (time: number, packet: Uint8Array): Uint8Array =>
  encodeBlock(ENHANCED_PACKET_BLOCK, 20 + packet.length, (view, bytes) => {
    const microseconds = Math.round(time * 1e6)
    view.setUint32(4, Math.floor(microseconds / 2 ** 32))
    view.setUint32(8, microseconds >>> 0)
    view.setUint32(12, packet.length)
    view.setUint32(16, packet.length)
    bytes.set(packet, 20)
  })

/** A block with a body of `length` octets, padded to 32 bits. */
function encodeBlock(type: number, length: number, fill: (view: DataView, body: Uint8Array) => void): Uint8Array {
  const total = 12 + Math.ceil(length / 4) * 4
  const bytes = new Uint8Array(total)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, type)
  view.setUint32(4, total)
  fill(new DataView(bytes.buffer, 8, length), bytes.subarray(8, 8 + length))
  view.setUint32(total - 4, total)
  return bytes
}
