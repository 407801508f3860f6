/** Follows the connections of a capture: each packet is decoded, its connection found, its segment judged. */
import type { Finding } from '../findings.ts'
import { ACK, FIN, has, type Options, RST, type Segment, SYN } from '../segment.ts'
import { type Outcome, TcpPacket } from '../wire/decode.ts'
import type { Packet } from '../wire/format.ts'
import type { Seat } from '../world/exercise.ts'
import { Connection, type Judgement } from './connection.ts'
import { type Carried, Inside } from './inside.ts'
import type { Secrets } from './tls-keys.ts'

/** One segment of the capture with its judgement. */
export interface Judged extends Judgement {
  /** Counted from 1 over all packets of the file. */
  readonly frame: number
  /** Seconds since 1970. */
  readonly time: number
  /** Counted from 0 in the order of first appearance. */
  readonly connection: number
  /** The connection begins here. */
  readonly begins: boolean
  readonly from: Seat
  readonly bits: number
  /** Octets of payload. */
  readonly length: number
  /** The names of the handshake messages of TLS that the segment completes, as Wireshark has them. */
  readonly tls: readonly string[]
}

export interface Counts {
  packets: number
  segments: number
  connections: number
  violations: number
  /** Packets passed over, by what they are. */
  passedOver: Record<Exclude<Outcome, 'tcp'>, number>
  /** Segments whose checksum does not fit what was captured. They are judged all the same. */
  wrongChecksums: number
}

/** So many connections are followed at once; beyond that, those that are over and then those silent for the longest are forgotten. */
const MOST_FOLLOWED = 65_536

interface Followed {
  readonly number: number
  readonly connection: Connection
  /** Null once it is known to be nothing that is followed. */
  inside: Inside | null
  /** Address and port of the client, and of the server. */
  readonly client: Uint8Array
  readonly server: Uint8Array
  /** Another one with the same hash. */
  next: Followed | null
  /** The frame that it was last seen in. */
  last: number
}

export class Tracker {
  readonly counts: Counts = {
    packets: 0,
    segments: 0,
    connections: 0,
    violations: 0,
    passedOver: { other: 0, fragment: 0, link: 0, broken: 0 },
    wrongChecksums: 0,
  }
  /** The packet that was taken last, decoded. */
  readonly tcp = new TcpPacket()
  readonly #followed = new Map<number, Followed>()
  readonly #secrets: Secrets | null
  #size = 0

  /** `secrets`: for the TLS inside; without them only what is in the clear is read. */
  constructor(secrets: Secrets | null = null) {
    this.#secrets = secrets
  }

  /** Judges the packet's segment. Null where it holds none: it has been counted and passed over. */
  take(packet: Packet): Judged | null {
    const { counts, tcp } = this
    counts.packets += 1
    const outcome = tcp.read(packet)
    if (outcome !== 'tcp') {
      counts.passedOver[outcome] += 1
      return null
    }
    counts.segments += 1
    if (tcp.checksum === 'wrong') counts.wrongChecksums += 1
    const { bits, seq, ack, window, length } = tcp
    const options = optionsOf(tcp)
    const segment: Segment = options ? { bits, seq, ack, window, length, options } : { bits, seq, ack, window, length }

    const hash = this.#hash()
    let followed = this.#find(hash)
    let from: Seat = followed === null ? opener(bits) : this.#isFrom(followed.client) ? 'client' : 'server'
    let begins = followed === null
    if (followed === null) followed = this.#follow(hash, from, new Connection(from, segment, null))
    else if (has(bits, SYN) && !has(bits, ACK | RST) && followed.connection.isReplacedBy(from, segment)) {
      const before = { connection: followed.connection, from }
      this.#forget(hash, followed)
      from = 'client'
      begins = true
      followed = this.#follow(hash, from, new Connection(from, segment, before))
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

  /** What the octets of an accepted segment complete in the layer above. */
  #carried(followed: Followed, from: Seat, segment: Segment, { bytes, end }: Packet): Carried | null {
    const { inside } = followed
    if (inside === null || (segment.length === 0 && !has(segment.bits, SYN | FIN))) return null
    const { payload } = this.tcp
    const carried = inside.take(from, segment, bytes.subarray(payload, Math.min(end, payload + segment.length)))
    if (inside.over) followed.inside = null
    return carried
  }

  #follow(hash: number, from: Seat, connection: Connection): Followed {
    if (this.#size >= MOST_FOLLOWED) this.#thin()
    const source = this.#endpoint(this.tcp.source, this.tcp.sourcePort)
    const destination = this.#endpoint(this.tcp.destination, this.tcp.destinationPort)
    const [client, server] = from === 'client' ? [source, destination] : [destination, source]
    const next = this.#followed.get(hash) ?? null
    const followed: Followed = {
      number: this.counts.connections,
      connection,
      inside: new Inside(this.#secrets),
      client,
      server,
      next,
      last: 0,
    }
    this.counts.connections += 1
    this.#followed.set(hash, followed)
    this.#size += 1
    return followed
  }

  #find(hash: number): Followed | null {
    for (let at = this.#followed.get(hash) ?? null; at !== null; at = at.next) {
      if (this.#isFrom(at.client) ? this.#isTo(at.server) : this.#isFrom(at.server) && this.#isTo(at.client)) return at
    }
    return null
  }

  #forget(hash: number, followed: Followed): void {
    const first = this.#followed.get(hash)
    if (first === undefined) return
    if (first !== followed) {
      let at = first
      while (at.next !== null && at.next !== followed) at = at.next
      at.next = followed.next
    } else if (followed.next !== null) this.#followed.set(hash, followed.next)
    else this.#followed.delete(hash)
    this.#size -= 1
  }

  /** Makes room: half of the connections go, those that are over before those that have only been silent. */
  #thin(): void {
    const all: { readonly hash: number; readonly followed: Followed; readonly over: boolean }[] = []
    for (const [hash, first] of this.#followed)
      for (let followed: Followed | null = first; followed !== null; followed = followed.next)
        all.push({ hash, followed, over: followed.connection.over })
    all.sort((a, b) => Number(b.over) - Number(a.over) || a.followed.last - b.followed.last)
    for (const { hash, followed } of all.slice(0, MOST_FOLLOWED / 2)) this.#forget(hash, followed)
  }

  /** The same for both directions. */
  #hash(): number {
    const { bytes, source, destination, addressLength, sourcePort, destinationPort } = this.tcp
    return (hash(bytes, source, addressLength, sourcePort) + hash(bytes, destination, addressLength, destinationPort)) | 0
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

/** A segment whose TCP is right, and what it carries is not. */
const withFindings = (judgement: Judgement, findings: readonly Finding[]): Judgement =>
  findings.length === 0
    ? judgement
    : { ...judgement, verdict: 'violation', meaning: null, findings: [...judgement.findings, ...findings] }

/** The options that rules ask for; null for none. The window scale stays with the connection, which may not have seen both SYNs. */
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

/** Who sends the first segment that was captured: a SYN,ACK is the server's, anything else is taken for the client's. */
const opener = (bits: number): Seat => (has(bits, SYN) && has(bits, ACK) ? 'server' : 'client')

/** FNV-1a, and a last mixing so that the sum of two spreads as well. */
function hash(bytes: Uint8Array, at: number, length: number, port: number): number {
  let h = 0x811c9dc5 ^ port
  h = Math.imul(h, 0x01000193)
  for (let i = at; i < at + length; i++) h = Math.imul(h ^ bytes[i]!, 0x01000193)
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d)
  return h ^ (h >>> 13)
}
