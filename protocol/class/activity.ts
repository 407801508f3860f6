/**
 * A class activity: something that all participants of a session do together, in one world. Like a round it is a list of entries, the log,
 * and everything else is folded from it. Each kind of activity brings its own judge, fold and views (`ActivityRules`).
 *
 * Pure: it has no clock and no storage. `propose` judges an act without changing the activity, the caller stores the entry, and `add` folds it,
 * as it folds entries that another node has stored.
 */
import type { Verdict } from '../round/model/verdict.ts'

/** Who acts: the id of a participant of the session, its teacher, or the server. */
export type ActivityActor = string
export const TEACHER: ActivityActor = 'teacher'
export const SYSTEM: ActivityActor = 'system'

/** One row of an activity's log. */
export interface ActivityEntry<Action, Effect> {
  /** Position in the log, from 0. */
  readonly index: number
  /** Identifies the act among those of the same actor: a repeated `actionId` is the same act. */
  readonly actionId: string
  readonly actor: ActivityActor
  readonly action: Action
  readonly verdict: Verdict
  readonly effects: readonly Effect[]
  /** Real time, ISO 8601. */
  readonly at: string
}

export interface ActivityJudgement<Effect> {
  readonly verdict: Verdict
  readonly effects: readonly Effect[]
}

/** What a kind of activity consists of. All functions are pure; `apply` consults no rule. */
export interface ActivityRules<World, Action, Effect, PhoneView, ScreenView> {
  readonly judge: (world: World, actor: ActivityActor, action: Action) => ActivityJudgement<Effect>
  readonly apply: (world: World, effect: Effect) => World
  /** What one participant is shown; null before they take part. */
  readonly viewFor: (world: World, participant: string) => PhoneView | null
  /** What the projector shows: nobody's name or id. */
  readonly viewForScreen: (world: World) => ScreenView
}

/** An act as submitted. `at`: real time, ISO 8601. */
export type ActivityAct<Action> = Pick<ActivityEntry<Action, never>, 'actor' | 'actionId' | 'action' | 'at'>

export class Activity<World, Action, Effect, PhoneView, ScreenView> {
  readonly #rules: ActivityRules<World, Action, Effect, PhoneView, ScreenView>
  readonly #entriesByActionId = new Map<string, ActivityEntry<Action, Effect>>()
  #length = 0
  #world: World

  /** `world`: the world before the first entry. */
  constructor(rules: ActivityRules<World, Action, Effect, PhoneView, ScreenView>, world: World) {
    this.#rules = rules
    this.#world = world
  }

  /** How many entries have been added. */
  get length(): number {
    return this.#length
  }

  get world(): World {
    return this.#world
  }

  /** The entry of an act, if the activity already has one. */
  findEntry(actor: ActivityActor, actionId: string): ActivityEntry<Action, Effect> | undefined {
    return this.#entriesByActionId.get(keyOf(actor, actionId))
  }

  /** Judges an act in the current world and gives the entry that it makes. */
  propose({ actor, actionId, action, at }: ActivityAct<Action>): ActivityEntry<Action, Effect> {
    return { index: this.#length, actionId, actor, action, ...this.#rules.judge(this.#world, actor, action), at }
  }

  /** Adds the next entry. Throws if entries before it are missing, or others have been added since it was proposed. */
  add(entry: ActivityEntry<Action, Effect>): void {
    if (entry.index !== this.#length) throw new Error(`entry ${entry.index} cannot follow ${this.#length} entries`)
    this.#world = entry.effects.reduce(this.#rules.apply, this.#world)
    this.#length++
    this.#entriesByActionId.set(keyOf(entry.actor, entry.actionId), entry)
  }

  viewFor(participant: string): PhoneView | null {
    return this.#rules.viewFor(this.#world, participant)
  }

  viewForScreen(): ScreenView {
    return this.#rules.viewForScreen(this.#world)
  }
}

const keyOf = (actor: ActivityActor, actionId: string): string => `${actor} ${actionId}`
