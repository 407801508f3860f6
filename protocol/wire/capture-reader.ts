/**
 * Reads a capture as it comes in: pcap or pcapng, in chunks of any size, in constant memory. What a file claims about its lengths is
 * checked before it is believed.
 */
import { CaptureError, type FormatReader, type CaptureHandlers, type CapturedPacket, type ReaderInput } from './capture-format.ts'
import { openPcapReader } from './pcap.ts'
import { openPcapngReader } from './pcapng.ts'

/** Large enough for the longest block, and some read-ahead. */
const BUFFER_OCTETS = 1 << 19

export class CaptureReader {
  readonly #bytes = new Uint8Array(BUFFER_OCTETS)
  readonly #source: ReaderInput
  #format: FormatReader | null = null
  #filled = 0
  /** Octets of the file before the buffer's first, and octets still to be skipped. */
  #before = 0
  #skip = 0

  constructor(handlers: CaptureHandlers) {
    const packet: CapturedPacket = { number: 0, time: 0, link: 0, bytes: this.#bytes, start: 0, end: 0, length: 0 }
    this.#source = {
      bytes: this.#bytes,
      view: new DataView(this.#bytes.buffer),
      packet,
      handlers,
      fail: (at, why) => {
        throw new CaptureError(`at octet ${this.#before + at}, after ${formatPacketCount(packet.number)}: ${why}`)
      },
    }
  }

  /** Reads the file's next octets; throws `CaptureError` once they cannot be a capture. */
  feed(chunk: Uint8Array): void {
    let taken = 0
    while (taken < chunk.length) {
      if (this.#skip > 0) {
        const passed = Math.min(this.#skip, chunk.length - taken)
        this.#skip -= passed
        this.#before += passed
        taken += passed
        continue
      }
      const some = chunk.subarray(taken, taken + BUFFER_OCTETS - this.#filled)
      this.#bytes.set(some, this.#filled)
      this.#filled += some.length
      taken += some.length
      this.#read()
    }
  }

  /** The file has ended; throws `CaptureError` where it ended too early. */
  end(): void {
    if (this.#before + this.#filled === 0) throw new CaptureError('the file is empty')
    if (this.#filled > 0 || this.#skip > 0) this.#source.fail(0, 'the file ends in the middle of what begins here')
  }

  #read(): void {
    let at = 0
    if (this.#format === null) {
      if (this.#filled < 4) return
      const magic = this.#source.view.getUint32(0)
      this.#format = openPcapngReader(magic, this.#source) ?? openPcapReader(magic, this.#source)
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
