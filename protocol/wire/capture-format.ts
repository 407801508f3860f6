/** What the formats of captures have in common: their input and output. */

/** One captured packet. The reader fills the same record for each: copy what is to be kept. */
export interface CapturedPacket {
  /** Counted from 1 over all packets of the file. */
  number: number
  /** Seconds since 1970, or 0 where the file does not say. */
  time: number
  /** The link type of its interface, as in the registry of LINKTYPE_ values. */
  link: number
  /** The packet lies at `bytes[start … end)`, as much of it as was captured. */
  bytes: Uint8Array
  start: number
  end: number
  /** Octets that it had on the wire. */
  length: number
}

export interface CaptureHandlers {
  packet(packet: CapturedPacket): void
  /** A decryption-secrets block: its type (`TLSK` as a number) and its octets, which are the reader's own: copy them. */
  secrets?(type: number, bytes: Uint8Array): void
}

/** The file is no capture, or is broken: the message says where and how, in one line. */
export class CaptureError extends Error {}

/** No packet is longer: what capturing programs allow at most, and more than any IP packet but the largest jumbogram. */
export const MAX_CAPTURED_OCTETS = 262_144

/** Reads one capture format from the buffer. Positions are the buffer's; `filled` is where the octets end. */
export interface FormatReader {
  /**
   * Reads one header, packet or block at `at` and returns where the next begins, which may lie beyond `filled`: skipped octets need
   * not be in the buffer. Returns `at` itself when it needs more octets.
   */
  read(at: number, filled: number): number
}

/** A format's input. `fail` throws, naming the octet of the file that `at` is. */
export interface ReaderInput {
  readonly bytes: Uint8Array
  readonly view: DataView
  readonly packet: CapturedPacket
  readonly handlers: CaptureHandlers
  fail(at: number, why: string): never
}
