/** Follows the payload of a captured connection if the first octets of a side show that it is TLS. Any other payload is ignored. */
import type { Finding } from '../findings.ts'
import { FIN, hasBit, type Segment, SYN } from '../segment.ts'
import { add } from '../seq.ts'
import { concat, NO_OCTETS } from '../octets.ts'
import { peerOf, type Seat } from '../seat.ts'
import { type HeldOctets, StreamReassembler } from './stream-reassembler.ts'
import { beginsTls, TLS_DETECTION_OCTETS, TlsFollower } from './tls-follower.ts'
import type { KeySource } from './tls-decryptor.ts'

/** The TLS messages that a segment completes. */
export interface CarriedMessages {
  /** The names of the handshake messages, in order. */
  readonly names: readonly string[]
  readonly findings: readonly Finding[]
}

/** Follows the payload of both directions of one connection. */
export class PayloadFollower {
  readonly #streams: Readonly<Record<Seat, StreamReassembler>>
  readonly #secrets: KeySource | null
  /** Each side's first octets, until there are enough to recognise TLS. */
  readonly #undecidedOctets: Record<Seat, Uint8Array> = { client: NO_OCTETS, server: NO_OCTETS }
  #tls: TlsFollower | null = null
  /** A side has received octets that are missing in the capture, so its later messages may answer unknown ones. */
  #missesOctets = false
  /** The payload is not TLS, or it can no longer be followed. */
  over = false

  /** `held`: counts the octets that all streams of the capture hold. */
  constructor(secrets: KeySource | null, held: HeldOctets) {
    this.#secrets = secrets
    this.#streams = { client: new StreamReassembler(held), server: new StreamReassembler(held) }
  }

  /** Drops what is held. */
  abandon(): void {
    this.#streams.client.abandon()
    this.#streams.server.abandon()
    this.over = true
  }

  /** Follows an accepted segment. `captured`: the captured part of its payload. Null if it completes no message and breaks no rule. */
  take(from: Seat, { bits, seq, ack, length }: Segment, captured: Uint8Array): CarriedMessages | null {
    const stream = this.#streams[from]
    const first = hasBit(bits, SYN) ? add(seq, 1) : seq
    if (hasBit(bits, SYN)) stream.begin(first)
    if (ack !== null && !this.#missesOctets && this.#streams[peerOf(from)].lacksBefore(ack)) {
      this.#missesOctets = true
      this.#tls?.stopJudging()
    }
    const names: string[] = []
    const findings: Finding[] = []
    if (length > 0) {
      for (const octets of stream.take(first, captured, captured.length === length)) {
        const completed = this.#read(from, octets)
        if (completed === null) continue
        names.push(...completed.names)
        findings.push(...completed.findings)
      }
      if (stream.broken) this.abandon()
    }
    if (hasBit(bits, FIN) && this.#tls && stream.hasReadUpTo(add(first, length))) {
      const unannounced = this.#tls.end(from)
      if (unannounced) findings.push(unannounced)
    }
    return names.length + findings.length > 0 ? { names, findings } : null
  }

  #read(from: Seat, octets: Uint8Array): CarriedMessages | null {
    if (this.over) return null
    if (this.#tls) return this.#tls.take(from, octets)
    const head = this.#undecidedOctets[from].length === 0 ? octets : concat(this.#undecidedOctets[from], octets)
    this.#undecidedOctets[from] = head
    if (head.length < TLS_DETECTION_OCTETS) return null
    if (!beginsTls(head)) {
      this.abandon()
      return null
    }
    this.#tls = new TlsFollower(this.#secrets)
    if (this.#missesOctets) this.#tls.stopJudging()
    return this.#tls.take(from, head)
  }
}
