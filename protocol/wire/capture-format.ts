/** Types and limits that both capture formats, pcap and pcapng, share. */

/** One captured packet. The reader reuses one record for all packets: copy what must outlive the handler's call. */
export interface CapturedPacket {
  /** Counted from 1 over all packets of the file. */
  number: number
  /** Seconds since 1970; 0 if the file does not tell. */
  time: number
  /** The link type of its interface: a LINKTYPE_ value (https://www.tcpdump.org/linktypes.html). */
  link: number
  /** The captured part of the packet is `bytes[start … end)`. */
  bytes: Uint8Array
  start: number
  end: number
  /** Octets that the packet had on the wire; never less than were captured. */
  length: number
}

/** Called for each item of a capture, in the order of the file. */
export interface CaptureHandlers {
  packet(packet: CapturedPacket): void
  /** A Decryption Secrets Block: its type (such as 0x544c534b, "TLSK") and its octets. The buffer is reused: copy them. */
  secrets?(type: number, bytes: Uint8Array): void
  /** The file says that so many more packets were lost while it was made, before here. */
  dropped?(packets: number): void
}

/** The file is not a capture, or is malformed. The message says where and why, in one line. */
export class CaptureError extends Error {}

/** Longer packets are rejected. This is the largest snapshot length of tcpdump and Wireshark; only jumbograms can be longer. */
export const MAX_CAPTURED_OCTETS = 262_144

/** Reads one capture format. All positions are offsets in the input's buffer. */
export interface FormatReader {
  /**
   * Reads one header, packet or block at `at` and returns where the next one starts. `filled`: the end of the octets in the buffer.
   * The result may exceed it: skipped octets need not be in the buffer. The result is `at` itself if more octets are needed.
   */
  read(at: number, filled: number): number
}

/** What a format reads from and reports to. `fail` throws a `CaptureError` that names the octet of the file at `at`. */
export interface ReaderInput {
  readonly bytes: Uint8Array
  readonly view: DataView
  readonly packet: CapturedPacket
  readonly handlers: CaptureHandlers
  fail(at: number, why: string): never
}
