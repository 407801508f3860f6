/**
 * Knows the true state, which is the log, and checks everything that anybody receives against it. It folds each row as soon as
 * the row is durable, and makes the views from it independently.
 */
import { isDeepStrictEqual } from 'node:util'
import { type ExerciseLibrary, findTexts } from '../../exercises/load.ts'
import { SEATS, type SeatOrNetwork } from '../../protocol/seat.ts'
import type { Action, SeatAction } from '../../protocol/round/model/action.ts'
import { readShownAction } from '../../protocol/round/view/opaque-ids.ts'
import type { Entry } from '../../protocol/round/model/entry.ts'
import type { World } from '../../protocol/round/model/world.ts'
import { type EntryUpdates, Round } from '../../protocol/round/round.ts'
import type { PlayerView } from '../../protocol/round/view/seat-view.ts'
import { mergeView, type ViewUpdate } from '../../protocol/round/view/view-update.ts'
import type { WireView } from '../../protocol/round/view/wire-view.ts'
import type { RoundEvent } from '../../server/rounds/live-round.ts'
import { leaks, secretsIn } from '../support/tls-secrets.ts'
import type { VirtualTime } from './virtual-time.ts'

/** Properties that must hold at every step. */
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

/** An invariant that did not hold. */
export class Violation extends Error {
  readonly invariant: Invariant

  constructor(invariant: Invariant, detail: string) {
    super(`${invariant}: ${detail}`)
    this.name = 'Violation'
    this.invariant = invariant
  }
}

type View = PlayerView | WireView

/** A round according to the log. */
export interface TrueRound {
  readonly id: string
  /** The name in the trace. Ids cannot be used, because they differ from one run to the next. */
  readonly name: string
  readonly fold: Round
  /** The world after each entry. */
  readonly worlds: World[]
  /** For each view, the index in the log of the entry that it shows. */
  readonly viewIndexes: { readonly [S in SeatOrNetwork]: number[] }
  readonly views: { readonly [S in SeatOrNetwork]: View[] }
  /** The virtual time, in ms, of its last accepted row. */
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

  /** Records a violation. Only the first one counts, because others may be its consequences. */
  fail(invariant: Invariant, detail: string): void {
    this.violation ??= new Violation(invariant, detail)
  }

  /** Called when a row has become durable. */
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

  /** Called when a node publishes an entry to its connections. */
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

  /** Called when a node returns or sends views. `asked`: the act whose reply contains them. */
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

  /** Checks views that somebody has received. */
  onViews(by: string, roundId: string, seat: SeatOrNetwork, views: readonly View[]): void {
    const round = this.rounds.get(roundId)
    for (const [i, view] of views.entries()) {
      const where = `${by}, ${round?.name} ${seat}, view ${view.n}`
      if (i > 0 && view.n !== views[i - 1]!.n + 1) this.fail('views have no gap', `${where} follows ${views[i - 1]!.n}`)
      if (!isDeepStrictEqual(round?.views[seat][view.n - 1], view)) this.fail('views are the same on every node', where)
    }
  }

  /** Called when a node has answered an act with success. */
  onAcknowledged(by: string, roundId: string, seat: SeatOrNetwork, id: string, action: Action): void {
    const round = this.rounds.get(roundId)
    const rows = round?.fold.entries.filter((entry) => entry.actor === seat && entry.actionId === id) ?? []
    const script = round?.worlds[0]?.script
    const stored =
      script && seat !== 'network' && action.kind !== 'wire' ? readShownAction(script, seat, action as SeatAction) : action
    if (rows.length !== 1 || !isDeepStrictEqual(rows[0]?.action, stored))
      this.fail('what is acknowledged is stored, once', `${by}, ${round?.name} ${seat} ${describe(action)}: ${rows.length} rows`)
  }

  /** Searches all views of the rounds with TLS for secrets that their seats must not know. */
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

  /** The rounds that have started and are not over. */
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

  /**
   * A teacher's or system's control action is written only if it changes something, and not a second time with the same effect.
   */
  #checkControl({ fold: { entries } }: TrueRound, { actor, action, verdict }: Entry, where: string): void {
    if (actor !== 'teacher' && actor !== 'system') return
    if (verdict.outcome !== 'accepted') this.fail('a control is done once', `${where} has been done, or does not apply`)
    if (action.kind !== 'control') return
    const same = (entry: Entry | undefined) => isDeepStrictEqual(entry?.action, action)
    // An idle seat's wait may be requested again, and a partner may make another mistake.
    if (
      action.control !== 'idle' &&
      action.control !== 'plant' &&
      action.control !== 'hint' &&
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
