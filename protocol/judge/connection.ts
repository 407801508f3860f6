/** One connection of a capture: judged segment by segment, from what has been before, and never led astray by what was refused. */
import { has, type Segment, SYN } from '../segment.ts'
import { sub } from '../seq.ts'
import type { Finding } from '../findings.ts'
import type { Permission } from '../tcp/may-send.ts'
import type { MeaningName } from '../tcp/meanings.ts'
import type { State } from '../tcp/tcb.ts'
import { peerOf, type Seat } from '../world/exercise.ts'
import { counted, isOver, judgeIn, reopened, stateOf, type World, worldBefore } from './world.ts'

/** What the judge says of one segment. Numbers are relative: to each side's ISN, or to the first number that was seen of it. */
export interface Judgement {
  readonly seq: number
  readonly ack: number | null
  readonly verdict: 'ok' | 'violation'
  readonly meaning: MeaningName | null
  /** It is ok only if its sender has sent something before that the capture lacks: a number that nothing else explains. */
  readonly lacking: boolean
  /** After the segment has left and arrived; null until known. */
  readonly state: Readonly<Record<Seat, State | null>>
  /** Refusals, or remarks where the verdict is ok. */
  readonly findings: readonly Finding[]
}

/** Worlds in which a refused segment had counted are followed for so many segments, and so many of them. */
const PATIENCE = 256
const MOST_OTHERS = 2

export class Connection {
  #world: World
  #others: { readonly world: World; left: number }[] = []
  readonly #base: Record<Seat, number | null> = { client: null, server: null }
  /** The window scale that each SYN offered; -1: none. Null: its SYN was not captured. */
  readonly #scale: Record<Seat, number | null> = { client: null, server: null }

  /** It begins with this segment. `before`: the connection of the same ports that it replaces, and which side of that opens this one. */
  constructor(from: Seat, segment: Segment, before: { readonly connection: Connection; readonly from: Seat } | null) {
    if (before !== null) {
      // The peer of a host that has restarted does not know that its connection is gone.
      const { connection } = before
      const seat = peerOf(before.from)
      const peer = connection.#world.sides[seat]
      if (!isOver(peer)) {
        this.#world = reopened(from, segment, peer.fork())
        this.#base[peerOf(from)] = connection.#base[seat]
        this.#scale[peerOf(from)] = connection.#scale[seat]
        return
      }
    }
    this.#world = worldBefore(from, segment)
    if (has(segment.bits, SYN) && segment.ack !== null) this.#base[peerOf(from)] = sub(segment.ack, 1)
  }

  /** Is this SYN, without ACK, one of another connection from the same ports? */
  isReplacedBy(from: Seat, segment: Segment): boolean {
    const { sides, shown } = this.#world
    const { tcb, seen } = sides[from]
    if (!seen) return shown !== null
    if (segment.seq === tcb.iss && shown === null && tcb.state !== 'CLOSED') return false
    if (segment.seq === this.#base[from] && shown === null) return false
    // At the number that its connection is to go on with it is no new one: that would be chance.
    return segment.seq !== tcb.snd.nxt || isOver(sides[from])
  }

  /** Nothing will be sent on it but what comes late. */
  get over(): boolean {
    return isOver(this.#world.sides.client) && isOver(this.#world.sides.server)
  }

  /** `raw.window` as in the header; `windowScale`: the option's shift count, or -1; `digest`: the payload's sum, or -1. */
  judge(from: Seat, raw: Segment, windowScale: number, digest: number): Judgement {
    const to = peerOf(from)
    if (has(raw.bits, SYN)) {
      this.#scale[from] = windowScale
      if (this.#base[from] === null || !this.#world.sides[from].seen) this.#base[from] = raw.seq
    }
    this.#base[from] ??= raw.seq
    if (raw.ack !== null) this.#base[to] ??= raw.ack
    const segment = { ...raw, window: raw.window * 2 ** this.#shift(from, raw) }

    const permission = this.#permit(from, segment, digest)
    return {
      seq: sub(raw.seq, this.#base[from]),
      ack: raw.ack === null ? null : sub(raw.ack, this.#base[to] ?? 0),
      verdict: permission.ok ? 'ok' : 'violation',
      meaning: permission.ok ? (permission.meanings[0] ?? null) : null,
      lacking: permission.ok && this.#world.sides[from].lacking,
      state: { client: stateOf(this.#world, 'client'), server: stateOf(this.#world, 'server') },
      findings: this.#relative(from, permission.ok ? permission.remarks : permission.findings),
    }
  }

  /**
   * A refused segment moves nothing. But what fits only if it had counted shows that it had: where the capture lacks a segment, say, or
   * after a fault that the peer took in.
   */
  #permit(from: Seat, segment: Segment, digest: number): Permission {
    const permission = judgeIn(this.#world, from, segment, digest)
    if (permission.ok) {
      if (this.#others.length > 0)
        this.#others = this.#others.filter((other) => other.left-- > 0 && judgeIn(other.world, from, segment, digest).ok)
      return permission
    }
    for (const { world } of this.#others) {
      const elsewhere = judgeIn(world, from, segment, digest)
      if (!elsewhere.ok) continue
      this.#world = world
      this.#others = []
      return elsewhere
    }
    const world = counted(this.#world, from, segment, digest) ?? this.#anew(from, segment, digest)
    if (world) this.#others = [{ world, left: PATIENCE }, ...this.#others].slice(0, MOST_OTHERS)
    return permission
  }

  /** The world of which nothing is known but this segment. */
  #anew(from: Seat, segment: Segment, digest: number): World | null {
    const world = worldBefore(from, segment)
    return judgeIn(world, from, segment, digest).ok ? world : null
  }

  /** RFC 7323 2.2: windows are scaled if both SYNs offered it, and never in a SYN. Unknown, the largest is assumed. */
  #shift(from: Seat, { bits }: Segment): number {
    const { client, server } = this.#scale
    if (has(bits, SYN) || client === -1 || server === -1) return 0
    return this.#scale[from] ?? 14
  }

  #relative(from: Seat, findings: readonly Finding[]): readonly Finding[] {
    if (findings.length === 0) return findings
    const bases: { readonly [field: string]: number | null } = { seq: this.#base[from], ack: this.#base[peerOf(from)] }
    return findings.map((finding) => {
      const base = bases[finding.field]
      if (base == null) return finding
      const relative = (value: string | number | null) => (typeof value === 'number' ? sub(value, base) : value)
      return { ...finding, given: relative(finding.given), want: relative(finding.want) }
    })
  }
}
