/**
 * A round: its entries, the world that they fold to, and the views that its seats have received. Pure: it has no clock, no randomness and
 * no storage; its caller supplies the time.
 *
 * `enter` judges an act and adds its entry at once. If entries are stored, this takes three steps, so that nobody sees an entry that may
 * still be lost: `propose` judges without changing the round, then the caller stores the entry, and `accept` adds it. `add` folds an entry
 * that is already stored, for example by another node.
 */
import { SEATS, type Seat, type SeatOrNetwork } from '../seat.ts'
import { ENGINE_VERSION } from '../version.ts'
import { applyEntry } from './fold/reducer.ts'
import { readEntry, type TimelineEntry } from './fold/timeline.ts'
import type { Actor, ControlAction, WireAction } from './model/action.ts'
import type { Entry } from './model/entry.ts'
import type { World } from './model/world.ts'
import { judgeAction } from './rules/judge.ts'
import type { TlsTools } from './rules/tls-end.ts'
import { type EarlierSituation, type HintTexts, projectSeatView } from './view/project-seat-view.ts'
import type { PlayerView } from './view/seat-view.ts'
import { toViewUpdate, type ViewUpdate } from './view/view-update.ts'
import { projectWireView, type WireView } from './view/wire-view.ts'

/** An action as submitted. Two acts of the same actor with the same `actionId` are the same act. `at`: real time, ISO 8601. */
export type Act = Pick<Entry, 'actor' | 'actionId' | 'action' | 'seen' | 'at'>

/** A view of a seat as it is sent: an update of the view before it. */
export type UpdateOf<S extends SeatOrNetwork> = ViewUpdate<S extends Seat ? PlayerView : WireView>

/** What each seat sees of one entry. Null if it sees nothing, or if nobody can play the seat. */
export type EntryUpdates = { readonly [S in SeatOrNetwork]: UpdateOf<S> | null }

export interface RoundOptions {
  readonly id: string
  /** Required for scenes with TLS. */
  readonly tls?: TlsTools | undefined
  /** Returns the texts for the views. Called for each entry. Without it, the round makes no views. */
  readonly texts?: () => HintTexts
}

/** How many worlds are kept for judging acts composed on an older view. Consecutive worlds share all unchanged parts. */
const MAX_RECENT_WORLDS = 4

/** How many updates are kept for each seat until somebody asks for earlier ones, who comes back or has a second page. */
const MAX_RECENT_UPDATES = 4

/** Number of entries between checkpoints. To judge an act composed on an old view, at most this many entries have to be folded again. */
const CHECKPOINT_ENTRIES = 64

export class Round {
  readonly #options: RoundOptions
  readonly #entries: Entry[] = []
  readonly #entriesByActionId = new Map<string, Entry>()
  #maxUpdates: number
  /** The last updates of each seat, and how many it has had. */
  #updates = {
    client: { count: 0, last: [] as ViewUpdate<PlayerView>[] },
    server: { count: 0, last: [] as ViewUpdate<PlayerView>[] },
    network: { count: 0, last: [] as ViewUpdate<WireView>[] },
  }
  /** Each host seat's situation in its last view. */
  readonly #situations: { client: EarlierSituation | null; server: EarlierSituation | null } = { client: null, server: null }
  /** The `now` of the network seat's last view. */
  #wireNow: WireView['now'] | undefined
  /** Oldest first. */
  readonly #recentWorlds: World[] = []
  /** The worlds after entries 0, `CHECKPOINT_ENTRIES`, 2 · `CHECKPOINT_ENTRIES` …, which are kept as long as the round. */
  readonly #checkpoints: World[] = []
  /** The engine version that judged the last entry; null before the first. */
  #engine: string | null = null
  #world: World | null = null

  /** `maxUpdates`: how many updates it keeps for each seat. */
  constructor(options: RoundOptions, maxUpdates = MAX_RECENT_UPDATES) {
    this.#options = options
    this.#maxUpdates = maxUpdates
  }

  get entries(): readonly Entry[] {
    return this.#entries
  }

  /** Null before the first entry. */
  get world(): World | null {
    return this.#world
  }

  /** How many views a seat has had. */
  viewCountOf(seat: SeatOrNetwork): number {
    return this.#updates[seat].count
  }

  /** The views of a seat after number `from`, in order, each as an update of the one before. The first has number 1. */
  updatesAfter<S extends SeatOrNetwork>(seat: S, from: number): readonly UpdateOf<S>[] {
    if (this.#updates[seat].count - from > this.#updates[seat].last.length) this.#restoreUpdates()
    const { count, last } = this.#updates[seat]
    const wanted = from >= count ? [] : last.slice(from - count)
    return wanted as readonly ViewUpdate<PlayerView | WireView>[] as readonly UpdateOf<S>[]
  }

  /** Makes all updates again from the entries. From now on all are kept: making them is not done twice. */
  #restoreUpdates(): void {
    const round = new Round(this.#options, Infinity)
    for (const entry of this.#entries) round.add(entry)
    this.#updates = round.#updates
    this.#maxUpdates = Infinity
  }

  /** The entry of an act, if the round already has one. */
  findEntry(actor: Actor, actionId: string): Entry | undefined {
    return this.#entriesByActionId.get(`${actor} ${actionId}`)
  }

  /**
   * The `actionId` for an action of the teacher or the system. An action that can happen only once in a round has a fixed id. The id of any
   * other contains the index of the next entry. Thus two nodes cannot both take the same action.
   */
  controlIdOf(action: ControlAction | WireAction): string {
    const { length } = this.#entries
    if (action.kind === 'wire') return `${action.wire}-${action.wire === 'inject' ? action.injection : action.segment}-${length}`
    return action.control === 'start' || action.control === 'end' ? action.control : `${action.control}-${length}`
  }

  /** Judges an act in the current world, without changing the round. Null if the round has not begun and the act does not begin it. */
  propose({ actor, actionId, action, seen, at }: Act): TimelineEntry | null {
    const worldAsSeen = () => this.#worldAsSeen(actor, seen)
    const before = this.#world
    const judgement = judgeAction(before, { actor, action, seen }, { worldAsSeen, tls: this.#options.tls })
    const { verdict, moments, after } = judgement
    if (!after) return null
    const entry: Entry = {
      roundId: this.#options.id,
      index: this.#entries.length,
      actionId,
      actor,
      action,
      seen,
      verdict,
      effects: moments.map(({ effect }) => effect),
      at,
    }
    return { entry: this.#engine === ENGINE_VERSION ? entry : { ...entry, engine: ENGINE_VERSION }, before, moments, after }
  }

  /** Adds a proposed entry. Throws if other entries have been added since it was proposed. */
  accept(proposal: TimelineEntry): EntryUpdates {
    const { entry, before, after } = proposal
    if (before !== this.#world) throw new Error(`entry ${entry.index} was proposed before others were added`)
    this.#world = after
    this.#recentWorlds.push(after)
    if (this.#recentWorlds.length > MAX_RECENT_WORLDS) this.#recentWorlds.shift()
    if (entry.index % CHECKPOINT_ENTRIES === 0) this.#checkpoints.push(after)
    this.#engine = entry.engine ?? this.#engine
    this.#entries.push(entry)
    this.#entriesByActionId.set(`${entry.actor} ${entry.actionId}`, entry)
    return this.#makeUpdates(proposal)
  }

  /** Folds the next entry of the log. Throws if entries before it are missing. */
  add(entry: Entry): EntryUpdates {
    return this.accept(readEntry(this.#world, entry))
  }

  /** Judges an act and adds its entry; an act that already has an entry changes nothing. Throws if the round has not begun. */
  enter(act: Act): Entry {
    const known = this.findEntry(act.actor, act.actionId)
    if (known) return known
    const proposal = this.propose(act)
    if (!proposal) throw new Error(`round ${this.#options.id} has not begun`)
    this.accept(proposal)
    return proposal.entry
  }

  #makeUpdates(accepted: TimelineEntry): EntryUpdates {
    const made: { -readonly [S in keyof EntryUpdates]: EntryUpdates[S] } = { client: null, server: null, network: null }
    const texts = this.#options.texts?.()
    if (!texts) return made
    for (const seat of SEATS) {
      const earlier = this.#situations[seat]
      const view = projectSeatView(accepted, seat, texts, earlier)
      if (!view) continue
      this.#keep(this.#updates[seat], (made[seat] = toViewUpdate(view, earlier?.now)))
      this.#situations[seat] = { world: accepted.after, now: view.now }
    }
    const body = accepted.after.script.network ? projectWireView(accepted) : null
    if (body) {
      const view: WireView = { n: this.#updates.network.count + 1, ...body }
      this.#keep(this.#updates.network, (made.network = toViewUpdate(view, this.#wireNow)))
      this.#wireNow = view.now
    }
    return made
  }

  #keep<U>(updates: { count: number; readonly last: U[] }, update: U): void {
    updates.count += 1
    updates.last.push(update)
    if (updates.last.length > this.#maxUpdates) updates.last.shift()
  }

  /** The world when the seat had received `seen` views; for 0 or null, the world after the first entry. Throws if it never had so many. */
  #worldAsSeen(actor: Actor, seen: number | null): World {
    if (actor !== 'client' && actor !== 'server') throw new Error(`${actor} has no views`)
    const isSeen = (world: World) => world.seats[actor].viewCount >= (seen ?? 0)
    const [oldest] = this.#recentWorlds
    // Most acts are composed on a view that one of the recent worlds shows. For older views, the log is folded from a checkpoint.
    const kept = oldest && !isSeen(oldest) ? this.#recentWorlds.find(isSeen) : undefined
    if (kept) return kept
    // View counts never decrease, so the wanted world comes after the last checkpoint with fewer than `seen` views.
    const first = this.#checkpoints.findIndex(isSeen)
    const last = (first < 0 ? this.#checkpoints.length : first) - 1
    let world = this.#checkpoints[last] ?? null
    for (const entry of this.#entries.slice(last < 0 ? 0 : last * CHECKPOINT_ENTRIES + 1)) {
      world = applyEntry(world, entry)
      if (isSeen(world)) return world
    }
    throw new Error(`the ${actor} of round ${this.#options.id} has not been given ${seen} views`)
  }
}
