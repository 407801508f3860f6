/** What stands of the decisions on a course's grades: folds its records, in their order. Pure. */
import type { ContestInfo, GradeRecordKind, Scheme } from '../../contract/grades.ts'
import type { Score } from '../../protocol/round/fold/score.ts'
import type { Seat } from '../../protocol/seat.ts'
import type { GradeDecisions, GradePlace } from './compute-grades.ts'

/** The scheme of a course whose teacher has chosen none. */
const DEFAULT_SCHEME: Scheme = { rounds: 'best', missed: 'left-out', dropLowest: 0 }
/** The weight of a session, or of an exercise in it, to which the teacher has given none. */
const DEFAULT_WEIGHT = 1

/** What today's rules give for a round, as it was accepted. */
export interface RegradedRound {
  /** The version of the engine that judged. */
  readonly engine: string
  readonly scores: { readonly [S in Seat]: Score }
  /** The entries that it judges otherwise. */
  readonly entries: readonly number[]
}

/** What the columns `before` and `after` hold, by kind. */
export interface GradeRecordValues {
  readonly scheme: Scheme
  readonly weight: number
  /** A share; null: none. */
  readonly override: number | null
  readonly excuse: boolean
  readonly remark: string
  readonly release: boolean
  readonly contest: 'open' | null
  readonly decision: ContestInfo['status'] | null
  readonly regrade: RegradedRound | null
}

/** One row. `member` and what follows say what it is about. */
export interface GradeRecord {
  readonly number: number
  readonly kind: GradeRecordKind
  readonly member: string | null
  readonly session: string | null
  readonly position: number | null
  readonly round: string | null
  readonly entry: number | null
  /** By kind: see `GradeRecordValues`. */
  readonly before: unknown
  readonly after: unknown
  readonly reason: string
  /** Id; null: the member did it. */
  readonly teacher: string | null
  readonly at: Date
}

/** A decision that stands, and why. */
interface Decided<T> {
  readonly value: T
  readonly reason: string
}

/** What a member contests: what an entry has cost them. */
export interface Contest {
  /** The number of its record. */
  readonly number: number
  readonly at: Date
  readonly member: string
  readonly session: string
  readonly position: number
  readonly round: string
  readonly entry: number
  readonly text: string
  readonly status: ContestInfo['status']
  /** Why it was decided so; empty while it is open. */
  readonly reason: string
}

export class Standing implements GradeDecisions {
  scheme: Scheme = DEFAULT_SCHEME
  readonly #weights = new Map<string, number>()
  readonly #overrides = new Map<string, Decided<number | null>>()
  readonly #excused = new Map<string, boolean>()
  readonly #remarks = new Map<string, string>()
  readonly #contests = new Map<string, Contest>()
  readonly #decisions = new Map<string, Decided<ContestInfo['status']>>()
  readonly #forgiven = new Map<string, Set<number>>()
  readonly #regraded = new Map<string, RegradedRound>()

  constructor(records: readonly GradeRecord[]) {
    for (const record of records) this.#take(record)
  }

  /** `position`: null for the session as a whole. */
  weightOf(session: string, position: number | null): number {
    return this.#weights.get(keyOf(session, position)) ?? DEFAULT_WEIGHT
  }

  /** The override that stands, with its reason. */
  findOverride({ member, session, position }: GradePlace): Decided<number> | undefined {
    const found = this.#overrides.get(keyOf(member, session, position))
    return found && found.value !== null ? { value: found.value, reason: found.reason } : undefined
  }

  overrideAt(place: GradePlace): number | undefined {
    return this.findOverride(place)?.value
  }

  isExcusedAt({ member, session, position }: GradePlace): boolean {
    return this.#excused.get(keyOf(member, session, position)) ?? false
  }

  /** Empty where there is none. `session`: null for the member as a whole. */
  remarkOn(member: string, session: string | null): string {
    return this.#remarks.get(keyOf(member, session)) ?? ''
  }

  get contests(): readonly Contest[] {
    return [...this.#contests.values()]
  }

  /** What was decided about what an entry has cost, whether or not its own member has contested it; null if nothing was. */
  findDecision(round: string, entry: number): Decided<ContestInfo['status']> | null {
    return this.#decisions.get(keyOf(round, entry)) ?? null
  }

  /** The entries of a round whose cost is given back. */
  forgivenOf(round: string): ReadonlySet<number> {
    return this.#forgiven.get(round) ?? NOTHING
  }

  /** What was accepted for a round that was judged again. */
  regradedOf(round: string): RegradedRound | undefined {
    return this.#regraded.get(round)
  }

  #take(record: GradeRecord): void {
    const { kind, member, session, position, round, entry, reason } = record
    const after = <K extends GradeRecordKind>(_kind: K) => record.after as GradeRecordValues[K]
    switch (kind) {
      case 'scheme':
        this.scheme = after(kind)
        return
      case 'weight':
        this.#weights.set(keyOf(session, position), after(kind))
        return
      case 'override':
        this.#overrides.set(keyOf(member, session, position), { value: after(kind), reason })
        return
      case 'excuse':
        this.#excused.set(keyOf(member, session, position), after(kind))
        return
      case 'remark':
        this.#remarks.set(keyOf(member, session), after(kind))
        return
      case 'release':
        return
      case 'contest': {
        if (member === null || session === null || position === null || round === null || entry === null) return
        const { number, at } = record
        const contest = { number, at, member, session, position, round, entry, text: reason, status: 'open' as const, reason: '' }
        this.#contests.set(keyOf(round, entry), contest)
        this.#decisions.set(keyOf(round, entry), { value: 'open', reason: '' })
        return
      }
      case 'decision': {
        if (round === null || entry === null) return
        const status = after(kind) ?? 'open'
        const contest = this.#contests.get(keyOf(round, entry))
        if (contest) this.#contests.set(keyOf(round, entry), { ...contest, status, reason })
        this.#decisions.set(keyOf(round, entry), { value: status, reason })
        const forgiven = this.#forgiven.get(round) ?? new Set()
        if (status === 'upheld') forgiven.add(entry)
        else forgiven.delete(entry)
        this.#forgiven.set(round, forgiven)
        return
      }
      case 'regrade': {
        const value = after(kind)
        if (round === null) return
        if (value) this.#regraded.set(round, value)
        else this.#regraded.delete(round)
        return
      }
    }
  }
}

const NOTHING: ReadonlySet<number> = new Set()
const keyOf = (...parts: (string | number | null)[]) => parts.map((part) => part ?? '-').join(' ')
