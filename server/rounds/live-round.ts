/**
 * One round in memory: the fold of its rows, and the views that its seats hold.
 *
 * Its actions are judged one after another on the world as it is now, and everything that the judge answers a seat is a row, so that
 * every answer can be given again. A row is written before anyone hears of it, and never more than one is unwritten. Any node may
 * write: the log refuses an index that is taken, then the tail is read, folded, and the action judged again.
 */
import { type SeatOrNetwork, SEATS, type Seat } from '../../protocol/seat.ts'
import { isDeepStrictEqual } from 'node:util'
import { TLS_TOOLS } from '../../exercises/tls-tools.ts'
import { ENGINE_VERSION } from '../../protocol/version.ts'
import type { Action, Actor, ControlAction, SeatAction, WireAction } from '../../protocol/round/model/action.ts'
import type { Entry } from '../../protocol/round/model/entry.ts'
import { foldEntries } from '../../protocol/round/fold/reducer.ts'
import { readEntry } from '../../protocol/round/fold/timeline.ts'
import type { Script } from '../../protocol/round/model/script.ts'
import { judgeAction } from '../../protocol/round/rules/judge.ts'
import { seatHoldingClock } from '../../protocol/round/rules/clock.ts'
import { choosePartnerMove } from '../../protocol/round/play/partner.ts'
import { nextMistake } from '../../protocol/round/play/partner-mistakes.ts'
import type { PlayerView } from '../../protocol/round/view/seat-view.ts'
import { type HintTexts, projectSeatView } from '../../protocol/round/view/project-seat-view.ts'
import { projectWireView, type WireView } from '../../protocol/round/view/wire-view.ts'
import type { World } from '../../protocol/round/model/world.ts'
import { ApiError } from '../base/api-error.ts'
import type { RoundLog } from './log.ts'
import type { After } from '../base/timer.ts'

/** A seat's action as it comes in. `via`: the connection that brought it, whose reply carries the view. */
export interface SeatRequest<S extends SeatOrNetwork = Seat> {
  readonly id: string
  readonly seen: number
  readonly action: S extends Seat ? SeatAction : WireAction
  readonly connectionId?: string
}

/** What a seat is given of an entry. */
export type ViewOf<S extends SeatOrNetwork> = S extends Seat ? PlayerView : WireView

/** An entry that has been written and folded. */
export interface RoundEvent {
  readonly entry: Entry
  readonly world: World
  /** All entries of the round up to this one. */
  readonly entries: readonly Entry[]
  /** What each seat receives of it. */
  readonly views: { readonly [S in SeatOrNetwork]: ViewOf<S> | null }
  /** How it has come here: this node wrote it, its writer has told of it, or it was found in the log and its writer may be dead. */
  readonly source: 'own' | 'heard' | 'found'
  readonly connectionId: string | null
}

export interface LiveRoundDeps {
  readonly log: RoundLog
  readonly now: () => Date
  readonly after: After
  /** Must not throw. */
  readonly publish: (news: RoundEvent) => void
  /** The texts that a round's log does not hold; none, where absent. */
  readonly texts?: ((script: Script) => Promise<HintTexts>) | undefined
  /** Real ms after which the wait of a seat that holds the clock is lodged for it, and a segment that a network seat leaves lying is let pass. */
  readonly idleAfterMs: number
}

const NO_TEXTS: HintTexts = { hint: () => undefined, why: () => undefined }

export class LiveRound {
  readonly #id: string
  readonly #deps: LiveRoundDeps
  readonly #entries: Entry[] = []
  readonly #entriesByActionId = new Map<string, Entry>()
  readonly #views = { client: [] as PlayerView[], server: [] as PlayerView[], network: [] as WireView[] }
  /** The index of the entry that each view is of. */
  readonly #viewEntryIndexes: { readonly [S in SeatOrNetwork]: number[] } = { client: [], server: [], network: [] }
  #world: World | null = null
  /** Null until it is known what is played. */
  #texts: HintTexts | null = null
  /** The latest worlds, oldest first: what an act was composed on is seldom older, and need not be folded again. */
  readonly #recentWorlds: World[] = []
  /** The log has been read once: what comes to light from now on is news. */
  #loaded = false
  /** The log may hold rows that have not been folded. */
  #mayBeStale = true
  #queue: Promise<unknown> = Promise.resolve()
  #queuedJobs = 0
  #cancelTimer: (() => void) | null = null

  constructor(id: string, ports: LiveRoundDeps) {
    this.#id = id
    this.#deps = ports
  }

  /** Nothing is under way and nothing will happen by itself. */
  get isIdle(): boolean {
    return this.#queuedJobs === 0 && this.#cancelTimer === null
  }

  /**
   * Does a seat's action, and answers with every view of that seat after `seen`, its own among them. The same id with the same body
   * changes nothing and gives the first answer again. Throws `Failed`, or what the log throws.
   */
  act<S extends SeatOrNetwork>(seat: S, { id, seen, action, connectionId }: SeatRequest<S>): Promise<readonly ViewOf<S>[]> {
    return this.#enqueue(async () => {
      const views = this.#viewsOf(seat)
      if (this.#mayBeStale || seen > views.length) await this.#readTail()
      if (!this.#world) throw new ApiError('not-found', 'There is no such round.')
      if (seen > views.length)
        throw new ApiError('malformed', `seen is ${seen}, but this seat has been given ${views.length} views.`)
      if (seat !== 'network') await this.#returnSeatToPlayer(seat)
      const entry = await this.#judgeAndAppend({ actor: seat, id, action, seen, connectionId: connectionId ?? null })
      if (entry && !isDeepStrictEqual(entry.action, action)) {
        throw new ApiError('id-reused', 'Another action of this seat has that id.')
      }
      return views.slice(seen)
    })
  }

  /** Whoever acts is back, even where nobody has seen them come. */
  async #returnSeatToPlayer(seat: Seat): Promise<void> {
    if (this.#world?.seats[seat].player === 'partner')
      await this.#appendControl('system', { kind: 'control', control: 'return', seat })
    if (this.#world?.seats[seat].player === 'partner') throw new ApiError('conflict', 'The built-in partner plays this seat.')
  }

  #viewsOf<S extends SeatOrNetwork>(seat: S): readonly ViewOf<S>[] {
    return this.#views[seat] as readonly (PlayerView | WireView)[] as readonly ViewOf<S>[]
  }

  /** Appends an action of the teacher or the system; one that does not apply now, or has been done, changes nothing. */
  control(actor: 'teacher' | 'system', action: ControlAction | WireAction): Promise<void> {
    return this.#enqueue(async () => {
      if (this.#mayBeStale) await this.#readTail()
      await this.#appendControl(actor, action)
    })
  }

  start(script: Script): Promise<void> {
    return this.control('system', { kind: 'control', control: 'start', script })
  }

  /** A seat's views after number `from`. `anew`: also those of entries that this node may not have heard of. */
  readViews<S extends SeatOrNetwork>(seat: S, from: number, anew: boolean): Promise<readonly ViewOf<S>[]> {
    return this.#read(anew, () => this.#viewsOf(seat).slice(from))
  }

  readEntries(anew: boolean): Promise<readonly Entry[]> {
    return this.#read(anew, () => [...this.#entries])
  }

  readWorld(anew: boolean): Promise<World | null> {
    return this.#read(anew, () => this.#world)
  }

  /** Another node has written `entry`. */
  receiveRemoteEntry(entry: Entry): Promise<void> {
    return this.#enqueue(async () => {
      if (this.#mayBeStale || entry.index > this.#entries.length) await this.#readTail()
      else if (entry.index === this.#entries.length) {
        await this.#loadTexts(scriptOf(entry.action))
        this.#fold(entry)
        this.#publish(entry, 'heard', null)
        this.#scheduleNextAction()
      }
    })
  }

  /** Folds and publishes what other nodes may have written unheard. */
  catchUp(): Promise<void> {
    return this.#read(true, () => undefined)
  }

  /** Resolves when what is under way has been done; nothing happens by itself afterwards. */
  async close(): Promise<void> {
    await this.#queue
    this.#cancelTimer?.()
    this.#cancelTimer = null
  }

  #read<T>(anew: boolean, take: () => T): Promise<T> {
    return this.#enqueue(async () => {
      if (this.#mayBeStale || anew) await this.#readTail()
      return take()
    })
  }

  #enqueue<T>(job: () => Promise<T>): Promise<T> {
    this.#queuedJobs++
    const run = this.#queue.then(job)
    this.#queue = run.then(
      () => void this.#queuedJobs--,
      () => void this.#queuedJobs--,
    )
    return run
  }

  #appendControl(actor: 'teacher' | 'system', action: ControlAction | WireAction): Promise<Entry | null> {
    return this.#judgeAndAppend({ actor, id: this.#controlId(action), action, seen: null, connectionId: null })
  }

  /** Judges and appends until a row stands, and returns it; the first one of this actor and id, where there is one. Null: nothing to write. */
  async #judgeAndAppend(act: EntryRequest): Promise<Entry | null> {
    const { log, now } = this.#deps
    const { actor, id, action, seen } = act
    for (;;) {
      const first = this.#entriesByActionId.get(`${actor} ${id}`)
      if (first) return first
      if (act.index !== undefined && act.index !== this.#entries.length) return null

      const tools = { worldAsSeen: () => this.#worldAt(actor, seen), tls: TLS_TOOLS }
      const { verdict, effects } = judgeAction(this.#world, { actor, action, seen }, tools)
      // A seat gets an answer, and a row, whatever it has tried.
      if (seen === null && verdict.outcome !== 'accepted') return null
      const script = this.#world?.script ?? scriptOf(action)
      if (!script) throw new ApiError('not-found', 'There is no such round.')
      await this.#loadTexts(script)
      const entry: Entry = {
        roundId: this.#id,
        index: this.#entries.length,
        actionId: id,
        actor,
        action,
        seen,
        verdict,
        effects,
        engine: ENGINE_VERSION,
        exercise: `${script.exercise}@${script.version}`,
        at: now().toISOString(),
      }

      this.#mayBeStale = true // until it is known what became of it
      if ((await log.append(entry)) === 'written') {
        this.#mayBeStale = false
        this.#fold(entry)
        this.#publish(entry, 'own', act.connectionId)
        this.#scheduleNextAction()
        return entry
      }
      const known = this.#entries.length
      await this.#readTail()
      if (this.#entries.length === known)
        throw new Error(`round ${this.#id}: entry ${known} is taken, and the log does not show by what`)
    }
  }

  async #readTail(): Promise<void> {
    this.#mayBeStale = true
    const rows = await this.#deps.log.read(this.#id, this.#entries.length)
    for (const row of rows) {
      await this.#loadTexts(scriptOf(row.action))
      this.#fold(row)
      if (this.#loaded) this.#publish(row, 'found', null)
    }
    this.#mayBeStale = false
    if (!this.#loaded || rows.length > 0) this.#scheduleNextAction()
    this.#loaded = true
  }

  /** Has the texts ready before the first entry is folded. */
  async #loadTexts(script: Script | null): Promise<void> {
    if (script && !this.#texts) this.#texts = (await this.#deps.texts?.(script)) ?? NO_TEXTS
  }

  #fold(entry: Entry): void {
    const read = readEntry(this.#world, entry)
    const world = read.after
    this.#world = world
    this.#recentWorlds.push(world)
    if (this.#recentWorlds.length > MAX_RECENT_WORLDS) this.#recentWorlds.shift()
    this.#entries.push(entry)
    this.#entriesByActionId.set(`${entry.actor} ${entry.actionId}`, entry)
    for (const seat of SEATS) {
      const body = projectSeatView(read, seat, this.#texts ?? NO_TEXTS)
      if (!body) continue
      this.#views[seat].push({ n: this.#views[seat].length + 1, event: body.event, now: body.now })
      this.#viewEntryIndexes[seat].push(entry.index)
    }
    const wire = projectWireView(read)
    if (!wire) return
    this.#views.network.push({ n: this.#views.network.length + 1, ...wire })
    this.#viewEntryIndexes.network.push(entry.index)
  }

  /** Tells of the entry folded last. */
  #publish(entry: Entry, source: RoundEvent['source'], via: string | null): void {
    if (!this.#world) return
    const latest = <S extends SeatOrNetwork>(seat: S) =>
      this.#viewEntryIndexes[seat].at(-1) === entry.index ? (this.#viewsOf(seat).at(-1) ?? null) : null
    const views = { client: latest('client'), server: latest('server'), network: latest('network') }
    this.#deps.publish({ entry, world: this.#world, entries: this.#entries, views, source, connectionId: via })
  }

  /** The world as it stood at a seat's view number `seen`; before its first view, as the round began. */
  #worldAt(actor: Actor, seen: number | null): World {
    if (actor !== 'client' && actor !== 'server') throw new Error(`${actor} has no views`)
    const last = this.#viewEntryIndexes[actor][(seen ?? 0) - 1] ?? 0
    const world =
      this.#recentWorlds.find(({ entryCount }) => entryCount === last + 1) ?? foldEntries(this.#entries.slice(0, last + 1))
    if (!world) throw new Error(`round ${this.#id} has not begun`)
    return world
  }

  /** What is done once in a round has one id, and what may come again one for each place in the log: two nodes cannot double it. */
  #controlId(action: ControlAction | WireAction): string {
    if (action.kind === 'wire')
      return `${action.wire}-${action.wire === 'inject' ? action.injection : action.segment}-${this.#entries.length}`
    return action.control === 'start' || action.control === 'end' ? action.control : `${action.control}-${this.#entries.length}`
  }

  /**
   * What the round does by itself once nothing has happened for a while: the built-in partner acts in a seat of its own, a seat that
   * alone holds the clock has its wait lodged for it, and a segment that a network seat leaves lying is let pass.
   */
  #scheduleNextAction(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = null
    const next = this.#world && this.#findNextAction(this.#world)
    if (!next) return
    const index = this.#entries.length
    this.#cancelTimer = this.#deps.after(next.delayMs, () => {
      this.#cancelTimer = null
      this.#runAutomaticAction(next, index).catch(() => this.#scheduleNextAction())
    })
  }

  #findNextAction(world: World): AutomaticAction | null {
    const moves = SEATS.flatMap((seat): AutomaticAction[] => {
      if (world.seats[seat].player !== 'partner' || this.#isPartnerStuck(seat)) return []
      const mistake = nextMistake(world, seat)
      if (mistake) return mistake === 'reaction' ? [] : [{ actor: 'system', ...mistake }]
      const move = choosePartnerMove(world, seat, world.script.partner)
      return move ? [{ actor: seat, ...move }] : []
    })
    const seat = seatHoldingClock(world)
    if (seat) moves.push({ actor: 'system', action: { kind: 'control', control: 'idle', seat }, delayMs: this.#deps.idleAfterMs })
    const lying =
      world.script.network && world.wireStopped && !world.over && !world.paused && world.wire.find(({ due }) => due === null)
    if (lying)
      moves.push({
        actor: 'system',
        action: { kind: 'wire', wire: 'pass', segment: lying.id },
        delayMs: this.#remainingHoldMs(lying.id),
      })
    return moves.sort((a, b) => a.delayMs - b.delayMs)[0] ?? null
  }

  /** Real ms for which a segment that has been stopped on the wire may stay there still. */
  #remainingHoldMs(id: number): number {
    const stopped = this.#entries.findLast(({ effects }) => effects.some((e) => e.kind === 'held' && e.id === id))
    const since = stopped ? this.#deps.now().getTime() - Date.parse(stopped.at) : 0
    return Math.max(0, this.#deps.idleAfterMs - since)
  }

  /** The partner has done what did not come about: it does not insist. */
  #isPartnerStuck(seat: Seat): boolean {
    const last = this.#entries.at(-1)
    return last?.actor === seat && last.actionId.startsWith(PARTNER_ACTION_PREFIX) && last.verdict.outcome !== 'accepted'
  }

  #runAutomaticAction({ actor, action }: AutomaticAction, index: number): Promise<void> {
    return this.#enqueue(async () => {
      if (this.#mayBeStale) await this.#readTail()
      const id = actor === 'system' ? this.#controlId(action) : `${PARTNER_ACTION_PREFIX}${index}`
      const seen = actor === 'system' ? null : this.#views[actor].length
      await this.#judgeAndAppend({ actor, id, action, seen, connectionId: null, index })
    })
  }
}

/** Worlds that a room keeps; each shares with the one before what has not changed. */
const MAX_RECENT_WORLDS = 64

const scriptOf = (action: Action): Script | null => ('script' in action ? action.script : null)

interface EntryRequest {
  readonly actor: Actor
  readonly id: string
  readonly action: Action
  readonly seen: number | null
  readonly connectionId: string | null
  /** It is meant for this place in the log and for no other. */
  readonly index?: number
}

/** What happens in a round without anybody's doing, and in how many real ms. */
type AutomaticAction = { readonly delayMs: number } & (
  { readonly actor: 'system'; readonly action: ControlAction | WireAction } | { readonly actor: Seat; readonly action: SeatAction }
)

/** Begins the ids of the partner's acts. No client can send it: there is a space in it. */
const PARTNER_ACTION_PREFIX = 'partner '
