/** Judges one captured connection segment by segment. A refused segment does not change the connection's state. */
import { peerOf, type Seat } from '../seat.ts'
import { hasBit, type Segment, SYN } from '../segment.ts'
import { sub } from '../seq.ts'
import type { Finding } from '../findings.ts'
import type { SegmentPermission } from '../tcp/may-send.ts'
import type { SegmentMeaning } from '../tcp/segment-templates.ts'
import type { State } from '../tcp/tcb.ts'
import { assumeAccepted, isOver, judgeUnder, reopen, stateUnder, type Hypothesis, hypothesisBefore } from './hypothesis.ts'

/** The judgement of one segment. Sequence numbers are relative to the side's ISN, or to its first captured number if that is unknown. */
export interface SegmentJudgement {
  readonly seq: number
  readonly ack: number | null
  readonly verdict: 'ok' | 'violation'
  readonly meaning: SegmentMeaning | null
  /** The verdict is ok only on the assumption that the sender had sent something that is missing in the capture. */
  readonly assumesLoss: boolean
  /** The state of each side after the segment has been sent and has arrived; null until known. */
  readonly state: Readonly<Record<Seat, State | null>>
  /** Refusals; or remarks, if the verdict is ok. */
  readonly findings: readonly Finding[]
}

/** Alternative hypotheses, in which a refused segment was accepted, are kept for this many segments, and at most so many at a time. */
const MAX_ALTERNATIVE_SEGMENTS = 256
const MAX_ALTERNATIVES = 2

/** The judge of one captured connection. */
export class CapturedConnection {
  #hypothesis: Hypothesis
  #alternatives: { readonly hypothesis: Hypothesis; left: number }[] = []
  readonly #baseNumber: Record<Seat, number | null> = { client: null, server: null }
  /** The window scale that each side's SYN offered; -1 if none; null if the SYN was not captured. */
  readonly #scale: Record<Seat, number | null> = { client: null, server: null }

  /** `segment`: the first. `before`: the connection on the same ports that this one replaces, and which of its sides opens this one. */
  constructor(from: Seat, segment: Segment, before: { readonly connection: CapturedConnection; readonly from: Seat } | null) {
    if (before !== null) {
      // If the host has restarted, its peer does not know that the old connection no longer exists.
      const { connection } = before
      const seat = peerOf(before.from)
      const peer = connection.#hypothesis.sides[seat]
      if (!isOver(peer)) {
        this.#hypothesis = reopen(from, segment, peer.fork())
        this.#baseNumber[peerOf(from)] = connection.#baseNumber[seat]
        this.#scale[peerOf(from)] = connection.#scale[seat]
        return
      }
    }
    this.#hypothesis = hypothesisBefore(from, segment)
    if (hasBit(segment.bits, SYN) && segment.ack !== null) this.#baseNumber[peerOf(from)] = sub(segment.ack, 1)
  }

  /** Whether this SYN, without ACK, opens another connection on the same ports. */
  isReplacedBy(from: Seat, segment: Segment): boolean {
    const { sides, shownOpen } = this.#hypothesis
    const { tcb, hasSent } = sides[from]
    if (!hasSent) return shownOpen !== null
    if (segment.seq === tcb.iss && shownOpen === null && tcb.state !== 'CLOSED') return false
    if (segment.seq === this.#baseNumber[from] && shownOpen === null) return false
    // A SYN whose number is exactly the next one of the connection belongs to this connection.
    return segment.seq !== tcb.snd.nxt || isOver(sides[from])
  }

  /** The connection is over: only delayed segments may follow. */
  get over(): boolean {
    return isOver(this.#hypothesis.sides.client) && isOver(this.#hypothesis.sides.server)
  }

  /** `raw.window`: as in the header. `windowScale`: the option's shift count, or -1. `digest`: the payload's checksum, or -1 if unknown. */
  judge(from: Seat, raw: Segment, windowScale: number, digest: number): SegmentJudgement {
    const to = peerOf(from)
    if (hasBit(raw.bits, SYN)) {
      this.#scale[from] = windowScale
      if (this.#baseNumber[from] === null || !this.#hypothesis.sides[from].hasSent) this.#baseNumber[from] = raw.seq
    }
    this.#baseNumber[from] ??= raw.seq
    if (raw.ack !== null) this.#baseNumber[to] ??= raw.ack
    const segment = { ...raw, window: raw.window * 2 ** this.#shift(from, raw) }

    const permission = this.#permit(from, segment, digest)
    return {
      seq: sub(raw.seq, this.#baseNumber[from]),
      ack: raw.ack === null ? null : sub(raw.ack, this.#baseNumber[to] ?? 0),
      verdict: permission.ok ? 'ok' : 'violation',
      meaning: permission.ok ? (permission.meanings[0] ?? null) : null,
      assumesLoss: permission.ok && this.#hypothesis.sides[from].assumesLoss,
      state: { client: stateUnder(this.#hypothesis, 'client'), server: stateUnder(this.#hypothesis, 'server') },
      findings: this.#relative(from, permission.ok ? permission.remarks : permission.findings),
    }
  }

  /**
   * A refused segment does not change the hypothesis. But if a later segment is legal only under an alternative in which the refused one was
   * accepted, that alternative replaces the hypothesis: a segment is missing in the capture, or the peer accepted the fault.
   */
  #permit(from: Seat, segment: Segment, digest: number): SegmentPermission {
    const permission = judgeUnder(this.#hypothesis, from, segment, digest)
    if (permission.ok) {
      if (this.#alternatives.length > 0)
        this.#alternatives = this.#alternatives.filter(
          (other) => other.left-- > 0 && judgeUnder(other.hypothesis, from, segment, digest).ok,
        )
      return permission
    }
    for (const { hypothesis } of this.#alternatives) {
      const alternative = judgeUnder(hypothesis, from, segment, digest)
      if (!alternative.ok) continue
      this.#hypothesis = hypothesis
      this.#alternatives = []
      return alternative
    }
    const hypothesis = assumeAccepted(this.#hypothesis, from, segment, digest) ?? this.#startAnew(from, segment, digest)
    if (hypothesis)
      this.#alternatives = [{ hypothesis, left: MAX_ALTERNATIVE_SEGMENTS }, ...this.#alternatives].slice(0, MAX_ALTERNATIVES)
    return permission
  }

  /** The hypothesis that is based on this segment alone; null if the segment is illegal even under it. */
  #startAnew(from: Seat, segment: Segment, digest: number): Hypothesis | null {
    const hypothesis = hypothesisBefore(from, segment)
    return judgeUnder(hypothesis, from, segment, digest).ok ? hypothesis : null
  }

  /** RFC 7323 2.2: windows are scaled if both SYNs offered it, and never in a SYN. If the scale is unknown, the largest is assumed. */
  #shift(from: Seat, { bits }: Segment): number {
    const { client, server } = this.#scale
    if (hasBit(bits, SYN) || client === -1 || server === -1) return 0
    return this.#scale[from] ?? 14
  }

  #relative(from: Seat, findings: readonly Finding[]): readonly Finding[] {
    if (findings.length === 0) return findings
    const bases: { readonly [field: string]: number | null } = { seq: this.#baseNumber[from], ack: this.#baseNumber[peerOf(from)] }
    return findings.map((finding) => {
      const base = bases[finding.field]
      if (base == null) return finding
      const relative = (value: string | number | null) => (typeof value === 'number' ? sub(value, base) : value)
      return { ...finding, given: relative(finding.given), want: relative(finding.want) }
    })
  }
}
