/**
 * Reads pcapng (draft-ietf-opsawg-pcapng): a sequence of blocks, each with its type, its length, its body and its length again. Each
 * section has its own byte order and interfaces. Other block types are skipped.
 */
import { type FormatReader, MAX_CAPTURED_OCTETS, type ReaderInput } from './capture-format.ts'

export const SECTION_HEADER_BLOCK = 0x0a0d0d0a
export const BYTE_ORDER_MAGIC = 0x1a2b3c4d
export const INTERFACE_BLOCK = 1
export const ENHANCED_PACKET_BLOCK = 6
export const DECRYPTION_SECRETS_BLOCK = 10
const OBSOLETE_PACKET_BLOCK = 2
const SIMPLE_PACKET_BLOCK = 3
const STATISTICS_BLOCK = 5

/** Interface options: the resolution of timestamps, and their offset in seconds. */
const OPTION_TSRESOL = 9
const OPTION_TSOFFSET = 14
/** Option of an enhanced packet: how many packets of its interface were lost since the one before. */
const DROP_COUNT: readonly number[] = [4]
/** Options of an interface's statistics: how many packets were lost from the beginning, by the interface and by the system. */
const DROPPED: readonly number[] = [5, 7]

/** Longest block that is read as a whole: the longest packet and its options. */
const MAX_BLOCK_OCTETS = MAX_CAPTURED_OCTETS + 65_536
const MAX_INTERFACES = 4096

interface CaptureInterface {
  readonly link: number
  readonly snapLength: number
  /** Timestamp units per second. */
  readonly unitsPerSecond: number
  /** Seconds that are added to every timestamp. */
  readonly offset: number
  /** Packets that were lost, as far as the file has said. */
  dropped: number
}

/** Starts reading; null if `magic`, the first four octets, is not that of a pcapng file. */
export function openPcapngReader(magic: number, { bytes, view, packet, handlers, fail }: ReaderInput): FormatReader | null {
  if (magic !== SECTION_HEADER_BLOCK) return null
  let little = false
  let interfaces: CaptureInterface[] = []

  /** The block's total length, checked to be possible. */
  const readLength = (at: number): number => {
    const length = view.getUint32(at + 4, little)
    if (length < 12 || length % 4 !== 0) fail(at, `a block claims ${length} octets, which is no length of a block`)
    return length
  }

  const readInterface = (at: number, filled: number, body: number): CaptureInterface => {
    if (filled - body < 8) fail(at, 'an interface block that is too short')
    let unitsPerSecond = 1e6
    let offset = 0
    for (const { code, start, length } of readOptions(body + 8, filled))
      if (code === OPTION_TSRESOL && length === 1) {
        const exponent = bytes[start]!
        unitsPerSecond = exponent & 0x80 ? 2 ** (exponent & 0x7f) : 10 ** exponent
      } else if (code === OPTION_TSOFFSET && length === 8) offset = Number(view.getBigInt64(start, little))
    return { link: view.getUint16(body, little), snapLength: view.getUint32(body + 4, little), unitsPerSecond, offset, dropped: 0 }
  }

  /** The options from `at` on, as far as they fit. `start`: of the value. */
  function* readOptions(at: number, end: number): Generator<{ code: number; start: number; length: number }> {
    for (let option = at; option + 4 <= end;) {
      const code = view.getUint16(option, little)
      const length = view.getUint16(option + 2, little)
      if (code === 0 || option + 4 + length > end) return
      yield { code, start: option + 4, length }
      option += 4 + padded(length)
    }
  }

  /** The sum of these options, each a count of 64 bits. */
  const sumOfOptions = (codes: readonly number[], at: number, end: number): number => {
    let sum = 0
    if (at + 4 > end) return sum
    for (const { code, start, length } of readOptions(at, end))
      if (codes.includes(code) && length === 8) sum += Number(view.getBigUint64(start, little))
    return sum
  }

  const noteDropped = (on: CaptureInterface, dropped: number): void => {
    if (dropped <= on.dropped) return
    handlers.dropped?.(dropped - on.dropped)
    on.dropped = dropped
  }

  /** Reports the packet of the block at `at`: its octets start at `start`, and the block's body ends at `end`. */
  const emit = (at: number, on: CaptureInterface, start: number, end: number, captured: number, length: number): void => {
    if (captured > MAX_CAPTURED_OCTETS || start + captured > end)
      fail(at, `a packet claims ${captured} octets, more than its block holds`)
    packet.number += 1
    packet.link = on.link
    packet.bytes = bytes
    packet.start = start
    packet.end = start + captured
    packet.length = Math.max(captured, length)
    handlers.packet(packet)
  }

  const findInterface = (at: number, id: number): CaptureInterface =>
    interfaces[id] ?? fail(at, `a packet of interface ${id}, which the file has not described`)

  const readBlock = (at: number, type: number, end: number): void => {
    const body = at + 8
    switch (type) {
      case INTERFACE_BLOCK:
        if (interfaces.length === MAX_INTERFACES) fail(at, `more than ${MAX_INTERFACES} interfaces`)
        interfaces.push(readInterface(at, end, body))
        break
      case ENHANCED_PACKET_BLOCK:
      case OBSOLETE_PACKET_BLOCK: {
        if (end - body < 20) fail(at, 'a packet block that is too short')
        const on = findInterface(at, type === ENHANCED_PACKET_BLOCK ? view.getUint32(body, little) : view.getUint16(body, little))
        packet.time =
          on.offset + (view.getUint32(body + 4, little) * 2 ** 32 + view.getUint32(body + 8, little)) / on.unitsPerSecond
        const captured = view.getUint32(body + 12, little)
        // The options of the obsolete block mean something else.
        if (type === ENHANCED_PACKET_BLOCK && handlers.dropped !== undefined)
          noteDropped(on, on.dropped + sumOfOptions(DROP_COUNT, body + 20 + padded(captured), end))
        emit(at, on, body + 20, end, captured, view.getUint32(body + 16, little))
        break
      }
      case STATISTICS_BLOCK: {
        if (end - body < 12) fail(at, 'a statistics block that is too short')
        noteDropped(findInterface(at, view.getUint32(body, little)), sumOfOptions(DROPPED, body + 12, end))
        break
      }
      case SIMPLE_PACKET_BLOCK: {
        if (end - body < 4) fail(at, 'a packet block that is too short')
        const on = findInterface(at, 0)
        const length = view.getUint32(body, little)
        packet.time = 0
        emit(at, on, body + 4, end, Math.min(length, on.snapLength === 0 ? length : on.snapLength, end - body - 4), length)
        break
      }
      case DECRYPTION_SECRETS_BLOCK: {
        if (end - body < 8) fail(at, 'a secrets block that is too short')
        const length = view.getUint32(body + 4, little)
        if (length > end - body - 8) fail(at, `secrets claim ${length} octets, more than their block holds`)
        handlers.secrets?.(view.getUint32(body, little), bytes.subarray(body + 8, body + 8 + length))
        break
      }
    }
  }

  /** Whether the body of such a block is used, so that it must be in the buffer as a whole. */
  const isUsed = (type: number): boolean =>
    type === INTERFACE_BLOCK ||
    type === ENHANCED_PACKET_BLOCK ||
    type === OBSOLETE_PACKET_BLOCK ||
    type === SIMPLE_PACKET_BLOCK ||
    (type === STATISTICS_BLOCK && handlers.dropped !== undefined) ||
    (type === DECRYPTION_SECRETS_BLOCK && handlers.secrets !== undefined)

  return {
    read(at, filled) {
      if (filled - at < 12) return at
      if (view.getUint32(at) === SECTION_HEADER_BLOCK) {
        const order = view.getUint32(at + 8)
        if (order !== BYTE_ORDER_MAGIC && order !== 0x4d3c2b1a) fail(at, 'a section without a byte order')
        little = order !== BYTE_ORDER_MAGIC
        interfaces = []
        return at + readLength(at)
      }
      const type = view.getUint32(at, little)
      const length = readLength(at)
      if (!isUsed(type)) return at + length
      if (length > MAX_BLOCK_OCTETS)
        fail(at, `a block claims ${length} octets, more than the ${MAX_BLOCK_OCTETS} that there can be`)
      const end = at + length
      if (end > filled) return at
      if (view.getUint32(end - 4, little) !== length) fail(at, 'a block whose two lengths differ')
      readBlock(at, type, end - 4)
      return end
    },
  }
}

/** Everything in a block is padded to 32 bits. */
const padded = (length: number): number => Math.ceil(length / 4) * 4
