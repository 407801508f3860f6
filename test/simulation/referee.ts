/**
 * Knows the truth, which is the log, and holds everything that anybody is told against it. It folds each row as it becomes durable, and makes
 * the views of it by itself.
 */
import { isDeepStrictEqual } from 'node:util'
import { type ExerciseLibrary, findTexts } from '../../exercises/load.ts'
import { SEATS, type SeatOrNetwork } from '../../protocol/seat.ts'
import type { Action } from '../../protocol/round/model/action.ts'
import type { Entry } from '../../protocol/round/model/entry.ts'
import type { World } from '../../protocol/round/model/world.ts'
import { type EntryUpdates, Round } from '../../protocol/round/round.ts'
import type { PlayerView } from '../../protocol/round/view/seat-view.ts'
import { mergeView, type ViewUpdate } from '../../protocol/round/view/view-update.ts'
import type { WireView } from '../../protocol/round/view/wire-view.ts'
import type { RoundEvent } from '../../server/rounds/live-round.ts'
import { leaks, secretsIn } from '../support/tls-secrets.ts'
import type { VirtualTime } from './virtual-time.ts'

/** What must hold at every step. */
export type Invariant =
  | 'the log is linear'
  | 'what is acknowledged is stored, once'
  | 'what is told is stored'
  | 'views are the same on every node'
  | 'views have no gap'
  | 'no view comes late'
  | 'a control is done once'
  | 'nobody who is there is taken over'
  | 'no view holds a secret'
  | 'somebody is to blame for a clock that stands'
  | 'every lesson ends'

export class Violation extends Error {
  readonly invariant: Invariant

  constructor(invariant: Invariant, detail: string) {
    super(`${invariant}: ${detail}`)
    this.name = 'Violation'
    this.invariant = invariant
  }
}

type View = PlayerView | WireView

/** A round as the log has it. */
export interface TrueRound {
  readonly id: string
  /** In the trace, where ids would differ from one run to the next. */
  readonly name: string
  readonly fold: Round
  /** After each entry. */
  readonly worlds: World[]
  /** The place in the log of the entry that each view is of. */
  readonly viewIndexes: { readonly [S in SeatOrNetwork]: number[] }
  readonly views: { readonly [S in SeatOrNetwork]: View[] }
  /** Virtual ms of its last row that changed anything. */
  movedAt: number
}

const ALL_SEATS = [...SEATS, 'network'] as const

export class Referee {
  readonly rounds = new Map<string, TrueRound>()
  violation: Violation | null = null
  readonly #time: VirtualTime
  readonly #exercises: ExerciseLibrary

  constructor(time: VirtualTime, exercises: ExerciseLibrary) {
    this.#time = time
    this.#exercises = exercises
  }

  /** Only the first counts: what follows may follow from it. */
  fail(invariant: Invariant, detail: string): void {
    this.violation ??= new Violation(invariant, detail)
  }

  /** A row has become durable. */
  onRow(entry: Entry): void {
    const round = this.rounds.get(entry.roundId) ?? this.#begin(entry)
    const where = `${round.name} #${entry.index}`
    this.#time.note(
      `${where} ${entry.actor} ${describe(entry.action)} ${entry.verdict.outcome}${entry.verdict.reason ? `: ${entry.verdict.reason}` : ''}`,
    )
    const { entries } = round.fold
    if (entry.index !== entries.length) return this.fail('the log is linear', `${where} stands where #${entries.length} is to come`)
    this.#checkControl(round, entry, where)
    let updates: EntryUpdates
    try {
      updates = round.fold.add(entry)
    } catch (error) {
      return this.fail('the log is linear', `${where} does not fold: ${String(error)}`)
    }
    round.worlds.push(round.fold.world!)
    for (const seat of ALL_SEATS) {
      const update: ViewUpdate<View> | null = updates[seat]
      if (!update) continue
      round.viewIndexes[seat].push(entry.index)
      round.views[seat].push(mergeView(round.views[seat].at(-1), update))
    }
    if (entry.verdict.outcome === 'accepted') round.movedAt = this.#time.elapsed
  }

  /** A node tells those who are connected to it of an entry. */
  onTold(node: string, { entry, views }: RoundEvent): void {
    const round = this.rounds.get(entry.roundId)
    const stored = round?.fold.entries[entry.index]
    const where = `${node} tells of ${round?.name ?? 'a new round'} #${entry.index}`
    if (!isDeepStrictEqual(stored, entry))
      return this.fail('what is told is stored', `${where}, ${stored ? 'which is another' : 'which is not stored'}`)
    for (const seat of ALL_SEATS) {
      const view = views[seat]
      if (view) this.onUpdates(node, entry.roundId, seat, [view])
    }
  }

  /** A node hands views out; `asked`: in the reply to that act. */
  onUpdates(
    by: string,
    roundId: string,
    seat: SeatOrNetwork,
    updates: readonly ViewUpdate<View>[],
    asked?: { readonly id: string; readonly action: Action },
  ): void {
    const held = this.rounds.get(roundId)?.views[seat] ?? []
    this.onViews(
      by,
      roundId,
      seat,
      updates.map((update) => mergeView(held[update.n - 2], update, asked)),
    )
  }

  /** Somebody holds these views. */
  onViews(by: string, roundId: string, seat: SeatOrNetwork, views: readonly View[]): void {
    const round = this.rounds.get(roundId)
    for (const [i, view] of views.entries()) {
      const where = `${by}, ${round?.name} ${seat}, view ${view.n}`
      if (i > 0 && view.n !== views[i - 1]!.n + 1) this.fail('views have no gap', `${where} follows ${views[i - 1]!.n}`)
      if (!isDeepStrictEqual(round?.views[seat][view.n - 1], view)) this.fail('views are the same on every node', where)
    }
  }

  /** A node has answered an act with success. */
  onAcknowledged(by: string, roundId: string, seat: SeatOrNetwork, id: string, action: Action): void {
    const round = this.rounds.get(roundId)
    const rows = round?.fold.entries.filter((entry) => entry.actor === seat && entry.actionId === id) ?? []
    if (rows.length !== 1 || !isDeepStrictEqual(rows[0]?.action, action))
      this.fail('what is acknowledged is stored, once', `${by}, ${round?.name} ${seat} ${describe(action)}: ${rows.length} rows`)
  }

  /** Searches all views of the rounds with TLS. */
  checkSecrets(): void {
    for (const { name, worlds, views } of this.rounds.values()) {
      if (!worlds[0]?.script.scenes.some(({ tls }) => tls)) continue
      const secrets = secretsIn(worlds)
      for (const seat of ALL_SEATS) {
        const found = leaks(
          seat,
          views[seat].map((view) => JSON.stringify(view)),
          secrets,
        )
        if (found.length > 0) this.fail('no view holds a secret', `${name} ${seat}`)
      }
    }
  }

  /** The rounds that have begun and are not over. */
  unfinished(): readonly TrueRound[] {
    return [...this.rounds.values()].filter(({ fold }) => fold.world?.over === null)
  }

  #begin(entry: Entry): TrueRound {
    const { action } = entry
    const script = action.kind === 'control' && action.control === 'start' ? action.script : null
    const texts = findTexts(script ? this.#exercises.get(script.exercise) : undefined)
    const round: TrueRound = {
      id: entry.roundId,
      name: `round ${this.rounds.size + 1} (${script?.exercise ?? 'not begun'})`,
      fold: new Round({ id: entry.roundId, texts: () => texts }),
      worlds: [],
      viewIndexes: { client: [], server: [], network: [] },
      views: { client: [], server: [], network: [] },
      movedAt: 0,
    }
    this.rounds.set(entry.roundId, round)
    return round
  }

  /** What a teacher or the system does is a row where it changes something, and then no second one says the same. */
  #checkControl({ fold: { entries } }: TrueRound, { actor, action, verdict }: Entry, where: string): void {
    if (actor !== 'teacher' && actor !== 'system') return
    if (verdict.outcome !== 'accepted') this.fail('a control is done once', `${where} has been done, or does not apply`)
    if (action.kind !== 'control') return
    const same = (entry: Entry | undefined) => isDeepStrictEqual(entry?.action, action)
    // An idle seat's wait may be lodged again, and a partner may err again.
    if (
      action.control !== 'idle' &&
      action.control !== 'plant' &&
      same(entries.findLast((entry) => entry.action.kind === 'control'))
    )
      this.fail('a control is done once', `${where} comes twice`)
  }
}

const describe = (action: Action): string => {
  switch (action.kind) {
    case 'control':
      return action.control + ('seat' in action ? ` ${action.seat}` : '')
    case 'wire':
      return `wire ${action.wire}`
    case 'call':
      return `call ${action.call.call}`
    default:
      return action.kind
  }
}
