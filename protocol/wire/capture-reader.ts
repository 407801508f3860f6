/**
 * Reads a capture as a stream: pcap or pcapng, in chunks of any size, in constant memory. Every length in the file is checked before
 * it is used.
 */
import { CaptureError, type FormatReader, type CaptureHandlers, type CapturedPacket, type ReaderInput } from './capture-format.ts'
import { openPcapReader } from './pcap.ts'
import { openPcapngReader } from './pcapng.ts'

/** Large enough for the longest block, and some read-ahead. */
const BUFFER_OCTETS = 1 << 19

/** Feed it the octets of a file, then call `end`. The format is detected from the first four octets. */
export class CaptureReader {
  readonly #bytes = new Uint8Array(BUFFER_OCTETS)
  readonly #input: ReaderInput
  #format: FormatReader | null = null
  #filled = 0
  /** Octets of the file that precede the buffer, and octets that are still to be skipped. */
  #before = 0
  #skip = 0

  constructor(handlers: CaptureHandlers) {
    const packet: CapturedPacket = { number: 0, time: 0, link: 0, bytes: this.#bytes, start: 0, end: 0, length: 0 }
    this.#input = {
      bytes: this.#bytes,
      view: new DataView(this.#bytes.buffer),
      packet,
      handlers,
      fail: (at, why) => {
        throw new CaptureError(`at octet ${this.#before + at}, after ${formatPacketCount(packet.number)}: ${why}`)
      },
    }
  }

  /** Reads the next octets of the file. Throws `CaptureError` if they cannot be part of a capture. */
  feed(chunk: Uint8Array): void {
    let consumed = 0
    while (consumed < chunk.length) {
      if (this.#skip > 0) {
        const skipped = Math.min(this.#skip, chunk.length - consumed)
        this.#skip -= skipped
        this.#before += skipped
        consumed += skipped
        continue
      }
      const part = chunk.subarray(consumed, consumed + BUFFER_OCTETS - this.#filled)
      this.#bytes.set(part, this.#filled)
      this.#filled += part.length
      consumed += part.length
      this.#read()
    }
  }

  /** Call at the end of the file. Throws `CaptureError` if the file is empty or ends within a packet or block. */
  end(): void {
    if (this.#before + this.#filled === 0) throw new CaptureError('the file is empty')
    if (this.#filled > 0 || this.#skip > 0) this.#input.fail(0, 'the file ends in the middle of what begins here')
  }

  #read(): void {
    let at = 0
    if (this.#format === null) {
      if (this.#filled < 4) return
      const magic = this.#input.view.getUint32(0)
      this.#format = openPcapngReader(magic, this.#input) ?? openPcapReader(magic, this.#input)
      if (this.#format === null) throw new CaptureError('this is neither pcap nor pcapng')
    }
    while (at < this.#filled) {
      const next = this.#format.read(at, this.#filled)
      if (next === at) break
      at = next
    }
    this.#before += Math.min(at, this.#filled)
    this.#skip = Math.max(0, at - this.#filled)
    this.#bytes.copyWithin(0, at, this.#filled)
    this.#filled = Math.max(0, this.#filled - at)
  }
}

const formatPacketCount = (n: number): string => (n === 1 ? '1 packet' : `${n} packets`)
