/** One captured connection, judged segment by segment. A refused segment changes nothing. */
import { peerOf, type Seat } from '../seat.ts'
import { hasBit, type Segment, SYN } from '../segment.ts'
import { sub } from '../seq.ts'
import type { Finding } from '../findings.ts'
import type { SegmentPermission } from '../tcp/may-send.ts'
import type { SegmentMeaning } from '../tcp/segment-templates.ts'
import type { State } from '../tcp/tcb.ts'
import { assumeAccepted, isOver, judgeUnder, reopen, stateUnder, type Hypothesis, hypothesisBefore } from './hypothesis.ts'

/** The judgement of one segment. Numbers are relative: to each side's ISN, or to the first number that was seen of it. */
export interface SegmentJudgement {
  readonly seq: number
  readonly ack: number | null
  readonly verdict: 'ok' | 'violation'
  readonly meaning: SegmentMeaning | null
  /** It is ok only if its sender had sent something that the capture lacks: nothing else explains its number. */
  readonly assumesLoss: boolean
  /** After the segment has left and arrived; null until known. */
  readonly state: Readonly<Record<Seat, State | null>>
  /** Refusals, or remarks where the verdict is ok. */
  readonly findings: readonly Finding[]
}

/** Alternatives in which a refused segment had been accepted are kept for this many segments, and at most so many at once. */
const MAX_ALTERNATIVE_SEGMENTS = 256
const MAX_ALTERNATIVES = 2

export class CapturedConnection {
  #hypothesis: Hypothesis
  #alternatives: { readonly hypothesis: Hypothesis; left: number }[] = []
  readonly #baseNumber: Record<Seat, number | null> = { client: null, server: null }
  /** The window scale that each SYN offered; -1: none. Null: its SYN was not captured. */
  readonly #scale: Record<Seat, number | null> = { client: null, server: null }

  /** `segment`: its first. `before`: the connection on the same ports that it replaces, and which side of that opens this one. */
  constructor(from: Seat, segment: Segment, before: { readonly connection: CapturedConnection; readonly from: Seat } | null) {
    if (before !== null) {
      // The peer of a host that has restarted does not know that its connection is gone.
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
    // A SYN at the very number that the connection continues with belongs to it.
    return segment.seq !== tcb.snd.nxt || isOver(sides[from])
  }

  /** Only late segments may follow. */
  get over(): boolean {
    return isOver(this.#hypothesis.sides.client) && isOver(this.#hypothesis.sides.server)
  }

  /** `raw.window` as in the header; `windowScale`: the option's shift count, or -1; `digest`: the payload's sum, or -1. */
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
   * A refused segment changes nothing. But if later segments fit only where it had been accepted, it was: the capture lacks a segment, or the
   * peer accepted the fault.
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

  /** The hypothesis that knows nothing but this segment; null where even that refuses it. */
  #startAnew(from: Seat, segment: Segment, digest: number): Hypothesis | null {
    const hypothesis = hypothesisBefore(from, segment)
    return judgeUnder(hypothesis, from, segment, digest).ok ? hypothesis : null
  }

  /** RFC 7323 2.2: windows are scaled if both SYNs offered it, and never in a SYN. Unknown, the largest is assumed. */
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
