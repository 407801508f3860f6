/** Judges one captured connection segment by segment. A refused segment does not change the connection's state. */
import { peerOf, type Seat } from '../seat.ts'
import { FIN, hasBit, RST, type Segment, segmentLength, SYN } from '../segment.ts'
import { add, ge, gt, le, lt, sub } from '../seq.ts'
import type { Finding, FindingField } from '../findings.ts'
import type { SegmentPermission } from '../tcp/may-send.ts'
import type { SegmentMeaning } from '../tcp/segment-templates.ts'
import type { State } from '../tcp/tcb.ts'
import type { CapturedSegment } from './captured-segment.ts'
import { assumeAccepted, forkOf, isOver, judgeUnder, reopen, stateUnder, type Hypothesis, hypothesisBefore } from './hypothesis.ts'
import { RecentOctets } from './recent-octets.ts'
import { repeatsOctets } from './segment-history.ts'

/** The judgement of one segment. Sequence numbers are relative to the side's ISN, or to its first captured number if that is unknown. */
export interface SegmentJudgement {
  readonly seq: number
  readonly ack: number | null
  readonly verdict: 'ok' | 'violation'
  readonly meaning: SegmentMeaning | null
  /** The verdict is ok only on the assumption that the capture lacks a segment. */
  readonly assumesLoss: boolean
  /** The state of each side after the segment has been sent and has arrived; null until known. */
  readonly state: Readonly<Record<Seat, State | null>>
  /** Refusals; or remarks, if the verdict is ok. */
  readonly findings: readonly Finding[]
}

/** A judgement that segments which follow may still change: see `Deferral`. */
export interface Verdict {
  judgement: SegmentJudgement
  /** It will not change any more. */
  final: boolean
}

/**
 * A refused segment that is judged again if one that was captured later shows that
 * - it acknowledges text that was captured after it;
 * - it was sent after its own side's FIN, and captured before it;
 * - it acknowledges text with which a FIN was cut off, because that FIN has come again alone.
 */
interface Deferral {
  readonly verdict: Verdict
  readonly from: Seat
  readonly captured: CapturedSegment
  /** Whether this later segment, accepted meanwhile, shows it. */
  readonly isShownBy: (from: Seat, segment: Segment) => boolean
  /** How many more segments of the connection may come before that. */
  left: number
}

/** Another hypothesis than the one that segments are judged under, for as long as all that follows is legal under it as well. */
interface Alternative {
  readonly hypothesis: Hypothesis
  /** It is only possible if the capture lacks segments. */
  readonly lacking: boolean
  /** How many more segments it is kept for. */
  left: number
}

/** Alternative hypotheses, in which a refused segment was accepted, are kept for this many segments, and at most so many at a time. */
const MAX_ALTERNATIVE_SEGMENTS = 256
const MAX_ALTERNATIVES = 3
/** How many segments of the connection may separate two that were captured in the wrong order. */
const MAX_DISORDER = 8

/** The judge of one captured connection. */
export class CapturedConnection {
  #hypothesis: Hypothesis
  #alternatives: Alternative[] = []
  #deferred: Deferral[] = NONE_DEFERRED
  readonly #octets: RecentOctets
  readonly #baseNumber: Record<Seat, number | null> = { client: null, server: null }
  /** The last acknowledgment of what the peer has not sent, as far as it is captured, if the peer has sent nothing since. */
  #unexplainedAck: { readonly from: Seat; readonly ack: number } | null = null

  /**
   * `segment`: the first. `before`: the connection on the same ports that this one replaces, and which of its sides opens this one.
   * `octets`: where the positions of captured segments point to.
   */
  constructor(
    from: Seat,
    segment: Segment,
    before: { readonly connection: CapturedConnection; readonly from: Seat } | null,
    octets = new RecentOctets(),
  ) {
    this.#octets = octets
    this.#hypothesis = hypothesisBefore(from, segment)
    if (before !== null) {
      const { connection } = before
      const seat = peerOf(before.from)
      const peer = connection.#hypothesis.sides[seat]
      if (!isOver(peer)) {
        // If the host has restarted, its peer does not know that the old connection no longer exists; unless the capture lacks its end.
        const forgotten: Hypothesis = { ...this.#hypothesis, unseenMayBeOlder: false }
        this.#alternatives = [{ hypothesis: forgotten, lacking: true, left: MAX_ALTERNATIVE_SEGMENTS }]
        this.#hypothesis = reopen(from, segment, peer.fork())
        this.#baseNumber[peerOf(from)] = connection.#baseNumber[seat]
        return
      }
    }
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

  /** It is a SYN alone, so far, that nobody has answered. */
  get unanswered(): boolean {
    const { client, server } = this.#hypothesis.sides
    return this.#hypothesis.shownOpen === null && !(client.hasSent && server.hasSent)
  }

  /** Whether this is the SYN that opened the connection, or the SYN,ACK that answers it. */
  hasSyn(from: Seat, { bits, seq, ack }: Segment): boolean {
    const { sides } = this.#hypothesis
    if (!hasBit(bits, SYN) || hasBit(bits, RST)) return false
    return ack === null
      ? sides[from].hasSent && seq === sides[from].tcb.iss
      : sides[peerOf(from)].hasSent && ack === add(sides[peerOf(from)].tcb.iss, 1)
  }

  /** The connection is over: only delayed segments may follow. */
  get over(): boolean {
    return isOver(this.#hypothesis.sides.client) && isOver(this.#hypothesis.sides.server)
  }

  /** A packet of this connection could not be read, or may not have been captured. */
  noteLack(): void {
    this.#hypothesis.lacks = true
    for (const { hypothesis } of this.#alternatives) hypothesis.lacks = true
  }

  judge(from: Seat, captured: CapturedSegment): Verdict {
    const to = peerOf(from)
    const { segment } = captured
    const { bits, seq, ack } = segment
    // The ISN of a host that refuses a connection does not exist, so its numbers are absolute.
    const unknown = this.#baseNumber[from] === null || (hasBit(bits, SYN) && !this.#hypothesis.sides[from].hasSent)
    if (unknown) this.#baseNumber[from] = hasBit(bits, RST) && !this.#hypothesis.sides[from].hasSent ? 0 : seq
    if (ack !== null) this.#baseNumber[to] ??= ack

    const permission = this.#permit(from, captured)
    const verdict = { judgement: this.#judgement(from, segment, permission), final: true }
    if (!permission.ok) this.#defer(from, captured, permission.findings, verdict)
    else if (this.#deferred.length > 0) this.#judgeDeferred(from, segment)
    return verdict
  }

  /** Makes every verdict final. */
  finish(): void {
    for (const { verdict } of this.#deferred) verdict.final = true
    this.#deferred = NONE_DEFERRED
  }

  #judgement(from: Seat, { seq, ack }: Segment, permission: SegmentPermission): SegmentJudgement {
    return {
      seq: sub(seq, this.#baseNumber[from] ?? 0),
      ack: ack === null ? null : sub(ack, this.#baseNumber[peerOf(from)] ?? 0),
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
  #permit(from: Seat, captured: CapturedSegment): SegmentPermission {
    const contradicts = this.#contradicts(from, captured)
    const permission = contradicts ? this.#contradiction(from, captured) : judgeUnder(this.#hypothesis, from, captured)
    if (permission.ok) {
      if (this.#unexplainedAck !== null && this.#unexplainedAck.from !== from) {
        // The peer goes on exactly where it was acknowledged.
        if (this.#unexplainedAck.ack === captured.segment.seq) this.#hypothesis.lacks = true
        this.#unexplainedAck = null
      }
      if (this.#alternatives.length > 0)
        this.#alternatives = this.#alternatives.filter(
          (other) => other.left-- > 0 && judgeUnder(other.hypothesis, from, captured).ok,
        )
      return permission
    }
    for (const { hypothesis, lacking } of contradicts ? [] : this.#alternatives) {
      const alternative = judgeUnder(hypothesis, from, captured)
      if (!alternative.ok) continue
      if (lacking) hypothesis.sides[from].assumesLoss = true
      this.#hypothesis = hypothesis
      this.#alternatives = []
      this.finish()
      return alternative
    }
    if (this.#noteUnexplainedAck(from, captured.segment, permission.findings)) {
      const lacking = judgeUnder(this.#hypothesis, from, captured)
      if (lacking.ok) return lacking
    }
    const more = [
      assumeAccepted(this.#hypothesis, from, captured) ?? this.#startAnew(from, captured),
      this.#withoutItsAck(from, captured, permission.findings),
    ].filter((hypothesis) => hypothesis !== null)
    if (more.length > 0)
      this.#alternatives = [
        ...more.map((hypothesis) => ({ hypothesis, lacking: false, left: MAX_ALTERNATIVE_SEGMENTS })),
        ...this.#alternatives,
      ].slice(0, MAX_ALTERNATIVES)
    return permission
  }

  /** A segment under old numbers is refused for its number, if that is wrong in itself or just one too low; else for its octets. */
  #contradiction(from: Seat, captured: CapturedSegment): SegmentPermission {
    const { segment } = captured
    const { nxt } = this.#hypothesis.sides[from].tcb.snd
    const permission = judgeUnder(forkOf(this.#hypothesis), from, captured)
    if (!permission.ok) return permission
    return contradictionRefusal(
      add(segment.seq, 1) === nxt
        ? { field: 'seq', given: segment.seq, want: nxt }
        : { field: 'payload', given: segment.length, want: segment.length },
    )
  }

  /** A retransmission must carry the same octets (RFC 9293 3.8.1). */
  #contradicts(from: Seat, captured: CapturedSegment): boolean {
    const { tcb, history } = this.#hypothesis.sides[from]
    return repeatsOctets(captured.segment, tcb.snd.nxt) && history.contradicts(captured, this.#octets)
  }

  /**
   * A side acknowledges, for the second time, more than the capture holds of its peer, which has sent nothing in between: the capture is known
   * to lack the peer's segments.
   */
  #noteUnexplainedAck(from: Seat, { ack }: Segment, findings: readonly Finding[]): boolean {
    const nxt = this.#hypothesis.sides[peerOf(from)].tcb.snd.nxt
    if (ack === null || !gt(ack, nxt) || findings.length !== 1 || findings[0]!.field !== 'ack') return false
    const last = this.#unexplainedAck
    this.#unexplainedAck = { from, ack }
    if (last?.from !== from || !gt(ack, last.ack)) return false
    this.#hypothesis.lacks = true
    return true
  }

  /** The alternative that the peer has taken the text of a segment in, and not its acknowledgment, which alone was wrong. */
  #withoutItsAck(from: Seat, captured: CapturedSegment, findings: readonly Finding[]): Hypothesis | null {
    const { segment } = captured
    if (findings.length !== 1 || findings[0]!.field !== 'ack' || segmentLength(segment) === 0) return null
    const ack = this.#hypothesis.sides[from].tcb.rcv.nxt
    return assumeAccepted(this.#hypothesis, from, { ...captured, segment: { ...segment, ack } })
  }

  /** The hypothesis that is based on this segment alone; null if the segment is illegal even under it. */
  #startAnew(from: Seat, captured: CapturedSegment): Hypothesis | null {
    const hypothesis = hypothesisBefore(from, captured.segment)
    return judgeUnder(hypothesis, from, captured).ok ? hypothesis : null
  }

  /** Defers the verdict on a refused segment if a later one may explain it. */
  #defer(from: Seat, captured: CapturedSegment, findings: readonly Finding[], verdict: Verdict): void {
    const isShownBy = findings.length === 1 ? this.#explanationOf(from, captured.segment, findings[0]!.field) : null
    if (isShownBy === null) return
    verdict.final = false
    this.#deferred = [...this.#deferred, { verdict, from, captured, isShownBy, left: MAX_DISORDER }]
  }

  /** What a later segment must be like to explain a refused one; null if there is no such segment. */
  #explanationOf(from: Seat, segment: Segment, field: FindingField): Deferral['isShownBy'] | null {
    const { bits, seq, ack } = segment
    const to = peerOf(from)
    const own = this.#hypothesis.sides[from].tcb
    const peer = this.#hypothesis.sides[to]
    const { finSent, snd } = peer.tcb
    if (hasBit(bits, SYN)) return null
    if (field === 'ack' && segmentLength(segment) === 0 && ack !== null && gt(ack, add(snd.nxt, 1)))
      // An acknowledgment of one number too many is a mistake in counting, even if one octet or a FIN follows.
      return (by, other) =>
        by === to && add(other.seq, segmentLength(other)) === ack && ge(other.seq, snd.nxt) && le(other.ack ?? seq, seq)
    if (field === 'ack' && ack !== null && ack === finSent && peer.history.hasTextBeforeFin(ack))
      return (by, other) => by === to && hasBit(other.bits, FIN) && other.seq === ack
    if (field === 'seq' && segmentLength(segment) === 0 && seq === add(own.snd.nxt, 1))
      // The FIN was sent first, so it acknowledges less.
      return (by, other) =>
        by === from &&
        hasBit(other.bits, FIN) &&
        add(other.seq, other.length) === own.snd.nxt &&
        (ack === null || lt(other.ack ?? ack, ack))
    return null
  }

  /** Judges deferred segments again, after this segment has been accepted. */
  #judgeDeferred(from: Seat, segment: Segment): void {
    this.#deferred = this.#deferred.filter((deferral) => {
      const { verdict, captured, isShownBy } = deferral
      deferral.left -= 1
      verdict.final = isShownBy(from, segment) || deferral.left <= 0
      if (!isShownBy(from, segment)) return !verdict.final
      const permission = judgeUnder(this.#hypothesis, deferral.from, captured)
      if (permission.ok) verdict.judgement = this.#judgement(deferral.from, captured.segment, permission)
      return false
    })
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

const NONE_DEFERRED: Deferral[] = []

const contradictionRefusal = (finding: Pick<Finding, 'field' | 'given' | 'want'>): SegmentPermission => ({
  ok: false,
  findings: [{ kind: 'refusal', ...finding, rule: 'RFC 9293 3.8.1', misconception: null }],
  rule: 'sends-again',
  silent: false,
})
