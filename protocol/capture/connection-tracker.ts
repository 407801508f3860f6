/** Tracks the connections of a capture: decodes each packet, finds its connection, and judges its segment. */
import type { Seat } from '../seat.ts'
import type { Finding } from '../findings.ts'
import { ACK, FIN, hasBit, type Options, RST, type Segment, SYN } from '../segment.ts'
import { type PacketOutcome, TcpPacket } from '../wire/decode-packet.ts'
import type { CapturedPacket } from '../wire/capture-format.ts'
import { CapturedConnection, type SegmentJudgement } from './captured-connection.ts'
import { type CarriedMessages, PayloadFollower } from './payload-follower.ts'
import type { KeySource } from './tls-decryptor.ts'

/** One segment of the capture with its judgement. */
export interface JudgedSegment extends SegmentJudgement {
  /** Counted from 1 over all packets of the file. */
  readonly frame: number
  /** Seconds since 1970. */
  readonly time: number
  /** Counted from 0 in the order of first appearance. */
  readonly connection: number
  /** Whether it is the first segment of its connection. */
  readonly begins: boolean
  readonly from: Seat
  readonly bits: number
  /** Octets of payload. */
  readonly length: number
  /** Wireshark's names of the TLS handshake messages that the segment completes. */
  readonly tls: readonly string[]
}

/** Totals over all packets of a capture. */
export interface CaptureCounts {
  packets: number
  segments: number
  connections: number
  violations: number
  /** The number of skipped packets, by reason. */
  skipped: Record<Exclude<PacketOutcome, 'tcp'>, number>
  /** The number of segments with a wrong checksum. They are judged nevertheless. */
  wrongChecksums: number
}

/** Maximum number of connections tracked at once. Beyond it, connections that are over are dropped first, then the longest idle ones. */
const MAX_CONNECTIONS = 65_536

interface TrackedConnection {
  readonly number: number
  readonly connection: CapturedConnection
  /** Null once the payload is known not to be TLS, or can no longer be followed. */
  payloadFollower: PayloadFollower | null
  /** Address and port of the client, and of the server. */
  readonly client: Uint8Array
  readonly server: Uint8Array
  /** The next connection in the list of those with the same hash. */
  next: TrackedConnection | null
  /** The number of the frame in which it was last seen. */
  last: number
}

/** Judges the packets of one capture, in the order of the file. */
export class ConnectionTracker {
  readonly counts: CaptureCounts = {
    packets: 0,
    segments: 0,
    connections: 0,
    violations: 0,
    skipped: { other: 0, fragment: 0, link: 0, broken: 0 },
    wrongChecksums: 0,
  }
  /** The most recent packet, decoded. */
  readonly tcp = new TcpPacket()
  readonly #connections = new Map<number, TrackedConnection>()
  readonly #secrets: KeySource | null
  #size = 0

  /** `secrets`: the keys for decrypting TLS; without them only unencrypted records are read. */
  constructor(secrets: KeySource | null = null) {
    this.#secrets = secrets
  }

  /** Judges the packet's segment. A packet without a TCP segment is counted and skipped: the result is null. */
  take(packet: CapturedPacket): JudgedSegment | null {
    const { counts, tcp } = this
    counts.packets += 1
    const outcome = tcp.read(packet)
    if (outcome !== 'tcp') {
      counts.skipped[outcome] += 1
      return null
    }
    counts.segments += 1
    if (tcp.checksum === 'wrong') counts.wrongChecksums += 1
    const { bits, seq, ack, window, length } = tcp
    const options = optionsOf(tcp)
    const segment: Segment = options ? { bits, seq, ack, window, length, options } : { bits, seq, ack, window, length }

    const hash = this.#hash()
    let followed = this.#find(hash)
    let from: Seat = followed === null ? firstSender(bits) : this.#isFrom(followed.client) ? 'client' : 'server'
    let begins = followed === null
    if (followed === null) followed = this.#follow(hash, from, new CapturedConnection(from, segment, null))
    else if (hasBit(bits, SYN) && !hasBit(bits, ACK | RST) && followed.connection.isReplacedBy(from, segment)) {
      const before = { connection: followed.connection, from }
      this.#forget(hash, followed)
      from = 'client'
      begins = true
      followed = this.#follow(hash, from, new CapturedConnection(from, segment, before))
    }
    followed.last = packet.number
    const alone = followed.connection.judge(from, segment, tcp.windowScale, tcp.digest)
    const carried = alone.verdict === 'ok' ? this.#carried(followed, from, segment, packet) : null
    const judgement = carried === null ? alone : withFindings(alone, carried.findings)
    if (judgement.verdict === 'violation') counts.violations += 1
    const { number: frame, time } = packet
    return {
      frame,
      time,
      connection: followed.number,
      begins,
      from,
      bits,
      length,
      ...judgement,
      tls: carried === null ? NO_NAMES : carried.names,
    }
  }

  /** The TLS messages that an accepted segment completes. */
  #carried(followed: TrackedConnection, from: Seat, segment: Segment, { bytes, end }: CapturedPacket): CarriedMessages | null {
    const { payloadFollower } = followed
    if (payloadFollower === null || (segment.length === 0 && !hasBit(segment.bits, SYN | FIN))) return null
    const { payload } = this.tcp
    const carried = payloadFollower.take(from, segment, bytes.subarray(payload, Math.min(end, payload + segment.length)))
    if (payloadFollower.over) followed.payloadFollower = null
    return carried
  }

  #follow(hash: number, from: Seat, connection: CapturedConnection): TrackedConnection {
    if (this.#size >= MAX_CONNECTIONS) this.#evictHalf()
    const source = this.#endpoint(this.tcp.source, this.tcp.sourcePort)
    const destination = this.#endpoint(this.tcp.destination, this.tcp.destinationPort)
    const [client, server] = from === 'client' ? [source, destination] : [destination, source]
    const next = this.#connections.get(hash) ?? null
    const followed: TrackedConnection = {
      number: this.counts.connections,
      connection,
      payloadFollower: new PayloadFollower(this.#secrets),
      client,
      server,
      next,
      last: 0,
    }
    this.counts.connections += 1
    this.#connections.set(hash, followed)
    this.#size += 1
    return followed
  }

  #find(hash: number): TrackedConnection | null {
    for (let at = this.#connections.get(hash) ?? null; at !== null; at = at.next) {
      if (this.#isFrom(at.client) ? this.#isTo(at.server) : this.#isFrom(at.server) && this.#isTo(at.client)) return at
    }
    return null
  }

  #forget(hash: number, followed: TrackedConnection): void {
    const first = this.#connections.get(hash)
    if (first === undefined) return
    if (first !== followed) {
      let at = first
      while (at.next !== null && at.next !== followed) at = at.next
      at.next = followed.next
    } else if (followed.next !== null) this.#connections.set(hash, followed.next)
    else this.#connections.delete(hash)
    this.#size -= 1
  }

  /** Drops half of the connections: first those that are over, then the longest idle ones. */
  #evictHalf(): void {
    const all: { readonly hash: number; readonly followed: TrackedConnection; readonly over: boolean }[] = []
    for (const [hash, first] of this.#connections)
      for (let followed: TrackedConnection | null = first; followed !== null; followed = followed.next)
        all.push({ hash, followed, over: followed.connection.over })
    all.sort((a, b) => Number(b.over) - Number(a.over) || a.followed.last - b.followed.last)
    for (const { hash, followed } of all.slice(0, MAX_CONNECTIONS / 2)) this.#forget(hash, followed)
  }

  /** The hash of the connection's addresses and ports; it is the same for both directions. */
  #hash(): number {
    const { bytes, source, destination, addressLength, sourcePort, destinationPort } = this.tcp
    return (
      (hashEndpoint(bytes, source, addressLength, sourcePort) + hashEndpoint(bytes, destination, addressLength, destinationPort)) |
      0
    )
  }

  #endpoint(at: number, port: number): Uint8Array {
    const { bytes, addressLength } = this.tcp
    const endpoint = new Uint8Array(addressLength + 2)
    endpoint.set(bytes.subarray(at, at + addressLength))
    endpoint[addressLength] = port >> 8
    endpoint[addressLength + 1] = port & 0xff
    return endpoint
  }

  #isFrom = (endpoint: Uint8Array): boolean => this.#is(endpoint, this.tcp.source, this.tcp.sourcePort)
  #isTo = (endpoint: Uint8Array): boolean => this.#is(endpoint, this.tcp.destination, this.tcp.destinationPort)

  #is(endpoint: Uint8Array, at: number, port: number): boolean {
    const { bytes, addressLength } = this.tcp
    if (endpoint.length !== addressLength + 2) return false
    if (endpoint[addressLength] !== port >> 8 || endpoint[addressLength + 1] !== (port & 0xff)) return false
    for (let i = 0; i < addressLength; i++) if (endpoint[i] !== bytes[at + i]) return false
    return true
  }
}

const NO_NAMES: readonly string[] = []

/** Adds the findings about the payload to the judgement of a segment that is right as far as TCP is concerned. */
const withFindings = (judgement: SegmentJudgement, findings: readonly Finding[]): SegmentJudgement =>
  findings.length === 0
    ? judgement
    : { ...judgement, verdict: 'violation', meaning: null, findings: [...judgement.findings, ...findings] }

/** The options that rules use; null if there are none. `CapturedConnection` handles the window scale, because a SYN may be missing. */
function optionsOf({ mss, timestamp, timestampEcho, sackPermitted, sack, sackBlocks, fastOpen }: TcpPacket): Options | null {
  if (mss < 0 && timestamp < 0 && !sackPermitted && sackBlocks === 0 && !fastOpen) return null
  return {
    ...(mss < 0 ? {} : { mss }),
    ...(timestamp < 0 ? {} : { timestamps: { value: timestamp, echo: timestampEcho } }),
    ...(sackPermitted ? { sackPermitted } : {}),
    ...(sackBlocks === 0
      ? {}
      : { sack: Array.from({ length: sackBlocks }, (_, i) => ({ from: sack[2 * i] ?? 0, to: sack[2 * i + 1] ?? 0 })) }),
    ...(fastOpen ? { fastOpen } : {}),
  }
}

/** The sender of the first captured segment: the server if it is a SYN,ACK, otherwise assumed to be the client. */
const firstSender = (bits: number): Seat => (hasBit(bits, SYN) && hasBit(bits, ACK) ? 'server' : 'client')

/** FNV-1a, with a final mix so that the sum of two hashes is also well distributed. */
function hashEndpoint(bytes: Uint8Array, at: number, length: number, port: number): number {
  let h = 0x811c9dc5 ^ port
  h = Math.imul(h, 0x01000193)
  for (let i = at; i < at + length; i++) h = Math.imul(h ^ bytes[i]!, 0x01000193)
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d)
  return h ^ (h >>> 13)
}
