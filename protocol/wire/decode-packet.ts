/**
 * Decodes a captured packet: link header, IPv4 or IPv6, TCP. Nothing is copied or allocated per packet: one `TcpPacket` is reused.
 */
import { ACK, hasBit } from '../segment.ts'
import { foldCarries, sumWords } from './checksum.ts'
import type { CapturedPacket } from './capture-format.ts'

/**
 * - `tcp`: a TCP segment, now in the record.
 * - `other`: not TCP. `fragment`: a fragment of an IP packet. `link`: an unsupported link type.
 * - `broken`: its lengths are inconsistent, or its headers were not captured completely.
 */
export type PacketOutcome = 'tcp' | 'other' | 'fragment' | 'link' | 'broken'

/** `partial`: checksum offloading: the network card completes it, after the host has captured its own packet. `unknown`: the packet was captured in part. */
export type ChecksumStatus = 'right' | 'wrong' | 'partial' | 'unknown'

/** A decoded TCP segment. Valid until the next `read`. */
export class TcpPacket {
  /** The addresses start at `bytes[source]` and `bytes[destination]`; each has `addressLength` octets (4 or 16). */
  bytes: Uint8Array = new Uint8Array(0)
  source = 0
  destination = 0
  addressLength = 0
  sourcePort = 0
  destinationPort = 0
  /** After a `fragment`: whether addresses and ports are those of a TCP connection, to which it belongs. */
  hasPorts = false
  bits = 0
  seq = 0
  /** Null without the ACK bit. */
  ack: number | null = null
  /** The header field, not scaled. */
  window = 0
  /** Octets of payload on the wire, and the offset of the first; the capture may contain fewer. */
  length = 0
  payload = 0
  checksum: ChecksumStatus = 'unknown'
  /** The 16-bit sum of the payload, to detect changed payloads. -1 if it was captured in part. */
  digest = -1
  /** Options; -1 if absent. */
  mss = -1
  windowScale = -1
  timestamp = -1
  timestampEcho = -1
  sackPermitted = false
  fastOpen = false
  /** Pairs of left and right edges, `sackBlocks` of them. */
  readonly sack = new Uint32Array(8)
  sackBlocks = 0

  /** Decodes a packet. Fills the record if it is a TCP segment. */
  read(packet: CapturedPacket): PacketOutcome {
    const { bytes, start, end } = packet
    this.bytes = bytes
    const wire = start + packet.length
    switch (packet.link) {
      case LINKTYPE_ETHERNET:
        return end - start < 14 ? 'broken' : this.#ethertype(bytes, start + 12, end, wire)
      case LINKTYPE_LINUX_SLL:
        return end - start < 16 ? 'broken' : this.#ethertype(bytes, start + 14, end, wire)
      case LINKTYPE_LINUX_SLL2:
        return end - start < 20 ? 'broken' : this.#network(uint16(bytes, start), start + 20, end, wire)
      case LINKTYPE_RAW:
      case DLT_RAW_BSD:
      case DLT_RAW_OPENBSD:
      case LINKTYPE_IPV4:
      case LINKTYPE_IPV6:
        return this.#ip(start, end, wire)
      case LINKTYPE_NULL:
      case LINKTYPE_LOOP: {
        if (end - start < 4) return 'broken'
        // The address family is in network byte order in LOOP, and in the byte order of the capturing host in NULL.
        const family = bytes[start] === 0 ? bytes[start + 3] : bytes[start]
        return ADDRESS_FAMILIES.includes(family ?? 0) ? this.#ip(start + 4, end, wire) : 'other'
      }
      default:
        return 'link'
    }
  }

  /** An EtherType at `at`, after any VLAN tags. */
  #ethertype(bytes: Uint8Array, at: number, end: number, wire: number): PacketOutcome {
    let type = uint16(bytes, at)
    while (type === ETHERTYPE_VLAN || type === ETHERTYPE_QINQ || type === ETHERTYPE_QINQ_OLD) {
      at += 4
      if (at + 2 > end) return 'broken'
      type = uint16(bytes, at)
    }
    return this.#network(type, at + 2, end, wire)
  }

  #network(type: number, at: number, end: number, wire: number): PacketOutcome {
    return type === ETHERTYPE_IPV4 || type === ETHERTYPE_IPV6 ? this.#ip(at, end, wire) : 'other'
  }

  #ip(at: number, end: number, wire: number): PacketOutcome {
    if (at >= end) return 'broken'
    const version = this.bytes[at]! >> 4
    return version === 4 ? this.#ipv4(at, end, wire) : version === 6 ? this.#ipv6(at, end, wire) : 'broken'
  }

  /** RFC 791. */
  #ipv4(at: number, end: number, wire: number): PacketOutcome {
    const { bytes } = this
    if (end - at < 20) return 'broken'
    const header = (bytes[at]! & 0x0f) * 4
    // A total length of 0: segmentation offload; the network card splits the segment.
    const total = uint16(bytes, at + 2) || wire - at
    if (header < 20 || total < header || total > wire - at) return 'broken'
    this.source = at + 12
    this.destination = at + 16
    this.addressLength = 4
    const fragment = uint16(bytes, at + 6) & 0x3fff
    if (fragment !== 0) return this.#fragment(bytes[at + 9]!, fragment & 0x1fff, at + header, end)
    if (bytes[at + 9] !== PROTOCOL_TCP) return 'other'
    return this.#tcp(at + header, Math.min(end, at + total), at + total)
  }

  /** RFC 8200, with its extension headers. */
  #ipv6(at: number, end: number, wire: number): PacketOutcome {
    const { bytes } = this
    if (end - at < 40) return 'broken'
    // A payload length of 0: a jumbogram (RFC 2675), or segmentation offload.
    const last = at + 40 + (uint16(bytes, at + 4) || wire - at - 40)
    if (last > wire) return 'broken'
    this.source = at + 8
    this.destination = at + 24
    this.addressLength = 16
    let next = bytes[at + 6]!
    at += 40
    for (;;) {
      if (next === PROTOCOL_TCP) return this.#tcp(at, Math.min(end, last), last)
      if (!EXTENSION_HEADERS.includes(next)) return 'other'
      if (at + 8 > end) return 'broken'
      if (next === EXTENSION_FRAGMENT) {
        // An atomic fragment contains the whole packet (RFC 6946).
        const fragment = uint16(bytes, at + 2) & 0xfff9
        if (fragment !== 0) return this.#fragment(bytes[at]!, fragment >> 3, at + 8, end)
        next = bytes[at]!
        at += 8
      } else {
        const length = next === EXTENSION_AH ? (bytes[at + 1]! + 2) * 4 : (bytes[at + 1]! + 1) * 8
        next = bytes[at]!
        at += length
      }
    }
  }

  /** A fragment of an IP packet. The first one, at offset 0, shows to which connection it belongs. */
  #fragment(protocol: number, offset: number, at: number, end: number): PacketOutcome {
    this.hasPorts = protocol === PROTOCOL_TCP && offset === 0 && end - at >= 4
    if (this.hasPorts) {
      this.sourcePort = uint16(this.bytes, at)
      this.destinationPort = uint16(this.bytes, at + 2)
    }
    return 'fragment'
  }

  /** RFC 9293 3.1: a segment at `at`, captured up to `end`, on the wire up to `last`. */
  #tcp(at: number, end: number, last: number): PacketOutcome {
    const { bytes } = this
    if (end - at < 20) return 'broken'
    const header = (bytes[at + 12]! >> 4) * 4
    if (header < 20 || at + header > last) return 'broken'
    this.sourcePort = uint16(bytes, at)
    this.destinationPort = uint16(bytes, at + 2)
    this.seq = uint32(bytes, at + 4)
    this.bits = bytes[at + 13]!
    this.ack = hasBit(this.bits, ACK) ? uint32(bytes, at + 8) : null
    this.window = uint16(bytes, at + 14)
    this.payload = at + header
    this.length = last - this.payload
    this.#options(at + 20, Math.min(at + header, end))
    this.#checksum(at, end, last)
    return 'tcp'
  }

  /** RFC 9293 3.2. A malformed option ends the list, as in common TCP implementations. */
  #options(at: number, end: number): void {
    const { bytes } = this
    this.mss = this.windowScale = this.timestamp = this.timestampEcho = -1
    this.sackPermitted = this.fastOpen = false
    this.sackBlocks = 0
    while (at < end) {
      const kind = bytes[at]!
      if (kind === 0) return
      if (kind === 1) {
        at += 1
        continue
      }
      const length = at + 1 < end ? bytes[at + 1]! : 0
      if (length < 2 || at + length > end) return
      if (kind === OPTION_MSS && length === 4) this.mss = uint16(bytes, at + 2)
      else if (kind === OPTION_WINDOW_SCALE && length === 3) this.windowScale = Math.min(14, bytes[at + 2]!)
      else if (kind === OPTION_SACK_PERMITTED && length === 2) this.sackPermitted = true
      else if (kind === OPTION_SACK && (length - 2) % 8 === 0 && length <= 34) {
        this.sackBlocks = (length - 2) / 8
        for (let i = 0; i < this.sackBlocks * 2; i++) this.sack[i] = uint32(bytes, at + 2 + i * 4)
      } else if (kind === OPTION_TIMESTAMPS && length === 10) {
        this.timestamp = uint32(bytes, at + 2)
        this.timestampEcho = uint32(bytes, at + 6)
      } else if (kind === OPTION_FAST_OPEN || this.#isExperimentalFastOpen(at, length)) this.fastOpen = true
      at += length
    }
  }

  /** RFC 7413 appendix A, and RFC 6994: an experimental option that begins with Fast Open's magic number. */
  #isExperimentalFastOpen(at: number, length: number): boolean {
    const kind = this.bytes[at]!
    return (
      (kind === OPTION_EXPERIMENT_1 || kind === OPTION_EXPERIMENT_2) &&
      length >= 4 &&
      uint16(this.bytes, at + 2) === FAST_OPEN_MAGIC
    )
  }

  #checksum(at: number, end: number, last: number): void {
    if (end < last) {
      this.checksum = 'unknown'
      this.digest = -1
      return
    }
    const { bytes, source, addressLength, payload } = this
    const octets = sumWords(bytes, payload, last)
    this.digest = foldCarries(octets)
    // The pseudo-header: the two addresses are adjacent in both IPv4 and IPv6.
    const addresses = sumWords(bytes, source, source + 2 * addressLength, PROTOCOL_TCP)
    const pseudo = addresses + ((last - at) >>> 16) + ((last - at) & 0xffff)
    if (foldCarries(sumWords(bytes, at, payload, pseudo) + octets) === 0xffff) this.checksum = 'right'
    else {
      const field = uint16(bytes, at + 16)
      this.checksum = field === foldCarries(pseudo) || field === foldCarries(addresses) || field === 0 ? 'partial' : 'wrong'
    }
  }
}

const uint16 = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!
const uint32 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0

const LINKTYPE_NULL = 0
export const LINKTYPE_ETHERNET = 1
const DLT_RAW_BSD = 12
const DLT_RAW_OPENBSD = 14
export const LINKTYPE_RAW = 101
const LINKTYPE_LOOP = 108
const LINKTYPE_LINUX_SLL = 113
const LINKTYPE_IPV4 = 228
const LINKTYPE_IPV6 = 229
const LINKTYPE_LINUX_SLL2 = 276

export const ETHERTYPE_IPV4 = 0x0800
export const ETHERTYPE_IPV6 = 0x86dd
const ETHERTYPE_VLAN = 0x8100
const ETHERTYPE_QINQ = 0x88a8
const ETHERTYPE_QINQ_OLD = 0x9100

/** AF_INET is 2 on every system. AF_INET6 is 24 on NetBSD and OpenBSD, 28 on FreeBSD, 30 on macOS, 10 on Linux. */
const ADDRESS_FAMILIES: readonly number[] = [2, 24, 28, 30, 10]

export const PROTOCOL_TCP = 6
const EXTENSION_FRAGMENT = 44
const EXTENSION_AH = 51
/** IPv6 extension headers: hop-by-hop, routing, fragment, authentication, destination, mobility, host identity, shim6. */
const EXTENSION_HEADERS: readonly number[] = [0, 43, EXTENSION_FRAGMENT, EXTENSION_AH, 60, 135, 139, 140]

export const OPTION_MSS = 2
const OPTION_WINDOW_SCALE = 3
const OPTION_SACK_PERMITTED = 4
const OPTION_SACK = 5
const OPTION_TIMESTAMPS = 8
const OPTION_FAST_OPEN = 34
const OPTION_EXPERIMENT_1 = 253
const OPTION_EXPERIMENT_2 = 254
const FAST_OPEN_MAGIC = 0xf989
