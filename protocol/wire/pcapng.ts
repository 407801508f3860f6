/**
 * pcapng (draft-ietf-opsawg-pcapng): blocks, each with its type, its length, and its length again. A section has a byte order and
 * interfaces of its own. Blocks of no interest are passed over.
 */
import { type Format, MOST_CAPTURED, type Source } from './format.ts'

export const SECTION_HEADER = 0x0a0d0d0a
export const BYTE_ORDER = 0x1a2b3c4d
export const INTERFACE = 1
export const ENHANCED_PACKET = 6
export const SECRETS = 10
const OBSOLETE_PACKET = 2
const SIMPLE_PACKET = 3

/** Options of an interface: its timestamps' resolution and their offset in seconds. */
const OPTION_TSRESOL = 9
const OPTION_TSOFFSET = 14

/** A packet with its options, or any other block that has to be at hand whole. */
const MOST_OF_A_BLOCK = MOST_CAPTURED + 65_536
const MOST_INTERFACES = 4096

interface Interface {
  readonly link: number
  readonly snapshot: number
  /** Timestamps a second. */
  readonly ticks: number
  readonly offset: number
}

/** Null where the first four octets are not a pcapng's. */
export function openPcapng(magic: number, { bytes, view, packet, handlers, fail }: Source): Format | null {
  if (magic !== SECTION_HEADER) return null
  let little = false
  let interfaces: Interface[] = []

  /** The block's length, checked. */
  const lengthAt = (at: number): number => {
    const length = view.getUint32(at + 4, little)
    if (length < 12 || length % 4 !== 0) fail(at, `a block claims ${length} octets, which is no length of a block`)
    return length
  }

  const interfaceAt = (at: number, filled: number, body: number): Interface => {
    if (filled - body < 8) fail(at, 'an interface block that is too short')
    let ticks = 1e6
    let offset = 0
    for (let option = body + 8; option + 4 <= filled;) {
      const code = view.getUint16(option, little)
      const length = view.getUint16(option + 2, little)
      if (code === 0 || option + 4 + length > filled) break
      if (code === OPTION_TSRESOL && length === 1) {
        const exponent = bytes[option + 4]!
        ticks = exponent & 0x80 ? 2 ** (exponent & 0x7f) : 10 ** exponent
      } else if (code === OPTION_TSOFFSET && length === 8) offset = Number(view.getBigInt64(option + 4, little))
      option += 4 + length + ((4 - (length % 4)) % 4)
    }
    return { link: view.getUint16(body, little), snapshot: view.getUint32(body + 4, little), ticks, offset }
  }

  /** A packet whose octets begin at `start`, in a block whose octets end at `end`. */
  const emit = (at: number, on: Interface, start: number, end: number, captured: number, length: number): void => {
    if (captured > MOST_CAPTURED || start + captured > end)
      fail(at, `a packet claims ${captured} octets, more than its block holds`)
    packet.number += 1
    packet.link = on.link
    packet.bytes = bytes
    packet.start = start
    packet.end = start + captured
    packet.length = Math.max(captured, length)
    handlers.packet(packet)
  }

  const interfaceOf = (at: number, id: number): Interface =>
    interfaces[id] ?? fail(at, `a packet of interface ${id}, which the file has not described`)

  const block = (at: number, type: number, end: number): void => {
    const body = at + 8
    switch (type) {
      case INTERFACE:
        if (interfaces.length === MOST_INTERFACES) fail(at, `more than ${MOST_INTERFACES} interfaces`)
        interfaces.push(interfaceAt(at, end, body))
        break
      case ENHANCED_PACKET:
      case OBSOLETE_PACKET: {
        if (end - body < 20) fail(at, 'a packet block that is too short')
        const on = interfaceOf(at, type === ENHANCED_PACKET ? view.getUint32(body, little) : view.getUint16(body, little))
        packet.time = on.offset + (view.getUint32(body + 4, little) * 2 ** 32 + view.getUint32(body + 8, little)) / on.ticks
        emit(at, on, body + 20, end, view.getUint32(body + 12, little), view.getUint32(body + 16, little))
        break
      }
      case SIMPLE_PACKET: {
        if (end - body < 4) fail(at, 'a packet block that is too short')
        const on = interfaceOf(at, 0)
        const length = view.getUint32(body, little)
        packet.time = 0
        emit(at, on, body + 4, end, Math.min(length, on.snapshot === 0 ? length : on.snapshot, end - body - 4), length)
        break
      }
      case SECRETS: {
        if (end - body < 8) fail(at, 'a secrets block that is too short')
        const length = view.getUint32(body + 4, little)
        if (length > end - body - 8) fail(at, `secrets claim ${length} octets, more than their block holds`)
        handlers.secrets?.(view.getUint32(body, little), bytes.subarray(body + 8, body + 8 + length))
        break
      }
    }
  }

  /** Does this block have to be at hand whole? */
  const reads = (type: number): boolean =>
    type === INTERFACE ||
    type === ENHANCED_PACKET ||
    type === OBSOLETE_PACKET ||
    type === SIMPLE_PACKET ||
    (type === SECRETS && handlers.secrets !== undefined)

  return {
    read(at, filled) {
      if (filled - at < 12) return at
      if (view.getUint32(at) === SECTION_HEADER) {
        const order = view.getUint32(at + 8)
        if (order !== BYTE_ORDER && order !== 0x4d3c2b1a) fail(at, 'a section without a byte order')
        little = order !== BYTE_ORDER
        interfaces = []
        return at + lengthAt(at)
      }
      const type = view.getUint32(at, little)
      const length = lengthAt(at)
      if (!reads(type)) return at + length
      if (length > MOST_OF_A_BLOCK) fail(at, `a block claims ${length} octets, more than the ${MOST_OF_A_BLOCK} that there can be`)
      const end = at + length
      if (end > filled) return at
      if (view.getUint32(end - 4, little) !== length) fail(at, 'a block whose two lengths differ')
      block(at, type, end - 4)
      return end
    },
  }
}
