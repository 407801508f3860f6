/** Tracks the connections of a capture: decodes each packet, finds its connection, and judges its segment. */
import { peerOf, type Seat } from '../seat.ts'
import type { Finding } from '../findings.ts'
import { NO_OCTETS } from '../octets.ts'
import { ACK, FIN, hasBit, type Options, RST, type Segment, SYN } from '../segment.ts'
import { type PacketOutcome, TcpPacket } from '../wire/decode-packet.ts'
import type { CapturedPacket } from '../wire/capture-format.ts'
import { CapturedConnection, type SegmentJudgement, type Verdict } from './captured-connection.ts'
import { type CarriedMessages, PayloadFollower } from './payload-follower.ts'
import { RecentOctets } from './recent-octets.ts'
import { HeldOctets } from './stream-reassembler.ts'
import type { KeySource } from './tls-decryptor.ts'

/** One segment of the capture with its judgement. */
export interface JudgedSegment extends SegmentJudgement {
  /** Counted from 1 over all packets of the file. */
  readonly frame: number
  /** Seconds since 1970. */
  readonly time: number
  /** Counted from 0 in the order of first appearance. */
  readonly connection: number
  /** The hosts of the connection, if this is its first segment; otherwise null. */
  readonly hosts: Readonly<Record<Seat, Endpoint>> | null
  readonly from: Seat
  readonly bits: number
  /** Octets of payload. */
  readonly length: number
  /** Wireshark's names of the TLS handshake messages that the segment completes. */
  readonly tls: readonly string[]
}

/** An address of 4 or 16 octets, followed by the port. */
export type Endpoint = Uint8Array

/** Totals over all packets of a capture. */
export interface CaptureCounts {
  packets: number
  segments: number
  connections: number
  /** Connections that were no longer followed, although they were not over, to bound the memory. */
  givenUp: number
  violations: number
  /** The number of skipped packets, by reason. */
  skipped: Record<Exclude<PacketOutcome, 'tcp'>, number>
  /** The number of segments with a wrong checksum. They are judged nevertheless. */
  wrongChecksums: number
  /** Packets that were lost while the capture was made, as it says itself. */
  dropped: number
}

/** Maximum number of connections tracked at once. Beyond it, connections that are over are dropped first, then the longest idle ones. */
const MAX_CONNECTIONS = 16_384
/** How many segments are held at most until the verdict on the first of them is final. */
const MAX_HELD_SEGMENTS = 4096

interface TrackedConnection {
  readonly number: number
  readonly connection: CapturedConnection
  /** Null until there is payload to follow. */
  payloadFollower: PayloadFollower | null
  /** Whether payload is followed: it may be TLS, and nothing is missing. */
  followsPayload: boolean
  /** The endpoint of the client, followed by that of the server. */
  readonly endpoints: Uint8Array
  /**
   * A SYN of the same ports, captured before this connection's, that nobody had answered then: either may have overtaken the other (RFC 9293
   * 3.5, figure 8). Null if there is none.
   */
  other: TrackedConnection | null
  /** The next connection in the list of those with the same hash. */
  next: TrackedConnection | null
  /** The number of the frame in which it was last seen. */
  last: number
  /** `CaptureCounts.dropped`, as far as its hypotheses take it into account. */
  dropped: number
}

/** A judged segment that waits until its verdict, or the verdict on one before it, is final. */
interface HeldSegment {
  readonly verdict: Verdict
  readonly tracked: TrackedConnection
  readonly segment: Segment
  /** Its payload, if it has not been followed yet. */
  readonly payload: Uint8Array | null
  readonly judged: Omit<JudgedSegment, keyof SegmentJudgement | 'tls'>
  /** What the payload completes, if it has been followed. */
  readonly carried: CarriedMessages | null
}

/** Judges the packets of one capture, in the order of the file. */
export class ConnectionTracker {
  readonly counts: CaptureCounts = {
    packets: 0,
    segments: 0,
    connections: 0,
    givenUp: 0,
    violations: 0,
    skipped: { other: 0, fragment: 0, link: 0, broken: 0 },
    wrongChecksums: 0,
    dropped: 0,
  }
  readonly #tcp = new TcpPacket()
  readonly #octets = new RecentOctets()
  readonly #heldOctets = new HeldOctets()
  readonly #connections = new Map<number, TrackedConnection>()
  readonly #secrets: KeySource | null
  readonly #emit: (judged: JudgedSegment) => void
  #held: HeldSegment[] = []
  #size = 0

  /**
   * `emit`: receives every judged segment, in the order of the file. `secrets`: the keys for decrypting TLS; without them only unencrypted
   * records are read.
   */
  constructor(emit: (judged: JudgedSegment) => void, secrets: KeySource | null = null) {
    this.#emit = emit
    this.#secrets = secrets
  }

  /** Judges the packet's segment. A packet without a TCP segment is counted and skipped. */
  take(packet: CapturedPacket): void {
    const counts = this.counts
    const tcp = this.#tcp
    counts.packets += 1
    const outcome = tcp.read(packet)
    if (outcome !== 'tcp') {
      counts.skipped[outcome] += 1
      if (outcome === 'fragment' && tcp.hasPorts) this.#find(this.#hash())?.connection.noteLack()
      return
    }
    counts.segments += 1
    if (tcp.checksum === 'wrong') counts.wrongChecksums += 1
    const { bits, seq, ack, window, length, windowScale, digest } = tcp
    const options = optionsOf(tcp)
    const segment: Segment = options ? { bits, seq, ack, window, length, options } : { bits, seq, ack, window, length }

    const hash = this.#hash()
    let tracked = this.#find(hash)
    let from: Seat = tracked === null ? firstSender(bits) : this.#isFrom(tracked.endpoints, 0) ? 'client' : 'server'
    let begins = tracked === null
    if (tracked === null) tracked = this.#follow(hash, from, new CapturedConnection(from, segment, null, this.#octets))
    else if (this.#belongsToOther(tracked, from, segment)) {
      tracked = this.#exchangeForOther(hash, tracked)
      from = this.#isFrom(tracked.endpoints, 0) ? 'client' : 'server'
    } else if (hasBit(bits, SYN) && !hasBit(bits, ACK | RST) && tracked.connection.isReplacedBy(from, segment)) {
      const replaced = tracked
      const before = { connection: replaced.connection, from }
      replaced.connection.finish()
      this.#forget(hash, replaced)
      from = 'client'
      begins = true
      tracked = this.#follow(hash, from, new CapturedConnection(from, segment, before, this.#octets))
      if (replaced.connection.unanswered) tracked.other = replaced
      replaced.other = null
    }
    tracked.last = packet.number
    if (tracked.dropped !== counts.dropped) {
      tracked.dropped = counts.dropped
      tracked.connection.noteLack()
    }
    const payload = length === 0 ? NO_OCTETS : packet.bytes.subarray(tcp.payload, Math.min(packet.end, tcp.payload + length))
    const position = length > 0 && payload.length === length ? this.#octets.keep(payload) : -1
    const verdict = tracked.connection.judge(from, { segment, windowScale, digest, position })
    const { endpoints, number: connection } = tracked
    const hosts = begins ? hostsOf(endpoints) : null
    const judged = { frame: packet.number, time: packet.time, connection, hosts, from, bits, length }
    const carried = verdict.judgement.verdict === 'ok' ? this.#carried(tracked, from, segment, payload) : null
    if (verdict.final && this.#held.length === 0) this.#finish(judged, verdict.judgement, carried)
    else {
      const waits = verdict.judgement.verdict === 'violation' && !verdict.final
      this.#held.push({ verdict, tracked, segment, judged, carried, payload: waits ? payload.slice() : null })
      this.#release()
    }
  }

  /** So many more packets, of any connection, were lost while the capture was made. */
  noteDropped(packets: number): void {
    this.counts.dropped += packets
  }

  /** The capture is over. */
  end(): void {
    for (const { tracked } of this.#held) tracked.connection.finish()
    this.#release()
  }

  /** Emits held segments, up to the first whose verdict is not final. */
  #release(): void {
    const held = this.#held
    if (held.length > MAX_HELD_SEGMENTS) held[0]!.tracked.connection.finish()
    let released = 0
    for (const { verdict, tracked, segment, payload, judged, carried } of held) {
      if (!verdict.final) break
      released += 1
      const late = payload !== null && verdict.judgement.verdict === 'ok'
      this.#finish(judged, verdict.judgement, late ? this.#carried(tracked, judged.from, segment, payload) : carried)
    }
    held.splice(0, released)
  }

  #finish(judged: HeldSegment['judged'], alone: SegmentJudgement, carried: CarriedMessages | null): void {
    const judgement = carried === null ? alone : withFindings(alone, carried.findings)
    if (judgement.verdict === 'violation') this.counts.violations += 1
    // Listed one by one: spreading objects takes several times as long as judging the segment.
    this.#emit({
      frame: judged.frame,
      time: judged.time,
      connection: judged.connection,
      hosts: judged.hosts,
      from: judged.from,
      bits: judged.bits,
      length: judged.length,
      seq: judgement.seq,
      ack: judgement.ack,
      verdict: judgement.verdict,
      meaning: judgement.meaning,
      assumesLoss: judgement.assumesLoss,
      state: judgement.state,
      findings: judgement.findings,
      tls: carried === null ? NO_NAMES : carried.names,
    })
  }

  /** The TLS messages that an accepted segment completes. `payload`: as far as it was captured. */
  #carried(tracked: TrackedConnection, from: Seat, segment: Segment, payload: Uint8Array): CarriedMessages | null {
    if (!tracked.followsPayload || (segment.length === 0 && !hasBit(segment.bits, SYN | FIN))) return null
    tracked.payloadFollower ??= new PayloadFollower(this.#secrets, this.#heldOctets)
    const carried = tracked.payloadFollower.take(from, segment, payload)
    if (tracked.payloadFollower.over) {
      tracked.payloadFollower = null
      tracked.followsPayload = false
    }
    return carried
  }

  #follow(hash: number, from: Seat, connection: CapturedConnection): TrackedConnection {
    if (this.#size >= MAX_CONNECTIONS) this.#evictHalf()
    const tracked: TrackedConnection = {
      number: this.counts.connections,
      connection,
      payloadFollower: null,
      followsPayload: true,
      endpoints: this.#endpoints(from),
      other: null,
      next: null,
      last: 0,
      dropped: this.counts.dropped,
    }
    this.counts.connections += 1
    this.#list(hash, tracked)
    return tracked
  }

  #list(hash: number, tracked: TrackedConnection): void {
    tracked.next = this.#connections.get(hash) ?? null
    this.#connections.set(hash, tracked)
    this.#size += 1
  }

  /** Whether the segment is the SYN of the other connection of the same ports, or answers it. */
  #belongsToOther({ connection, endpoints, other }: TrackedConnection, from: Seat, segment: Segment): boolean {
    if (other === null || connection.hasSyn(from, segment)) return false
    const sameClient = this.#isFrom(other.endpoints, 0) === this.#isFrom(endpoints, 0)
    return other.connection.hasSyn(sameClient ? from : peerOf(from), segment)
  }

  /** Follows the other connection of the same ports from now on, and remembers this one in its place. */
  #exchangeForOther(hash: number, tracked: TrackedConnection): TrackedConnection {
    const other = tracked.other!
    tracked.connection.finish()
    this.#forget(hash, tracked)
    tracked.other = null
    other.other = tracked
    this.#list(hash, other)
    return other
  }

  #find(hash: number): TrackedConnection | null {
    for (let at = this.#connections.get(hash) ?? null; at !== null; at = at.next) {
      const { endpoints } = at
      const half = endpoints.length / 2
      if (this.#isFrom(endpoints, 0) ? this.#isTo(endpoints, half) : this.#isFrom(endpoints, half) && this.#isTo(endpoints, 0))
        return at
    }
    return null
  }

  #forget(hash: number, tracked: TrackedConnection): void {
    const first = this.#connections.get(hash)
    if (first === undefined) return
    if (first !== tracked) {
      let at = first
      while (at.next !== null && at.next !== tracked) at = at.next
      at.next = tracked.next
    } else if (tracked.next !== null) this.#connections.set(hash, tracked.next)
    else this.#connections.delete(hash)
    this.#size -= 1
  }

  /** Drops half of the connections: first those that are over, then the longest idle ones. */
  #evictHalf(): void {
    const all: { readonly hash: number; readonly tracked: TrackedConnection; readonly over: boolean }[] = []
    for (const [hash, first] of this.#connections)
      for (let tracked: TrackedConnection | null = first; tracked !== null; tracked = tracked.next)
        all.push({ hash, tracked, over: tracked.connection.over })
    all.sort((a, b) => Number(b.over) - Number(a.over) || a.tracked.last - b.tracked.last)
    for (const { hash, tracked, over } of all.slice(0, MAX_CONNECTIONS / 2)) {
      this.#forget(hash, tracked)
      if (!over) this.counts.givenUp += 1
    }
  }

  /** The hash of the connection's addresses and ports; it is the same for both directions. */
  #hash(): number {
    const { bytes, source, destination, addressLength, sourcePort, destinationPort } = this.#tcp
    return (
      (hashEndpoint(bytes, source, addressLength, sourcePort) + hashEndpoint(bytes, destination, addressLength, destinationPort)) |
      0
    )
  }

  /** The endpoints of the segment's connection, if `from` has sent it. */
  #endpoints(from: Seat): Uint8Array {
    const { bytes, source, destination, addressLength, sourcePort, destinationPort } = this.#tcp
    const half = addressLength + 2
    const endpoints = new Uint8Array(2 * half)
    const write = (at: number, address: number, port: number) => {
      for (let i = 0; i < addressLength; i++) endpoints[at + i] = bytes[address + i]!
      endpoints[at + addressLength] = port >> 8
      endpoints[at + addressLength + 1] = port & 0xff
    }
    write(from === 'client' ? 0 : half, source, sourcePort)
    write(from === 'client' ? half : 0, destination, destinationPort)
    return endpoints
  }

  /** Whether the segment comes from, or goes to, the endpoint at `at`. */
  #isFrom = (endpoints: Uint8Array, at: number): boolean => this.#is(endpoints, at, this.#tcp.source, this.#tcp.sourcePort)
  #isTo = (endpoints: Uint8Array, at: number): boolean => this.#is(endpoints, at, this.#tcp.destination, this.#tcp.destinationPort)

  #is(endpoints: Uint8Array, at: number, address: number, port: number): boolean {
    const { bytes, addressLength } = this.#tcp
    if (endpoints.length !== 2 * (addressLength + 2)) return false
    const end = at + addressLength
    if (endpoints[end] !== port >> 8 || endpoints[end + 1] !== (port & 0xff)) return false
    for (let i = 0; i < addressLength; i++) if (endpoints[at + i] !== bytes[address + i]) return false
    return true
  }
}

const hostsOf = (endpoints: Uint8Array): Readonly<Record<Seat, Endpoint>> => ({
  client: endpoints.subarray(0, endpoints.length / 2),
  server: endpoints.subarray(endpoints.length / 2),
})

const NO_NAMES: readonly string[] = []

/** Adds the findings about the payload to the judgement of a segment that is right as far as TCP is concerned. */
const withFindings = (judgement: SegmentJudgement, findings: readonly Finding[]): SegmentJudgement =>
  findings.length === 0
    ? judgement
    : { ...judgement, verdict: 'violation', meaning: null, findings: [...judgement.findings, ...findings] }

/**
 * The options that rules use; null if there are none. `CapturedConnection` handles the window scale, because a SYN may be missing. Timestamps
 * are left out: PAWS (RFC 7323 5.3) could explain a missing acknowledgment, which needs no explanation in a capture, and must not forbid
 * one, because segments may have arrived in another order than they were captured in.
 */
function optionsOf({ mss, sackPermitted, sack, sackBlocks, fastOpen }: TcpPacket): Options | null {
  if (mss < 0 && !sackPermitted && sackBlocks === 0 && !fastOpen) return null
  return {
    ...(mss < 0 ? {} : { mss }),
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
